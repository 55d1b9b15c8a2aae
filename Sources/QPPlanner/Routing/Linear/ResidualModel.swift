/// The relative error of one arm's predicted loss, tracked while it changes: the filter of R. E. Kalman, J. Basic Eng.
/// 82 (1960), doi:10.1115/1.3662552.
///
/// State: θ, which between two steps shrinks by γ and is disturbed so that, unobserved, it returns to N(0, P₀): what
/// was learnt of an arm that nobody takes fades back to the cost model. With γ = 1, and without clipping, this is ridge
/// regression with α = noise²/P₀ (the test holds the two together), so mean and width are LinUCB's.
///
/// One observation moves θ by at most ``clip`` deviations of the noise, as P. J. Huber's estimate of location (Ann.
/// Math. Stat. 35 (1964), doi:10.1214/aoms/1177703732): steps are descheduled, never sped up, and one such step says
/// nothing about the next. Were the limit to widen with the arm's own uncertainty, a slow step would shut out an arm
/// that is seldom taken. When surprises to the same side pile up, the costs did change, and the width is reset to P₀.
struct ResidualModel: Equatable, Codable, Sendable {
    private(set) var mean: SIMD8<Double>
    private(set) var covariance: SymmetricMatrix8
    private var lastStep: Int
    private var surprise: Double

    /// Deviations that an observation counts for at most.
    static let clip = 1.0
    /// Deviations beyond which it is a surprise: 0.3 % of normal ones.
    static let surprising = 3.0
    /// What a step leaves of the count of surprises.
    static let surpriseDecay = 0.85
    /// Five surprises in a row reach it (3.71), four do not (3.19): a device that is busy now and then gives three.
    static let surpriseLimit = 3.4

    /// What all arms share.
    struct Prior {
        /// Diagonal of P₀.
        var variances: SIMD8<Double>
        /// Variance of a relative loss around its mean.
        var noiseVariance: Double
        /// ln γ.
        var logDiscount: Double
    }

    /// - Parameter variances: the diagonal of the first covariance; below P₀ where a fresh profile is trusted more.
    init(variances: SIMD8<Double>) {
        mean = .zero
        covariance = SymmetricMatrix8(diagonal: variances)
        lastStep = 0
        surprise = 0
    }

    /// The expected relative error at z, and its standard deviation, as of `step`.
    @inline(__always)
    func estimate(_ z: SIMD8<Double>, step: Int, prior: Prior) -> (mean: Double, width: Double) {
        let kept = kept(at: step, prior)
        let fresh = (z * z * prior.variances).sum()
        let variance = kept * kept * covariance.quadraticForm(z) + (1 - kept * kept) * fresh
        return (kept * (mean * z).sum(), max(0, variance).squareRoot())
    }

    /// Takes in that at z the relative error was `error`.
    mutating func observe(_ z: SIMD8<Double>, _ error: Double, step: Int, prior: Prior) {
        let kept = kept(at: step, prior)
        if kept < 1 {
            mean *= kept
            covariance.scale(by: kept * kept, adding: prior.variances * (1 - kept * kept))
        }
        lastStep = max(lastStep, step)

        var direction = covariance.times(z)
        var variance = max(0, (direction * z).sum()) + prior.noiseVariance
        var innovation = error - (mean * z).sum()
        let deviation = prior.noiseVariance.squareRoot()
        let most = Self.surprising * deviation
        surprise = Self.surpriseDecay * surprise + (innovation > most ? 1 : innovation < -most ? -1 : 0)
        if abs(surprise) > Self.surpriseLimit {
            surprise = 0
            covariance = SymmetricMatrix8(diagonal: prior.variances)
            direction = covariance.times(z)
            variance = (direction * z).sum() + prior.noiseVariance
        } else {
            innovation = min(Self.clip * deviation, max(-Self.clip * deviation, innovation))
        }
        mean += direction * (innovation / variance)
        covariance.add(-1 / variance, outer: direction)
    }

    /// Follows a change of unit of one component of z, which was `factor` times as large before.
    mutating func rescale(lane: Int, by factor: Double) {
        mean[lane] *= factor
        covariance.rescale(lane: lane, by: factor)
    }

    private func kept(at step: Int, _ prior: Prior) -> Double {
        step > lastStep ? ElementaryMath.exponential(prior.logDiscount * Double(step - lastStep)) : 1
    }
}
