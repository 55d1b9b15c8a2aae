internal import QPCore

/// Chooses physical plans for logical steps: costs every candidate, rejects by name what cannot serve, takes the
/// cheapest, and keeps them all so that the choice can be explained.
///
/// One row is a choice among plans; a batch is a partition of its rows, since a scan serves all of them at once.
public struct Planner: Sendable {
    /// What decides.
    public var model: CostModel
    /// The plans looked at, in the order of a router's arms.
    public let plans: [PhysicalPlan]
    /// Plans that are switched off, by name.
    public var disabled: Set<PlanID>
    /// The paper's bare rule as a policy, off by default.
    public var approximateReuse: ApproximateReuse?
    /// Counts corrections of `model`.
    public var epoch: UInt64 = 0
    private var nextID: UInt64 = 0

    /// LLM-QP §4: reuse the anchor's scores when its margin is at least τ, otherwise recompute. It proves nothing: a
    /// third row can overtake both. Its loss is what was measured with it.
    public struct ApproximateReuse: Equatable, Sendable {
        /// τ ≥ 0, in the unit of scores.
        public let threshold: Double
        /// Measured share of wrong tokens under this rule, 0…1.
        public let qualityLoss: Double

        /// - Throws: ``PlannerParameterError`` for τ < 0 or a quality loss outside 0…1.
        public init(threshold: Double, qualityLoss: Double) throws(PlannerParameterError) {
            guard threshold >= 0 else { throw .threshold(threshold) }
            guard (0...1).contains(qualityLoss) else { throw .qualityLoss(qualityLoss) }
            self.threshold = threshold
            self.qualityLoss = qualityLoss
        }
    }

    /// - Throws: ``PlanningError`` for two plans of one name or more than a router has arms.
    public init(
        _ model: CostModel, plans: [PhysicalPlan] = PhysicalPlan.builtIn(), disabled: Set<PlanID> = [],
        approximateReuse: ApproximateReuse? = nil
    ) throws(PlanningError) {
        var names: Set<PlanID> = []
        for plan in plans where !names.insert(plan.id).inserted { throw .duplicatePlan(plan.id.name) }
        guard plans.count <= RouterContext.maximumArmCount else {
            throw .tooManyPlans(plans.count, maximum: RouterContext.maximumArmCount)
        }
        self.model = model
        self.plans = plans
        self.disabled = disabled
        self.approximateReuse = approximateReuse
    }

    /// Plans a step.
    /// - Throws: ``PlanningError/noPlan(batchRow:reasons:)`` when nothing can serve a row.
    public mutating func plan(_ step: DecodeStep) throws(PlanningError) -> Decision {
        defer { nextID += 1 }
        return step.rows.count == 1
            ? try planRow(step) : try planBatch(step, id: nextID, epoch: epoch) { _, _, _, _ in 1 }
    }

    // MARK: One row

    /// Every plan as a candidate for one row, not yet compared.
    func candidates(_ step: DecodeStep, row index: Int, batch: Int) -> [Candidate] {
        let row = step.rows[index]
        let dense = model.time(
            .dense, allowedTokenCount: row.allowedTokenCount ?? model.head.vocabularySize, batch: batch,
            pattern: row.pattern)
        return plans.map { plan in
            var candidate = Candidate(
                plan: plan.id, rows: [index], guarantee: plan.guarantee, verdict: .costlier(.infinity))
            if disabled.contains(plan.id) {
                candidate.verdict = .notAllowed("it is switched off")
                return candidate
            }
            var applicability = plan.cost(row, batch, model)
            if plan.id == .amortized, let rule = approximateReuse, let anchor = row.anchor,
                case .lacks = applicability, anchor.margin >= rule.threshold, row.allowedTokenCount != nil,
                case .applies(var cost, _) = PhysicalPlan.amortized(weightsID: anchor.weightsID)
                    .cost(row.expectingOneSurvivor, batch, model)
            {
                cost.qualityLoss = rule.qualityLoss
                candidate.guarantee = .approximate
                applicability = .applies(cost)
            }
            switch applicability {
            case .applies(let cost, let form):
                let need = step.need(ofRow: index)
                if let why = plan.refusal(need) ?? plan.samplingRefusal(row.sampling) {
                    candidate.verdict = .cannotServe(need, why: why)
                    return candidate
                }
                candidate.form = form
                candidate.cost = cost
                candidate.loss = cost.loss(
                    lambda: step.lambda, denseNanoseconds: dense?.nanoseconds ?? cost.nanoseconds)
            case .lacks(let why): candidate.verdict = .notApplicable(why)
            case .unsafe(let why): candidate.verdict = .unsafe(why)
            }
            return candidate
        }
    }

