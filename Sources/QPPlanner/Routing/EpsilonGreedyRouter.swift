public import QPCore

/// The arm of least mean loss, but any available one with probability ε: the plain baseline, blind to features.
///
/// An arm that was never observed counts as free, so each is tried once.
public struct EpsilonGreedyRouter: Router, Equatable {
    public static let name = "epsilonGreedy"

    /// Arms told apart.
    public let armCount: Int
    /// ε, the share of steps that choose at random.
    public let epsilon: Double
    /// Mean loss of each arm.
    public private(set) var meanLoss = SIMD8<Double>.zero
    private var counts = SIMD8<Double>.zero

    /// - Throws: ``RouterError/outOfRange(_:value:)`` for ε outside 0…1 or an arm count outside 1…8.
    public init(armCount: Int = RouterContext.maximumArmCount, epsilon: Double = 0.05) throws(RouterError) {
        self.armCount = armCount
        self.epsilon = epsilon
        try validate()
    }

    /// Exact propensity: (1 − ε)·[greedy] + ε/(available arms). O(8).
    public mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
        let greedy = context.leastArm(of: armCount) { meanLoss[$0] }
        var available = 0
        for arm in 0..<armCount where context.isAvailable(arm) { available += 1 }
        guard available > 1, epsilon > 0 else { return RouterChoice(arm: greedy, propensity: 1) }

        var chosen = greedy
        let draw = random.uniform()
        if draw < epsilon {
            // The draw is uniform in 0..<ε here, so its share of ε picks the arm.
            var position = min(available - 1, Int(draw / epsilon * Double(available)))
            for arm in 0..<armCount where context.isAvailable(arm) {
                if position == 0 {
                    chosen = arm
                    break
                }
                position -= 1
            }
        }
        let random = epsilon / Double(available)
        return RouterChoice(arm: chosen, propensity: chosen == greedy ? 1 - epsilon + random : random)
    }

    public mutating func observe(_ feedback: RouterFeedback) {
        guard feedback.isUsable else { return }
        let arm = feedback.choice.arm
        counts[arm] += 1
        meanLoss[arm] += (feedback.loss - meanLoss[arm]) / counts[arm]
    }

    public func validate() throws(RouterError) {
        try RouterParameter.armCount.check(armCount)
        try RouterParameter.epsilon.check(epsilon)
        guard counts.min() >= 0 else {
            throw .damaged(kind: Self.name, reason: "it counts \(counts.min()) observations of an arm")
        }
    }
}
