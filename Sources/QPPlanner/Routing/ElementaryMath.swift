internal import QPCore

#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#elseif canImport(Darwin)
private import Darwin
#endif

/// The C library's functions that this module needs, and normal draws from them.
enum ElementaryMath {
    static func exponential(_ x: Double) -> Double { exp(x) }
    static func logarithm(_ x: Double) -> Double { log(x) }
    static func binaryLogarithm(_ x: Double) -> Double { log2(x) }
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
    static func sine(_ x: Double) -> Double { sin(x) }

    /// Probability that a standard normal variable is above `z`.
    static func upperTail(_ z: Double) -> Double { 0.5 * erfc(z * 0.5.squareRoot()) }

    /// Two independent standard normal numbers: G. E. P. Box and M. E. Muller, Ann. Math. Stat. 29 (1958),
    /// doi:10.1214/aoms/1177706645. Takes two numbers from `random`, whatever their values.
    static func normalPair(using random: inout PhiloxGenerator) -> (Double, Double) {
        // In (0, 1], so that the logarithm is finite.
        let radius = (-2 * log(1 - random.uniform())).squareRoot()
        let angle = 2 * Double.pi * random.uniform()
        return (radius * cos(angle), radius * sin(angle))
    }
}
