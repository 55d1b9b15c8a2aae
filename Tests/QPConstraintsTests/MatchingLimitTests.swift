import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// Limits that are met while a text is followed, after the grammar has compiled.
@Suite("Limits of a matcher")
struct MatchingLimitTests {
    static let schema = #"""
        {"type": "object", "properties": {"name": {"type": "string", "maxLength": 30}, "size": {"type": "integer"},
         "tags": {"type": "array", "items": {"type": "string", "minLength": 2, "maxLength": 9}}}}
        """#

    static func trie(_ random: inout SplitMix) throws -> TokenTrie {
        let pieces = Array("abnmestiz12[]{},:\"-\\".utf8).map { [$0] }
        let words = ["name", "\"size\"", "\"tags\":[\"", "\":\"", "é"].map { Array($0.utf8) }
        return try TokenTrie(
            GrammarMatcherTests.vocabulary(pieces + words, and: GrammarMatcherTests.printable, count: 800, &random))
    }

    static func grammar(_ limit: (inout GrammarLimits) -> Void) throws -> Grammar {
        var limits = GrammarLimits()
        limit(&limits)
        return try Grammar(jsonSchema: schema, limits: limits)
    }

    @Test("Answers are the same whatever a matcher may keep", arguments: [0, 1, 1_000, 20_000, 1_000_000])
    func caches(bytes: Int) throws {
        for seed in UInt64(1)...3 {
            var random = SplitMix(seed: seed)
            let trie = try Self.trie(&random)
            let free = try GrammarMatcher(try Self.grammar { _ in }, trie)
            let small = try GrammarMatcher(try Self.grammar { $0.cacheBytes = bytes }, trie)
            for walk in 0..<6 {
                var (left, right) = (free.start, small.start)
                // States of the walk, to go back to once their answers are forgotten.
                var passed = [(left, right)]
                for step in 0..<30 where !free.isFinished(left) {
                    let allowed = try free.allowedTokens(left)
                    #expect(
                        try small.allowedTokens(right).tokens == allowed.tokens,
                        "seed \(seed), walk \(walk), step \(step)")
                    let (old, same) = passed.randomElement(using: &random)!
                    #expect(
                        try small.allowedTokens(same).tokens == free.allowedTokens(old).tokens,
                        "seed \(seed), walk \(walk), step \(step)")
                    let token = Int(allowed.tokens.randomElement(using: &random)!)
                    (left, right) = (try free.advance(left, token), try small.advance(right, token))
                    #expect(free.isAccepting(left) == small.isAccepting(right))
                    passed.append((left, right))
                }
            }
        }
    }

    @Test("A limit that stops a profile in the making leaves other matchers' answers alone", arguments: 1...3)
    func interruptedProfiles(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let pieces = ["a", "c", "f", "é", "日", "😀", "-", "x"].map { Array($0.utf8) }
        let vocabulary = try GrammarMatcherTests.vocabulary(pieces, count: 600, &random)
        let source = "[a-fé日😀]{0,300}-"
        let pristine = try GrammarMatcher(Grammar(regex: source), TokenTrie(vocabulary))
        let expected = try pristine.allowedTokens(pristine.start).tokens
        var stopped = 0
        for states in 60...160 {
            let trie = try TokenTrie(vocabulary)
            var limits = GrammarLimits()
            limits.states = states
            let bound = try GrammarMatcher(Grammar(regex: source, limits: limits), trie)
            bound.demandsBeforeProfile = [0, 2, 6].randomElement(using: &random)!
            bound.nodesPerDemand = [1, 40, .max].randomElement(using: &random)!
            // Every state that there is, those between the tokens' ends too, each asked again after the limit was met.
            for _ in 0..<3 {
                for index in 0..<Int32(bound.stateCount) {
                    do throws(ConstraintError) {
                        _ = try bound.allowedTokens(ConstraintState(index: index))
                    } catch {
                        stopped += 1
                    }
                }
            }
            let free = try GrammarMatcher(Grammar(regex: source), trie)
            free.demandsBeforeProfile = 0
            free.nodesPerDemand = .max
            #expect(try free.allowedTokens(free.start).tokens == expected, "seed \(seed), \(states) states")
        }
        #expect(stopped > 10, "seed \(seed)")
    }

    static let bounds: [(name: String, what: String, value: Int)] = [
        ("states", "states of the matcher", 60), ("stateBytes", "bytes of the matcher's states", 22_000),
    ]

    @Test("Beyond what it may keep for ever it says so, and answers what it knew as before", arguments: bounds)
    func states(name: String, what: String, value: Int) throws {
        for seed in UInt64(1)...4 {
            var random = SplitMix(seed: seed)
            let trie = try Self.trie(&random)
            let free = try GrammarMatcher(try Self.grammar { _ in }, trie)
            let bound = try GrammarMatcher(
                try Self.grammar { if name == "states" { $0.states = value } else { $0.stateBytes = value } }, trie)
            var reached: ConstraintError?
            var known: [(free: ConstraintState, bound: ConstraintState)] = []
            for _ in 0..<400 where reached == nil {
                var (left, right) = (free.start, bound.start)
                do throws(ConstraintError) {
                    for _ in 0..<30 where !free.isFinished(left) {
                        let allowed = try free.allowedTokens(left)
                        let tokens = try bound.allowedTokens(right).tokens
                        #expect(tokens == allowed.tokens, "seed \(seed)")
                        known.append((left, right))
                        let token = Int(allowed.tokens.randomElement(using: &random)!)
                        left = try free.advance(left, token)
                        right = try bound.advance(right, token)
                    }
                } catch {
                    reached = error
                }
            }
            let error = try #require(reached, "seed \(seed): the limit is never met")
            #expect(
                error.description
                    == """
                    more than \(value) \(what)
                    Raise GrammarLimits.\(name) (--limit \(name)=N), or write the constraint more simply.
                    """)
            for (left, right) in known {
                #expect(try bound.allowedTokens(right).tokens == free.allowedTokens(left).tokens, "seed \(seed)")
            }
        }
    }
}
