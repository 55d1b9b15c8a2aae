import QPTestInputs
import Testing

@testable import QPConstraints

/// What a grammar accepts, against a matcher that is too simple to be wrong.
@Suite("Grammars")
struct GrammarTests {
    static let lower = ByteSet(UInt8(ascii: "a")...UInt8(ascii: "z"))

    @Test("A rule may use itself")
    func recursion() throws {
        let builder = GrammarBuilder()
        let value = builder.declare("value")
        let list = try builder.sequence([
            builder.literal("["),
            builder.optional(
                builder.sequence([
                    builder.call(value),
                    builder.repeated(builder.sequence([builder.literal(","), builder.call(value)]), 0, nil),
                ])), builder.literal("]"),
        ])
        try builder.define(value, as: builder.choice([list, builder.literal("x")]))
        let grammar = try builder.grammar(root: value)
        for text in [
            "x", "[]", "[x]", "[[],x,[x,[[]]]]",
            String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000),
        ] {
            #expect(try grammar.accepts(text.utf8), "\(text.prefix(40))")
        }
        for text in ["", "[", "[x", "[x,]", "[,x]", "xx", "[]]"] {
            #expect(try !grammar.accepts(text.utf8), "\(text)")
        }
        #expect(try grammar.isPrefix("[x,[".utf8))
        #expect(try !grammar.isPrefix("[x,]".utf8))
    }

    @Test("Counted repetitions hold to their bounds, in characters and not in bytes")
    func repetition() throws {
        for (minimum, maximum) in [(0, 3), (2, 5), (3, nil), (0, nil), (1, nil), (70, 90)] as [(Int, Int?)] {
            let builder = GrammarBuilder()
            let unit = try builder.character(.all)
            let pair = try builder.sequence([builder.bytes(Self.lower), builder.literal("-")])
            let bodies = [unit, try builder.bytes(Self.lower), pair]
            for (index, body) in bodies.enumerated() {
                let grammar = try builder.grammar(
                    root: builder.sequence([builder.repeated(body, minimum, maximum), builder.literal(".")]))
                let text = [Array("é".utf8), Array("a".utf8), Array("a-".utf8)][index]
                for count in [0, 1, 2, 3, 4, 5, 6, 69, 70, 90, 91] {
                    let repeated = (0..<count).flatMap { _ in text } + Array(".".utf8)
                    let expected = count >= minimum && count <= maximum ?? .max
                    // A free character may be a full stop as well.
                    #expect(try grammar.accepts(repeated) == expected, "body \(index), \(minimum)…, \(count)")
                }
            }
        }
    }

    @Test("A repetition of what may be empty ends, and needs no iteration to be counted")
    func nullableRepetition() throws {
        let builder = GrammarBuilder()
        let body = try builder.optional(builder.literal("ab"))
        let grammar = try builder.grammar(
            root: builder.sequence([builder.repeated(builder.repeated(body, 2, 900), 3, 1000), builder.literal(".")]))
        for (text, expected) in [(".", true), ("ab.", true), ("ababab.", true), ("a.", false), ("aba.", false)] {
            #expect(try grammar.accepts(text.utf8) == expected, "\(text)")
        }
    }

    @Test("What no text satisfies is said when it is compiled")
    func unsatisfiable() throws {
        let builder = GrammarBuilder()
        let endless = builder.declare("endless")
        try builder.define(endless, as: builder.sequence([builder.literal("a"), builder.call(endless)]))
        #expect(throws: ConstraintError.self) { try builder.grammar(root: endless) }
        let either = try builder.choice([builder.call(endless), builder.literal("b")])
        let grammar = try builder.grammar(root: either)
        #expect(try grammar.accepts("b".utf8))
        #expect(try !grammar.isPrefix("a".utf8))
    }

    @Test("Left recursion is refused, through rules that may be empty as well, and its circle is named")
    func leftRecursion() throws {
        let builder = GrammarBuilder()
        let first = builder.declare("first")
        let second = builder.declare("second")
        try builder.define(
            first, as: builder.sequence([builder.optional(builder.literal("x")), builder.call(second)]))
        try builder.define(second, as: builder.choice([builder.literal("y"), builder.call(first)]))
        let error = #expect(throws: ConstraintError.self) { try builder.grammar(root: first) }
        #expect(error?.message == "left recursion: first → second → first")
        // And where no text has to begin with it.
        let behind = try builder.sequence([builder.literal("z"), builder.call(first)])
        #expect(throws: ConstraintError.self) { try builder.grammar(root: behind) }
    }

    @Test("Rules that read nothing but multiply are stopped by a limit, and what is written is counted")
    func multiplying() throws {
        let builder = GrammarBuilder()
        var rule = builder.rule("leaf", builder.empty)
        for level in 0..<30 {
            rule = builder.rule("level \(level)", try builder.sequence([builder.call(rule), builder.call(rule)]))
        }
        let grammar = try builder.grammar(root: builder.sequence([builder.call(rule), builder.literal("x")]))
        let error = #expect(throws: ConstraintError.self) { try grammar.accepts("x".utf8) }
        #expect(error?.code == .limit)
        let doubling = GrammarBuilder()
        var expression = try doubling.literal("ab")
        for _ in 0..<40 { expression = try doubling.sequence([expression, expression]) }
        let second = #expect(throws: ConstraintError.self) { try doubling.grammar(root: expression) }
        #expect(second?.code == .limit)
    }

    @Test("A bound that does not fit a count is refused, whatever the limit")
    func hugeRepetition() throws {
        var limits = GrammarLimits()
        limits.repetition = 5_000_000_000
        let builder = GrammarBuilder(limits: limits)
        let pair = try builder.literal("ab")
        let error = #expect(throws: ConstraintError.self) { try builder.repeated(pair, 3_000_000_000, nil) }
        #expect(error?.message == "a repetition of 3000000000 exceeds the limit of 2147483646")
        #expect(throws: ConstraintError.self) { try builder.automaton(.utf8, maximumCharacters: 3_000_000_000) }
    }

    @Test("A unit that may be empty waits for nothing")
    func emptyUnits() throws {
        let builder = GrammarBuilder()
        let grammar = try builder.grammar(
            root: builder.sequence([
                builder.unit(builder.empty), builder.unit(builder.optional(builder.literal("a"))), builder.literal("b"),
            ]))
        for (text, expected) in [("b", true), ("ab", true), ("a", false), ("aab", false)] {
            #expect(try grammar.accepts(text.utf8) == expected, "\(text)")
        }
    }

    @Test("Random grammars accept what a matcher by definition accepts, seeded")
    func random() throws {
        for seed in UInt64(1)...400 {
            var random = SplitMix(seed: seed)
            let builder = GrammarBuilder()
            let rules = (0..<3).map { builder.declare("r\($0)") }
            for rule in rules {
                let body = try randomExpression(builder, rules, depth: 4, &random)
                builder.define(rule, as: body)
            }
            let grammar: Grammar
            do {
                grammar = try builder.grammar(root: rules[0])
            } catch {
                #expect(error.code == .unsatisfiable || error.code == .unsupported, "seed \(seed): \(error)")
                continue
            }
            for _ in 0..<60 {
                let text = (0..<Int(random.next() % 7)).map { _ in UInt8(ascii: "a") + UInt8(random.next() % 3) }
                let expected = Definition(builder: builder, text: text).ends(builder.rules[0].body!, 0).contains(
                    text.count)
                #expect(
                    try grammar.accepts(text) == expected, "seed \(seed), text \(String(decoding: text, as: UTF8.self))"
                )
            }
        }
    }

    private func randomExpression(
        _ builder: GrammarBuilder, _ rules: [RuleID], depth: Int, _ random: inout SplitMix
    ) throws -> Expression {
        switch depth == 0 ? random.next() % 3 : random.next() % 9 {
        case 0: return try builder.literal(["a", "b", "ab", "ca"][Int(random.next() % 4)])
        case 1: return try builder.bytes(ByteSet([UInt8(ascii: "a"), UInt8(ascii: "a") + UInt8(random.next() % 3)]))
        case 2: return random.next() % 4 == 0 ? builder.empty : try builder.literal("c")
        case 3, 4:
            return try builder.sequence([
                randomExpression(builder, rules, depth: depth - 1, &random),
                randomExpression(builder, rules, depth: depth - 1, &random),
            ])
        case 5:
            return try builder.choice([
                randomExpression(builder, rules, depth: depth - 1, &random),
                randomExpression(builder, rules, depth: depth - 1, &random),
            ])
        case 6, 7:
            let minimum = Int(random.next() % 3)
            let maximum: Int? = random.next() % 2 == 0 ? nil : minimum + Int(random.next() % 3)
            return try builder.repeated(
                randomExpression(builder, rules, depth: depth - 1, &random), minimum, maximum)
        default: return try builder.call(rules[Int(random.next() % 3)])
        }
    }
}

