import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

@Suite struct NumberTextTests {
    static func grammar(_ set: NumberSet, fractions: Bool = true) throws -> Grammar {
        let builder = GrammarBuilder()
        return try builder.grammar(
            root: set.lowered(into: JSONText(builder, integersMayHaveFractions: fractions)))
    }

    struct Multiples: CustomTestStringConvertible {
        let multiple: String
        let interval: String
        /// The multiple in hundredths.
        let hundredths: Int
        var testDescription: String { "\(multiple) in \(interval)" }
    }

    static let multipleCases: [Multiples] = {
        let multiples = [
            ("1", 100), ("2", 200), ("3", 300), ("5", 500), ("7", 700), ("10", 1000), ("12", 1200), ("25", 2500),
            ("60", 6000), ("100", 10000), ("0.5", 50), ("0.1", 10), ("0.01", 1), ("0.25", 25), ("2.5", 250),
            ("0.3", 30),
        ]
        return multiples.flatMap { name, hundredths in
            ["[,]", "[0,]", "(0,]", "[,-3]", "[-20,35]", "(-20,35)", "[-500,500]", "(7,7.5)", "[2.4,2.6]", "[-100.5,]"]
                .map {
                    Multiples(multiple: name, interval: $0, hundredths: hundredths)
                }
        }
    }()

    @Test("multiples between bounds, by trying all of −500…500", arguments: multipleCases)
    func multiples(_ given: Multiples) throws {
        let set = try NumberSetTests.interval(given.interval).intersection(
            .multiples(of: NumberSetTests.number(given.multiple)))
        let interval = try NumberSetTests.interval(given.interval)
        guard !set.isEmpty else {
            #expect(throws: ConstraintError.self) { try Self.grammar(set) }
            for hundredths in -50000...50000 where hundredths % given.hundredths == 0 {
                #expect(!interval.contains(Self.number(hundredths)))
            }
            return
        }
        let grammar = try Self.grammar(set)
        // Every whole number, and hundredths about zero.
        for hundredths in Array(stride(from: -50000, through: 50000, by: 100)) + Array(-310...310) {
            let number = Self.number(hundredths)
            let isMember = hundredths % given.hundredths == 0 && interval.contains(number)
            #expect(set.contains(number) == isMember, "\(number.plainDecimal) in the set")
            for text in [number.plainDecimal, Self.padded(hundredths)] {
                #expect(try grammar.accepts(text.utf8) == isMember, "the text \(text)")
            }
        }
        for text in ["", "-", "1e2", "01", "1.", ".5", "-00", "+1"] {
            #expect(try !grammar.accepts(text.utf8), "the text \(text)")
        }
        #expect(try grammar.accepts("-0".utf8) == set.contains(JSONNumber(0)))
    }

    static func number(_ hundredths: Int) -> JSONNumber { try! JSONNumber(parsing: "\(hundredths)e-2") }

    /// The number with three digits behind the point.
    static func padded(_ hundredths: Int) -> String {
        let magnitude = abs(hundredths)
        let fraction = String(magnitude % 100)
        return (hundredths < 0 ? "-" : "") + "\(magnitude / 100)."
            + String(repeating: "0", count: 2 - fraction.count) + fraction + "0"
    }

    @Test("a random set's texts are those of its members", arguments: 1...300)
    func randomSets(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let sample = try NumberAlgebraTests.random(3, &generator)
        guard !sample.set.isEmpty else { return }
        let grammar = try Self.grammar(sample.set)
        for tenths in -120...120 {
            let text = NumberAlgebraTests.number(tenths: tenths).plainDecimal
            #expect(
                try grammar.accepts(text.utf8) == sample.contains(tenths), "\(text) in \(sample.name), seed \(seed)")
            #expect(
                try grammar.accepts((text + (tenths % 10 == 0 ? ".00" : "0")).utf8) == sample.contains(tenths),
                "\(text) with zeros in \(sample.name), seed \(seed)")
        }
    }

    @Test("multiples of large numbers cost what their digits before the zeros do, and beyond that are an error")
    func largeMultiples() throws {
        let day = try Self.grammar(.multiples(of: NumberSetTests.number("86400")))
        for text in ["0", "86400", "-172800", "31536000", "86400.0"] { #expect(try day.accepts(text.utf8), "\(text)") }
        for text in ["8640", "86401", "86300", "3153600", "864000.5"] {
            #expect(try !day.accepts(text.utf8), "\(text)")
        }
        let billion = try Self.grammar(.multiples(of: NumberSetTests.number("1e9")))
        #expect(try billion.accepts("123000000000".utf8) && billion.accepts("0".utf8))
        #expect(try !billion.accepts("12300000000".dropLast(3).utf8))
        let error = #expect(throws: ConstraintError.self) {
            try Self.grammar(.multiples(of: NumberSetTests.number("1000003")))
        }
        #expect(
            error?.description == """
                the multiples of 1000003 need more than 50000 states
                Raise GrammarLimits.automatonStates (--limit automatonStates=N), or give a smaller multipleOf.
                """)
    }

    @Test("without fractions, multiples of whole numbers have none either")
    func multiplesWithoutFractions() throws {
        let grammar = try Self.grammar(.multiples(of: NumberSetTests.number("5")), fractions: false)
        #expect(try grammar.accepts("15".utf8) && !grammar.accepts("15.0".utf8))
        let half = try Self.grammar(.multiples(of: NumberSetTests.number("0.5")), fractions: false)
        #expect(try half.accepts("1.5".utf8) && half.accepts("2.0".utf8) && half.accepts("1.50".utf8))
    }

    @Test("numbers that are no integers are all with a fraction that is not zeros")
    func fractionsOnly() throws {
        let grammar = try Self.grammar(NumberSet.all.subtracting(.integers))
        for text in ["0.5", "-1.25", "10.01", "0.10"] { #expect(try grammar.accepts(text.utf8), "\(text)") }
        for text in ["0", "1", "-3.0", "10.00"] { #expect(try !grammar.accepts(text.utf8), "\(text)") }
    }
}
