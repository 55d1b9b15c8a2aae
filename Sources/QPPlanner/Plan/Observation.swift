/// What came of a planned step: what routers learn from, and what telemetry writes, one JSON object a line.
public struct Observation: Codable, Equatable, Sendable {
    /// Of the decision.
    public var decisionID: UInt64
    /// Of the cost model's corrections that it was made with.
    public var epoch: UInt64
    /// The plan that served each batch row: the one chosen, or dense where that failed.
    public var plans: [PlanID]
    /// K of each row; null where nobody counted.
    public var allowedTokenCounts: [Int?]
    /// What the planner expected of the whole step.
    public var estimatedMicroseconds: Double
    /// Device time of the whole step; null where it was not timed.
    @ExplicitNull public var durationMicroseconds: Double?
    /// Rows left by a filter, for each batch row; 0 without a filter.
    public var survivorCounts: [Int]
    /// Whether the filter failed and all rows were scored, for each batch row.
    public var fellBack: [Bool]
    /// Distance of the two best scores; null with one allowed token, or where they were not computed.
    public var margins: [Float?]
    /// Plans that failed, with the reason; their rows were served by dense.
    public var failures: [String]
    /// Device time of each of the decision's assignments, 0 where nothing ran; absent where there is but one, or none
    /// was timed.
    public var groupMicroseconds: [Double]?
    /// What the shadow plan gave; absent on steps without one.
    public var shadow: Shadow?

    /// A plan that ran beside the chosen one, on the same data.
    public struct Shadow: Codable, Equatable, Sendable {
        public var plan: PlanID
        /// Its device time, apart from the step's; null where it was not timed.
        @ExplicitNull public var durationMicroseconds: Double?
        /// Batch rows for which it gave another token: of two exact plans, one is broken.
        public var mismatchedRows: [Int]

        public init(plan: PlanID, durationMicroseconds: Double?, mismatchedRows: [Int]) {
            self.plan = plan
            self.durationMicroseconds = durationMicroseconds
            self.mismatchedRows = mismatchedRows
        }
    }

    public init(
        decisionID: UInt64, epoch: UInt64, plans: [PlanID], allowedTokenCounts: [Int?], estimatedMicroseconds: Double,
        durationMicroseconds: Double?, survivorCounts: [Int], fellBack: [Bool], margins: [Float?], failures: [String],
        groupMicroseconds: [Double]? = nil, shadow: Shadow? = nil
    ) {
        self.decisionID = decisionID
        self.epoch = epoch
        self.plans = plans
        self.allowedTokenCounts = allowedTokenCounts
        self.estimatedMicroseconds = estimatedMicroseconds
        self.durationMicroseconds = durationMicroseconds
        self.survivorCounts = survivorCounts
        self.fellBack = fellBack
        self.margins = margins
        self.failures = failures
        self.groupMicroseconds = groupMicroseconds
        self.shadow = shadow
    }

    /// One line of JSON without a line end, keys sorted.
    public var jsonLine: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        // Cannot fail: every field is encodable.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
