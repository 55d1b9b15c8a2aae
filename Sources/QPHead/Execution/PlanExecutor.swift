public import QPCore
public import QPDevice
public import QPKernels
public import QPPlanner

/// Takes planned steps on a device: the execution of each plan, found by its name.
///
/// A step is one submission of recordings that are made once and used again, and some steps may be in flight at once,
/// each in a slot with workspaces and command buffers of its own. A plan that cannot be recorded falls back to dense,
/// in the same step, and the observation says so. Not for two threads at once.
///
/// ```swift
/// var planner = try Planner(CostModel(profile, head: head.shape))
/// let executor = try PlanExecutor(head)
/// let step = try DecodeStep(head: head.shape, rows: masks.map { .init(allowedTokenCount: $0.count) })
/// let result = try executor.run(try planner.plan(step), hidden: states, allowed: masks)
/// result.records[0].token
/// ```
///
/// Memory: each slot holds, for each group size and each further group of that size in a step, a ``Workspace`` and what
/// its plans need beside it; each anchor takes 4·(V + d) bytes on the device and 4·d on the host. Where the device has
/// no timestamps, steps are not timed.
///
/// After a submission that fails the executor goes on as if it had not been. When waiting fails, the slot's memory is
/// given up and replaced: the executor goes on, and where the device itself is lost, each further step says so.
public final class PlanExecutor {
    /// What a registered plan records: everything from the allowed set, which the workspace holds in set 0, to the
    /// record. Recorded once and submitted again, for any list of up to `longestList` tokens.
    public typealias Fragment = (inout CommandRecorder, Workspace, _ longestList: Int) throws(DeviceError) -> Void

    /// What a step gave.
    public struct Result: Sendable {
        /// One for each batch row, in the order of the rows.
        public var records: [StepRecord]
        public var observation: Observation
        /// What each row's sequence has to reuse, for the planning of its next step; nil without an anchor.
        public var anchors: [DecodeStep.AnchorSummary?]
    }

    /// The head that all steps run.
    public let head: Head
    /// Which W anchors belong to: what ``DecodeStep/AnchorSummary/weightsID`` must say.
    public var weightsID: UInt64 { anchors.weightsID }
    /// Steps that can be in flight at once.
    public var slotCount: Int { slots.count }
    private var slots: [ExecutorSlot]
    var anchors: AnchorTable
    var fragments: [PlanID: Fragment] = [:]
    var curves: RoutingCurves?
    /// Counts ``update(_:)``: two planners may count their epochs alike.
    var curvesSerial = 0
    private var serial = 0
    /// The device's queue; a test puts a failing one in its place.
    var queue:
        (
            submit: ([CommandBuffer]) throws(DeviceError) -> Device.Ticket,
            wait: (Device.Ticket) throws(DeviceError) -> Void
        )

    /// - Parameters:
    ///   - weightsID: tells this W from others; anchors of another one are refused by the planner.
    ///   - slotCount: steps in flight at once, at least 1. Two hide the host's work behind the device's.
    ///   - anchorCapacity: sequences whose anchors are kept, at least 1; one more takes over the anchor of the sequence
    ///     unused longest.
    /// - Throws: ``DeviceError``.
    public init(
        _ head: Head, weightsID: UInt64 = 0, slotCount: Int = 2, anchorCapacity: Int = 8
    ) throws(DeviceError) {
        precondition(slotCount > 0, "an executor has one slot at least")
        self.head = head
        anchors = AnchorTable(capacity: anchorCapacity, weightsID: weightsID)
        slots = (0..<slotCount).map { _ in ExecutorSlot(head) }
        let device = head.library.device
        queue = (
            { commands throws(DeviceError) in try device.submit(commands) },
            { ticket throws(DeviceError) in try device.wait(for: ticket) }
        )
    }

    /// Waits for what is in flight.
    deinit {
        for slot in slots {
            if let ticket = slot.step?.submitted { try? queue.wait(ticket) }
        }
    }

    /// Says how a plan is executed; later ones of the same name replace earlier ones, built-in plans cannot be
    /// replaced.
    public func register(_ plan: PlanID, record: @escaping Fragment) {
        guard case .registered = plan else { preconditionFailure("the built-in plan \(plan) cannot be replaced") }
        fragments[plan] = record
        for slot in slots { slot.forget(plan) }
    }

    /// Gives the curves by which steps route themselves; before the first such step, and whenever they change. They are
    /// uploaded once for each slot that needs them, when nothing of it is in flight.
    public func update(_ curves: RoutingCurves) {
        self.curves = curves
        curvesSerial += 1
    }

