/// Ridge regression of a scalar on eight features, an observation at a time, with the inverse kept beside it.
///
/// V = α·I + Σ x·xᵀ, b = Σ x·y, θ = V⁻¹·b. V⁻¹ follows each observation by the formula of J. Sherman and W. J.
/// Morrison, Ann. Math. Stat. 21 (1950), doi:10.1214/aoms/1177729893, and is computed from V anew every
/// ``refactorizationInterval`` changes, because rounding errors of the formula add up. An observation costs O(64).
struct RidgeModel: Equatable, Codable, Sendable {
    /// V.
    private(set) var gram: SymmetricMatrix8
    /// V⁻¹.
    private(set) var inverse: SymmetricMatrix8
    /// b.
    private(set) var moment: SIMD8<Double>
    /// θ.
    private(set) var coefficients: SIMD8<Double>
    private var changesSinceExact: Int

    /// Changes between two exact inversions: at about 0.3 µs each they then cost a nanosecond a change.
    static let refactorizationInterval = 256

    /// - Parameter ridge: α > 0.
    init(ridge: Double) {
        gram = SymmetricMatrix8(diagonal: SIMD8(repeating: ridge))
        inverse = SymmetricMatrix8(diagonal: SIMD8(repeating: 1 / ridge))
        moment = .zero
        coefficients = .zero
        changesSinceExact = 0
    }

    /// x·θ and √(xᵀ·V⁻¹·x).
    @inline(__always)
    func estimate(_ x: SIMD8<Double>) -> (mean: Double, width: Double) {
        ((coefficients * x).sum(), max(0, inverse.quadraticForm(x)).squareRoot())
    }

    /// Takes an observation in.
    mutating func add(_ x: SIMD8<Double>, _ y: Double) { change(x, y, sign: 1) }

    /// Takes an observation out that was taken in before.
    mutating func remove(_ x: SIMD8<Double>, _ y: Double) { change(x, y, sign: -1) }

    private mutating func change(_ x: SIMD8<Double>, _ y: Double, sign: Double) {
        gram.add(sign, outer: x)
        moment += x * (sign * y)
        let u = inverse.times(x)
        let denominator = 1 + sign * (u * x).sum()
        changesSinceExact &+= 1
        // Taking out nearly all that is known of a direction would divide by the difference of two close numbers.
        if changesSinceExact < Self.refactorizationInterval, denominator > 1e-3 {
            inverse.add(-sign / denominator, outer: u)
        } else if let exact = gram.inverse() {
            inverse = exact
            changesSinceExact = 0
        }
        coefficients = inverse.times(moment)
    }
}
