import QPConstraints
import Testing

@Suite("The automaton of an expression has its texts")
struct AutomatonExpressionTests {
    private let builder = GrammarBuilder()

    private func pattern(_ text: String) throws -> ByteAutomaton {
        try RegexPattern(text, budget: builder.budget).automaton(budget: builder.budget)
    }

    @Test("Literals, sets, choices, repetitions, units and rules")
    func shapes() throws {
        let digit = try builder.bytes(ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9")))
        let letter = try builder.character(ScalarSet([0x61...0x7A, 0xE9...0xE9]))
        let pair = builder.rule("pair", try builder.sequence([builder.literal("k"), digit]))
        let expression = try builder.choice([
            builder.sequence([builder.repeated(letter, 2, 3), builder.optional(digit)]),
            builder.repeated(builder.call(pair), 1, nil),
            builder.anyOf([Array("true".utf8), Array("tru".utf8), Array("false".utf8)]),
            builder.nothing,
        ])
        let automaton = try ByteAutomaton(of: expression, in: builder)
        #expect(try automaton == pattern("[a-zé]{2,3}[0-9]?|(?:k[0-9])+|true|tru|false"))
        #expect(try ByteAutomaton(of: builder.nothing, in: builder).isEmpty)
        #expect(try ByteAutomaton(of: builder.empty, in: builder) == pattern(""))
    }

    @Test("An automaton within one is cut to its bounds in characters")
    func bounds() throws {
        let words = try pattern("(?:é|ab|🐲)*")
        for (minimum, maximum) in [(0, 3), (2, 2), (1, nil), (3, 7), (0, 0)] as [(Int, Int?)] {
            let expression = try builder.automaton(words, minimumCharacters: minimum, maximumCharacters: maximum)
            let automaton = try ByteAutomaton(of: expression, in: builder)
            let length = "(?s:.){\(minimum),\(maximum.map(String.init) ?? "")}"
            #expect(
                try automaton == words.intersection(pattern(length), budget: builder.budget),
                "\(minimum) \(maximum ?? -1)")
        }
    }

    @Test("A rule that uses itself is refused")
    func recursion() throws {
        let list = builder.declare("list")
        builder.define(list, as: try builder.sequence([builder.literal("a"), builder.optional(builder.call(list))]))
        let error = #expect(throws: ConstraintError.self) { try ByteAutomaton(of: builder.call(list), in: builder) }
        #expect(error?.code == .unsupported)
        #expect(error?.message == "the rule list uses itself, so its texts are not regular")
    }

    @Test("A rule used twice, one after the other, is no recursion")
    func twice() throws {
        let rule = builder.rule("letter", try builder.literal("x"))
        let expression = try builder.sequence([builder.call(rule), builder.call(rule)])
        #expect(try ByteAutomaton(of: expression, in: builder) == pattern("xx"))
    }

    @Test("Rules that double each other end with a limit")
    func doubling() throws {
        var limits = GrammarLimits()
        limits.seconds = 0.2
        let builder = GrammarBuilder(limits: limits)
        var rule = builder.rule("nothing to read", builder.empty)
        for _ in 0..<60 {
            rule = builder.rule("two", try builder.sequence([builder.call(rule), builder.call(rule)]))
        }
        let error = #expect(throws: ConstraintError.self) { try ByteAutomaton(of: builder.call(rule), in: builder) }
        #expect(error?.code == .limit)
    }
}