/// All ends of an expression's texts from a place, straight from what expressions mean.
private final class Definition {
    let builder: GrammarBuilder
    let text: [UInt8]
    /// What is known of (expression, start); empty while it is being worked out, which only left recursion would see.
    private var known: [[Int]: Set<Int>] = [:]

    init(builder: GrammarBuilder, text: [UInt8]) {
        self.builder = builder
        self.text = text
    }

    func ends(_ expression: Expression, _ start: Int) -> Set<Int> {
        let place = [Int(expression.index), start]
        if let known = known[place] { return known }
        known[place] = []
        let found = work(expression, start)
        known[place] = found
        return found
    }

    private func work(_ expression: Expression, _ start: Int) -> Set<Int> {
        switch builder.node(expression) {
        case .nothing, .automaton: return []
        case .empty: return [start]
        case .literal(let range):
            let literal = builder.literals[Int(range.lowerBound)..<Int(range.upperBound)]
            return text[start...].starts(with: literal) ? [start + literal.count] : []
        case .set(let index):
            return start < text.count && builder.byteSets[Int(index)].contains(text[start]) ? [start + 1] : []
        case .sequence(let range):
            return builder.operands(range).reduce([start]) { places, part in
                places.reduce(into: []) { $0.formUnion(ends(part, $1)) }
            }
        case .choice(let range):
            return builder.operands(range).reduce(into: []) { $0.formUnion(ends($1, start)) }
        case .repeated(let body, let minimum, let maximum):
            var all: Set<Int> = minimum == 0 ? [start] : []
            var places: Set<Int> = [start]
            for count in 1...max(1, min(maximum ?? 20, 20)) {
                places = places.reduce(into: []) { $0.formUnion(ends(body, $1)) }
                if count >= minimum, maximum.map({ count <= $0 }) ?? true { all.formUnion(places) }
            }
            return all
        case .unit(let body): return ends(body, start)
        case .call(let rule): return ends(builder.rules[Int(rule.index)].body!, start)
        }
    }
}
