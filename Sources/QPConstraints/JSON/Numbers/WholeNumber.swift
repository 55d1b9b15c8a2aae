/// Arithmetic on whole numbers of any length, as decimal digits, most significant first, without leading zeros (0 is
/// one zero).
enum WholeNumber {
    static func isLess(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
    }

    static func successor(of digits: [UInt8]) -> [UInt8] {
        var digits = digits
        for place in digits.indices.reversed() {
            guard digits[place] == 9 else {
                digits[place] += 1
                return digits
            }
            digits[place] = 0
        }
        return [1] + digits
    }

    /// One less than `digits`, which are not 0.
    static func predecessor(of digits: [UInt8]) -> [UInt8] {
        var digits = digits
        for place in digits.indices.reversed() {
            guard digits[place] == 0 else {
                digits[place] -= 1
                return digits.count > 1 && digits[0] == 0 ? Array(digits.dropFirst()) : digits
            }
            digits[place] = 9
        }
        return [0]
    }

    /// The remainder of `digits` by `divisor`, which is below 10^18.
    static func remainder(of digits: [UInt8], by divisor: UInt64) -> UInt64 {
        digits.reduce(0) { ($0 * 10 + UInt64($1)) % divisor }
    }

    /// `left` − `right`, which is not larger; the largest word where the difference does not fit.
    static func difference(_ left: [UInt8], _ right: [UInt8]) -> UInt64 {
        var result: UInt64 = 0
        let padded = [UInt8](repeating: 0, count: left.count - right.count) + right
        for (larger, smaller) in zip(left, padded) {
            let (product, overflows) = result.multipliedReportingOverflow(by: 10)
            let (sum, exceeds) = product.addingReportingOverflow(UInt64(larger))
            if overflows || exceeds { return .max }
            // Each beginning of the larger number is at least that of the smaller one, so this is not below zero.
            result = sum - UInt64(smaller)
        }
        return result
    }

    /// `digits` times `factor`, which is below 10^18.
    static func product(_ digits: [UInt8], _ factor: UInt64) -> [UInt8] {
        var result: [UInt8] = []
        var carry: UInt64 = 0
        for digit in digits.reversed() {
            let value = UInt64(digit) * factor + carry
            result.append(UInt8(value % 10))
            carry = value / 10
        }
        while carry > 0 {
            result.append(UInt8(carry % 10))
            carry /= 10
        }
        while result.count > 1, result.last == 0 { result.removeLast() }
        return result.reversed()
    }
}
