public import QPCore

/// LinUCB over the last W observations.
///
/// W. C. Cheung, D. Simchi-Levi and R. Zhu, "Learning to optimize under non-stationarity", AISTATS 2019, for losses and
/// one model an arm. The window counts observations of all arms, so an arm that was not taken for W of them is unknown
/// again, and tried. The window is a ring in place, allocated once: 88 bytes an observation.
public struct SlidingWindowLinUCBRouter: Router, Equatable {
    public static let name = "slidingWindowLinUCB"

    /// Arms told apart.
    public let armCount: Int
    /// β ≥ 0.
    public let beta: Double
    /// α > 0.
    public let ridge: Double
    /// W.
    public let window: Int
    private(set) var models: [RidgeModel]
    /// `window` places; those not yet written have arm −1.
    private(set) var ring: [Entry]
    private var next = 0

    /// What has to be taken out again.
    struct Entry: Equatable, Codable, Sendable {
        var features: SIMD8<Double>
        var loss: Double
        var arm: Int
    }

    /// - Throws: ``RouterError/outOfRange(_:value:)`` for a window below 1, β < 0, α ≤ 0 or an arm count outside 1…8.
    public init(
        armCount: Int = RouterContext.maximumArmCount, beta: Double = 0.5, ridge: Double = 1, window: Int
    ) throws(RouterError) {
        self.armCount = armCount
        self.beta = beta
        self.ridge = ridge
        self.window = window
        models = []
        ring = []
        try checkParameters()
        models = Array(repeating: RidgeModel(ridge: ridge), count: armCount)
        ring = Array(repeating: Entry(features: .zero, loss: 0, arm: -1), count: window)
    }

    /// By the lower confidence bound; propensity 1. O(arms · 64).
    public mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
        RouterChoice(arm: LinUCBRouter.arm(context, models, signedBeta: -beta), propensity: 1)
    }

    public mutating func observe(_ feedback: RouterFeedback) {
        guard feedback.isUsable, feedback.choice.arm < armCount else { return }
        let oldest = ring[next]
        if oldest.arm >= 0 { models[oldest.arm].remove(oldest.features, oldest.loss) }
        let arm = feedback.choice.arm
        ring[next] = Entry(features: feedback.context.features, loss: feedback.loss, arm: arm)
        models[arm].add(feedback.context.features, feedback.loss)
        next = next + 1 == window ? 0 : next + 1
    }

    public func validate() throws(RouterError) {
        try checkParameters()
        try LinUCBRouter.check(models, armCount: armCount, kind: Self.name)
        guard ring.count == window, ring.indices.contains(next), ring.allSatisfy({ $0.arm < armCount }) else {
            throw .damaged(kind: Self.name, reason: "its ring of \(ring.count) does not fit a window of \(window)")
        }
    }

    private func checkParameters() throws(RouterError) {
        try RouterParameter.armCount.check(armCount)
        try RouterParameter.beta.check(beta)
        try RouterParameter.ridge.check(ridge)
        try RouterParameter.window.check(window)
    }
}
