public import QPCore

/// Exponential weights over a finite set of thresholds: LLM-QP appendix A.2.
///
/// Expert i plays ``ThresholdRule`` with τ_i. One is sampled in proportion to its weight; an outcome ℓ of an arm that
/// was taken with probability p charges ℓ/p to each expert that would have taken it, whose expectation is the expert's
/// loss: P. Auer et al., "The nonstochastic multiarmed bandit problem", SIAM J. Comput. 32 (2002),
/// doi:10.1137/S0097539701398375. The estimate is unbiased only because the expert is *sampled*. With bandit feedback
/// the regret is of the order √(T·A·log N); the paper's √(T·log N) needs every arm's loss.
public struct ThresholdExpertsRouter: Router, Equatable {
    public static let name = "thresholdExperts"
    /// Losses are weighted by the probability of the choice.
    public static let learnsFromShadows = false

    /// How an expert is picked.
    public enum Selection: String, Codable, Sendable {
        /// In proportion to the weights.
        case sampled
        /// The heaviest: the paper's "or argmax", whose charges are biased, and which may never leave a bad expert.
        case greedy
    }

    /// Which arms, and by what.
    public let rule: ThresholdRule
    /// τ_i, ascending.
    public let thresholds: [Double]
    /// η > 0, per unit of loss; losses of the order of 1 are assumed.
    public let learningRate: Double
    /// Which option.
    public let selection: Selection
    /// ln w_i, the largest 0.
    public private(set) var logWeights: [Double]

    /// - Throws: ``RouterError`` for no threshold, one below 0, thresholds that do not ascend, or η ≤ 0.
    public init(
        rule: ThresholdRule, thresholds: [Double], learningRate: Double, selection: Selection = .sampled
    ) throws(RouterError) {
        self.rule = rule
        self.thresholds = thresholds
        self.learningRate = learningRate
        self.selection = selection
        logWeights = Array(repeating: 0, count: thresholds.count)
        try validate()
    }

    /// Exact propensity: the weight of all experts that would take this arm, over that of all. O(N).
    public mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
        if selection == .greedy {
            var best = 0
            for expert in logWeights.indices where logWeights[expert] > logWeights[best] { best = expert }
            return RouterChoice(arm: rule.arm(context, threshold: thresholds[best]), propensity: 1)
        }
        // Only the arms' weights matter: sampling one of them is sampling an expert.
        var weights = SIMD8<Double>.zero
        for expert in logWeights.indices {
            weights[rule.arm(context, threshold: thresholds[expert])] += ElementaryMath.exponential(logWeights[expert])
        }
        let total = weights.sum()
        var rest = random.uniform() * total
        var chosen = 0
        for arm in 0..<RouterContext.maximumArmCount where weights[arm] > 0 {
            chosen = arm
            rest -= weights[arm]
            if rest < 0 { break }
        }
        return RouterChoice(arm: chosen, propensity: weights[chosen] / total)
    }

    /// O(N). The propensity is the one of the choice, so a late outcome is charged rightly.
    public mutating func observe(_ feedback: RouterFeedback) {
        guard feedback.isUsable, feedback.choice.propensity > 0 else { return }
        let charge = learningRate * feedback.loss / feedback.choice.propensity
        guard charge.isFinite else { return }
        var heaviest = -Double.infinity
        for expert in logWeights.indices {
            if rule.arm(feedback.context, threshold: thresholds[expert]) == feedback.choice.arm {
                logWeights[expert] -= charge
            }
            heaviest = max(heaviest, logWeights[expert])
        }
        for expert in logWeights.indices { logWeights[expert] -= heaviest }
    }

    public func validate() throws(RouterError) {
        try rule.validate()
        try RouterParameter.learningRate.check(learningRate)
        try RouterParameter.thresholdCount.check(thresholds.count)
        for threshold in thresholds { try RouterParameter.threshold.check(threshold) }
        for (first, second) in zip(thresholds, thresholds.dropFirst()) where first >= second {
            throw .thresholdsNotAscending(second, after: first)
        }
        guard logWeights.count == thresholds.count else {
            throw .damaged(
                kind: Self.name, reason: "it has \(logWeights.count) weights for \(thresholds.count) thresholds")
        }
        // Above it the exponential may overflow.
        guard logWeights.allSatisfy({ $0 <= 0 }) else {
            throw .damaged(kind: Self.name, reason: "a weight is above 1")
        }
    }
}
