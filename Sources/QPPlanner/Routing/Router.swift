public import QPCore

/// What a router knows when it chooses: features of the step, and what the cost model expects of each arm.
///
/// An arm is a candidate plan, by its position in the planner's list; there are at most eight, so that a context is
/// a value without storage of its own and choosing allocates nothing.
public struct RouterContext: Equatable, Sendable {
    /// x with ‖x‖ ≤ 1, which the regret bounds assume. What the components mean is ``StepFeatures``' business.
    public var features: SIMD8<Double>
    /// The cost model's loss of each arm, > 0, in the unit of the observed losses; +∞ for an arm that cannot serve
    /// this step. Finite for one arm at least.
    public var predictedLoss: SIMD8<Double>

    public init(features: SIMD8<Double>, predictedLoss: SIMD8<Double>) {
        self.features = features
        self.predictedLoss = predictedLoss
    }

    /// Arms that can be chosen.
    public static let maximumArmCount = 8

    /// Whether an arm can serve this step.
    public func isAvailable(_ arm: Int) -> Bool { predictedLoss[arm] < .infinity }

    /// The arm of least predicted loss, the lowest of equal ones.
    public var cheapestArm: Int {
        var best = 0
        for arm in 1..<Self.maximumArmCount where predictedLoss[arm] < predictedLoss[best] { best = arm }
        return best
    }

    /// The available arm among the first `armCount` that scores least, the lowest of equal ones; where none of those
    /// is available, the cheapest of all.
    @inline(__always)
    func leastArm(of armCount: Int, score: (Int) -> Double) -> Int {
        var best: Int?
        var least = Double.infinity
        for arm in 0..<armCount where isAvailable(arm) {
            let value = score(arm)
            if best == nil || value < least {
                best = arm
                least = value
            }
        }
        return best ?? cheapestArm
    }
}

/// The arm taken, and how probable that was: what an importance-weighted estimate needs.
public struct RouterChoice: Equatable, Codable, Sendable {
    /// Position of the candidate.
    public var arm: Int
    /// Probability, given the context and the router's state, that this arm was chosen; 1 for a deterministic rule.
    public var propensity: Double

    public init(arm: Int, propensity: Double) {
        self.arm = arm
        self.propensity = propensity
    }
}

/// What came of a choice. Carries its context, so that observations may come in any order and after any delay.
public struct RouterFeedback: Equatable, Codable, Sendable {
    public var context: RouterContext
    public var choice: RouterChoice
    /// C = λ·latency + (1 − λ)·quality loss of the arm taken, ≥ 0.
    public var loss: Double

    public init(context: RouterContext, choice: RouterChoice, loss: Double) {
        self.context = context
        self.choice = choice
        self.loss = loss
    }

    /// Whether it can be learnt from: numbers, and an arm that there is.
    var isUsable: Bool {
        loss.isFinite && (0..<RouterContext.maximumArmCount).contains(choice.arm)
            && (context.features * context.features).sum().isFinite
    }
}

/// Chooses plans and learns from what they cost.
///
/// A value: copies are independent, its whole state is Codable and carries a version, randomness comes from outside.
public protocol Router: Sendable, Codable {
    /// The name that tables, files and options use, for example `linUCB`.
    static var name: String { get }

    /// Picks an available arm. Allocates nothing.
    mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice

    /// Whether it may be told of arms that ran beside the chosen one. Not where it weighs by the probability of its own
    /// choice: arms seen twice would be charged twice.
    static var learnsFromShadows: Bool { get }

    /// Learns from one outcome; order and delay do not matter. What is not finite is ignored.
    mutating func observe(_ feedback: RouterFeedback)

    /// What an available arm is expected to lose, for prices that nobody chooses among: the prediction, corrected by a
    /// router that learns its error.
    func expectedLoss(_ context: RouterContext, arm: Int) -> Double

    /// Checks parameters and state, as after loading.
    /// - Throws: ``RouterError``.
    func validate() throws(RouterError)
}

extension Router {
    public static var learnsFromShadows: Bool { true }

    /// The prediction as it is.
    public func expectedLoss(_ context: RouterContext, arm: Int) -> Double { context.predictedLoss[arm] }
}
