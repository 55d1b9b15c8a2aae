public import QPCore

/// Linear Thompson sampling: draws each arm's loss from its posterior and takes the least.
///
/// S. Agrawal and N. Goyal, "Thompson sampling for contextual bandits with linear payoffs", ICML 2013,
/// arXiv:1209.3352, for losses and one model an arm: θ_a ~ N(V_a⁻¹b_a, v²·V_a⁻¹). Only x·θ_a decides, and since the
/// arms' posteriors are independent it is drawn itself, from N(x·V_a⁻¹b_a, v²·xᵀV_a⁻¹x): the same choice in
/// distribution for one number an arm instead of a factorisation.
public struct LinearThompsonRouter: Router, Equatable {
    public static let name = "linearThompson"

    /// Arms told apart.
    public let armCount: Int
    /// v > 0.
    public let posteriorScale: Double
    /// α > 0.
    public let ridge: Double
    private(set) var models: [RidgeModel]

    /// - Throws: ``RouterError/outOfRange(_:value:)`` for v ≤ 0, α ≤ 0 or an arm count outside 1…8.
    public init(
        armCount: Int = RouterContext.maximumArmCount, posteriorScale: Double = 0.2, ridge: Double = 1
    ) throws(RouterError) {
        self.armCount = armCount
        self.posteriorScale = posteriorScale
        self.ridge = ridge
        models = []
        try checkParameters()
        models = Array(repeating: RidgeModel(ridge: ridge), count: armCount)
    }

    /// The propensity is computed, not sampled: see ``NormalRace``. O(arms · 64).
    public mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
        var race = NormalRace()
        for arm in 0..<armCount where context.isAvailable(arm) {
            let estimate = models[arm].estimate(context.features)
            race.enter(arm, mean: estimate.mean, deviation: posteriorScale * estimate.width)
        }
        guard race.hasEntrant else { return RouterChoice(arm: context.cheapestArm, propensity: 1) }
        let arm = race.winner(using: &random)
        return RouterChoice(arm: arm, propensity: race.probability(of: arm))
    }

    public mutating func observe(_ feedback: RouterFeedback) {
        guard feedback.isUsable, feedback.choice.arm < armCount else { return }
        models[feedback.choice.arm].add(feedback.context.features, feedback.loss)
    }

    public func validate() throws(RouterError) {
        try checkParameters()
        try LinUCBRouter.check(models, armCount: armCount, kind: Self.name)
    }

    private func checkParameters() throws(RouterError) {
        try RouterParameter.armCount.check(armCount)
        try RouterParameter.posteriorScale.check(posteriorScale)
        try RouterParameter.ridge.check(ridge)
    }
}
