public import QPCore

/// The default router: the cost model's prediction, corrected by what this device shows.
///
/// Learns for each arm the relative residual loss/predicted − 1 as a linear function z·θ and takes the arm of least
/// predicted · (1 + z·θ − β·width). ``ResidualModel`` says how it forgets and what it does with outliers.
///
/// What z is. Kernel times are about launch + bytes/bandwidth. If a drift makes the launch a times and the bytes b
/// times as dear, the residual is (b − 1) + (a − b)·launch/predicted: linear in 1 and 1/predicted, not in K or its
/// logarithm. So z has 1 for ``StepFeatures/Lane/constant``, and for ``StepFeatures/Lane/batch`` the arm's least
/// prediction so far over this one: the batch is in the prediction already. The other lanes are the context's features,
/// with a tighter prior, for whatever else moves costs.
///
/// Exploration is paid for in proportion to how wrong the cost model may be: an arm is tried against the prediction
/// only within the width, which is `freshSpread` at the start and never exceeds about 1.5 times `priorSpread`. An arm
/// predicted at many times the best is taken only once the others were *seen* to be that dear.
public struct ResidualLinUCBRouter: Router, Equatable {
    public static let name = "residualLinUCB"

    /// β ≥ 0.
    public let beta: Double
    /// Relative standard deviation of a loss around its mean where steps are cheapest. What scatters is mostly
    /// microseconds of launching and waking up, so it is taken to fall with the root of the price, to a third of this.
    public let noise: Double
    /// Relative standard deviation of the cost model's error once nothing recent is known of an arm.
    public let priorSpread: Double
    /// The same at the start, when the profile is fresh; also what the context's features may explain.
    public let freshSpread: Double
    /// γ: what a step leaves of what was learnt. An arm that stopped being taken is back at its prediction after a few
    /// times 1/(1 − γ) steps, and is then tried again.
    public let discount: Double
    private(set) var models: [ResidualModel]
    /// Least prediction of each arm so far: the unit of the inverse price.
    private var references = SIMD8<Double>(repeating: .zero)
    private var step = 0

    /// The residual is taken for at least this, so that a prediction keeps its meaning.
    private static let leastFactor = 0.02
    /// Of the variance: readings of 12 ms scattered by 5 … 10 %, those of 80 µs by 20 … 40 % on the device measured.
    private static let leastNoiseShare = 0.1
    static let constantLane = StepFeatures.Lane.constant.rawValue
    static let inversePriceLane = StepFeatures.Lane.batch.rawValue

    /// - Throws: ``RouterError/outOfRange(_:value:)`` for β < 0, γ outside (0, 1], or a noise or spread not above 0.
    public init(
        beta: Double = 0.5, noise: Double = 0.2, priorSpread: Double = 0.3, freshSpread: Double = 0.05,
        discount: Double = 0.9998
    ) throws(RouterError) {
        self.beta = beta
        self.noise = noise
        self.priorSpread = priorSpread
        self.freshSpread = freshSpread
        self.discount = discount
        models = []
        try checkParameters()
        let variances = SIMD8(repeating: freshSpread * freshSpread)
        models = Array(repeating: ResidualModel(variances: variances), count: RouterContext.maximumArmCount)
    }

    /// Deterministic: propensity 1. O(arms · 64).
    public mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
        step += 1
        for arm in 0..<RouterContext.maximumArmCount where context.isAvailable(arm) {
            refer(arm, to: context.predictedLoss[arm])
        }
        let prior = prior
        let arm = context.leastArm(of: RouterContext.maximumArmCount) { arm in
            let estimate = models[arm].estimate(inputs(context, arm), step: step, prior: prior)
            let factor = 1 + estimate.mean - beta * estimate.width
            return context.predictedLoss[arm] * max(Self.leastFactor, factor)
        }
        return RouterChoice(arm: arm, propensity: 1)
    }

    public mutating func observe(_ feedback: RouterFeedback) {
        let arm = feedback.choice.arm
        guard feedback.isUsable, feedback.context.isAvailable(arm) else { return }
        let predicted = feedback.context.predictedLoss[arm]
        guard predicted > 0 else { return }
        refer(arm, to: predicted)
        var prior = prior
        prior.noiseVariance *= max(Self.leastNoiseShare, min(1, cheapest / predicted))
        models[arm].observe(
            inputs(feedback.context, arm), feedback.loss / predicted - 1, step: step, prior: prior)
    }

    /// What an arm is expected to lose in a context, as corrected.
    public func expectedLoss(_ context: RouterContext, arm: Int) -> Double {
        let estimate = models[arm].estimate(inputs(context, arm), step: step, prior: prior)
        return context.predictedLoss[arm] * max(Self.leastFactor, 1 + estimate.mean)
    }

    public func validate() throws(RouterError) {
        try checkParameters()
        guard models.count == RouterContext.maximumArmCount else {
            throw .damaged(
                kind: Self.name, reason: "it has \(models.count) models, not \(RouterContext.maximumArmCount)")
        }
        guard (0..<1 << 62).contains(step) else { throw .damaged(kind: Self.name, reason: "it is at step \(step)") }
    }

    private func checkParameters() throws(RouterError) {
        try RouterParameter.beta.check(beta)
        try RouterParameter.noise.check(noise)
        try RouterParameter.priorSpread.check(priorSpread)
        try RouterParameter.priorSpread.check(freshSpread)
        try RouterParameter.discount.check(discount)
    }

    private var prior: ResidualModel.Prior {
        var variances = SIMD8(repeating: freshSpread * freshSpread)
        variances[Self.constantLane] = priorSpread * priorSpread
        variances[Self.inversePriceLane] = priorSpread * priorSpread
        return .init(
            variances: variances, noiseVariance: noise * noise, logDiscount: ElementaryMath.logarithm(discount))
    }

    @inline(__always)
    private func inputs(_ context: RouterContext, _ arm: Int) -> SIMD8<Double> {
        var z = context.features
        z[Self.constantLane] = 1
        let predicted = context.predictedLoss[arm]
        z[Self.inversePriceLane] = references[arm] > 0 ? min(1, references[arm] / predicted) : 1
        return z
    }

    /// The least prediction of any arm so far.
    private var cheapest: Double {
        references.replacing(with: .infinity, where: references .<= 0).min()
    }

    /// Lowers an arm's unit of the inverse price where needed; what was learnt keeps its meaning.
    private mutating func refer(_ arm: Int, to predicted: Double) {
        let reference = references[arm]
        guard predicted > 0, reference == 0 || predicted < reference else { return }
        if reference > 0 { models[arm].rescale(lane: Self.inversePriceLane, by: reference / predicted) }
        references[arm] = predicted
    }
}
