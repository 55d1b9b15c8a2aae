/// A step that was submitted. Letting go of it is safe: the step runs to its end, and its result is dropped.
public final class StepTicket {
    /// Of the decision that was submitted.
    public let decisionID: UInt64
    let executor: PlanExecutor
    /// Nil while the step is in flight.
    var outcome: Swift.Result<PlanExecutor.Result, StepError>?

    init(_ executor: PlanExecutor, decisionID: UInt64) {
        self.executor = executor
        self.decisionID = decisionID
    }

    /// What the step gave; ``PlanExecutor/finish(_:)``.
    public func wait() throws(StepError) -> PlanExecutor.Result { try executor.finish(self) }
}
