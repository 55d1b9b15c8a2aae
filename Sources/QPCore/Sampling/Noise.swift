/// Gumbel noise and softmax weights in integers, so that host and device have the same bits; Vulkan's own logarithm and
/// exponential are loose. `Shaders/fixed_point.glsl` holds the same functions.
///
/// Both are polynomials at Chebyshev points, evaluated by Horner's rule in units of 2⁻³⁰ with an argument in units of
/// 2⁻³²; each product keeps its upper word.
package enum Noise {
    /// ln(1 + x) / x on ±1/3; relative error below 2⁻²⁹.
    private static let logarithm: [Int32] = [
        1_073_741_824, -536_870_933, 357_913_961, -268_431_625, 214_744_818, -179_147_662, 153_568_213, -130_391_343,
        115_763_467, -139_994_870, 127_784_742,
    ]
    /// 2⁻⁽ᶻ⁺¹ᐟ²⁾ on ±1/2; relative error below 2⁻²⁷.
    private static let power: [Int32] = [
        759_250_125, -526_272_083, 182_392_009, -42_141_502, 7_302_487, -1_012_345, 117_454, -11_619,
    ]
    private static let twoThirds: UInt32 = 0xAAAA_AAAB

    private static func upper(_ a: Int32, _ b: Int32) -> Int32 {
        Int32(truncatingIfNeeded: (Int64(a) * Int64(b)) >> 32)
    }

    private static func horner(_ coefficients: [Int32], _ x: Int32) -> Int32 {
        coefficients.reversed().dropFirst().reduce(coefficients.last!) { $1 &+ upper($0, x) }
    }

    /// A mantissa of [1/2, 1), in units of 2⁻³², as 1 + x of [2/3, 4/3): x, and 1 where that took doubling.
    private static func centred(_ mantissa: UInt32) -> (x: Int32, doublings: Int32) {
        mantissa < twoThirds ? (Int32(bitPattern: mantissa << 1), 1) : (Int32(bitPattern: mantissa), 0)
    }

    /// G = −ln(−ln u) of u = `word` · 2⁻⁶⁴, its last bit set: u is neither 0 nor 1.
    ///
    /// A multiple of 2⁻²⁰ in −3.8…44.4, at most 0.6 · 2⁻²⁰ off below 16; from there on of 2⁻¹⁸, rounded down, so that
    /// it is a binary32 exactly. Random bits are enough that the upper end keeps its precision.
    package static func gumbel(_ word: UInt64) -> Float {
        let u = word | 1
        // E = −ln u, as `exponential` · 2^−`scale`.
        var exponential: UInt32
        var scale: Int32
        if UInt32(truncatingIfNeeded: u >> 32) >= twoThirds {
            // Near 1, where G is large, E = v · (−ln(1 − v) / v) keeps the relative precision of v = 1 − u.
            let v = 0 &- u
            let zeros = v.leadingZeroBitCount
            let mantissa = UInt32(truncatingIfNeeded: (v << zeros) >> 32)
            let ratio = horner(logarithm, -Int32(truncatingIfNeeded: v >> 32))
            exponential = mantissa.multipliedFullWidth(by: UInt32(bitPattern: ratio)).high
            scale = 30 + Int32(zeros)
        } else {
            let zeros = u.leadingZeroBitCount
            let (x, doublings) = centred(UInt32(truncatingIfNeeded: (u << zeros) >> 32))
            let ln = upper(x, horner(logarithm, x))
            // 46516320 = ln 2 in units of 2⁻²⁶.
            exponential = UInt32(Int32(zeros) + doublings) &* 46_516_320 &- UInt32(bitPattern: ln >> 4)
            scale = 26
        }
        let zeros = exponential.leadingZeroBitCount
        let (x, doublings) = centred(exponential << zeros)
        let exponent = 32 - Int32(zeros) - scale - doublings
        let ln = upper(x, horner(logarithm, x))
        // ln 2 in units of 2⁻²⁵, and what is left of it in units of 2⁻⁴¹.
        let whole = exponent * 23_258_159 + ((exponent * 61_348) >> 16)
        var units = (-whole - (ln >> 5) + 16) >> 5
        if units >= 1 << 24 { units &= ~3 }
        return Float(units) * 0x1p-20
    }

    /// The noise of one token under `sampling`.
    package static func gumbel(_ sampling: Sampling, id: UInt32) -> Float {
        let words = Philox(seed: sampling.seed)(
            SIMD4(
                id, sampling.step, UInt32(truncatingIfNeeded: sampling.sequence),
                UInt32(truncatingIfNeeded: sampling.sequence >> 32)))
        return gumbel(UInt64(words.x) | UInt64(words.y) << 32)
    }

    /// e^−(distance · inverse) in units of 2⁻⁴³, for a score that lies `distance` ≥ 0 below the best one; 0 beyond 31.
    ///
    /// Relative error below 2⁻²⁴ but for the last unit. 2²⁰ tokens add up in 64 bits.
    package static func weight(distance: Float, inverse: Float) -> UInt64 {
        let x = distance * inverse
        // Also false for NaN.
        guard x < 31 else { return 0 }
        // log₂ e in units of 2⁻³¹; the product's upper word is in units of 2⁻²⁵.
        let product = UInt32(x * 0x1p26).multipliedFullWidth(by: 3_098_164_009)
        let fraction = product.high << 7 | product.low >> 25
        let power = horner(power, Int32(bitPattern: fraction ^ 0x8000_0000))
        return (UInt64(power) << 13) >> (product.high >> 25)
    }
}
