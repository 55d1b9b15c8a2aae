import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// Texts in the making that share a constraint, against each of them replayed alone.
@Suite("Cursors on one constraint")
struct CursorTests {
    static let sources = [
        #"{"type":"array","items":{"type":"string","maxLength":7},"maxItems":3}"#,
        #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"enum":["ab","abc"]}},"required":["b"]}"#,
        ##"{"anyOf":[{"type":"boolean"},{"type":"array","items":{"$ref":"#"},"maxItems":3}]}"##,
    ]

    @Test("Forks, steps back and new beginnings in any order leave every text where a replay stands", arguments: 1...6)
    func interleaved(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let pieces =
            Array("ab12[]{},:\"-".utf8).map { [$0] } + ["true", "false", "\"b\"", "abc"].map { Array($0.utf8) }
        let trie = try TokenTrie(
            GrammarMatcherTests.vocabulary(pieces, and: GrammarMatcherTests.printable, count: 400, &random))
        let schema = try Grammar(jsonSchema: Self.sources[Int(seed) % Self.sources.count])
        // Small caches forget answers between two turns of the same cursor.
        var limits = GrammarLimits()
        limits.cacheBytes = 1
        let small = try Grammar(jsonSchema: Self.sources[Int(seed) % Self.sources.count], limits: limits)
        try check(try GrammarMatcher(schema, trie), schema, trie, seed, &random)
        try check(try GrammarMatcher(small, trie), schema, trie, seed, &random)
        let word = try ConstraintGraphTests.identifierGrammar(6)
        try check(try ConstraintGraph(word, trie), word, trie, seed, &random)
    }

    private func check(
        _ constraint: any Constraint, _ grammar: Grammar, _ trie: TokenTrie, _ seed: UInt64, _ random: inout SplitMix
    ) throws {
        // Each cursor with what it must have taken, kept apart from it.
        var cursors = [(cursor: ConstraintCursor(constraint), tokens: [Int]())]
        for turn in 0..<120 {
            let index = Int.random(in: 0..<cursors.count, using: &random)
            var (cursor, tokens) = cursors[index]
            switch Int.random(in: 0..<12, using: &random) {
            case 0 where cursors.count < 8: cursors.append((cursor, tokens))
            case 1, 2:
                let count = Int.random(in: 0...tokens.count, using: &random)
                cursor.rollback(count)
                tokens.removeLast(count)
            case 3 where turn % 3 == 0:
                cursor.reset()
                tokens = []
            case 4:
                let refused = Int.random(in: 0..<trie.vocabularySize, using: &random)
                if try !cursor.allowedTokens().contains(refused) {
                    let before = cursor.state
                    #expect(throws: ConstraintError.self) { try cursor.accept(refused) }
                    #expect(cursor.state == before && cursor.tokens == tokens, "seed \(seed), turn \(turn)")
                }
            default:
                guard let token = try cursor.allowedTokens().tokens.randomElement(using: &random) else { break }
                try cursor.accept(Int(token))
                tokens.append(Int(token))
            }
            cursors[index] = (cursor, tokens)
            #expect(cursor.tokens == tokens, "seed \(seed), turn \(turn)")
            let replay = try GrammarMatcher(grammar, trie)
            var state = replay.start
            for token in tokens { state = try replay.advance(state, token) }
            let allowed = try cursor.allowedTokens()
            #expect(allowed.tokens == (try replay.allowedTokens(state)).tokens, "seed \(seed), turn \(turn), \(tokens)")
            #expect(cursor.isFinished == replay.isFinished(state), "seed \(seed), turn \(turn), \(tokens)")
            #expect(cursor.isAccepting == replay.isAccepting(state), "seed \(seed), turn \(turn), \(tokens)")
        }
    }
}
