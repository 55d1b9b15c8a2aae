public import QPCore
public import QPDevice
public import QPKernels
public import QPPlanner

/// Takes planned steps on a device: the execution of each plan, found by its name.
///
/// All groups of a decision are recorded behind one another and submitted once. A plan that cannot be recorded falls
/// back to dense, in the same step, and the observation says so. Not for two threads at once: a workspace is mutable
/// device state.
///
/// ```swift
/// var planner = try Planner(CostModel(profile, head: head.shape))
/// let executor = try PlanExecutor(head)
/// let step = try DecodeStep(head: head.shape, rows: masks.map { .init(allowedTokenCount: $0.count) })
/// let result = try executor.run(try planner.plan(step), hidden: states, allowed: masks)
/// result.records[0].token
/// ```
public final class PlanExecutor {
    /// What a registered plan records: everything from the allowed set, which the workspace holds in set 0, to the record.
    public typealias Fragment = (inout CommandRecorder, Workspace, _ longestList: Int) throws(DeviceError) -> Void

    /// What a step gave.
    public struct Result: Sendable {
        /// One for each batch row, in the order of the rows.
        public var records: [StepRecord]
        public var observation: Observation
    }

    /// The head that all steps run.
    public let head: Head
    /// Which W anchors belong to: what ``DecodeStep/AnchorSummary/weightsID`` must say.
    public let weightsID: UInt64
    private var fragments: [PlanID: Fragment] = [:]
    private var slots: [Slot: Workspace] = [:]
    /// Made once: a filtered program holds buffers of V scores, and each one binding sets.
    private var steps: [Key: Workspace.Program] = [:]
    private var filters: [Key: FilteredProgram] = [:]
    private var anchor: (anchor: Anchor, refresh: RefreshProgram)?
    private let stopwatch: Stopwatch

    /// Groups of one size in one step each need a workspace of their own.
    private struct Slot: Hashable {
        let rowCount: Int
        let ordinal: Int
    }

    private struct Key: Hashable {
        let workspace: ObjectIdentifier
        var plan: PlanID?
        var form: StepName?
    }

    /// - Parameter weightsID: tells this W from others; anchors of another one are refused by the planner.
    /// - Throws: ``DeviceError``.
    public init(_ head: Head, weightsID: UInt64 = 0) throws(DeviceError) {
        self.head = head
        self.weightsID = weightsID
        stopwatch = try Stopwatch(head.library.device)
    }

    /// Says how a plan is executed; later ones of the same name replace earlier ones, built-in plans cannot be replaced.
    public func register(_ plan: PlanID, record: @escaping Fragment) {
        guard case .registered = plan else { preconditionFailure("the built-in plan \(plan) cannot be replaced") }
        fragments[plan] = record
    }