    private func planRow(_ step: DecodeStep) throws(PlanningError) -> Decision {
        var candidates = candidates(step, row: 0, batch: 1)
        guard let chosen = Self.cheapest(candidates) else { throw Self.noPlan(candidates, batchRow: 0) }
        Self.judge(&candidates, chosen: chosen)
        let winner = candidates[chosen]
        return Decision(
            id: nextID, epoch: epoch,
            assignments: [
                .init(
                    plan: winner.plan, form: winner.form, rows: [0], nanoseconds: winner.cost!.nanoseconds,
                    isRouted: routes(step.rows, winner.plan), guarantee: winner.guarantee)
            ],
            candidates: candidates, propensity: 1)
    }

    /// The least loss; the fastest where some are equal, as all exact plans are for λ = 0; then the earlier one.
    static func cheapest(_ candidates: [Candidate]) -> Int? {
        func price(_ index: Int) -> (Double, Int) { (candidates[index].loss!, candidates[index].cost!.nanoseconds) }
        return candidates.indices.filter { candidates[$0].loss != nil }.min { price($0) < price($1) }
    }

    static func judge(_ candidates: inout [Candidate], chosen: Int) {
        for index in candidates.indices {
            guard let loss = candidates[index].loss else { continue }
            candidates[index].verdict =
                index == chosen ? .chosen : .costlier(loss / candidates[chosen].loss!)
        }
    }

    static func noPlan(_ candidates: [Candidate], batchRow: Int) -> PlanningError {
        .noPlan(batchRow: batchRow, reasons: candidates.map { "\($0.plan) – \($0.verdict.reason ?? "no cost")" })
    }

    // MARK: A batch

    /// What a router expects of a group's time, over what the cost model does.
    typealias Correction = (PlanID, StepName?, _ rows: [Int], _ nanoseconds: Int) -> Double

    /// Rows whose own best plan is a filtered or forced one keep it where that beats their share of a scan or gather;
    /// the others are partitioned. All prices that are compared are corrected ones.
    func planBatch(
        _ step: DecodeStep, id: UInt64, epoch: UInt64, correction: Correction
    ) throws(PlanningError) -> Decision {
        var all: [Candidate] = []
        var alone: [Int: Candidate] = [:]
        for index in step.rows.indices {
            var own = candidates(step, row: index, batch: 1)
            for place in own.indices {
                guard let cost = own[place].cost, let loss = own[place].loss else { continue }
                own[place].loss = loss * correction(own[place].plan, own[place].form, [index], cost.nanoseconds)
            }
            guard let chosen = Self.cheapest(own) else { throw Self.noPlan(own, batchRow: index) }
            Self.judge(&own, chosen: chosen)
            if own[chosen].plan != .dense, own[chosen].plan != .sparse, own[chosen].plan != .fullRecompute {
                alone[index] = own[chosen]
            }
            all += own
        }
        // A row leaves its own plan when the batch serves it for less: tried with each such row in and out.
        var best = try assignments(step, alone: alone, correction)
        for index in alone.keys.sorted() where alone[index]!.plan != .forced {
            var fewer = alone
            fewer[index] = nil
            let candidate = try assignments(step, alone: fewer, correction)
            if price(candidate, fewer, step) < price(best, alone, step) {
                best = candidate
                alone = fewer
            }
        }
        // Against each row's share of its group: what a row would cost alone may be less than that, and more in all.
        for index in all.indices {
            guard let cost = all[index].cost, all[index].loss != nil else { continue }
            let mine = best.first { $0.rows.contains(all[index].rows[0]) }!
            let own = Self.corrected(
                cost.nanoseconds, by: correction(all[index].plan, all[index].form, all[index].rows, cost.nanoseconds))
            all[index].verdict =
                mine.plan == all[index].plan
                ? .chosen : .costlier(Double(own) * Double(mine.rows.count) / Double(mine.nanoseconds))
        }
        return Decision(id: id, epoch: epoch, assignments: best, candidates: all, propensity: 1)
    }

    /// A time as corrected, kept to what a curve can hold; as it was where the factor is no number.
    static func corrected(_ nanoseconds: Int, by factor: Double) -> Int {
        let value = (Double(nanoseconds) * factor).rounded()
        return value.isNaN ? nanoseconds : Int(min(Double(CostCurve.maximumNanoseconds), max(0, value)))
    }

