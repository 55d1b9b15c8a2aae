#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Quantiles of the two distributions that ``ProfileDiff`` needs.
enum Distributions {
    /// The z above which a standard normal variable lies with probability `tail`, 0 < tail < ½.
    ///
    /// Bisection on the complementary error function: 60 halvings of 0…40, so exact to the last digits, and far too
    /// slow for an inner loop, where it is not used.
    static func normalQuantile(upperTail tail: Double) -> Double {
        var low = 0.0
        var high = 40.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if 0.5 * erfc(middle / 2.0.squareRoot()) > tail { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The t beyond which Student's distribution has probability `tails` on both sides together.
    ///
    /// G. W. Hill, "Algorithm 396: Student's t-quantiles", CACM 13 (1970), doi:10.1145/355598.355600; closed forms
    /// for one and two degrees of freedom. Relative error below 1e-3 from 3 degrees on, which is finer than any
    /// bootstrap error that it multiplies.
    static func studentQuantile(twoTails tails: Double, degreesOfFreedom: Int) -> Double {
        precondition(tails > 0 && tails < 1 && degreesOfFreedom >= 1)
        let n = Double(degreesOfFreedom)
        if degreesOfFreedom == 1 { return cos(tails * .pi / 2) / sin(tails * .pi / 2) }
        if degreesOfFreedom == 2 { return (2 / (tails * (2 - tails)) - 2).squareRoot() }
        let a = 1 / (n - 0.5)
        let b = 48 / (a * a)
        var c = ((20700 * a / b - 98) * a - 16) * a + 96.36
        let d = ((94.5 / (b + c) - 3) / b + 1) * (a * .pi / 2).squareRoot() * n
        var y = pow(d * tails, 2 / n)
        if y > 0.05 + a {
            let x = -normalQuantile(upperTail: tails / 2)
            y = x * x
            if n < 5 { c += 0.3 * (n - 4.5) * (x + 0.6) }
            c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
            y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
            y = expm1(a * y * y)
        } else {
            y =
                ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1)
                * (n + 1) / (n + 2) + 1 / y
        }
        return (n * y).squareRoot()
    }
}
