/// Counter-based random numbers: Philox4x32-10.
///
/// A pure function of (key, counter), so the device and the host produce the same numbers in any order, and a
/// test can recompute the weights of any one row. Source: J. K. Salmon et al., "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011, doi:10.1145/2063384.2063405. `Shaders/philox.glsl` is the same function.
public struct Philox: Sendable {
    /// The 64-bit key.
    public let key: SIMD2<UInt32>

    /// The generator of `seed`.
    public init(seed: UInt64) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }

    /// Four random words for `counter`.
    public func callAsFunction(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var c = counter
        var k = key
        for _ in 0..<10 {
            let p0 = UInt64(0xD251_1F53) * UInt64(c.x)
            let p1 = UInt64(0xCD9E_8D57) * UInt64(c.z)
            c = SIMD4(
                UInt32(truncatingIfNeeded: p1 >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: p1),
                UInt32(truncatingIfNeeded: p0 >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: p0))
            k = SIMD2(k.x &+ 0x9E37_79B9, k.y &+ 0xBB67_AE85)
        }
        return c
    }
}

/// A sequence of random numbers over ``Philox``, for Swift's `random(in:using:)`.
public struct PhiloxGenerator: RandomNumberGenerator, Sendable {
    private let philox: Philox
    private var block: UInt64 = 0
    private var spare: UInt64?

    /// The generator of `seed`; the same seed gives the same numbers on every machine.
    public init(seed: UInt64) { philox = Philox(seed: seed) }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        if let value = spare {
            spare = nil
            return value
        }
        let words = philox(SIMD4(UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 0))
        block += 1
        spare = UInt64(words.z) | UInt64(words.w) << 32
        return UInt64(words.x) | UInt64(words.y) << 32
    }

    /// A number uniform in [0, 1) with 53 random bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