    /// C of a whole batch, its time in dense steps of all rows; then the time itself, which decides for λ = 0.
    private func price(
        _ assignments: [Decision.Assignment], _ alone: [Int: Candidate], _ step: DecodeStep
    ) -> (Double, Int) {
        let nanoseconds = assignments.reduce(0) { $0 + $1.nanoseconds }
        let V = model.head.vocabularySize
        let dense = model.time(.dense, allowedTokenCount: V, batch: step.rows.count)?.nanoseconds ?? 1
        let qualityLoss = alone.values.reduce(0) { $0 + $1.cost!.qualityLoss } / Double(step.rows.count)
        let cost = PlanCost(
            nanoseconds: nanoseconds, evidence: .default, trafficBytes: 0, qualityLoss: qualityLoss)
        return (cost.loss(lambda: step.lambda, denseNanoseconds: dense), nanoseconds)
    }

    private func assignments(
        _ step: DecodeStep, alone: [Int: Candidate], _ correction: Correction
    ) throws(PlanningError) -> [Decision.Assignment] {
        func corrected(_ plan: PlanID, _ form: StepName?, _ rows: [Int], _ nanoseconds: Int) -> Int {
            Self.corrected(nanoseconds, by: correction(plan, form, rows, nanoseconds))
        }
        var result = alone.sorted { $0.key < $1.key }.map { index, candidate in
            Decision.Assignment(
                plan: candidate.plan, form: candidate.form, rows: [index],
                nanoseconds: corrected(candidate.plan, candidate.form, [index], candidate.cost!.nanoseconds),
                guarantee: candidate.guarantee)
        }
        let shared = step.rows.indices.filter { alone[$0] == nil }
        guard !shared.isEmpty else { return result }
        let V = model.head.vocabularySize
        let partition = BatchPartition.best(counts: shared.map { step.rows[$0].allowedTokenCount ?? V }) {
            access, rows in
            if access == .scanForAll, disabled.contains(.dense) { return nil }
            if access != .scanForAll, disabled.contains(.sparse) { return nil }
            let own = rows.map { shared[$0] }
            return model.groupCost(access, step.rows, at: own).map { time in
                corrected(access.plan, access.form(step.rows, at: own), own, time.nanoseconds)
            }
        }
        guard let partition else {
            throw .noPlan(batchRow: shared[0], reasons: ["dense and sparse are switched off or were not profiled"])
        }
        result += partition.groups.map { group in
            let own = group.rows.map { shared[$0] }
            return Decision.Assignment(
                plan: group.access.plan, form: group.access.form(step.rows, at: own), access: group.access, rows: own,
                nanoseconds: group.nanoseconds, isRouted: routes(own.map { step.rows[$0] }, group.access.plan))
        }
        return result
    }

    /// Whether rows that would be scanned because nobody knows K let the device count it, and take the cheaper of scan
    /// and gather.
    func routes(_ rows: [DecodeStep.Row], _ plan: PlanID) -> Bool {
        plan == .dense && rows.allSatisfy { $0.allowedTokenCount == nil && $0.place == .device }
            && !disabled.contains(.sparse)
            && model.time(.sparseFromMask, allowedTokenCount: 1, batch: rows.count) != nil
    }
}

extension BatchPartition.Access {
    /// The plan that a group reached so has.
    var plan: PlanID { self == .scanForAll ? .dense : .sparse }

    func form(_ rows: [DecodeStep.Row], at indices: [Int]) -> StepName {
        switch self {
        case .scanForAll: .dense
        case .gatherEach: rows.gatherForm(at: indices)
        case .gatherUnion: .denseSkipping
        }
    }
}

extension DecodeStep.Row {
    fileprivate var expectingOneSurvivor: DecodeStep.Row {
        var row = self
        row.anchor?.survivorShare = 0
        return row
    }
}

/// A parameter that a policy does not take.
public enum PlannerParameterError: Error, Equatable, CustomStringConvertible {
    /// τ is negative or no number.
    case threshold(Double)
    /// A share outside 0…1.
    case qualityLoss(Double)
    /// A share outside 0…1.
    case shadowShare(Double)

    /// What failed, with the value, and the range that works.
    public var description: String {
        switch self {
        case .threshold(let value): "the margin threshold τ is \(value); it must be at least 0"
        case .qualityLoss(let value): "the quality loss is \(value); it is a share of tokens and must lie in 0…1"
        case .shadowShare(let value):
            "the shadow share is \(value); it is a share of steps and must lie in 0…1, where 0 turns shadows off"
        }
    }
}
