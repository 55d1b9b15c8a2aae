public import QPCore

/// Plans steps by the cost model as a router corrects it, and learns from what they took.
///
/// A value: no clock, no device, randomness injected. One row is the router's choice among the plans. In a batch the
/// router does not choose: what it learnt of each plan corrects the price of each group by which the rows are
/// partitioned (a router that learns no residual leaves the prices alone), so the choice is deterministic and its
/// propensity 1. Each group's time is then learnt from as that of its plan.
///
/// ```swift
/// var live = try LivePlanner(planner, router: ResidualLinUCBRouter())
/// let decision = try live.plan(step)
/// let result = try executor.run(decision, hidden: states, allowed: masks)
/// live.observe(result.observation)
/// ```
///
/// A shadow runs right behind the chosen plan, so its rows may still be in a cache where a step of its own would find
/// them cold: its times flatter it a little.
///
/// Memory: as many decisions as may be outstanding, and what the router holds.
public struct LivePlanner<R: Router>: Sendable {
    /// Says what plans there are and what they cost.
    public private(set) var planner: Planner
    /// Plans that are switched off from the next step on, by name.
    public var disabled: Set<PlanID> {
        get { planner.disabled }
        set { planner.disabled = newValue }
    }
    /// What corrects it.
    public internal(set) var router: R
    /// The share of steps on which another exact plan runs beside, to be compared and learnt from, 0…1.
    public let shadowShare: Double
    /// Observations of decisions that are not outstanding: of another planner, seen before, or too old.
    public private(set) var ignoredObservationCount = 0
    /// Decisions that were let go of because too many others came before their observation.
    public private(set) var forgottenDecisionCount = 0
    /// What the router's choices lost against the cost model's own, in dense steps: an estimate from shadow steps of
    /// one row. Without shadow steps it stays empty.
    public private(set) var regret = LiveRegretEstimate(.shadowSteps)
    /// Counts the corrections that were published; each decision carries it.
    public internal(set) var epoch: UInt64 = 0
    /// The router as of the last publication.
    var published: R
    private var random: PhiloxGenerator
    private var nextID: UInt64 = 0
    private var outstanding: [Outstanding?]

    /// What an observation is matched with.
    struct Outstanding {
        let id: UInt64
        /// One for each assignment.
        var groups: [Expectation]
        var shadow: Expectation?
        /// The arm that the cost model alone would have taken; nil where regret is not counted.
        var comparator: Int?
        /// Of the decision.
        let epoch: UInt64
        let rowCount: Int
    }

    /// - Parameters:
    ///   - shadowShare: 0 turns shadow evaluation off.
    ///   - random: drawn from by routers that randomise, and for shadow steps.
    ///   - outstandingLimit: decisions whose observations may still come; older ones are let go of.
    /// - Throws: ``PlannerParameterError/shadowShare(_:)`` outside 0…1.
    public init(
        _ planner: Planner, router: R, shadowShare: Double = 0, random: PhiloxGenerator = PhiloxGenerator(seed: 0),
        outstandingLimit: Int = 64
    ) throws(PlannerParameterError) {
        guard (0...1).contains(shadowShare) else { throw .shadowShare(shadowShare) }
        precondition(outstandingLimit > 0, "one decision at least is outstanding")
        self.planner = planner
        self.router = router
        self.shadowShare = shadowShare
        self.random = random
        published = router
        outstanding = Array(repeating: nil, count: outstandingLimit)
    }

    /// Plans a step.
    /// - Throws: ``PlanningError/noPlan(batchRow:reasons:)`` when nothing can serve a row.
    public mutating func plan(_ step: DecodeStep) throws(PlanningError) -> Decision {
        var (decision, entry) = step.rows.count == 1 ? try planRow(step) : try planBatch(step)
        // Drawn whether or not a shadow can run, so that the same seed shadows the same steps.
        if shadowShare > 0, random.uniform() < shadowShare,
            let (assignment, expectation) = shadow(step, decision, entry)
        {
            (decision.shadow, entry.shadow) = (assignment, expectation)
        }
        nextID += 1
        let place = Int(entry.id % UInt64(outstanding.count))
        if outstanding[place] != nil { forgottenDecisionCount += 1 }
        outstanding[place] = entry
        return decision
    }

