internal import QPCore

/// What was expected of some rows of a decision, kept until their time is observed.
struct Expectation: Sendable {
    /// Batch rows.
    var rows: [Int]
    var context: RouterContext
    var choice: RouterChoice
    /// C of one nanosecond: λ over the time of a dense step.
    var lossPerNanosecond: Double
    /// C of what the plan gets wrong.
    var qualityLoss: Double
    /// Whether there is something to learn: what costs nothing, or has no arm, teaches nothing.
    var isCosted: Bool
    /// The rows of a group that the device routes: only its observation says what they were. Empty otherwise.
    var members: [DecodeStep.Row] = []

    var arm: Int { choice.arm }
    var isRouted: Bool { !members.isEmpty }

    /// C of a time, in the cost's unit.
    func loss(_ microseconds: Double) -> Double { lossPerNanosecond * microseconds * 1000 + qualityLoss }

    func feedback(_ microseconds: Double) -> RouterFeedback {
        RouterFeedback(context: context, choice: choice, loss: loss(microseconds))
    }
}

extension Planner {
    /// The arm that learns a plan's times: its position. The masked scan that skips what nobody allows is dense's, also
    /// where it serves a union of lists.
    func arm(_ plan: PlanID, _ form: StepName?) -> Int? {
        let plan = form == .denseSkipping ? .dense : plan
        return plans.firstIndex { $0.id == plan }
    }

    /// What the cost model says of an assignment, without correction; 0 where it says nothing.
    func modelNanoseconds(_ assignment: Decision.Assignment, _ step: DecodeStep, _ candidates: [Candidate]) -> Int {
        if let access = assignment.access {
            return model.groupCost(access, step.rows, at: assignment.rows)?.nanoseconds ?? 0
        }
        return candidates.first { $0.rows == assignment.rows && $0.plan == assignment.plan }?.cost?.nanoseconds ?? 0
    }
}
