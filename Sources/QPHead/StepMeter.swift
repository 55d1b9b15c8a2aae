public import QPCore
public import QPDevice
internal import QPKernels
public import QPPlanner

/// Times recorded steps beside one another: what `explain --analyze` and the replay of traces are charged with.
///
/// Sets of allowed tokens are drawn anew for each reading, so that rows are as cold as a decode step finds them; short
/// steps run several times in one reading, each with a set of its own.
public final class StepMeter {
    /// A step over rows of given K.
    public struct Task: Hashable, Sendable {
        /// Nil where an anchor is reused.
        public var form: StepName?
        public var reuse: Reuse?
        /// K of each batch row.
        public var counts: [Int]
        public var pattern: IndexPattern

        public init(_ form: StepName, counts: [Int], pattern: IndexPattern = .uniform) {
            self.form = form
            self.counts = counts
            self.pattern = pattern
        }

        /// One row whose step reuses an anchor.
        public init(_ reuse: Reuse, count: Int, pattern: IndexPattern = .uniform) {
            self.reuse = reuse
            counts = [count]
            self.pattern = pattern
        }
    }

    private let head: Head
    private let stopwatch: Stopwatch
    private var workspaces: [Int: Workspace] = [:]
    private var anchor: DriftingAnchor?

    /// Rows up to which a step is repeated within a reading.
    private static let shortRows = 16_384
    private static let repetitions = 8

    public init(_ head: Head) throws(DeviceError) {
        self.head = head
        stopwatch = try Stopwatch(head.library.device)
    }

    /// Microseconds of each task, `count` readings each, taken in turns forwards and backwards; one turn before them
    /// warms up. Nil when `isCancelled` said so.
    /// - Throws: ``DeviceError``.
    public func measure(
        _ tasks: [Task], count: Int, seed: UInt64, progress: (Double) -> Void = { _ in },
        isCancelled: () -> Bool = { false }
    ) throws(DeviceError) -> [[Double]]? {
        var generator = PhiloxGenerator(seed: seed)
        var readings = [[Double]](repeating: [], count: tasks.count)
        for turn in -1..<count {
            for index in turn % 2 == 0 ? Array(tasks.indices) : tasks.indices.reversed() {
                if isCancelled() { return nil }
                let microseconds = try time(tasks[index], using: &generator)
                if turn >= 0 { readings[index].append(microseconds) }
            }
            progress(Double(turn + 2) / Double(count + 1))
        }
        return readings
    }

    private func time(_ task: Task, using generator: inout PhiloxGenerator) throws(DeviceError) -> Double {
        let V = head.shape.vocabularySize
        let workspace = try task.reuse == nil ? workspace(batch: task.counts.count) : driftingAnchor().workspace
        let isShort = task.form != .dense && task.form != .fullRecompute && task.counts.reduce(0, +) <= Self.shortRows
        let repetitions = isShort ? Self.repetitions : 1
        for set in 0..<repetitions {
            try workspace.load(
                task.counts.map { task.pattern.tokens($0, vocabularySize: V, using: &generator) }, set: set)
        }
        let longest = task.counts.max()!
        var bodies: [(inout CommandRecorder) -> Void] = []
        if let form = task.form {
            for set in 0..<repetitions {
                let program = try workspace.program(form, set: set)
                bodies.append { program.record(into: &$0, longestList: longest) }
            }
        } else {
            for program in try driftingAnchor().prepare(task, setCount: repetitions) {
                bodies.append { program.record(into: &$0, longestList: longest) }
            }
        }
        let commands = try stopwatch.record { recorder throws(DeviceError) in
            for body in bodies {
                body(&recorder)
                recorder.barrier()
            }
        }
        return try stopwatch.time(commands).duration.nanoseconds / 1000 / Double(repetitions)
    }

    /// How far the state of a task that reuses an anchor was moved; nil before it was measured.
    public func drift(of task: Task) -> Drift? { anchor?.drifts[DriftingAnchor.key(task)] }

    private func driftingAnchor() throws(DeviceError) -> DriftingAnchor {
        if let anchor { return anchor }
        let made = try DriftingAnchor(head, setCount: Self.repetitions)
        anchor = made
        return made
    }

    private func workspace(batch: Int) throws(DeviceError) -> Workspace {
        if let known = workspaces[batch] { return known }
        let made = try Workspace(head, batch: batch, setCount: Self.repetitions)
        var generator = PhiloxGenerator(seed: 0x68)
        for row in 0..<batch {
            try made.hidden.write(
                (0..<head.shape.hiddenSize).map { _ in Float.random(in: -1...1, using: &generator) }, row: row)
        }
        workspaces[batch] = made
        return made
    }
}
