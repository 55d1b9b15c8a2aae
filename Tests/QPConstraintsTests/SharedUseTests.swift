import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// What is shared between threads: grammars, the vocabulary with what it remembers, and graphs.
@Suite("One vocabulary and one grammar for several threads")
struct SharedUseTests {
    /// Grammars whose runs no vocabulary knows in advance, so that threads make the same profiles at once.
    static let patterns = ["[a-c]{2,30},", "(?:[^,b]{1,20},)+", "(?:a|b|é){0,40}-[ab]*", ".{3,17}", "[ab]*c"]

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
        let grammars = try Self.patterns.map { try Grammar(regex: $0) }
        let alone = try TokenTrie(vocabulary)
        let expected = try grammars.map { try Self.walks(try GrammarMatcher($0, alone), seed: seed) }
        // A vocabulary of its own: nothing is known of it when the threads begin.
        let shared = try TokenTrie(vocabulary)
        try await withThrowingTaskGroup(of: (grammar: Int, answers: [[UInt32]]).self) { group in
            for task in 0..<20 {
                let index = task % grammars.count
                group.addTask { (index, try Self.walks(try GrammarMatcher(grammars[index], shared), seed: seed)) }
            }
            for try await (grammar, answers) in group {
                #expect(answers == expected[grammar], "seed \(seed), \(Self.patterns[grammar])")
            }
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