    /// Learns from a step; in any order, after any delay. What was not timed teaches nothing; a plan that failed is
    /// charged with the time that its rows took after all.
    public mutating func observe(_ observation: Observation) {
        let place = Int(observation.decisionID % UInt64(outstanding.count))
        // An observation that was read back may be of another planner's decision of that number.
        guard let entry = outstanding[place], entry.id == observation.decisionID, entry.epoch == observation.epoch,
            observation.plans.count == entry.rowCount, observation.allowedTokenCounts.count == entry.rowCount
        else {
            ignoredObservationCount += 1
            return
        }
        outstanding[place] = nil
        let times = observation.groupMicroseconds ?? observation.durationMicroseconds.map { [$0] } ?? []
        for (group, microseconds) in zip(entry.groups, times) {
            learn(group.isRouted ? resolved(group, observation) : group, microseconds)
        }
        let shadowTime = observation.shadow?.durationMicroseconds
        if R.learnsFromShadows, let shadow = entry.shadow, let shadowTime { learn(shadow, shadowTime) }
        guard shadowShare > 0, let comparator = entry.comparator, let time = times.first else { return }
        let chosen = entry.groups[0]
        // Where the cost model would have taken the same, the difference is 0, shadow or not.
        let isCompared = chosen.arm != comparator && entry.shadow?.arm == comparator
        regret.count(
            loss: chosen.loss(time), shadowLoss: isCompared ? shadowTime.map { entry.shadow!.loss($0) } : nil,
            share: shadowShare)
    }

    private mutating func learn(_ group: Expectation, _ microseconds: Double) {
        guard group.isCosted else { return }
        router.observe(group.feedback(microseconds))
    }

    // MARK: One row

    private mutating func planRow(_ step: DecodeStep) throws(PlanningError) -> (Decision, Outstanding) {
        var candidates = planner.candidates(step, row: 0, batch: 1)
        guard let cheapest = Planner.cheapest(candidates) else { throw Planner.noPlan(candidates, batchRow: 0) }
        var context = RouterContext(
            features: features(step.rows[0]), predictedLoss: SIMD8(repeating: .infinity))
        for (arm, candidate) in candidates.enumerated() { context.predictedLoss[arm] = candidate.loss ?? .infinity }
        // What costs nothing is taken, and teaches nothing.
        let isFree = context.predictedLoss[cheapest] <= 0
        var choice = RouterChoice(arm: cheapest, propensity: 1)
        if !isFree {
            choice = router.choose(context, using: &random)
            for (arm, candidate) in candidates.enumerated() where candidate.loss != nil {
                candidates[arm].loss = router.expectedLoss(context, arm: arm)
            }
        }
        Planner.judge(&candidates, chosen: choice.arm)
        let winner = candidates[choice.arm]
        let expected = Expectation(
            rows: [0], context: context, choice: choice, lossPerNanosecond: lossPerNanosecond(step, [0]),
            qualityLoss: (1 - step.lambda) * winner.cost!.qualityLoss, isCosted: !isFree,
            members: planner.routes(step.rows, winner.plan) ? step.rows : [])
        let correction = isFree ? 1 : winner.loss! / context.predictedLoss[choice.arm]
        let decision = Decision(
            id: nextID, epoch: epoch,
            assignments: [
                .init(
                    plan: winner.plan, form: winner.form, rows: [0],
                    nanoseconds: Planner.corrected(winner.cost!.nanoseconds, by: correction),
                    isRouted: expected.isRouted)
            ],
            candidates: candidates, propensity: choice.propensity)
        // What can never run beside is compared with nothing, rather than counted as no loss.
        let canCompare = choice.arm == cheapest || canShadow(candidates[cheapest])
        let comparator = isFree || expected.isRouted || !canCompare ? nil : cheapest
        return (
            decision, Outstanding(id: nextID, groups: [expected], comparator: comparator, epoch: epoch, rowCount: 1)
        )
    }

