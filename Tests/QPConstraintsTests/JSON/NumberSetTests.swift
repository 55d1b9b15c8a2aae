import QPFormats
import Testing

@testable import QPConstraints

@Suite struct NumberSetTests {
    static func number(_ text: String) -> JSONNumber { try! JSONNumber(parsing: text) }

    /// An interval from "[-1.5, 3)" with any of the brackets; "" as a bound is none.
    static func interval(_ text: String) throws -> NumberSet {
        let bounds = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
        let (low, high) = (bounds[0].trimmed, bounds[1].trimmed)
        var set = NumberSet.all
        if !low.isEmpty {
            set = text.hasPrefix("[") ? .atLeast(number(low)) : .above(number(low))
        }
        if !high.isEmpty {
            set = try set.intersection(text.hasSuffix("]") ? .atMost(number(high)) : .below(number(high)))
        }
        return set
    }

    static func texts(_ set: NumberSet, fractions: Bool = true) throws -> (String) -> Bool {
        let builder = GrammarBuilder()
        let expression = try set.lowered(into: JSONText(builder, integersMayHaveFractions: fractions))
        let oracle = ExpressionOracle(builder: builder)
        return { oracle.accepts(expression, $0) }
    }

    /// Numbers around whatever the bounds of the tests are, in several spellings each.
    static let probes: [String] = {
        var probes = ["0", "-0", "0.0", "-0.00", "00", "01", "-", "", ".5", "5.", "+1", "1.2.3", "--1", "0x1"]
        for value in [
            "0.1", "0.5", "0.49", "0.499999", "0.500", "0.51", "0.05", "0.04", "0.06", "1", "1.0", "1.00", "1.4", "1.5",
            "1.50", "1.51", "1.25", "1.249", "1.2500", "1.26", "2", "2.5", "3", "3.14", "3.1399", "3.15", "4", "5", "9",
            "9.99", "10", "10.0", "10.01", "11", "19", "20", "42", "99", "99.9", "100", "100.5", "101", "123", "122.9",
            "255", "256", "999", "1000", "1001", "1234", "1233", "1235", "65535", "65536", "99999",
            "123456789012345678901234567890", "123456789012345678901234567891", "123456789012345678901234567889",
            "123456789012345678901234567890.5", "1000000000000000000000000000000",
        ] {
            probes += [value, "-" + value]
        }
        return probes
    }()

    static let intervals = [
        "[0,]", "(0,]", "[,0]", "(,0)", "[0,0.5]", "(0,0.5)", "[0.05,0.5]", "(0.05,0.5]", "[1,10]", "(1,10)", "[1,1]",
        "[1.25,1.5]", "(1.25,1.5)", "[1.25,1.26)", "[-1.5,1.5]", "(-1.5,1.5)", "[-10,-1]", "(-10,-1)", "[-0.5,0]",
        "[3.14,]", "(3.14,]", "[,3.14]", "(,3.14)", "[9,11]", "[99,1001]", "[100,255]", "[122.9,123]", "[1233,1235]",
        "(1233,1235)", "[0,65535]", "[-1000,65535]", "[10,10]", "[1.5,1.51]", "[1,1.5]", "(1,1.5)", "[0.499999,0.5]",
        "[123456789012345678901234567890,]", "(123456789012345678901234567890,]",
        "[123456789012345678901234567889,123456789012345678901234567891]",
        "(123456789012345678901234567889,123456789012345678901234567891)",
        "[-123456789012345678901234567890,123456789012345678901234567890]", "[1e2,1.234e3]", "[5e-2,1]",
        "[,1e30]", "(,1e30)",
    ]

    @Test("an interval's texts are those of the numbers in it", arguments: intervals)
    func intervalTexts(_ text: String) throws {
        let set = try Self.interval(text)
        for (name, set) in [("any", set), ("whole", try set.intersection(.integers))] {
            let accepts = try Self.texts(set)
            for probe in Self.probes {
                let isMember = (try? JSONNumber(parsing: probe)).map { set.contains($0) } ?? false
                #expect(accepts(probe) == isMember, "\(probe) in \(name) of \(text)")
            }
        }
    }

    @Test("bounds are compared as Swift compares the numbers", arguments: intervals)
    func intervalMembers(_ text: String) throws {
        let set = try Self.interval(text)
        let whole = try set.intersection(.integers)
        let bounds = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
        for probe in Self.probes {
            guard let number = try? JSONNumber(parsing: probe) else { continue }
            var expected = true
            if !bounds[0].isEmpty {
                let low = Self.number(String(bounds[0]))
                expected = text.hasPrefix("[") ? number >= low : number > low
            }
            if !bounds[1].isEmpty {
                let high = Self.number(String(bounds[1]))
                expected = expected && (text.hasSuffix("]") ? number <= high : number < high)
            }
            #expect(set.contains(number) == expected, "\(probe) in \(text)")
            #expect(whole.contains(number) == (expected && number.isInteger), "\(probe) in whole \(text)")
        }
    }

