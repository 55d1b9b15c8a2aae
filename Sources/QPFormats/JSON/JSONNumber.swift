/// A JSON number, exactly: sign · significand · 10^exponent, with the text that it was written as.
///
/// Normalised: the significand has no leading and no trailing zeros, and zero has none at all, no sign and exponent 0.
/// Equality and order are those of the values.
public struct JSONNumber: Sendable {
    /// The largest exponent that a number may be written with, either sign. What adds or expands numbers can then not
    /// be made to take more memory than the text itself asks for.
    public static let maximumExponent = 100_000

    /// The number as it was written.
    public let text: String
    /// Whether the value is below zero.
    public let isNegative: Bool
    /// The power of ten of the significand's last digit.
    public let exponent: Int
    private let significand: Significand

    /// Up to 19 decimal digits fit into a word; each value has one representation.
    private enum Significand: Hashable {
        case word(UInt64)
        case digits([UInt8])
    }

    /// The significand's digits, each 0…9, most significant first; none for zero.
    public var digits: [UInt8] {
        switch significand {
        case .digits(let digits): return digits
        case .word(var word):
            var digits: [UInt8] = []
            while word > 0 {
                digits.append(UInt8(word % 10))
                word /= 10
            }
            return digits.reversed()
        }
    }

    /// Whether the value is 0 (or −0, which is the same number).
    public var isZero: Bool { significand == .word(0) }
    /// Whether the value is a whole number, however it is written.
    public var isInteger: Bool { exponent >= 0 }

    /// The value where it is whole and fits.
    public var intValue: Int? {
        guard case .word(var magnitude) = significand, (0...19).contains(exponent) else { return nil }
        for _ in 0..<exponent {
            let (product, overflows) = magnitude.multipliedReportingOverflow(by: 10)
            if overflows { return nil }
            magnitude = product
        }
        guard isNegative else { return Int(exactly: magnitude) }
        return magnitude <= Int.min.magnitude ? Int(truncatingIfNeeded: 0 &- magnitude) : nil
    }

    /// The number of a whole value.
    public init(_ value: Int) {
        self.init(normalising: UInt64(value.magnitude), exponent: 0, isNegative: value < 0, text: String(value))
    }

    /// A number of at most 19 significant digits.
    init(normalising word: UInt64, exponent: Int, isNegative: Bool, text: String) {
        var (word, exponent) = (word, exponent)
        while word != 0, word % 10 == 0 {
            word /= 10
            exponent += 1
        }
        self.init(
            text: text, isNegative: isNegative && word != 0, exponent: word == 0 ? 0 : exponent,
            significand: .word(word))
    }

    /// A number of any count of digits, each 0…9.
    init(normalising digits: [UInt8], exponent: Int, isNegative: Bool, text: String) {
        let significant = digits.drop { $0 == 0 }
        let end = significant.lastIndex { $0 != 0 }.map { $0 + 1 } ?? significant.startIndex
        let kept = significant[..<end]
        let keptExponent = exponent + (significant.endIndex - end)
        guard kept.count > 19 else {
            let word = kept.reduce(0 as UInt64) { $0 * 10 + UInt64($1) }
            self.init(normalising: word, exponent: keptExponent, isNegative: isNegative, text: text)
            return
        }
        self.init(
            text: text, isNegative: isNegative, exponent: keptExponent, significand: .digits(Array(kept)))
    }

    private init(text: String, isNegative: Bool, exponent: Int, significand: Significand) {
        self.text = text
        self.isNegative = isNegative
        self.exponent = exponent
        self.significand = significand
    }
}

extension JSONNumber: Hashable, Comparable {
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.isNegative == right.isNegative && left.exponent == right.exponent && left.significand == right.significand
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(isNegative)
        hasher.combine(exponent)
        hasher.combine(significand)
    }

    public static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? isSmaller(right, left) : isSmaller(left, right)
    }

    /// Whether `left` is nearer to zero than `right`.
    private static func isSmaller(_ left: JSONNumber, _ right: JSONNumber) -> Bool {
        if left.isZero || right.isZero { return left.isZero && !right.isZero }
        let (leftDigits, rightDigits) = (left.digits, right.digits)
        let (leftPower, rightPower) = (left.exponent + leftDigits.count, right.exponent + rightDigits.count)
        // Without trailing zeros, the order of fractions of one power of ten is that of their digits.
        return leftPower == rightPower ? leftDigits.lexicographicallyPrecedes(rightDigits) : leftPower < rightPower
    }
}

extension JSONNumber: CustomStringConvertible {
    public var description: String { text }

    /// The value in decimal without an exponent: "-0.015", "1200". At most ``maximumExponent`` zeros are added to the
    /// digits of the text.
    public var plainDecimal: String {
        let digits = digits.map { $0 + UInt8(ascii: "0") }
        guard !digits.isEmpty else { return "0" }
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        let wholeDigits = digits.count + exponent
        if wholeDigits <= 0 {
            text += [UInt8(ascii: "0"), UInt8(ascii: ".")] + Array(repeating: UInt8(ascii: "0"), count: -wholeDigits)
            text += digits
        } else if exponent >= 0 {
            text += digits + Array(repeating: UInt8(ascii: "0"), count: exponent)
        } else {
            text += digits[..<wholeDigits] + [UInt8(ascii: ".")] + digits[wholeDigits...]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
