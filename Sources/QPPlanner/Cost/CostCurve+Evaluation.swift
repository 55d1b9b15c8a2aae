extension CostCurve {
    /// Longest time a curve gives, 2⁴⁰ ns or about 18 minutes; larger results saturate.
    public static let maximumNanoseconds = 1 << 40

    /// The time of the step with `allowedTokenCount` allowed tokens per batch row, and how well it is known.
    ///
    /// `measured` on a grid point, `interpolated` between two, `extrapolated` outside: constant below the first
    /// point, along the last segment above the last. With one point the curve is constant.
    ///
    /// Integers only, because the device evaluates the same curve and must agree to the nanosecond. On the segment
    /// from (k₀, t₀) to (k₁, t₁) with x = K − k₀, w = k₁ − k₀, h = t₁ − t₀:
    ///
    ///     t = t₀ + ⌊x·h/w⌋ = t₀ + x·(h div w) + ⌊x·(h mod w)/w⌋
    ///
    /// The right-hand form is exact and its products stay small: with K ≤ 2³⁰, x·(h mod w) < 2⁶⁰, and the first
    /// product is at most h between grid points. So 64-bit integers never overflow for times up to
    /// ``maximumNanoseconds``. In GLSL without 64-bit integers: `h div w` and `h mod w` do not depend on K, so the
    /// host uploads them; `umulExtended(x, h mod w)` gives the product in two words, whose quotient by w < 2³¹ takes
    /// 32 shift-and-subtract steps; `x·(h div w)` is two `umulExtended` and one `uaddCarry`.
    ///
    /// - Precondition: the curve has a point. Profiles read from files are checked for that.
    /// - Complexity: O(log points).
    public func nanoseconds(at allowedTokenCount: Int) -> (nanoseconds: Int, evidence: Evidence) {
        let k = allowedTokenCount
        let upper = firstIndex(atOrAbove: k)
        if upper < points.count, points[upper].allowedTokenCount == k {
            return (points[upper].nanoseconds, .measured)
        }
        if upper == 0 { return (points[0].nanoseconds, .extrapolated) }
        if upper == points.count {
            guard points.count > 1 else { return (points[0].nanoseconds, .extrapolated) }
            let last = points[points.count - 1]
            let slope = Slope(from: points[points.count - 2], to: last)
            return (last.nanoseconds.cappedSum(slope.rise(over: k - last.allowedTokenCount)), .extrapolated)
        }
        let from = points[upper - 1]
        let slope = Slope(from: from, to: points[upper])
        return (from.nanoseconds.cappedSum(slope.rise(over: k - from.allowedTokenCount)), .interpolated)
    }

    /// Index of the first point whose K is at least `k`; the count when there is none.
    private func firstIndex(atOrAbove k: Int) -> Int {
        precondition(!points.isEmpty, "a cost curve without points has no time to give")
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if points[middle].allowedTokenCount < k { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Rise over width as quotient and remainder, the form in which `⌊x·h/w⌋` needs no wide product.
private struct Slope {
    let quotient: Int
    let remainder: Int
    let width: Int

    init(from: CostCurve.Point, to: CostCurve.Point) {
        width = to.allowedTokenCount - from.allowedTokenCount
        // A curve never falls; were it made by hand and did, it would be flat here rather than turn negative.
        (quotient, remainder) = max(0, to.nanoseconds - from.nanoseconds).quotientAndRemainder(dividingBy: width)
    }

    func rise(over x: Int) -> Int {
        // Only reached beyond the last point, where x may be many widths.
        if quotient > 0, x > CostCurve.maximumNanoseconds / quotient { return CostCurve.maximumNanoseconds }
        return x * quotient + x * remainder / width
    }
}

extension Int {
    fileprivate func cappedSum(_ other: Int) -> Int { Swift.min(self + other, CostCurve.maximumNanoseconds) }
}

extension Evidence {
    /// The weaker of two, for a number made from both.
    func combined(with other: Evidence) -> Evidence {
        weakness >= other.weakness ? self : other
    }

    private var weakness: Int {
        switch self {
        case .measured: 0
        case .interpolated: 1
        case .extrapolated: 2
        case .foreign: 3
        case .default: 4
        }
    }
}
