internal import QPCore
internal import QPDevice
internal import QPKernels
internal import QPPlanner

extension StepMeter {
    /// Reuse of an anchor by one batch row.
    public struct Reuse: Hashable, Sendable {
        /// Share of the allowed rows that is to stay in play, 0…1.
        public var survivorShare: Double
        /// Whether the token alone is asked for: the paper's amortised plan.
        public var tokenOnly: Bool

        public init(survivorShare: Double, tokenOnly: Bool) {
            self.survivorShare = survivorShare
            self.tokenOnly = tokenOnly
        }
    }

    /// How far a state was moved from its anchor for a ``Reuse``, and what that left.
    public struct Drift: Equatable, Sendable {
        /// ‖Δh‖ / ‖h₀‖.
        public var relative: Double
        /// Allowed rows that stayed in play, of the first set drawn.
        public var survivorCount: Int
    }
}

/// An anchor, and states that drift from it until a given share of the allowed rows stays in play: what reuse costs
/// then, where no real states are at hand. The drift is looked for, since survivors depend on W.
final class DriftingAnchor {
    let workspace: Workspace
    private(set) var drifts: [StepMeter.Task: StepMeter.Drift] = [:]
    private let anchor: Anchor
    private let state: [Float]
    /// As long as `state`.
    private let direction: [Float]
    private var programs: [Bool: [FilteredProgram]] = [:]

    /// Halvings of the drift from 1 on; survivors are counted after each.
    private static let halvings = 16

    /// - Throws: ``DeviceError``. Takes an anchor, and `setCount` times what filtered steps need.
    init(_ head: Head, setCount: Int) throws(DeviceError) {
        workspace = try Workspace(head, batch: 1, setCount: setCount)
        anchor = try Anchor(head, batch: 1)
        var generator = PhiloxGenerator(seed: 0xD41F7)
        let state = (0..<head.shape.hiddenSize).map { _ in Float.random(in: -1...1, using: &generator) }
        let other = (0..<head.shape.hiddenSize).map { _ in Float.random(in: -1...1, using: &generator) }
        func norm(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let scale = norm(state) / max(norm(other), .leastNormalMagnitude)
        self.state = state
        direction = other.map { $0 * scale }
        try workspace.hidden.write(state, row: 0)
        try workspace.load([
            IndexPattern.contiguous.tokens(1, vocabularySize: head.shape.vocabularySize, using: &generator)
        ])
        let refresh = try workspace.refresh(anchor)
        try run { refresh.record(into: &$0, longestList: 1) }
    }

    /// Moves the state for a task whose sets are loaded, and gives its programs, one for each set.
    func prepare(_ task: StepMeter.Task, setCount: Int) throws(DeviceError) -> ArraySlice<FilteredProgram> {
        let key = Self.key(task)
        if drifts[key] == nil { drifts[key] = try search(key) }
        try move(by: drifts[key]!.relative)
        return try programs(tokenOnly: task.reuse!.tokenOnly)[..<setCount]
    }

    /// One drift serves a step whatever it is asked for.
    static func key(_ task: StepMeter.Task) -> StepMeter.Task {
        var key = task
        key.reuse?.tokenOnly = false
        return key
    }

    private func programs(tokenOnly: Bool) throws(DeviceError) -> [FilteredProgram] {
        if let known = programs[tokenOnly] { return known }
        var made: [FilteredProgram] = []
        for set in 0..<workspace.setCount {
            made.append(
                try FilteredProgram(
                    workspace, .anchor(anchor), set: set, tokenOnly: tokenOnly, survivorCapacity: nil, sampling: nil,
                    sharing: made.first))
        }
        programs[tokenOnly] = made
        return made
    }

    /// The greatest drift at which no more rows survive than asked for.
    private func search(_ task: StepMeter.Task) throws(DeviceError) -> StepMeter.Drift {
        let K = task.counts[0]
        let wanted = max(min(2, K), Int((task.reuse!.survivorShare * Double(K)).rounded()))
        var best = StepMeter.Drift(relative: 0, survivorCount: try survivors(at: 0, K))
        var step = 1.0
        for _ in 0...Self.halvings {
            let drift = best.relative + step
            let count = drift <= 1 ? try survivors(at: drift, K) : .max
            if count <= wanted { best = .init(relative: drift, survivorCount: count) }
            step /= 2
        }
        return best
    }

    private func survivors(at drift: Double, _ longestList: Int) throws(DeviceError) -> Int {
        try move(by: drift)
        let program = try programs(tokenOnly: false)[0]
        try run { program.record(into: &$0, longestList: longestList) }
        return try workspace.readRecords()[0].survivorCount
    }

    private func move(by drift: Double) throws(DeviceError) {
        try workspace.hidden.write(zip(state, direction).map { $0 + Float(drift) * $1 }, row: 0)
    }

    private func run(_ body: (inout CommandRecorder) -> Void) throws(DeviceError) {
        let device = workspace.head.library.device
        try device.run(
            try device.record { recorder throws(DeviceError) in
                body(&recorder)
                recorder.barrierToHost()
            })
    }
}
