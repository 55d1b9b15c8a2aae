import QPCore
import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// What a decode loop may see of a constraint, whichever of the two it holds.
@Suite("Graph and matcher cannot be told apart")
struct ConstraintChoiceTests {
    private func both(_ grammar: Grammar, _ trie: TokenTrie) throws -> [any Constraint] {
        [try ConstraintGraph(grammar, trie), try GrammarMatcher(grammar, trie)]
    }

    /// The last of `texts` ends the text.
    private func trie(of texts: [String], vocabularySize: Int) throws -> TokenTrie {
        try TokenTrie(
            Vocabulary(
                tokens: texts.map { Array($0.utf8) }, endOfText: [texts.count - 1], vocabularySize: vocabularySize))
    }

    private func error(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return "\(error)" }
    }

    @Test("They refuse tokens in the same words")
    func refusals() throws {
        let trie = try trie(of: ["a", "b", "", "</s>"], vocabularySize: 6)
        let grammar = try Grammar(regex: "aa")
        let expected: [Int: String] = [
            -1: "token -1 is not in the vocabulary of 6 tokens",
            1: "token 1, \"b\", is not allowed here",
            2: "token 2 has no text, so no constraint allows it",
            3: "token 3 ends the text, which is not complete",
            5: "token 5 has no text, so no constraint allows it",
            .max: "token 9223372036854775807 is not in the vocabulary of 6 tokens",
        ]
        for constraint in try both(grammar, trie) {
            let after = try constraint.advance(constraint.start, 0)
            for (token, message) in expected {
                #expect(error { _ = try constraint.advance(constraint.start, token) } == message)
                #expect(error { _ = try constraint.advance(after, token) } == message)
            }
            let end = try constraint.advance(constraint.advance(after, 0), 3)
            #expect(end == .finished)
            #expect(error { _ = try constraint.advance(end, 0) } == "token 0 follows the end of the text")
            #expect(try constraint.allowedTokens(end).count == 0 && constraint.forcedRun(end).isEmpty)
        }
    }

    @Test("They speak of a vocabulary's dead end where a text comes to it, and not before")
    func deadEnd() throws {
        // "c" has no token, so "b" leads nowhere.
        let trie = try trie(of: ["a", "b", "</s>"], vocabularySize: 3)
        let message = """
            the text could go on, but no token of the vocabulary continues it
            The vocabulary lacks a token for some byte that the constraint requires.
            """
        for constraint in try both(Grammar(regex: "a|bc"), trie) + [Grammar(regex: "a|bc").constraint(on: trie)] {
            #expect(try constraint.allowedTokens(constraint.start).tokens == [0, 1])
            let stuck = try constraint.advance(constraint.start, 1)
            #expect(error { _ = try constraint.allowedTokens(stuck) } == message)
            #expect(error { _ = try constraint.forcedRun(stuck) } == message)
            #expect(error { _ = try constraint.advance(stuck, 0) } == "token 0, \"a\", is not allowed here")
            #expect(try constraint.isFinished(constraint.advance(constraint.advance(constraint.start, 0), 2)))
        }
        let tables = try ConstraintGraph(Grammar(regex: "a|bc"), trie).tables
        #expect(tables.allowedCounts.sorted() == [0, 1, 2])
        // Without any way at all, the first question says so.
        for constraint in try both(Grammar(regex: "c"), trie) {
            #expect(error { _ = try constraint.allowedTokens(constraint.start) } == message)
        }
    }

    @Test("A state of another constraint traps")
    func foreignState() async throws {
        await #expect(processExitsWith: .failure) {
            let graph = try ConstraintGraph(Grammar(regex: "a"), TokenTrie(.bytes256))
            _ = try graph.allowedTokens(ConstraintState(1000))
        }
        await #expect(processExitsWith: .failure) {
            let graph = try ConstraintGraph(Grammar(regex: "a"), TokenTrie(.bytes256))
            _ = try graph.advance(ConstraintState(1000), 97)
        }
        await #expect(processExitsWith: .failure) {
            let matcher = try GrammarMatcher(Grammar(regex: "a"), TokenTrie(.bytes256))
            _ = try matcher.advance(ConstraintState(1000), 97)
        }
    }

    @Test("A graph serves several threads at once")
    func threads() async throws {
        let graph = try ConstraintGraph(Grammar(regex: "[a-c]{3,20}(?:-[a-c]{2}){0,3}"), TokenTrie(.bytes256))
        let lengths = await withTaskGroup(of: [Int].self) { group in
            for seed in 1...8 {
                group.addTask {
                    var random = SplitMix(seed: UInt64(seed))
                    return (0..<200).compactMap { _ in try? Self.walk(graph, &random) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(lengths.count == 8)
        #expect(lengths.allSatisfy { $0.count == 200 && $0.allSatisfy { 3...29 ~= $0 } }, "seeds 1 to 8")
    }

    /// The length of a random text.
    private static func walk(_ graph: ConstraintGraph, _ random: inout SplitMix) throws -> Int {
        var cursor = ConstraintCursor(graph)
        while !cursor.isFinished {
            try cursor.accept(Int(cursor.allowedTokens().tokens.randomElement(using: &random)!))
        }
        return cursor.tokens.count - 1
    }

    static let tooSmall: [(field: String, value: any WritableKeyPath<GraphLimits, Int> & Sendable)] = [
        ("states", \.states), ("bytes", \.bytes), ("transitions", \.transitions),
    ]

    @Test("Each limit of the graph is named, and leaves the choice to a matcher", arguments: tooSmall)
    func limits(field: String, value: any WritableKeyPath<GraphLimits, Int> & Sendable) throws {
        let trie = try TokenTrie(.bytes256)
        let grammar = try Grammar(regex: "[a-z]{1,9}")
        for small in [0, -1, Int.min] {
            var limits = GraphLimits()
            limits[keyPath: value] = small
            let error = #expect(throws: ConstraintError.self) { try ConstraintGraph(grammar, trie, limits: limits) }
            #expect(error?.code == .limit)
            #expect(error?.advice.contains("raise GraphLimits.\(field) (--graph-limit") == true)
            #expect(try grammar.constraint(on: trie, limits: limits) is GrammarMatcher)
        }
    }

    @Test("Seconds that are no time make no graph, and those without end do not trap")
    func seconds() throws {
        let trie = try TokenTrie(.bytes256)
        let grammar = try Grammar(regex: "[a-z]{1,9}")
        var limits = GraphLimits()
        for none in [0, -1, -.infinity, .nan] as [Double] {
            limits.seconds = none
            #expect(
                error { _ = try ConstraintGraph(grammar, trie, limits: limits) }?.hasPrefix(
                    "the graph of the constraint takes longer than \(none) s\n") == true)
            #expect(try grammar.constraint(on: trie, limits: limits) is GrammarMatcher)
        }
        for endless in [1e300, .infinity] as [Double] {
            limits.seconds = endless
            #expect(try grammar.constraint(on: trie, limits: limits) is ConstraintGraph)
        }
    }

    @Test("The matcher that is given instead has all its own limits left")
    func fallback() throws {
        let trie = try TokenTrie(.bytes256)
        var limits = GrammarLimits()
        // Fewer than the attempt at a graph goes through, and enough for a text.
        limits.states = 200
        let grammar = try Grammar(regex: "(?:[a-z]{2,9}-){1,900}", limits: limits)
        var cursor = ConstraintCursor(try grammar.constraint(on: trie))
        #expect(cursor.constraint is GrammarMatcher)
        for byte in "abc-defghijkl-".utf8 {
            _ = try cursor.allowedTokens()
            try cursor.accept(Int(byte))
        }
        #expect(cursor.isAccepting)
    }
}
