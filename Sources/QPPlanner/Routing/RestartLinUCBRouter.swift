public import QPCore

/// LinUCB that forgets everything every so many observations.
///
/// The restart strategy of O. Besbes, Y. Gur and A. Zeevi, "Stochastic multi-armed-bandit problem with non-stationary
/// rewards", NIPS 2014, with LinUCB inside; for the linear case P. Zhao et al., "A simple approach for non-stationary
/// linear bandits", AISTATS 2020.
public struct RestartLinUCBRouter: Router, Equatable {
    public static let name = "restartLinUCB"

    /// Arms told apart.
    public let armCount: Int
    /// β ≥ 0.
    public let beta: Double
    /// α > 0.
    public let ridge: Double
    /// Observations between two restarts.
    public let restartInterval: Int
    private var models: [RidgeModel]
    private var observationCount = 0

    /// - Throws: ``RouterError/outOfRange(_:value:)`` for an interval below 1, β < 0, α ≤ 0 or an arm count outside
    ///   1…8.
    public init(
        armCount: Int = RouterContext.maximumArmCount, beta: Double = 0.5, ridge: Double = 1, restartInterval: Int
    ) throws(RouterError) {
        self.armCount = armCount
        self.beta = beta
        self.ridge = ridge
        self.restartInterval = restartInterval
        models = []
        try checkParameters()
        models = Array(repeating: RidgeModel(ridge: ridge), count: armCount)
    }

    /// By the lower confidence bound; propensity 1. O(arms · 64).
    public mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
        RouterChoice(arm: LinUCBRouter.arm(context, models, signedBeta: -beta), propensity: 1)
    }

    public mutating func observe(_ feedback: RouterFeedback) {
        guard feedback.isUsable, feedback.choice.arm < armCount else { return }
        if observationCount == restartInterval {
            for arm in models.indices { models[arm] = RidgeModel(ridge: ridge) }
            observationCount = 0
        }
        observationCount += 1
        models[feedback.choice.arm].add(feedback.context.features, feedback.loss)
    }

    public func validate() throws(RouterError) {
        try checkParameters()
        try LinUCBRouter.check(models, armCount: armCount, kind: Self.name)
        guard (0...restartInterval).contains(observationCount) else {
            throw .damaged(
                kind: Self.name, reason: "it counts \(observationCount) observations of \(restartInterval)")
        }
    }

    private func checkParameters() throws(RouterError) {
        try RouterParameter.armCount.check(armCount)
        try RouterParameter.beta.check(beta)
        try RouterParameter.ridge.check(ridge)
        try RouterParameter.restartInterval.check(restartInterval)
    }
}
