import QPFormats
import QPTestInputs
import Testing

@Suite("JSON numbers")
struct JSONNumberTests {
    static let values: [(text: String, digits: [UInt8], exponent: Int, plain: String)] = [
        ("0", [], 0, "0"), ("-0", [], 0, "0"), ("0.000e7", [], 0, "0"), ("1", [1], 0, "1"), ("-1", [1], 0, "-1"),
        ("1200", [1, 2], 2, "1200"), ("0.0150", [1, 5], -3, "0.015"), ("-12.50", [1, 2, 5], -1, "-12.5"),
        ("1e3", [1], 3, "1000"), ("1.5E-3", [1, 5], -4, "0.0015"), ("0.1e1", [1], 0, "1"),
        ("9999999999999999999", Array(repeating: 9, count: 19), 0, "9999999999999999999"),
        ("99999999999999999999", Array(repeating: 9, count: 20), 0, "99999999999999999999"),
        (
            "18446744073709551616", [1, 8, 4, 4, 6, 7, 4, 4, 0, 7, 3, 7, 0, 9, 5, 5, 1, 6, 1, 6], 0,
            "18446744073709551616"
        ),
        ("1000000000000000000000000", [1], 24, "1000000000000000000000000"),
        ("0.0000000000000000000000001", [1], -25, "0.0000000000000000000000001"),
        (
            "12345678901234567890.0", [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 1,
            "12345678901234567890"
        ),
    ]

    @Test("A number is its significant digits and a power of ten, and keeps its text", arguments: values)
    func normalised(text: String, digits: [UInt8], exponent: Int, plain: String) throws {
        let number = try JSONNumber(parsing: text)
        #expect(number.digits == digits)
        #expect(number.exponent == exponent)
        #expect(number.plainDecimal == plain)
        #expect(number.text == text)
        #expect(number.isNegative == plain.hasPrefix("-"))
        #expect(number.isInteger == !plain.contains("."))
        #expect(number.isZero == (plain == "0"))
        #expect(try JSONNumber(parsing: plain) == number)
    }

    static let integers: [(text: String, value: Int?)] = [
        ("0", 0), ("-0.0", 0), ("1e2", 100), ("-25.0e1", -250), ("9223372036854775807", .max),
        ("9223372036854775808", nil), ("-9223372036854775808", .min), ("-9223372036854775809", nil), ("0.5", nil),
        ("1e18", 1_000_000_000_000_000_000), ("1e19", nil), ("1e20", nil), ("1e100000", nil),
        ("-9.223372036854775808e18", .min), ("100000000000000000000000", nil),
    ]

    @Test("A whole value that fits is an Int, however it is written", arguments: integers)
    func integer(text: String, value: Int?) throws {
        #expect(try JSONNumber(parsing: text).intValue == value)
        if let value { #expect(try JSONNumber(value) == JSONNumber(parsing: text)) }
    }

    @Test("Numbers are ordered and equal by value, with no rounding")
    func order() throws {
        let ascending = [
            "-1e100000", "-100000000000000000000000000000001", "-1e32", "-2", "-1.5", "-0.001", "0", "1e-100000",
            "0.1", "0.10000000000000000000000000000000000001", "0.11", "1", "1.000000000000000000000000000001", "1.5",
            "10", "18446744073709551615", "18446744073709551616", "1e32", "100000000000000000000000000000001",
            "1e100000",
        ]
        let numbers = try ascending.map { text in try JSONNumber(parsing: text) }
        for (i, left) in numbers.enumerated() {
            for (j, right) in numbers.enumerated() {
                #expect((left < right) == (i < j), "\(left) < \(right)")
                #expect((left == right) == (i == j), "\(left) == \(right)")
            }
        }
        let ones = try ["1", "1.0", "1e0", "10e-1", "0.1e1", "1.00000000000000000000000000000e0"].map { text in
            try JSONNumber(parsing: text)
        }
        #expect(Set(ones).count == 1)
    }

    @Test("Random decimals are ordered as their integers are, whatever their exponents")
    func randomOrder() throws {
        for seed in 1...2000 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            let values = (0..<2).map { _ in Int.random(in: -1000...1000, using: &random) }
            let numbers = try values.map { value in
                let shift = value == 0 ? 0 : Int.random(in: 0...30, using: &random)
                let padded = "\(value)" + String(repeating: "0", count: shift)
                return try JSONNumber(parsing: "\(padded)e\(-shift)")
            }
            #expect((numbers[0] < numbers[1]) == (values[0] < values[1]), "seed \(seed)")
            #expect((numbers[0] == numbers[1]) == (values[0] == values[1]), "seed \(seed)")
            #expect(numbers.map(\.intValue) == values, "seed \(seed)")
        }
    }

    @Test("A text with anything beside the number is refused", arguments: ["", " 1", "1 ", "1x", "true", "--1", "NaN"])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSONNumber(parsing: text) }
    }
}
