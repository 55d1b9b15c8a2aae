/// ε-equivalence of two plans at one step (LLM-QP definition 2.1): their scores differ by at most ε over the allowed
/// tokens, and they give the same token.
///
/// Lemma 2.1 says that dense masked scoring and sparse scoring agree for ε = 0 when both compute the same function σ.
/// Two kernels compute the same function only if they add in the same order, so here it is a claim to be checked.
public struct EpsilonEquivalence: Equatable, Sendable {
    /// max |ℓ₁(v) − ℓ₂(v)| over allowed v at which both are finite.
    public var greatestScoreDifference: Double
    /// The allowed token at which they differ most; nil when no score differs.
    public var token: Int?
    /// Allowed tokens with a finite score in one plan and none in the other.
    public var finitenessMismatchCount: Int
    /// argmax of each plan, ties to the lower id; nil when nothing is finite.
    public var tokens: (first: Int?, second: Int?)

    /// Whether both give the same token.
    public var sameToken: Bool { tokens.first == tokens.second }

    /// Whether the plans are ε-equivalent at this step.
    public func holds(epsilon: Double) -> Bool {
        sameToken && finitenessMismatchCount == 0 && greatestScoreDifference <= epsilon
    }

    /// Compares scores of the allowed tokens, in the order of `allowed`. O(K).
    /// - Parameters:
    ///   - allowed: ids, each once.
    ///   - first: one score for each allowed token; not finite means that it cannot win.
    ///   - second: likewise of the other plan.
    public init(allowed: some Collection<Int>, first: some Collection<Float>, second: some Collection<Float>) {
        precondition(
            allowed.count == first.count && allowed.count == second.count, "one score for each allowed token")
        var difference = 0.0
        var worst: Int?
        var mismatches = 0
        var best: (first: (id: Int, score: Float)?, second: (id: Int, score: Float)?) = (nil, nil)
        func wins(_ id: Int, _ score: Float, over best: (id: Int, score: Float)?) -> Bool {
            guard let best else { return true }
            return score > best.score || (score == best.score && id < best.id)
        }
        for (id, (a, b)) in zip(allowed, zip(first, second)) {
            if a.isFinite, wins(id, a, over: best.first) { best.first = (id, a) }
            if b.isFinite, wins(id, b, over: best.second) { best.second = (id, b) }
            guard a.isFinite, b.isFinite else {
                if a.isFinite != b.isFinite { mismatches += 1 }
                continue
            }
            let apart = abs(Double(a) - Double(b))
            if apart > difference {
                difference = apart
                worst = id
            }
        }
        greatestScoreDifference = difference
        token = worst
        finitenessMismatchCount = mismatches
        tokens = (best.first?.id, best.second?.id)
    }

    public static func == (a: EpsilonEquivalence, b: EpsilonEquivalence) -> Bool {
        a.greatestScoreDifference == b.greatestScoreDifference && a.token == b.token
            && a.finitenessMismatchCount == b.finitenessMismatchCount && a.tokens == b.tokens
    }
}

/// All plans over the same steps: what `qp-gpu verify` found.
public struct VerificationReport: Codable, Equatable, Sendable {
    /// Steps that every plan took.
    public var steps: Int
    /// Rows of steps in which a plan gave another token than dense, or another runner-up where it gives one, by plan.
    public var tokenMismatches: [String: Int]
    /// Largest difference from dense of either of the two best scores, over all plans and steps; where one of two has
    /// no score at all, that is another runner-up and no difference.
    public var greatestScoreDifference: Double
    /// The same by plan.
    public var scoreDifferences: [String: Double]
    /// Largest difference of any allowed score between scan and gather (definition 2.1's ε); null where not compared.
    @ExplicitNull public var epsilon: Double?
    /// Every difference, up to a thousand.
    public var examples: [Example]

    /// A step in which a plan was not dense's equal.
    public struct Example: Codable, Equatable, Sendable {
        public var step: Int
        public var batchRow: Int
        public var plan: String
        public var allowedTokenCount: Int
        @ExplicitNull public var token: Int?
        @ExplicitNull public var denseToken: Int?
        @ExplicitNull public var runnerUp: Int?
        @ExplicitNull public var denseRunnerUp: Int?
        public var scoreDifference: Double
    }

    private static let exampleCount = 1000

    /// A report of nothing yet.
    public init() {
        steps = 0
        tokenMismatches = [:]
        greatestScoreDifference = 0
        scoreDifferences = [:]
        epsilon = nil
        examples = []
    }

    /// Whether every plan gave dense's token and both its scores.
    public var isClean: Bool {
        tokenMismatches.values.allSatisfy { $0 == 0 } && greatestScoreDifference == 0 && (epsilon ?? 0) == 0
    }

    /// A row's answer.
    public struct Answer: Equatable, Sendable {
        public var token: Int?
        public var runnerUp: Int?
        /// Those of best and runner-up, as far as the plan gives them.
        public var scores: [Float]

        public init(token: Int?, runnerUp: Int? = nil, scores: [Float] = []) {
            self.token = token
            self.runnerUp = runnerUp
            self.scores = scores
        }
    }

    /// Adds one row of one step. What the plan does not give is not compared: no more scores than it has, and the
    /// runner-up where it has two.
    public mutating func add(
        plan: String, step: Int, batchRow: Int, allowedTokenCount K: Int, _ answer: Answer, dense: Answer
    ) {
        var difference = 0.0
        for (a, b) in zip(answer.scores, dense.scores) where a.bitPattern != b.bitPattern {
            let apart = abs(Double(a) - Double(b))
            if apart.isFinite { difference = max(difference, apart) }
        }
        let isMismatch =
            answer.token != dense.token || (answer.scores.count > 1 && answer.runnerUp != dense.runnerUp)
        tokenMismatches[plan, default: 0] += isMismatch ? 1 : 0
        scoreDifferences[plan] = max(scoreDifferences[plan] ?? 0, difference)
        greatestScoreDifference = max(greatestScoreDifference, difference)
        if isMismatch || difference > 0, examples.count < Self.exampleCount {
            examples.append(
                Example(
                    step: step, batchRow: batchRow, plan: plan, allowedTokenCount: K, token: answer.token,
                    denseToken: dense.token, runnerUp: answer.runnerUp, denseRunnerUp: dense.runnerUp,
                    scoreDifference: difference))
        }
    }
}