    /// Takes a step as decided. Blocks until the device is done.
    /// - Parameters:
    ///   - hidden: d values for each batch row.
    ///   - allowed: one mask for each batch row.
    /// - Throws: ``StepError``; nothing is submitted when the input is at fault.
    public func run(
        _ decision: Decision, hidden: [[Float]], allowed: [TokenMask]
    ) throws(StepError) -> Result {
        let rowCount = decision.assignments.reduce(0) { $0 + $1.rows.count }
        guard hidden.count == rowCount, allowed.count == rowCount else {
            throw .batchMismatch(hiddenStates: hidden.count, allowedSets: allowed.count, batch: rowCount)
        }
        for (row, values) in hidden.enumerated() where values.count != head.shape.hiddenSize {
            throw .hiddenSize(given: values.count, expected: head.shape.hiddenSize, batchRow: row)
        }
        for (row, mask) in allowed.enumerated() where mask.vocabularySize != head.shape.vocabularySize {
            throw .maskSize(given: mask.vocabularySize, expected: head.shape.vocabularySize, batchRow: row)
        }
        if let row = allowed.firstIndex(where: { $0.count == 0 }) { throw .allowed(.empty(batchRow: row)) }
        var records = [StepRecord?](repeating: nil, count: rowCount)
        var plans = [PlanID](repeating: .dense, count: rowCount)
        var failures: [String] = []
        var ordinals: [Int: Int] = [:]
        var loaded: [(workspace: Workspace, rows: [Int])] = []
        var duration: Double?
        do throws(DeviceError) {
            var parts: [(group: Decision.Assignment, workspace: Workspace)] = []
            for group in decision.assignments where !group.rows.isEmpty {
                for row in group.rows { plans[row] = group.plan }
                if group.plan == .forced {
                    for row in group.rows { records[row] = .forced(allowed[row].tokens[0]) }
                    continue
                }
                let ordinal = ordinals[group.rows.count, default: 0]
                ordinals[group.rows.count] = ordinal + 1
                let workspace = try workspace(Slot(rowCount: group.rows.count, ordinal: ordinal))
                for (index, row) in group.rows.enumerated() { try workspace.hidden.write(hidden[row], row: index) }
                try workspace.load(group.rows.map { allowed[$0] })
                loaded.append((workspace, group.rows))
                parts.append((group, workspace))
            }
            if !parts.isEmpty {
                // What a failed fragment had recorded is thrown away with its command buffer.
                var failed: Set<PlanID> = []
                var commands: CommandBuffer?
                while commands == nil {
                    var failure: (plan: PlanID, error: DeviceError)?
                    let made = try stopwatch.record { recorder throws(DeviceError) in
                        for (group, workspace) in parts where failure == nil {
                            let longest = group.rows.map { allowed[$0].count }.max()!
                            let plan = failed.contains(group.plan) ? PlanID.dense : group.plan
                            do throws(DeviceError) {
                                try record(plan, group.form, into: &recorder, workspace, longest)
                            } catch {
                                guard plan != .dense else { throw error }
                                failure = (plan, error)
                            }
                            recorder.barrier()
                        }
                        recorder.barrierToHost()
                    }
                    guard let failure else {
                        commands = made
                        break
                    }
                    failed.insert(failure.plan)
                    failures.append("\(failure.plan): \(failure.error)")
                    for (group, _) in parts where group.plan == failure.plan {
                        for row in group.rows { plans[row] = .dense }
                    }
                }
                duration = try stopwatch.time(commands!).duration.nanoseconds / 1000
            }
            for (workspace, rows) in loaded {
                for (record, row) in zip(try workspace.readRecords(), rows) { records[row] = record }
            }
        } catch {
            throw .device(error)
        }
        let done = records.map { $0! }
        for (row, record) in done.enumerated() {
            guard record.hiddenIsFinite else { throw .hiddenNotFinite(batchRow: row) }
            guard record.token != nil else {
                throw .noFiniteScore(batchRow: row, allowedTokenCount: allowed[row].count)
            }
        }
        return Result(
            records: done,
            observation: Observation(
                decisionID: decision.id, epoch: decision.epoch, plans: plans, allowedTokenCounts: allowed.map(\.count),
                estimatedMicroseconds: Double(decision.nanoseconds) / 1000, durationMicroseconds: duration,
                survivorCounts: done.map(\.survivorCount), fellBack: done.map(\.fellBack), margins: done.map(\.margin),
                failures: failures))
    }

    /// Records one group's plan. Filtered plans and the recompute share one anchor, of steps with one row.
    private func record(
        _ plan: PlanID, _ form: StepName?, into recorder: inout CommandRecorder, _ workspace: Workspace,
        _ longest: Int
    ) throws(DeviceError) {
        switch plan {
        case .forced: break
        case .dense:
            try program(form == .denseSkipping ? .denseSkipping : .dense, workspace)
                .record(into: &recorder, longestList: longest)
        case .sparse:
            try program(form ?? .sparse, workspace).record(into: &recorder, longestList: longest)
        case .amortized, .amortizedRerank, .screenedRerank:
            try filter(plan, workspace).record(into: &recorder, longestList: longest)
        case .fullRecompute:
            try anchored(workspace).refresh.record(into: &recorder, longestList: longest)
        case .registered(let name):
            guard let fragment = fragments[plan] else {
                throw DeviceError(
                    .unsupported, "no execution is registered for the plan \(name)",
                    advice: "Register one with PlanExecutor.register before the planner may choose it.")
            }
            try fragment(&recorder, workspace, longest)
        }
    }

    private func program(_ form: StepName, _ workspace: Workspace) throws(DeviceError) -> Workspace.Program {
        let key = Key(workspace: ObjectIdentifier(workspace), form: form)
        if let known = steps[key] { return known }
        let made = try workspace.program(form)
        steps[key] = made
        return made
    }

    private func filter(_ plan: PlanID, _ workspace: Workspace) throws(DeviceError) -> FilteredProgram {
        let key = Key(workspace: ObjectIdentifier(workspace), plan: plan)
        if let known = filters[key] { return known }
        let filter: RowFilter =
            plan == .screenedRerank
            ? .screen(try head.screenCopy(), access: .gather) : .anchor(try anchored(workspace).anchor)
        let made = try workspace.program(filter, tokenOnly: plan == .amortized)
        filters[key] = made
        return made
    }

    private func anchored(
        _ workspace: Workspace
    ) throws(DeviceError) -> (anchor: Anchor, refresh: RefreshProgram) {
        guard workspace.batch == 1 else {
            throw DeviceError(
                .unsupported, "an anchor serves steps of one row, and this group has \(workspace.batch)",
                advice: "Leave the anchor out of the rows of a batch.")
        }
        if let anchor { return anchor }
        let made = try Anchor(head, batch: 1)
        let both = (made, try workspace.refresh(made))
        anchor = both
        return both
    }

    private func workspace(_ slot: Slot) throws(DeviceError) -> Workspace {
        if let known = slots[slot] { return known }
        let made = try Workspace(head, batch: slot.rowCount)
        slots[slot] = made
        return made
    }
}