    @Test("exponents are allowed where they lead out of no bound")
    func exponents() throws {
        let accepts = try Self.texts(.atLeast(JSONNumber(0)))
        for text in ["1e5", "0.5E-7", "0e3", "1.25e+2", "-0", "-0.0"] { #expect(accepts(text), "\(text)") }
        for text in ["-1e5", "-0.5", "1e", "e5", "-1"] { #expect(!accepts(text), "\(text)") }
        let positive = try Self.texts(.above(JSONNumber(0)))
        for text in ["1e5", "0.5E-7"] { #expect(positive(text), "\(text)") }
        for text in ["0e3", "0.00E1", "0", "-0", "-1e5"] { #expect(!positive(text), "\(text)") }
        let large = try Self.texts(.atLeast(JSONNumber(2)))
        for text in ["2e5", "2E+0", "3.5e1"] { #expect(large(text), "\(text)") }
        for text in ["2e-1", "1e5", "-2e5", "20e-1"] { #expect(!large(text), "\(text)") }
        let small = try Self.texts(Self.interval("(-2,3]"))
        for text in ["3e-1", "2.5E-7", "-1.99e-0", "0e-1"] { #expect(small(text), "\(text)") }
        for text in ["3e1", "4e-1", "-2e-5", "1e0"] { #expect(!small(text), "\(text)") }
        let between = try Self.texts(Self.interval("[1,3]"))
        for text in ["2e0", "20e-1", "0.2e1"] { #expect(!between(text), "\(text)") }
        let whole = try Self.texts(.integers)
        #expect(!whole("1e5"), "whole numbers have no exponent")
        let all = try Self.texts(.all)
        for text in ["-1.5e-3", "0", "-0e0", "12345678901234567890"] { #expect(all(text), "\(text)") }
    }

    @Test("whole numbers may have a fraction of zeros, or none where the dialect says so")
    func integerFractions() throws {
        for set in [
            NumberSet.integers, try Self.interval("[0,300]").intersection(.integers), .values([JSONNumber(20)]),
        ] {
            let accepts = try Self.texts(set)
            #expect(accepts("20") && accepts("20.0") && accepts("20.000"))
            #expect(!accepts("20.5") && !accepts("20.01") && !accepts("20."))
            let strict = try Self.texts(set, fractions: false)
            #expect(strict("20") && !strict("20.0"))
        }
    }

    @Test("finite sets have each value's plain decimals")
    func values() throws {
        let set = NumberSet.values(["1", "-2.50", "1e3", "0", "1.0", "12", "0.001"].map(Self.number))
        let accepts = try Self.texts(set)
        for text in ["1", "1.0", "-2.5", "-2.500", "1000", "1000.0", "0", "-0", "-0.0", "12", "0.001", "0.0010"] {
            #expect(accepts(text), "\(text)")
        }
        for text in ["-1", "2.5", "10", "100", "120", "0.01", "-2.5001", "1e3"] { #expect(!accepts(text), "\(text)") }
        #expect(set.members(atMost: 6)?.map(\.plainDecimal) == ["-2.5", "0", "0.001", "1", "12", "1000"])
        #expect(set.members(atMost: 5) == nil)
    }

    @Test("multiples are listed wherever their last digit stands")
    func farMultiples() throws {
        for (multiple, upper) in [("1.5e-100000", "4.5e-100000"), ("10e100000", "30e100000"), ("0.5", "1.5")]
            as [(
                String, String
            )]
        {
            let upper = Self.number(upper)
            let set = try NumberSet.multiples(of: Self.number(multiple)).intersection(
                NumberSet.atMost(upper).intersection(.atLeast(Self.number("-" + multiple))))
            let members = try #require(set.members(atMost: 5))
            #expect(members.count == 5)
            #expect(members[0] == Self.number("-" + multiple) && members[1].isZero && members[4] == upper)
        }
        // What two have in common may stand further out than either.
        let both = try NumberSet.multiples(of: Self.number("2e100000")).intersection(
            .multiples(of: Self.number("5e100000")))
        let small = try both.intersection(.atMost(Self.number("10e100000"))).intersection(.above(Self.number("0")))
        #expect(small.members(atMost: 1) == [Self.number("10e100000")])
        let decimals = try NumberSet.multiples(of: Self.number("0.025")).intersection(Self.interval("[-1,1]"))
        #expect(
            decimals.members(atMost: 100)?.map(\.plainDecimal)
                == (-40...40).map { Self.number("\($0 * 25)e-3").plainDecimal })
        let tens = try NumberSet.multiples(of: Self.number("1.5e3")).intersection(Self.interval("[-1,5000]"))
        #expect(tens.members(atMost: 9)?.map(\.text) == ["0", "1500", "3000", "4500"])
    }

    @Test("a bound of more digits than are enforced is an error")
    func hugeBounds() throws {
        #expect(throws: ConstraintError.self) { try Self.texts(.atLeast(Self.number("1e1000"))) }
        #expect(throws: ConstraintError.self) { try Self.texts(.above(Self.number("1e-1001"))) }
        let accepts = try Self.texts(.atMost(Self.number("1.7976931348623157e308")))
        #expect(accepts("17976931348623157" + String(repeating: "0", count: 292)))
        #expect(!accepts("17976931348623157" + String(repeating: "0", count: 291) + "1"))
    }
}

extension Substring {
    fileprivate var trimmed: String { String(self).filter { $0 != " " } }
}