    /// Takes a step as decided. Blocks until the device is done.
    /// - Parameters:
    ///   - hidden: d values for each batch row.
    ///   - allowed: one mask for each batch row.
    ///   - sequences: whose anchor each row uses and refreshes; the row's number if nil.
    ///   - sampling: how each row's ``StepRecord/chosenToken`` is drawn; the best token if nil. What the planner was
    ///     told, ``DecodeStep/Row/sampling``.
    ///   - logProbability: whether ``SampledToken/logProbability`` is wanted.
    /// - Throws: ``StepError``; nothing is submitted when the input is at fault.
    public func run(
        _ decision: Decision, hidden: [[Float]], allowed: [TokenMask], sequences: [UInt64]? = nil,
        sampling: [Sampling]? = nil, logProbability: Bool = false
    ) throws(StepError) -> Result {
        try finish(
            submit(
                decision, hidden: hidden, allowed: allowed, sequences: sequences, sampling: sampling,
                logProbability: logProbability))
    }

    /// Submits a step and returns at once, with masks that the host has.
    public func submit(
        _ decision: Decision, hidden: [[Float]], allowed: [TokenMask], sequences: [UInt64]? = nil,
        sampling: [Sampling]? = nil, logProbability: Bool = false
    ) throws(StepError) -> StepTicket {
        try submit(
            decision, hidden: hidden, allowed: allowed.map { .host($0) }, sequences: sequences, sampling: sampling,
            logProbability: logProbability)
    }

    /// Submits a step and returns at once. Where all slots are in flight, first waits for the oldest; its result stays
    /// with its ticket.
    /// - Parameters:
    ///   - hidden: d values for each batch row.
    ///   - allowed: one set for each batch row.
    ///   - sequences: whose anchor each row uses and refreshes; the row's number if nil.
    ///   - sampling: how each row's token is drawn; the best token if nil. A plan that cannot draw it falls back.
    ///   - logProbability: whether ``SampledToken/logProbability`` is wanted.
    /// - Throws: ``StepError`` when the input is at fault or the submission fails; nothing has run then. What the step
    ///   itself comes to, ``finish(_:)`` throws.
    public func submit(
        _ decision: Decision, hidden: [[Float]], allowed: [AllowedSet], sequences: [UInt64]? = nil,
        sampling: [Sampling]? = nil, logProbability: Bool = false
    ) throws(StepError) -> StepTicket {
        try check(decision, hidden, allowed, sequences, sampling)
        serial += 1
        let ticket = StepTicket(self, decisionID: decision.id)
        var step = StepInFlight(
            decision: decision, counts: allowed.map(\.count),
            sequences: sequences ?? allowed.indices.map { UInt64($0) }, serial: serial, sampling: sampling,
            logProbability: logProbability, ticket: ticket)
        for row in decision.assignments.filter({ $0.plan == .forced }).flatMap(\.rows) {
            guard let mask = allowed[row].mask else { continue }
            if mask.count == 1 {
                step.forced[row] = .forced(mask.tokens[0], isDrawn: step.stages([row]) != nil)
            } else {
                step.failures.append("forced: batch row \(row) has \(mask.count) allowed tokens, so it was scored")
            }
        }
        guard step.forced.count < allowed.count else {
            ticket.outcome = finished(step)
            return ticket
        }
        let slot = freeSlot()
        do throws(DeviceError) {
            try submit(&step, slot, hidden, allowed)
        } catch {
            throw .device(error)
        }
        slot.step = step
        return ticket
    }

    /// Waits, without spinning, for a step to end, and gives its result; again and again the same one.
    /// - Throws: ``StepError``: a state or scores that are not finite, an empty mask on the device, or a device that
    ///   failed.
    public func finish(_ ticket: StepTicket) throws(StepError) -> Result {
        precondition(ticket.executor === self, "the ticket is of another executor")
        if ticket.outcome == nil, let index = slots.firstIndex(where: { $0.step?.ticket === ticket }) { end(index) }
        return try ticket.outcome!.get()
    }

    // MARK: Slots

    /// A slot with nothing in flight, the first one if it can be had: a caller that never overlaps steps uses one
    /// alone.
    private func freeSlot() -> ExecutorSlot {
        if let free = slots.first(where: { $0.step == nil }) { return free }
        let oldest = slots.indices.min { slots[$0].step!.serial < slots[$1].step!.serial }!
        end(oldest)
        return slots[oldest]
    }

    /// Waits for a slot's step, and leaves the outcome with its ticket.
    private func end(_ index: Int) {
        let step = slots[index].step!
        do throws(DeviceError) {
            try queue.wait(step.submitted!)
        } catch {
            // Nobody knows whether the device still uses its memory.
            slots[index] = ExecutorSlot(head)
            step.ticket?.outcome = .failure(.device(error))
            return
        }
        slots[index].step = nil
        let outcome = finished(step)
        step.ticket?.outcome = outcome
    }

    private func finished(_ step: StepInFlight) -> Swift.Result<Result, StepError> {
        Swift.Result { () throws(StepError) in try step.result(&anchors) }
    }
}
