public import QPCore

/// LinUCB: each arm's loss as a linear function of the features, chosen by a confidence bound.
///
/// L. Li, W. Chu, J. Langford and R. E. Schapire, "A contextual-bandit approach to personalized news article
/// recommendation", WWW 2010, doi:10.1145/1772690.1772758, algorithm 1, for losses: optimism is then the *lower* bound
/// x·θ − β·√(xᵀV⁻¹x). LLM-QP appendix A.1 prints the upper one, which shuns what it has not tried.
public struct LinUCBRouter: Router, Equatable {
    public static let name = "linUCB"

    /// Which end of the interval competes.
    public enum Bound: String, Codable, Sendable {
        /// x·θ − β·width: the right one for losses.
        case lower
        /// x·θ + β·width, as LLM-QP appendix A.1 prints it: to reproduce the paper.
        case paperA1
    }

    /// Arms told apart.
    public let armCount: Int
    /// β ≥ 0.
    public let beta: Double
    /// α > 0.
    public let ridge: Double
    /// Which rule.
    public let bound: Bound
    private(set) var models: [RidgeModel]

    /// - Throws: ``RouterError/outOfRange(_:value:)`` for β < 0, α ≤ 0 or an arm count outside 1…8.
    public init(
        armCount: Int = RouterContext.maximumArmCount, beta: Double = 0.5, ridge: Double = 1, bound: Bound = .lower
    ) throws(RouterError) {
        self.armCount = armCount
        self.beta = beta
        self.ridge = ridge
        self.bound = bound
        models = []
        try checkParameters()
        models = Array(repeating: RidgeModel(ridge: ridge), count: armCount)
    }

    /// Deterministic: propensity 1. O(arms · 64).
    public mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
        RouterChoice(arm: Self.arm(context, models, signedBeta: bound == .lower ? -beta : beta), propensity: 1)
    }

    public mutating func observe(_ feedback: RouterFeedback) {
        guard feedback.isUsable, feedback.choice.arm < armCount else { return }
        models[feedback.choice.arm].add(feedback.context.features, feedback.loss)
    }

    public func validate() throws(RouterError) {
        try checkParameters()
        try Self.check(models, armCount: armCount, kind: Self.name)
    }

    private func checkParameters() throws(RouterError) {
        try RouterParameter.armCount.check(armCount)
        try RouterParameter.beta.check(beta)
        try RouterParameter.ridge.check(ridge)
    }

    /// The arm whose x·θ + `signedBeta`·width is least.
    @inline(__always)
    static func arm(_ context: RouterContext, _ models: [RidgeModel], signedBeta: Double) -> Int {
        context.leastArm(of: models.count) { arm in
            let estimate = models[arm].estimate(context.features)
            return estimate.mean + signedBeta * estimate.width
        }
    }

    static func check(_ models: [RidgeModel], armCount: Int, kind: String) throws(RouterError) {
        guard models.count == armCount else {
            throw .damaged(kind: kind, reason: "it has \(models.count) models for \(armCount) arms")
        }
    }
}
