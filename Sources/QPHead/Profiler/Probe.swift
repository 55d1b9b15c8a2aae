internal import QPCore
internal import QPDevice
internal import QPKernels
internal import QPPlanner

/// One thing that is timed again and again: a kernel or a step at one K.
///
/// A reading runs it several times behind one another, each time with another set of allowed tokens, so that rows are
/// cold and the clock's own cost is spread. Sets are drawn anew for each reading unless they exceed every cache.
struct Probe {
    let subject: TimedSubject
    let pattern: IndexPattern
    let tokenCount: Int
    let role: SampleSeries.Role
    private let commands: CommandBuffer
    let repetitions: Int
    /// Whether each repetition takes a set of allowed tokens of its own.
    let needsSets: Bool

    private(set) var microseconds: [Double] = []
    private(set) var blocks: [Int] = []
    /// How far the reference moved around each reading.
    private(set) var movement: [Double] = []
    /// Whether the process had its cores around each reading.
    private(set) var wasAlone: [Bool] = []

    /// Rows that one reading touches beyond this many bytes need not be drawn anew: no cache holds them.
    static let cacheBytes = 512 << 20

    init(
        _ subject: TimedSubject, pattern: IndexPattern, tokenCount: Int, role: SampleSeries.Role, repetitions: Int,
        bench: ProbeBench
    ) throws(DeviceError) {
        self.subject = subject
        self.pattern = pattern
        self.tokenCount = tokenCount
        self.role = role
        self.repetitions = repetitions
        switch subject {
        case .kernel(.scan), .kernel(.scanTopTwo), .kernel(.topTwo): needsSets = false
        default: needsSets = true
        }
        commands = try bench.record(subject, tokenCount: tokenCount, repetitions: repetitions)
    }

    /// Takes one reading, in microseconds of one repetition.
    func time(_ bench: ProbeBench, using generator: inout PhiloxGenerator) throws(DeviceError) -> Double {
        if needsSets {
            try bench.loadSets(
                tokenCount: tokenCount, pattern: pattern, count: repetitions, using: &generator)
        }
        return try bench.stopwatch.time(commands).duration.nanoseconds / 1000 / Double(repetitions)
    }

    mutating func keep(_ value: Double, block: Int, movement: Double, wasAlone: Bool) {
        microseconds.append(value)
        blocks.append(block)
        self.movement.append(movement)
        self.wasAlone.append(wasAlone)
    }

    /// The readings that were taken in quiet; where too few were, the quietest ones.
    func series(batch: Int, tolerance: Double, minimumCount: Int) -> SampleSeries {
        var kept = microseconds.indices.filter { movement[$0] <= tolerance && wasAlone[$0] }
        let quietCount = kept.count
        if kept.count < minimumCount {
            let byQuiet = microseconds.indices.sorted {
                (wasAlone[$0] ? 0 : 1, movement[$0]) < (wasAlone[$1] ? 0 : 1, movement[$1])
            }
            kept = byQuiet.prefix(minimumCount).sorted()
        }
        return SampleSeries(
            subject: subject, batch: batch, pattern: pattern, allowedTokenCount: tokenCount, role: role,
            coldRows: true, durationsMicroseconds: kept.map { (microseconds[$0] * 1000).rounded() / 1000 },
            blocks: kept.map { blocks[$0] }, droppedCount: microseconds.count - kept.count,
            disturbedCount: max(0, kept.count - quietCount))
    }

    /// Relative half-width of the 95 % interval of the median, from the median absolute deviation.
    var relativeHalfWidth: Double {
        guard microseconds.count >= 5, let spread = Statistics.relativeSpread(microseconds) else { return .infinity }
        // 1.4826 turns a MAD into a normal deviation, 1.2533 the error of a mean into that of a median.
        return 1.96 * 1.2533 * 1.4826 * spread / Double(microseconds.count).squareRoot()
    }
}

/// What all probes of one head and batch share.
final class ProbeBench {
    let head: Head
    let workspace: Workspace
    let stopwatch: Stopwatch
    private let scores: Buffer
    private var loaded: (tokenCount: Int, pattern: IndexPattern, count: Int)?

    /// Sets of allowed tokens that one command buffer can rotate through.
    static let maximumSetCount = 16

    init(_ head: Head, batch: Int) throws(DeviceError) {
        self.head = head
        let V = head.shape.vocabularySize
        // Lists take 4 bytes an id; 128 MiB bounds them whatever V and B.
        let sets = max(2, min(Self.maximumSetCount, (128 << 20) / (4 * batch * V)))
        workspace = try Workspace(head, batch: batch, setCount: sets)
        stopwatch = try Stopwatch(head.library.device)
        scores = try Buffer(head.library.device, byteCount: batch * V * 4)
        try scores.write([Float](repeating: 0, count: batch * V))
    }

    /// Draws sets, unless the ones loaded serve.
    func loadSets(
        tokenCount: Int, pattern: IndexPattern, count: Int, using generator: inout PhiloxGenerator
    ) throws(DeviceError) {
        let bytes = tokenCount * workspace.batch * count * head.shape.bytesReadPerRow
        if bytes > Probe.cacheBytes, let loaded, loaded == (tokenCount, pattern, loaded.count), loaded.count >= count {
            return
        }
        for set in 0..<count {
            let masks = (0..<workspace.batch).map { _ in
                pattern.tokens(tokenCount, vocabularySize: head.shape.vocabularySize, using: &generator)
            }
            try workspace.load(masks, set: set)
        }
        loaded = (tokenCount, pattern, count)
    }

    func record(_ subject: TimedSubject, tokenCount K: Int, repetitions: Int) throws(DeviceError) -> CommandBuffer {
        let V = head.shape.vocabularySize
        return try stopwatch.record { recorder throws(DeviceError) in
            for repetition in 0..<repetitions {
                switch subject {
                case .step(let step):
                    try workspace.program(step, set: repetition).record(into: &recorder, longestList: K)
                case .kernel(let kernel):
                    // Ranges of rows go round W, so that they are not in a cache from the last time.
                    let first = V > K ? (repetition * K + V / 3) % (V - K) / 32 * 32 : 0
                    try workspace.recordKernel(
                        kernel, into: &recorder, tokenCount: K, rows: first..<(first + K), set: repetition % setCount,
                        scores: scores)
                }
                recorder.barrier()
            }
        }
    }

    /// Largest number of repetitions that fits this K.
    var setCount: Int { workspace.setCount }
}
