import QPFormats

/// Decimal digits from one bound to another, without sign: what the texts of an interval's magnitudes are made of.
///
/// A text is compared with a bound digit by digit. As long as its digits are the bound's, the bound is tight; at the
/// first one that differs, the rest is free. So a range costs O(digits) expressions, however large it is.
struct DigitRange {
    /// Digits on both sides of the point: `whole` without leading zeros (0 is one zero), `fraction` without trailing
    /// zeros.
    struct Bound {
        let whole: [UInt8]
        let fraction: [UInt8]
        let isIncluded: Bool
    }

    let lower: Bound
    let upper: Bound?
    /// Whether the numbers are whole; then both bounds are, and included.
    let isWhole: Bool

    init(_ interval: HalfInterval) {
        lower = Bound(interval.lower)
        upper = interval.upper.map { Bound($0) }
        isWhole = false
    }

    /// The whole numbers of `interval`, in units of `multiple`; nil for none.
    init?(stepsOf multiple: Multiple, in interval: HalfInterval) {
        let (first, last) = interval.steps(of: multiple)
        if let last, WholeNumber.isLess(last, first) { return nil }
        lower = Bound(whole: first, fraction: [], isIncluded: true)
        upper = last.map { Bound(whole: $0, fraction: [], isIncluded: true) }
        isWhole = true
    }

    /// Bounds of more digits on one side of the point are refused: each digit nests the grammar deeper.
    static let maximumDigits = 1000

    /// - Throws: ``ConstraintError`` with code `limit`.
    func lowered(into text: JSONText) throws(ConstraintError) -> Expression {
        let digitCount = max(lower.digitCount, upper?.digitCount ?? 0)
        guard digitCount <= Self.maximumDigits else {
            throw ConstraintError(
                .limit, "a bound of \(digitCount) digits, more than the \(Self.maximumDigits) that are enforced",
                advice: "Give a bound of fewer digits.")
        }
        let digits = try wholeAndFraction(DigitParts(text, isWhole: isWhole))
        return isWhole ? try text.builder.sequence([digits, text.zeroFraction()]) : digits
    }

    private func wholeAndFraction(_ parts: DigitParts) throws(ConstraintError) -> Expression {
        let low = lower.whole.count
        guard let upper else {
            if lower.isZero, lower.isIncluded { return try parts.anything() }
            return try parts.builder.choice([parts.atLeast(lower), parts.longer(than: low, below: nil)])
        }
        let high = upper.whole.count
        if low == high { return try parts.between(lower, upper) }
        return try parts.builder.choice([
            parts.atLeast(lower), parts.longer(than: low, below: high), parts.atMost(upper),
        ])
    }
}

extension DigitRange.Bound {
    init(_ bound: HalfInterval.Bound) {
        let digits = bound.number.digits
        let wholeCount = digits.count + bound.number.exponent
        let isLarge = abs(bound.number.exponent) > DigitRange.maximumDigits
        // Beyond the limit of digits only their count matters, which is then refused.
        let exponent = isLarge ? 0 : bound.number.exponent
        if isLarge {
            whole = [UInt8](repeating: 1, count: DigitRange.maximumDigits + 1)
            fraction = []
        } else if exponent >= 0 {
            whole = digits.isEmpty ? [0] : digits + [UInt8](repeating: 0, count: exponent)
            fraction = []
        } else if wholeCount <= 0 {
            whole = [0]
            fraction = [UInt8](repeating: 0, count: -wholeCount) + digits
        } else {
            whole = Array(digits[..<wholeCount])
            fraction = Array(digits[wholeCount...])
        }
        isIncluded = bound.isIncluded
    }

    var digitCount: Int { max(whole.count, fraction.count) }
    var isZero: Bool { whole == [0] && fraction.isEmpty }
}
