import QPCore
import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

@Suite("The precomputed graph")
struct ConstraintGraphTests {
    static func identifierGrammar(_ maximum: Int?) throws -> Grammar {
        let builder = GrammarBuilder()
        let word = try builder.repeated(builder.bytes(ByteSet("abc".utf8)), 1, maximum)
        let root = try builder.sequence([
            word, builder.repeated(builder.sequence([builder.literal("-"), word]), 0, 2), builder.literal("."),
        ])
        return try builder.grammar(root: root)
    }

    @Test("Graph and matcher give the same answers along random walks", arguments: 1...8)
    func agreesWithMatcher(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let vocabulary = try GrammarMatcherTests.vocabulary(
            ["a", "b", "c", "-", ".", "x"].map { Array($0.utf8) }, count: 300, &random)
        let trie = try TokenTrie(vocabulary)
        let grammar = try Self.identifierGrammar(seed % 2 == 0 ? nil : 6)
        let graph = try ConstraintGraph(grammar, trie)
        let matcher = try GrammarMatcher(grammar, trie)
        for walk in 0..<30 {
            var left = graph.start
            var right = matcher.start
            for _ in 0..<12 where !graph.isFinished(left) {
                let expected = try matcher.allowedTokens(right)
                #expect(try graph.allowedTokens(left).tokens == expected.tokens, "seed \(seed), walk \(walk)")
                #expect(graph.isAccepting(left) == matcher.isAccepting(right))
                #expect(try graph.forcedRun(left) == matcher.forcedRun(right))
                let wrong = (0..<trie.vocabularySize).filter {
                    (try? graph.advance(left, $0)) != nil && !expected.contains($0)
                }
                #expect(wrong.isEmpty, "seed \(seed), walk \(walk)")
                let token = Int(expected.tokens.randomElement(using: &random)!)
                left = try graph.advance(left, token)
                right = try matcher.advance(right, token)
                #expect(graph.isFinished(left) == matcher.isFinished(right))
            }
        }
    }

    @Test("Its tables say what it says")
    func tables() throws {
        let trie = try TokenTrie(.bytes256)
        let graph = try ConstraintGraph(try Self.identifierGrammar(3), trie)
        let tables = graph.tables
        #expect(tables.forms.count == graph.stateCount && tables.offsets.count == graph.stateCount + 1)
        for state in 0..<graph.stateCount {
            let allowed = try graph.allowedTokens(ConstraintState(index: Int32(state)))
            #expect(Int(tables.allowedCounts[state]) == allowed.count)
            let words = Array(tables.words[Int(tables.offsets[state])..<Int(tables.offsets[state + 1])])
            let tokens: [UInt32] =
                switch try #require(GraphTables.Form(rawValue: tables.forms[state])) {
                case .ids: words
                case .complement: (0..<UInt32(trie.vocabularySize)).filter { !words.contains($0) }
                case .mask: try TokenMask(words: words, vocabularySize: trie.vocabularySize).tokens
                }
            #expect(tokens == allowed.tokens)
            for token in 0..<trie.vocabularySize {
                let next = tables.successors[state * tables.tokenClassCount + Int(tables.tokenClasses[token])]
                #expect((next != GraphTables.none) == allowed.contains(token))
            }
        }
    }

    @Test("A constraint beyond the limits is refused by the graph and served by a matcher")
    func limits() throws {
        let trie = try TokenTrie(.bytes256)
        let builder = GrammarBuilder()
        let value = builder.declare("value")
        try builder.define(
            value,
            as: builder.choice([
                builder.literal("x"),
                builder.sequence([builder.literal("("), builder.call(value), builder.literal(")")]),
            ]))
        let grammar = try builder.grammar(root: value)
        let error = #expect(throws: ConstraintError.self) { try ConstraintGraph(grammar, trie) }
        #expect(
            error?.description
                == """
                the graph of the constraint has more than 4096 states
                Use a GrammarMatcher, which works out states as they are met, or raise GraphLimits.states \
                (--graph-limit states=N).
                """)
        #expect(try grammar.constraint(on: trie) is GrammarMatcher)
        #expect(try Self.identifierGrammar(3).constraint(on: trie) is ConstraintGraph)
    }
}
