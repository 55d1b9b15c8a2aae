public import QPCore

/// The one logical operator (LLM-QP §6.1): hidden states and constraint states in, a token for each row out.
///
/// Holds what planning needs and nothing of the device: counts and summaries, no weights, no hidden states.
public struct DecodeStep: Sendable {
    /// V, d and the element type of W.
    public var head: HeadShape
    /// The batch.
    public var rows: [Row]
    /// What each row's caller wants back.
    public var need: Need
    /// λ of C = λ·latency + (1 − λ)·quality loss; 1 for exact plans alone to matter by their time.
    public var lambda: Double

    /// One sequence's state.
    public struct Row: Sendable {
        /// K, |A(s)|; nil when the mask was born on the device and nobody counted it.
        public var allowedTokenCount: Int?
        /// Where the allowed set is.
        public var place: Place
        /// How the allowed ids lie.
        public var pattern: IndexPattern
        /// What an earlier step left to be reused.
        public var anchor: AnchorSummary?
        /// The constraint's state: rows in one state have the same allowed set. Nil when the caller does not say.
        public var stateID: UInt64?
        /// Tokens decoded so far.
        public var depth: Int
        /// Margin of the last step's two best scores, over the spread of scores; nil at the start or with K = 1.
        public var lastMargin: Double?
        /// Share of the allowed set that changed since the last step, 0…1.
        public var churn: Double
        /// How its token is chosen. Drawing is not priced: it costs every plan the same.
        public var sampling: Sampling

        public init(
            allowedTokenCount: Int?, place: Place = .host, pattern: IndexPattern = .uniform,
            anchor: AnchorSummary? = nil, stateID: UInt64? = nil, depth: Int = 0, lastMargin: Double? = nil,
            churn: Double = 0, sampling: Sampling = .greedy
        ) {
            self.allowedTokenCount = allowedTokenCount
            self.place = place
            self.pattern = pattern
            self.anchor = anchor
            self.stateID = stateID
            self.depth = depth
            self.lastMargin = lastMargin
            self.churn = churn
            self.sampling = sampling
        }
    }

    /// Where an allowed set is when the step begins.
    public enum Place: String, Codable, Sendable {
        /// The host has it, as ids or as a mask, and uploads what the plan wants.
        case host
        /// A packed mask in device memory.
        case device
    }

    /// An anchor, as far as planning cares; at least one step old.
    public struct AnchorSummary: Equatable, Sendable {
        /// ‖Δh‖ / ‖h₀‖ of the last step that measured it.
        public var relativeDrift: Double
        /// Margin of the anchor's two best allowed scores.
        public var margin: Double
        /// Share of today's allowed rows expected to stay in play, 0…1.
        public var survivorShare: Double
        /// Probability that the filter fails and all rows are scored after all, 0…1: p_r of LLM-QP §3.
        public var refinementProbability: Double
        /// Which W the scores belong to.
        public var weightsID: UInt64

        public init(
            relativeDrift: Double, margin: Double, survivorShare: Double, refinementProbability: Double,
            weightsID: UInt64
        ) {
            self.relativeDrift = relativeDrift
            self.margin = margin
            self.survivorShare = survivorShare
            self.refinementProbability = refinementProbability
            self.weightsID = weightsID
        }
    }

    /// - Throws: ``PlanningError`` for no row, a K outside 1…V, or λ outside [0, 1].
    public init(
        head: HeadShape, rows: [Row], need: Need = .topTwo, lambda: Double = 1
    ) throws(PlanningError) {
        guard !rows.isEmpty else { throw .noRow }
        guard (0...1).contains(lambda) else { throw .lambda(lambda) }
        for (index, row) in rows.enumerated() {
            guard let K = row.allowedTokenCount else { continue }
            guard K != 0 else { throw .deadEnd(batchRow: index, depth: row.depth, stateID: row.stateID) }
            guard (1...head.vocabularySize).contains(K) else {
                throw .tokenCount(K, vocabularySize: head.vocabularySize, batchRow: index)
            }
        }
        self.head = head
        self.rows = rows
        self.need = need
        self.lambda = lambda
    }
}

/// A step that cannot be planned as asked.
public enum PlanningError: Error, Equatable, CustomStringConvertible {
    /// A batch of nothing.
    case noRow
    /// λ is no weight.
    case lambda(Double)
    /// K is no count of tokens.
    case tokenCount(Int, vocabularySize: Int, batchRow: Int)
    /// The allowed set is empty: in which state of the constraint, if the caller said, after how many tokens, and at
    /// which step of a recording.
    case deadEnd(batchRow: Int, depth: Int, stateID: UInt64? = nil, recordedAs: String? = nil)
    /// The profile has no curve for this head.
    case headNotProfiled(String, profiled: [String])
    /// No candidate can serve the step.
    case noPlan(batchRow: Int, reasons: [String])
    /// A registered plan took a name that is in use.
    case duplicatePlan(String)
    /// More plans than a router has arms.
    case tooManyPlans(Int, maximum: Int)

    /// What failed, with which values, and what to try.
    public var description: String {
        switch self {
        case .noRow: "a step without rows has nothing to plan; give at least one"
        case .lambda(let value):
            "λ is \(value); it must lie in 0…1, where 1 weighs time alone and 0 quality alone"
        case .tokenCount(let count, let vocabularySize, let batchRow):
            "\(count) allowed tokens in batch row \(batchRow) do not lie in 1…V = \(vocabularySize)"
        case .deadEnd(let batchRow, let depth, let stateID, let recordedAs):
            "no token is allowed in batch row \(batchRow)\(recordedAs.map { ", \($0)," } ?? "")"
                + "\(stateID.map { " in state \($0)" } ?? "") after \(depth) \(depth == 1 ? "token" : "tokens"): the "
                + "constraint has reached a dead end; go back to a state that has a continuation"
        case .headNotProfiled(let head, let profiled):
            "the profile has no curves for the head \(head); it has "
                + (profiled.isEmpty ? "none at all" : profiled.joined(separator: ", "))
                + "; measure it with `qp-gpu profile`"
        case .noPlan(let batchRow, let reasons):
            "no plan can serve batch row \(batchRow): \(reasons.joined(separator: "; "))"
        case .duplicatePlan(let name): "there is a plan named \(name) already; register yours under another name"
        case .tooManyPlans(let count, let maximum):
            "\(count) plans are registered, but a router tells \(maximum) apart; leave some out"
        }
    }
}
