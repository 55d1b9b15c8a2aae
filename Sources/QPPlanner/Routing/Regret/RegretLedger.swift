/// What a policy lost against others that knew more, step by step.
///
/// Every figure is a sum over steps in the unit of the losses, and needs all arms' losses, so it exists in replays and
/// simulations alone; in production there is ``LiveRegretEstimate``.
public struct RegretLedger: Equatable, Sendable {
    /// Σ ℓ_t(a_t).
    public private(set) var totalLoss = 0.0
    /// Σ ℓ_t(a) of each arm; +∞ for one that could not serve some step.
    public private(set) var armLosses = SIMD8<Double>.zero
    /// Σ min_a ℓ_t(a), of realised losses.
    public private(set) var hindsightLoss = 0.0
    /// Σ E[ℓ(a_t) | x_t] − min_a E[ℓ(a) | x_t], see ``pseudoRegret``.
    public private(set) var pseudoRegret = 0.0
    /// T.
    public private(set) var stepCount = 0

    public init() {}

    /// Counts a step.
    /// - Parameters:
    ///   - arm: the one taken.
    ///   - losses: of every arm, as they came out; +∞ for one that cannot serve.
    ///   - expected: their means given the context; the losses themselves where means are unknown.
    public mutating func count(arm: Int, losses: SIMD8<Double>, expected: SIMD8<Double>) {
        totalLoss += losses[arm]
        armLosses += losses
        hindsightLoss += losses.min()
        pseudoRegret += expected[arm] - expected.min()
        stepCount += 1
    }

    /// Against the best fixed arm: LLM-QP §5.1. Negative for a good contextual policy, which beats every fixed arm, so
    /// it measures no convergence. +∞ minus nothing is not possible: an arm that cannot always serve is no comparator,
    /// and with none left this is nil.
    public var staticRegret: Double? {
        let best = armLosses.min()
        return best < .infinity ? totalLoss - best : nil
    }

    /// Against the best arm of each step in hindsight: LLM-QP §5.1. Where losses are noisy it grows with T for every
    /// policy, since none foresees noise.
    public var dynamicRegret: Double { totalLoss - hindsightLoss }

    /// Loss over that of the oracle that knows the means: 1.03 is 3 % above it.
    public var ratioToOracle: Double { totalLoss / (totalLoss - pseudoRegret) }
}
