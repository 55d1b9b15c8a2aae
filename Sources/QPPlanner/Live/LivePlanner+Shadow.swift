internal import QPCore

extension LivePlanner {
    /// Another exact plan for a step; nil where there is none, or nobody knows yet what the step is.
    ///
    /// For one row what the cost model alone would have taken, so that the router's worth shows; where that was taken,
    /// the next best, so that the router hears of it. For a batch one scan for all, or each row's own list where it is
    /// scanned already: its time teaches, and counts for no regret.
    func shadow(
        _ step: DecodeStep, _ decision: Decision, _ entry: Outstanding
    ) -> (Decision.Assignment, Expectation)? {
        guard entry.groups.allSatisfy({ !$0.isRouted }), entry.groups.contains(where: \.isCosted) else { return nil }
        return step.rows.count == 1 ? shadowOfRow(decision, entry) : shadowOfBatch(step, decision)
    }

    func canShadow(_ candidate: Candidate) -> Bool {
        candidate.guarantee != .approximate && candidate.plan.canShadow
    }

    private func shadowOfRow(_ decision: Decision, _ entry: Outstanding) -> (Decision.Assignment, Expectation)? {
        let chosen = entry.groups[0]
        let others = decision.candidates.indices.filter { arm in
            let candidate = decision.candidates[arm]
            return arm != chosen.arm && candidate.loss != nil && canShadow(candidate)
        }
        guard let next = others.min(by: { decision.candidates[$0].loss! < decision.candidates[$1].loss! }) else {
            return nil
        }
        let arm = others.first { $0 == entry.comparator } ?? next
        let candidate = decision.candidates[arm]
        var expectation = chosen
        // Given that it runs, its loss is seen for certain.
        expectation.choice = RouterChoice(arm: arm, propensity: 1)
        expectation.qualityLoss = 0
        return (
            .init(plan: candidate.plan, form: candidate.form, rows: [0], nanoseconds: candidate.cost!.nanoseconds),
            expectation
        )
    }

    private func shadowOfBatch(_ step: DecodeStep, _ decision: Decision) -> (Decision.Assignment, Expectation)? {
        let isOneScan = decision.assignments.count == 1 && decision.assignments[0].access == .scanForAll
        let access: BatchPartition.Access = isOneScan ? .gatherEach : .scanForAll
        guard !planner.disabled.contains(access.plan),
            let nanoseconds = model.groupCost(access, step.rows, at: Array(step.rows.indices))?.nanoseconds
        else { return nil }
        let rows = Array(step.rows.indices)
        let assignment = Decision.Assignment(
            plan: access.plan, form: access.form(step.rows, at: rows), access: access, rows: rows,
            nanoseconds: nanoseconds)
        return (
            assignment,
            expectation(
                step, step.rows.map { features($0) }, access.plan, assignment.form, rows, nanoseconds)
        )
    }
}

extension PlanID {
    /// Whether the plan may run beside another one: it gives dense's token, and leaves no trace.
    fileprivate var canShadow: Bool {
        switch self {
        case .dense, .sparse, .amortized, .amortizedRerank, .screenedRerank: true
        case .forced, .fullRecompute, .registered: false
        }
    }
}
