internal import QPCore
internal import QPDevice
internal import QPKernels
internal import QPPlanner

/// A step between its submission and its result.
struct StepInFlight {
    let decision: Decision
    /// K of each batch row, where the host knew it.
    let counts: [Int?]
    /// Whose anchors the rows use.
    let sequences: [UInt64]
    /// Order of submission.
    let serial: Int
    /// How rows draw; nil takes the best tokens.
    let sampling: [Sampling]?
    let logProbability: Bool
    /// Rows whose token was known beforehand.
    var forced: [Int: StepRecord] = [:]
    var units: [Unit] = []
    var shadow: Unit?
    var failures: [String] = []
    /// Rows whose anchors the step makes anew.
    var refreshed: [Int] = []
    weak var ticket: StepTicket?
    /// Nil where nothing had to run.
    var submitted: Device.Ticket?

    /// What drawing the tokens of some rows needs; nil where the best ones are taken.
    func stages(_ rows: [Int]) -> SamplingStages? {
        let drawn = sampling.map { sampling in rows.map { sampling[$0] } } ?? []
        guard logProbability || drawn.contains(where: { !$0.isGreedy }) else { return nil }
        return SamplingStages(drawn, logProbability: logProbability)
    }

    /// Some rows with the part that serves them.
    struct Unit {
        /// What runs: the plan chosen, or dense where that failed.
        var plan: PlanID
        let rows: [Int]
        /// Position among the decision's assignments.
        let group: Int
        let isRouted: Bool
        /// Whether nothing is proven.
        let isBare: Bool
        let workspace: Workspace
        let part: ExecutorSlot.Part
    }

    /// Reads what the device left, and checks it. Only once the submission has run.
    func result(_ anchors: inout AnchorTable) throws(StepError) -> PlanExecutor.Result {
        let rowCount = counts.count
        var records = (0..<rowCount).map { forced[$0] }
        var plans = [PlanID](repeating: .forced, count: rowCount)
        var counts = counts
        var isRouted = [Bool](repeating: false, count: rowCount)
        var shadowRecords: [StepRecord] = []
        let times: (step: Double?, groups: [Double]?, shadow: Double?)
        do throws(DeviceError) {
            for unit in units {
                for (row, record) in zip(unit.rows, try unit.workspace.readRecords()) {
                    records[row] = unit.isBare ? record.unproven : record
                    plans[row] = unit.plan
                    isRouted[row] = unit.isRouted
                    guard unit.isRouted else { continue }
                    plans[row] = record.fellBack ? .dense : .sparse
                    counts[row] = record.survivorCount
                }
            }
            shadowRecords = try shadow?.workspace.readRecords() ?? []
            times = try microseconds()
        } catch {
            throw .device(error)
        }
        let done = records.map { $0! }
        for (row, record) in done.enumerated() {
            guard record.hiddenIsFinite else { throw .hiddenNotFinite(batchRow: row) }
            guard record.token == nil else { continue }
            // Only a mask on the device can have come here empty.
            if (counts[row] ?? record.nonFiniteRowCount) == 0 { throw .allowed(.empty(batchRow: row)) }
            throw .noFiniteScore(batchRow: row, allowedTokenCount: counts[row] ?? record.nonFiniteRowCount)
        }
        for row in done.indices { observe(row, plans[row], done[row], &anchors) }
        let shadow = shadow.map { shadow in
            Observation.Shadow(
                plan: shadow.plan, durationMicroseconds: times.shadow,
                mismatchedRows: zip(shadow.rows, shadowRecords)
                    .filter { $1.chosenToken != done[$0].chosenToken }.map(\.0))
        }
        return PlanExecutor.Result(
            records: done,
            observation: Observation(
                decisionID: decision.id, epoch: decision.epoch, plans: plans, allowedTokenCounts: counts,
                estimatedMicroseconds: Double(decision.nanoseconds) / 1000, durationMicroseconds: times.step,
                survivorCounts: done.indices.map { isRouted[$0] ? 0 : done[$0].survivorCount },
                fellBack: done.indices.map { !isRouted[$0] && done[$0].fellBack }, margins: done.map(\.margin),
                failures: failures, groupMicroseconds: times.groups, shadow: shadow),
            anchors: sequences.map { anchors.summary($0) })
    }

    private func observe(_ row: Int, _ plan: PlanID, _ record: StepRecord, _ anchors: inout AnchorTable) {
        switch plan {
        case .fullRecompute: anchors.observe(sequences[row], margin: record.margin)
        // The margin that the bare rule asks for is the anchor's, among the tokens allowed now.
        case .amortized where record.proof == .nothing: anchors.observe(sequences[row], margin: record.margin)
        case .amortized, .amortizedRerank:
            guard let K = counts[row] else { return }
            anchors.observe(
                sequences[row], survivorShare: Double(record.survivorCount) / Double(K), fellBack: record.fellBack)
        default: break
        }
    }

    /// Device time of the step without its shadow, of each group where there are several, and of the shadow.
    private func microseconds() throws(DeviceError) -> (Double?, [Double]?, Double?) {
        func time(_ first: Unit, _ last: Unit) throws(DeviceError) -> Double? {
            try first.part.stopwatch.nanoseconds(until: last.part.stopwatch).map { $0 / 1000 }
        }
        let shadowTime = try shadow.flatMap { shadow throws(DeviceError) in try time(shadow, shadow) }
        guard let first = units.first, let step = try time(first, units.last!) else { return (nil, nil, shadowTime) }
        guard decision.assignments.count > 1 else { return (step, nil, shadowTime) }
        var groups = [Double](repeating: 0, count: decision.assignments.count)
        for unit in units { groups[unit.group] += try time(unit, unit) ?? 0 }
        return (step, groups, shadowTime)
    }
}
