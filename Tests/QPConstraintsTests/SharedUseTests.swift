import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// What is shared between threads: grammars, the vocabulary with what it remembers, and graphs.
@Suite("One vocabulary and one grammar for several threads")
struct SharedUseTests {
    /// Runs of many codes that no vocabulary knows in advance, so that threads make the same profiles at once; half of
    /// them stand before what may begin like them, which asks for what a profile leaves over as well.
    static func grammars() throws -> [Grammar] {
        let sets = ["a", "ab", "abc", "0-", "aé", "日0", "é日", "a-", "b0é", "ab日"]
        return try sets.flatMap { set in
            try [",", "a"].map { next in
                let builder = GrammarBuilder()
                let members = set.unicodeScalars.map { $0.value...$0.value }
                let unit = try builder.unit(builder.character(ScalarSet(members)))
                let run = try builder.sequence([builder.repeated(unit, 0, 60), builder.literal(next)])
                return try builder.grammar(root: builder.repeated(run, 1, nil))
            }
        }
    }

    /// The allowed tokens along seeded walks of a constraint.
    static func walks(_ constraint: any Constraint, seed: UInt64) throws -> [[UInt32]] {
        var random = SplitMix(seed: seed)
        var answers: [[UInt32]] = []
        for _ in 0..<6 {
            var state = constraint.start
            for _ in 0..<15 where !constraint.isFinished(state) {
                let allowed = try constraint.allowedTokens(state).tokens
                answers.append(allowed)
                state = try constraint.advance(state, Int(allowed.randomElement(using: &random)!))
            }
        }
        return answers
    }

    @Test("Threads with a matcher each find what one thread finds", arguments: UInt64(1)...3)
    func matchers(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let vocabulary = try CountedMaskTests.longTokens(
            CountedMaskTests.alphabet, marks: [",", "-", "c", ",a"], count: 800, &random)
        let grammars = try Self.grammars()
        let alone = try TokenTrie(vocabulary)
        let expected = try grammars.map { try Self.walks(try GrammarMatcher($0, alone), seed: seed) }
        // A vocabulary of its own: nothing is known of it when the threads begin, all of them at the first grammar.
        let shared = try TokenTrie(vocabulary)
        try await withThrowingTaskGroup(of: [[[UInt32]]].self) { group in
            for _ in 0..<8 {
                group.addTask { try grammars.map { try Self.walks(try GrammarMatcher($0, shared), seed: seed) } }
            }
            for try await answers in group { #expect(answers == expected, "seed \(seed)") }
        }
        for grammar in grammars {
            let run = try #require(grammar.program.loops.first { $0.isRun })
            #expect(shared.profiles.profile(grammar.program.code(ofUnit: run.body)) != nil, "no profile was made")
        }
    }

    @Test("Threads on one graph find what one thread finds", arguments: UInt64(1)...3)
    func graph(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let trie = try TokenTrie(
            GrammarMatcherTests.vocabulary(["a", "b", "c", "-", "."].map { Array($0.utf8) }, count: 300, &random))
        let graph = try ConstraintGraph(try ConstraintGraphTests.identifierGrammar(6), trie)
        let seeds = UInt64(1)...8
        let expected = try seeds.map { try Self.walks(graph, seed: $0) }
        try await withThrowingTaskGroup(of: (index: Int, answers: [[UInt32]]).self) { group in
            for (index, seed) in seeds.enumerated() {
                group.addTask { (index, try Self.walks(graph, seed: seed)) }
            }
            for try await (index, answers) in group { #expect(answers == expected[index], "seed \(index + 1)") }
        }
    }
}
