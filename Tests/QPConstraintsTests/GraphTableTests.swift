import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// What is uploaded of a graph, against following each token of the vocabulary from each state.
@Suite("The flat tables of a graph")
struct GraphTableTests {
    struct Source: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let grammar: @Sendable () throws -> Grammar
    }

    static let sources: [Source] = [
        Source(testDescription: "a month") { try Grammar(regex: #"(?:19|20)\d\d-(?:0[1-9]|1[0-2])"#) },
        Source(testDescription: "an object") {
            try Grammar(
                jsonSchema: #"""
                    {"type": "object", "properties": {"a": {"enum": ["x", "yes", 12]}, "b": {"type": "boolean"}},
                     "required": ["a"], "additionalProperties": false}
                    """#)
        },
        Source(testDescription: "a move in chess") {
            try Grammar(gbnf: #"root ::= [NBKQR]? [a-h] [1-8] [+#]? | "O-O" "-O"?"#)
        },
    ]

    /// Counted strings have hundreds of states, each of which leads to many.
    static let largerSources =
        sources + [
            Source(testDescription: "words with bounds") { try Grammar(regex: "[a-f-]{2,9}(?:,.{3,17})?") },
            Source(testDescription: "a string with bounds") {
                try Grammar(jsonSchema: #"{"type": "string", "minLength": 2, "maxLength": 12}"#)
            },
        ]

    /// Compares every successor with `advance`, of the graph and of a matcher; says where they first part.
    static func compare(_ grammar: Grammar, _ trie: TokenTrie, _ note: String) throws {
        let graph = try ConstraintGraph(grammar, trie)
        let matcher = try GrammarMatcher(grammar, trie)
        let tables = graph.tables
        #expect(tables.vocabularySize == trie.vocabularySize && tables.tokenClasses.count == trie.vocabularySize)
        #expect(tables.successors.count == graph.stateCount * tables.tokenClassCount)
        // The matcher's state of each of the graph's.
        var states: [Int32: ConstraintState] = [0: matcher.start]
        for row in 0..<graph.stateCount {
            let state = ConstraintState(index: Int32(row))
            let own = try #require(states[Int32(row)], "\(note): nothing before state \(row) leads to it")
            var wrong: [Int] = []
            var allowed: [Int] = []
            for token in 0..<trie.vocabularySize {
                let next = tables.successors[row * tables.tokenClassCount + Int(tables.tokenClasses[token])]
                let target = (try? graph.advance(state, token))?.index ?? GraphTables.none
                let expected = try? matcher.advance(own, token)
                if next != GraphTables.none { allowed.append(token) }
                var isRight = next == target && (next != GraphTables.none) == (expected != nil)
                if let expected, next >= 0 {
                    isRight = isRight && states[next] ?? expected == expected
                    states[next] = expected
                } else if let expected {
                    isRight = isRight && next == GraphTables.finished && expected == .finished
                }
                if !isRight { wrong.append(token) }
            }
            #expect(wrong.isEmpty, "\(note), state \(row): tokens \(wrong.prefix(5))")
            #expect(Int(tables.allowedCounts[row]) == allowed.count, "\(note), state \(row)")
            let forced = allowed.count == 1 ? UInt32(allowed[0]) : .max
            #expect(tables.forcedTokens[row] == forced, "\(note), state \(row)")
            #expect((tables.accepting[row] == 1) == matcher.isAccepting(own), "\(note), state \(row)")
        }
        #expect(Set(states.values).count == states.count, "\(note): two states of the graph are one of the matcher's")
    }

    @Test("Every state leads every token where advancing by it leads, on random tokens", arguments: largerSources)
    func synthetic(_ source: Source) throws {
        for seed in UInt64(1)...4 {
            var random = SplitMix(seed: seed)
            let alphabet =
                Array("abf12-,:\"{}x09RO+".utf8).map { [$0] } + ["true", "\"b\"", "é"].map { Array($0.utf8) }
            let trie = try TokenTrie(
                GrammarMatcherTests.vocabulary(
                    alphabet, and: GrammarMatcherTests.printable, count: 600, &random))
            try Self.compare(try source.grammar(), trie, "seed \(seed)")
        }
    }

    @Test("Every state leads every token where advancing by it leads, on a real vocabulary", arguments: sources)
    func real(_ source: Source) throws {
        guard let path = SharedData.path("vocab/ggml-vocab-gpt-2.gguf") else { return }
        try Self.compare(try source.grammar(), try TokenTrie(Vocabulary(GGUFFile(path: path))), "gpt-2")
    }

    @Test("Transitions are counted to the last one")
    func transitions() throws {
        let trie = try TokenTrie(.bytes256)
        let grammar = try ConstraintGraphTests.identifierGrammar(6)
        let all = try ConstraintGraph(grammar, trie).tables.allowedCounts.reduce(0) { $0 + Int($1) }
        var limits = GraphLimits()
        limits.transitions = all
        #expect(try grammar.constraint(on: trie, limits: limits) is ConstraintGraph)
        limits.transitions = all - 1
        let error = #expect(throws: ConstraintError.self) { try ConstraintGraph(grammar, trie, limits: limits) }
        #expect(error?.code == .limit)
        #expect(
            error?.description
                == """
                the graph of the constraint has more than \(all - 1) transitions
                Use a GrammarMatcher, which works out states as they are met, or raise GraphLimits.transitions \
                (--graph-limit transitions=N).
                """)
        #expect(try grammar.constraint(on: trie, limits: limits) is GrammarMatcher)
    }

    @Test("No graph takes more bytes than its limit, and 64 a state are enough beyond its tables")
    func bytes() throws {
        let trie = try TokenTrie(.bytes256)
        // Many classes of tokens, so that successors weigh more than the allowance of each state.
        let grammar = try Grammar(regex: "sphinx of black quartz, judge my vow")
        let graph = try ConstraintGraph(grammar, trie)
        var limits = GraphLimits()
        limits.bytes = graph.bytes + 64 * graph.stateCount
        #expect(try grammar.constraint(on: trie, limits: limits) is ConstraintGraph)
        limits.bytes = graph.bytes - 1
        let error = #expect(throws: ConstraintError.self) { try ConstraintGraph(grammar, trie, limits: limits) }
        #expect(error?.code == .limit)
        #expect(
            error?.description
                == """
                the graph of the constraint has more than \(graph.bytes - 1) bytes
                Use a GrammarMatcher, which works out states as they are met, or raise GraphLimits.bytes \
                (--graph-limit bytes=N).
                """)
        #expect(try grammar.constraint(on: trie, limits: limits) is GrammarMatcher)
    }
}