    // MARK: A batch

    private func planBatch(_ step: DecodeStep) throws(PlanningError) -> (Decision, Outstanding) {
        let vectors = step.rows.map { features($0) }
        let decision = try planner.planBatch(step, id: nextID, epoch: epoch) { plan, form, rows, nanoseconds in
            let group = expectation(step, vectors, plan, form, rows, nanoseconds)
            guard group.isCosted else { return 1 }
            return router.expectedLoss(group.context, arm: group.arm) / group.context.predictedLoss[group.arm]
        }
        let groups = decision.assignments.map { assignment in
            var group = expectation(
                step, vectors, assignment.plan, assignment.form, assignment.rows,
                planner.modelNanoseconds(assignment, step, decision.candidates))
            if assignment.isRouted { group.members = assignment.rows.map { step.rows[$0] } }
            return group
        }
        return (decision, Outstanding(id: nextID, groups: groups, epoch: epoch, rowCount: step.rows.count))
    }

    /// What the cost model says of a group: the router corrects it, and its time is compared with it.
    func expectation(
        _ step: DecodeStep, _ vectors: [SIMD8<Double>], _ plan: PlanID, _ form: StepName?, _ rows: [Int],
        _ nanoseconds: Int
    ) -> Expectation {
        let arm = planner.arm(plan, form)
        var context = RouterContext(
            features: StepFeatures.vector(rows.map { vectors[$0] }), predictedLoss: SIMD8(repeating: .infinity))
        let unit = lossPerNanosecond(step, rows)
        let loss = unit * Double(nanoseconds)
        context.predictedLoss[arm ?? 0] = loss
        return Expectation(
            rows: rows, context: context, choice: RouterChoice(arm: arm ?? 0, propensity: 1), lossPerNanosecond: unit,
            qualityLoss: 0, isCosted: arm != nil && loss > 0)
    }

    // MARK: Losses

    var model: CostModel { planner.model }

    func features(_ row: DecodeStep.Row, batch: Int = 1) -> SIMD8<Double> {
        StepFeatures.vector(row, batch: batch, vocabularySize: model.head.vocabularySize)
    }

    /// λ over the time of a dense step of these rows, as ``PlanCost/loss(lambda:denseNanoseconds:)`` counts.
    private func lossPerNanosecond(_ step: DecodeStep, _ rows: [Int]) -> Double {
        let members = rows.map { step.rows[$0] }
        let K = members.compactMap(\.allowedTokenCount).max() ?? model.head.vocabularySize
        let dense = model.time(.dense, allowedTokenCount: K, batch: rows.count, pattern: members[0].pattern)
        return step.lambda / Double(max(1, dense?.nanoseconds ?? 1))
    }

    /// A group that the device routed, as what it turned out to be: the arm taken, and its price at the K counted.
    private func resolved(_ group: Expectation, _ observation: Observation) -> Expectation {
        var rows = group.members
        for (index, row) in group.rows.enumerated() {
            rows[index].allowedTokenCount = observation.allowedTokenCounts[row]
        }
        let V = model.head.vocabularySize
        let mean = (rows.reduce(0) { $0 + ($1.allowedTokenCount ?? V) } + rows.count - 1) / rows.count
        let form: StepName = observation.plans[group.rows[0]] == .sparse ? .sparseFromMask : .dense
        var result = group
        guard let arm = planner.arm(form == .dense ? .dense : .sparse, form),
            let time = model.time(form, allowedTokenCount: mean, batch: rows.count)
        else {
            result.isCosted = false
            return result
        }
        result.context = RouterContext(
            features: StepFeatures.vector(rows.map { features($0) }), predictedLoss: SIMD8(repeating: .infinity))
        result.context.predictedLoss[arm] = group.lossPerNanosecond * Double(time.nanoseconds)
        result.choice = RouterChoice(arm: arm, propensity: 1)
        return result
    }
}
