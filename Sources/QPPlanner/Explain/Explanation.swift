public import QPCore

/// A decision as people and programs read it: what was asked, every candidate, what was chosen; with times measured
/// afterwards where somebody ran them. The numbers are those that decided.
public struct Explanation: Codable, Equatable, Sendable {
    /// The head that the step runs.
    public struct Head: Codable, Equatable, Sendable {
        /// V.
        public var vocabularySize: Int
        /// d.
        public var hiddenSize: Int
        public var elementType: ElementType
    }

    /// One candidate for one batch row.
    public struct Entry: Codable, Equatable, Sendable {
        public var plan: PlanID
        /// The recorded step that executes it; null where nothing runs or it has no such form.
        @ExplicitNull public var form: StepName?
        public var batchRow: Int
        /// Of the whole step for this row alone; null where the plan does not apply.
        @ExplicitNull public var estimatedMicroseconds: Double?
        /// Null where there is no estimate.
        @ExplicitNull public var evidence: Evidence?
        /// Bytes it moves.
        @ExplicitNull public var trafficBytes: Int?
        /// p_r.
        @ExplicitNull public var refinementProbability: Double?
        /// Share of the read-bandwidth roof.
        @ExplicitNull public var utilisation: Double?
        @ExplicitNull public var qualityLoss: Double?
        /// C, in dense steps.
        @ExplicitNull public var loss: Double?
        public var guarantee: Guarantee
        /// `chosen`, `costlier`, `cannotServe`, `notApplicable`, `unsafe`, `notAllowed`.
        public var verdict: String
        /// Why it was not chosen; null for the chosen one.
        @ExplicitNull public var reason: String?
        /// Median of the runs of `--analyze`; null where it was not run.
        @ExplicitNull public var actualMicroseconds: Double?
        /// Runs behind the median.
        @ExplicitNull public var actualCount: Int?

        /// Actual over estimate; nil where one is missing or the estimate is nothing.
        public var actualRatio: Double? {
            guard let actualMicroseconds, let estimatedMicroseconds, estimatedMicroseconds > 0 else { return nil }
            return actualMicroseconds / estimatedMicroseconds
        }
    }

    /// Rows and the plan that serves them.
    public struct Assignment: Codable, Equatable, Sendable {
        public var plan: PlanID
        @ExplicitNull public var form: StepName?
        @ExplicitNull public var access: BatchPartition.Access?
        public var batchRows: [Int]
        public var estimatedMicroseconds: Double
        @ExplicitNull public var actualMicroseconds: Double?
    }

    public var head: Head
    /// K of each row; null where only the device knows it.
    public var allowedTokenCounts: [Int?]
    public var need: Need
    public var lambda: Double
    /// Names of the plans taken, in the order of the rows' groups, joined by ` + `.
    public var chosen: String
    public var assignments: [Assignment]
    public var estimatedMicroseconds: Double
    public var candidates: [Entry]

    /// What `decision` says of `step`.
    public init(_ decision: Decision, of step: DecodeStep) {
        head = Head(
            vocabularySize: step.head.vocabularySize, hiddenSize: step.head.hiddenSize,
            elementType: step.head.elementType)
        allowedTokenCounts = step.rows.map(\.allowedTokenCount)
        need = step.need
        lambda = step.lambda
        assignments = decision.assignments.map {
            Assignment(
                plan: $0.plan, form: $0.form, access: $0.access, batchRows: $0.rows,
                estimatedMicroseconds: Double($0.nanoseconds) / 1000)
        }
        var names: [String] = []
        for name in assignments.map(\.plan.name) where !names.contains(name) { names.append(name) }
        chosen = names.joined(separator: " + ")
        estimatedMicroseconds = Double(decision.nanoseconds) / 1000
        candidates = decision.candidates.map { candidate in
            Entry(
                plan: candidate.plan, form: candidate.form, batchRow: candidate.rows[0],
                estimatedMicroseconds: candidate.cost.map { Double($0.nanoseconds) / 1000 },
                evidence: candidate.cost?.evidence, trafficBytes: candidate.cost?.trafficBytes,
                refinementProbability: candidate.cost?.refinementProbability,
                utilisation: candidate.cost?.utilisation, qualityLoss: candidate.cost?.qualityLoss,
                loss: candidate.loss, guarantee: candidate.guarantee, verdict: candidate.verdict.name,
                reason: candidate.verdict.reason)
        }
    }
}
