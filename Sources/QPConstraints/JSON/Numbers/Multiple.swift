import QPFormats

/// A positive decimal of at most 18 digits, coefficient · 10^exponent, whose multiples are looked for.
struct Multiple: Hashable {
    /// Below 10^18, so that ten times a remainder fits into a word; without trailing zeros.
    let coefficient: UInt64
    let exponent: Int

    static let one = Multiple(normalising: 1, exponent: 0)
    static let maximumDigits = 18
    private static let tooLarge: UInt64 = 1_000_000_000_000_000_000

    private init(normalising coefficient: UInt64, exponent: Int) {
        var (coefficient, exponent) = (coefficient, exponent)
        while coefficient % 10 == 0 {
            coefficient /= 10
            exponent += 1
        }
        self.coefficient = coefficient
        self.exponent = exponent
    }

    /// - Throws: ``ConstraintError`` with code `limit` for more than 18 digits. `number` must be above 0.
    init(_ number: JSONNumber) throws(ConstraintError) {
        precondition(!number.isNegative && !number.isZero)
        let digits = number.digits
        guard digits.count <= Self.maximumDigits else {
            throw ConstraintError(
                .limit, "the multiples of \(number) are not enforced: it has more than \(Self.maximumDigits) digits")
        }
        self.init(normalising: digits.reduce(0) { $0 * 10 + UInt64($1) }, exponent: number.exponent)
    }

    /// The least common multiple.
    /// - Throws: ``ConstraintError`` with code `limit` when it has more than 18 digits.
    func leastCommon(with other: Multiple) throws(ConstraintError) -> Multiple {
        if isMultiple(of: other) { return self }
        if other.isMultiple(of: self) { return other }
        let unit = min(exponent, other.exponent)
        if let left = scaled(to: unit), let right = other.scaled(to: unit) {
            let (product, overflows) = (left / Self.greatestCommon(left, right)).multipliedReportingOverflow(by: right)
            if !overflows, product < Self.tooLarge { return Multiple(normalising: product, exponent: unit) }
        }
        throw ConstraintError(
            .limit, "the common multiples of \(self) and \(other) have more than \(Self.maximumDigits) digits")
    }

    /// Whether this is a multiple of `other`, so that its multiples are too.
    func isMultiple(of other: Multiple) -> Bool {
        if exponent >= other.exponent {
            return other.remainder(of: [coefficient], zeros: exponent - other.exponent) == 0
        }
        // The other one, in units of this one's last digit.
        guard let divisor = other.scaled(to: exponent) else { return false }
        return coefficient % divisor == 0
    }

    /// Whether `number` is a multiple of this.
    func divides(_ number: JSONNumber) -> Bool {
        if number.isZero { return true }
        guard number.exponent >= exponent else { return false }
        return remainder(of: number.digits.map(UInt64.init), zeros: number.exponent - exponent) == 0
    }

    /// The remainder of the decimal `digits` (or of one number as a whole) followed by `zeros` zeros.
    private func remainder(of digits: [UInt64], zeros: Int) -> UInt64 {
        var remainder: UInt64 = 0
        for digit in digits { remainder = (remainder * 10 + digit) % coefficient }
        // The power of ten by squaring: there may be 200,000 zeros.
        var (power, rest) = (10 % coefficient, zeros)
        while rest > 0, remainder != 0 {
            if rest & 1 == 1 { remainder = product(remainder, power) }
            power = product(power, power)
            rest >>= 1
        }
        return remainder
    }

    /// The remainder of left · right, both of which are remainders.
    private func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
        coefficient.dividingFullWidth(left.multipliedFullWidth(by: right)).remainder
    }

    /// The coefficient in units of 10^unit, where that has at most 18 digits.
    private func scaled(to unit: Int) -> UInt64? {
        var value = coefficient
        for _ in 0..<max(0, exponent - unit) {
            guard value < Self.tooLarge / 10 else { return nil }
            value *= 10
        }
        return value
    }

    /// How often `other`, which divides this, fits into it.
    /// - Throws: ``ConstraintError`` with code `limit` when that has more than 18 digits.
    func divided(by other: Multiple) throws(ConstraintError) -> UInt64 {
        guard let value = scaled(to: other.exponent) else {
            throw ConstraintError(.limit, "the multiples of \(self) and \(other) lie too far apart to be told apart")
        }
        return value / other.coefficient
    }

    /// This times the whole number `digits`, written without an exponent: there is none that is too large then.
    func times(_ digits: [UInt8], isNegative: Bool) -> JSONNumber {
        let digits = WholeNumber.product(digits, coefficient).drop { $0 == 0 }.map { $0 + UInt8(ascii: "0") }
        if digits.isEmpty { return JSONNumber(0) }
        let zero = UInt8(ascii: "0")
        var text = isNegative ? [UInt8(ascii: "-")] : []
        let wholeDigits = digits.count + min(0, exponent)
        text += wholeDigits > 0 ? digits[..<wholeDigits] : [zero]
        if exponent < 0 {
            text.append(UInt8(ascii: "."))
            text += [UInt8](repeating: zero, count: max(0, -wholeDigits)) + digits[max(0, wholeDigits)...]
        } else {
            text += [UInt8](repeating: zero, count: exponent)
        }
        guard let number = try? JSONNumber(parsing: String(decoding: text, as: UTF8.self)) else {
            preconditionFailure("a multiple of \(self) is a number")
        }
        return number
    }

    private static func greatestCommon(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }

    /// Powers of ten that a number may lie beyond the last digit of a multiple.
    static let maximumShift = 2000

    /// Whether ``quotient(of:)`` has so many digits that its cost is that of its value, and not of the text.
    func isTooFar(from number: JSONNumber) -> Bool {
        !number.isZero && number.exponent - exponent > Self.maximumShift
    }

    /// How often this fits into the magnitude of `number`: the whole quotient's digits (0 is [0]), and whether nothing
    /// remains.
    func quotient(of number: JSONNumber) -> (digits: [UInt8], isExact: Bool) {
        var digits = number.digits
        let shift = number.exponent - exponent
        if shift >= 0 {
            digits += [UInt8](repeating: 0, count: digits.isEmpty ? 0 : shift)
        } else {
            digits.removeLast(min(digits.count, -shift))
        }
        var remainder: UInt64 = 0
        var quotient: [UInt8] = []
        for digit in digits {
            let value = remainder * 10 + UInt64(digit)
            let next = value / coefficient
            if next != 0 || !quotient.isEmpty { quotient.append(UInt8(next)) }
            remainder = value % coefficient
        }
        // A number's digits have no trailing zeros, so that what was cut off is not zero.
        return (quotient.isEmpty ? [0] : quotient, remainder == 0 && (shift >= 0 || number.isZero))
    }
}

extension Multiple: CustomStringConvertible {
    var description: String { exponent == 0 ? "\(coefficient)" : "\(coefficient)e\(exponent)" }
}
