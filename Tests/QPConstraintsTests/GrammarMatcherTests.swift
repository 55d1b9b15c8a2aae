import QPCore
import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// Allowed tokens, against trying every token by itself.
@Suite("Allowed tokens of a grammar")
struct GrammarMatcherTests {
    /// A vocabulary of random texts over `alphabet`, every single one of it and of `others`, and a few special tokens.
    static func vocabulary(
        _ alphabet: [[UInt8]], and others: [[UInt8]] = [], count: Int, _ random: inout SplitMix
    ) throws -> Vocabulary {
        var tokens = Set<[UInt8]>()
        while tokens.count < count {
            let length = 1 + Int(random.next() % 5)
            tokens.insert((0..<length).flatMap { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] })
        }
        // Duplicates, an empty token, and parts of characters.
        var texts = Array(tokens).sorted { $0.lexicographicallyPrecedes($1) }
        texts += [texts[0], [], [0xC3], [0xA9], Array("</s>".utf8)]
        for piece in alphabet + others where !tokens.contains(piece) { texts.append(piece) }
        return try Vocabulary(tokens: texts, endOfText: [count + 4], vocabularySize: texts.count + 7)
    }

    /// What JSON may need to be written, character by character.
    static let printable = (0x20...0x7E).map { [UInt8($0)] }

    /// Walks `steps` random allowed tokens and compares every answer with what each token by itself comes to.
    static func compare(
        _ grammar: Grammar, _ trie: TokenTrie, steps: Int, _ random: inout SplitMix, _ note: String
    ) throws {
        let matcher = try GrammarMatcher(grammar, trie)
        // Profiles from the first state on or not at all, and made in as many parts as may be.
        matcher.demandsBeforeProfile = [0, 2, 6].randomElement(using: &random)!
        matcher.nodesPerDemand = [1, 40, 500].randomElement(using: &random)!
        let recognizer = try Recognizer(grammar.program, limits: grammar.limits)
        var state = matcher.start
        var text: [UInt8] = []
        for step in 0..<steps where !matcher.isFinished(state) {
            let place = try #require(try recognizer.state(after: text))
            var expected: [UInt32] = []
            for token in 0..<trie.vocabularySize {
                var next = place
                for byte in trie.text(of: token) where next != Recognizer.dead {
                    next = try recognizer.step(next, byte)
                }
                let isText = !trie.text(of: token).isEmpty && next != Recognizer.dead
                let isEnd = trie.endOfText.contains(token) && recognizer.isAccepting(place)
                if isText || isEnd { expected.append(UInt32(token)) }
            }
            let allowed = try matcher.allowedTokens(state)
            #expect(allowed.tokens == expected, "\(note), step \(step), after \(String(decoding: text, as: UTF8.self))")
            #expect(allowed.count == expected.count && allowed.mask.tokens == expected, "\(note), step \(step)")
            guard let token = allowed.tokens.randomElement(using: &random) else { return }
            state = try matcher.advance(state, Int(token))
            text += trie.text(of: Int(token))
        }
    }

    @Test("Every step of strings with bounds, escapes and what may follow them", arguments: 1...12)
    func strings(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let vocabulary = try Self.vocabulary(
            ["a", "b", "\"", "\\", "n", ",", "]", "[", "é", "é"].map { Array($0.utf8) }, count: 700, &random)
        let trie = try TokenTrie(vocabulary)
        for round in 0..<6 {
            let builder = GrammarBuilder()
            let plain = try builder.character(
                ScalarSet("\"", "\\").complement.intersection(ScalarSet([0x20...0x10FFFF])))
            let unit = try builder.unit(
                builder.choice([
                    plain, builder.sequence([builder.literal("\\"), builder.bytes(ByteSet("n\"\\".utf8))]),
                ]))
            let minimum = Int(random.next() % 4)
            let maximum: Int? = random.next() % 3 == 0 ? nil : minimum + Int(random.next() % 9)
            let string = try builder.sequence([
                builder.literal("\""), builder.repeated(unit, minimum, maximum), builder.literal("\""),
            ])
            let item = try builder.call(builder.rule("item", string))
            let list = try builder.sequence([
                builder.literal("["), item,
                builder.repeated(builder.sequence([builder.literal(","), item]), 0, 4), builder.literal("]"),
            ])
            let grammar = try builder.grammar(root: list)
            try Self.compare(
                grammar, trie, steps: 25, &random, "seed \(seed), round \(round), \(minimum)…\(maximum ?? -1)")
        }
    }

    @Test("Every step where what follows a run may begin like it", arguments: 1...12)
    func ambiguousRuns(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let vocabulary = try Self.vocabulary(
            ["a", "b", "c", "-", ".", "é"].map { Array($0.utf8) }, count: 400, &random)
        let trie = try TokenTrie(vocabulary)
        for round in 0..<8 {
            let builder = GrammarBuilder()
            func run() throws -> Expression {
                let set =
                    random.next() % 2 == 0
                    ? try builder.bytes(ByteSet(["ab", "abc", "c", "-."][Int(random.next() % 4)].utf8))
                    : try builder.character(ScalarSet([0x61...0x61 + UInt32(random.next() % 3), 0xE9...0xE9]))
                let minimum = Int(random.next() % 3)
                return try builder.repeated(
                    set, minimum, random.next() % 2 == 0 ? nil : minimum + Int(random.next() % 5))
            }
            let pair = try builder.sequence([
                run(), builder.choice([builder.literal("-"), builder.literal("a")]), run(),
            ])
            let root = try builder.sequence([run(), builder.repeated(pair, 0, 3), builder.literal(".")])
            try Self.compare(try builder.grammar(root: root), trie, steps: 20, &random, "seed \(seed), round \(round)")
        }
    }

    @Test("Every step of keys beside named ones", arguments: 1...8)
    func keys(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let letters = (0x61...0x7A).map { [UInt8($0)] }
        let vocabulary = try Self.vocabulary(
            letters + ["\"", ":", "1", "}", ",", " ", "A", "Z"].map { Array($0.utf8) }, count: 900, &random)
        let trie = try TokenTrie(vocabulary)
        let builder = GrammarBuilder()
        let letter = try builder.bytes(ByteSet(0x20...0x7E).intersection(ByteSet("\"".utf8).complement))
        // All keys but "ab" and "abc", which take another value, in the way of a tree.
        func others(_ named: [UInt8]...) throws -> ByteSet {
            ByteSet(0x20...0x7E).intersection(ByteSet("\"".utf8 + named.flatMap { $0 }).complement)
        }
        let tail = try builder.call(
            builder.rule("tail", builder.sequence([builder.repeated(letter, 0, nil), builder.literal("\"")])))
        let a = try builder.bytes(ByteSet("a".utf8))
        let b = try builder.bytes(ByteSet("b".utf8))
        let c = try builder.bytes(ByteSet("c".utf8))
        func other(_ named: String) throws -> Expression {
            try builder.sequence([builder.bytes(others(Array(named.utf8))), tail])
        }
        let end = try builder.literal("\"")
        let free = try builder.choice([
            end, other("a"),
            builder.sequence([
                a,
                builder.choice([
                    end, other("b"),
                    builder.sequence([b, builder.choice([other("c"), builder.sequence([c, other("")])])]),
                ]),
            ]),
        ])
        let key = try builder.choice([
            builder.sequence([builder.literal("\""), free, builder.literal(":1")]),
            builder.sequence([builder.anyOf(["\"ab\"", "\"abc\""].map { Array($0.utf8) }), builder.literal(":}")]),
        ])
        let root = try builder.sequence([
            key, builder.repeated(builder.sequence([builder.literal(","), key]), 0, nil), builder.literal("}"),
        ])
        for walk in 0..<4 {
            try Self.compare(try builder.grammar(root: root), trie, steps: 30, &random, "seed \(seed), walk \(walk)")
        }
    }

    @Test("Every step where most bytes lead to a run that others share", arguments: 1...10)
    func neighbours(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let letters = (0x61...0x66).map { [UInt8($0)] }
        let vocabulary = try Self.vocabulary(
            letters + ["0", "1", "A", " ", "~", "Q", "\n", "."].map { Array($0.utf8) }, count: 900, &random)
        let trie = try TokenTrie(vocabulary)
        let printable = ByteSet(0x20...0x7E)
        let lower = ByteSet(0x61...0x7A)
        for round in 0..<6 {
            let builder = GrammarBuilder()
            let wide = [
                printable, printable.intersection(lower.complement),
                printable.intersection(ByteSet("0123456789".utf8).complement),
            ]
            func part() throws -> Expression {
                switch random.next() % 4 {
                case 0: return try builder.repeated(builder.bytes(lower), 0, nil)
                case 1: return try builder.repeated(builder.bytes(ByteSet("01".utf8)), 1, 3)
                case 2: return try builder.bytes(wide[Int(random.next() % 3)])
                default:
                    return try builder.choice([
                        builder.sequence([
                            builder.bytes(wide[Int(random.next() % 3)]), builder.repeated(builder.bytes(lower), 0, nil),
                        ]), builder.repeated(builder.bytes(ByteSet("01".utf8)), 2, 3), builder.literal("a"),
                    ])
                }
            }
            let body = try builder.sequence([part(), part(), part()])
            let root = try builder.sequence([builder.repeated(body, 0, nil), builder.literal("\n")])
            try Self.compare(try builder.grammar(root: root), trie, steps: 20, &random, "seed \(seed), round \(round)")
        }
    }

    @Test("Two states that lead mostly to each other are answered")
    func circle() throws {
        // Each half loops on letters and hands every other byte to the other half.
        let builder = GrammarBuilder()
        let lower = ByteSet(0x61...0x7A)
        let other = try builder.bytes(ByteSet(0x20...0x7E).intersection(lower.complement))
        let ambiguous = try builder.repeated(
            builder.choice([builder.repeated(builder.bytes(lower), 1, nil), builder.literal("a")]), 0, nil)
        let half = try builder.sequence([ambiguous, other])
        let root = try builder.sequence([
            builder.repeated(builder.sequence([half, half]), 0, nil), builder.literal("\n"),
        ])
        let matcher = try GrammarMatcher(try builder.grammar(root: root), try TokenTrie(.bytes256))
        #expect(try matcher.allowedTokens(matcher.start).count == 96)
    }

    @Test("A limit met in one state leaves the others' answers alone, and caches may be small")
    func limitsAndCaches() throws {
        var limits = GrammarLimits()
        limits.configurations = 40
        limits.cacheBytes = 1
        let builder = GrammarBuilder(limits: limits)
        let letters = try builder.bytes(ByteSet(0x61...0x7A))
        // Behind "x", texts of one letter or two that may be told apart in many ways.
        let many = try builder.repeated(builder.sequence([letters, builder.optional(letters)]), 0, 4000)
        let root = try builder.choice([
            builder.sequence([builder.literal("x"), many, builder.literal(".")]),
            builder.sequence([builder.literal("y"), builder.repeated(letters, 0, nil), builder.literal(".")]),
        ])
        let grammar = try builder.grammar(root: root)
        let trie = try TokenTrie(.bytes256)
        let matcher = try GrammarMatcher(grammar, trie)
        var state = try matcher.advance(matcher.start, Int(UInt8(ascii: "x")))
        let error = #expect(throws: ConstraintError.self) {
            for _ in 0..<200 {
                _ = try matcher.allowedTokens(state)
                state = try matcher.advance(state, Int(UInt8(ascii: "a")))
            }
        }
        #expect(error?.code == .limit)
        #expect(error?.advice.contains("configurations") == true)
        #expect(try matcher.allowedTokens(matcher.start).tokens == Array("xy".utf8).map(UInt32.init))
        let calm = try matcher.advance(matcher.start, Int(UInt8(ascii: "y")))
        #expect(try matcher.allowedTokens(calm).tokens == ([0x2E] + Array(0x61...0x7A)).map { UInt32($0) })
    }

    @Test("A mask of another engine is taken as it is, in its smallest form")
    func foreignMask() throws {
        let mask = try TokenMask(allowing: [3, 64, 999], vocabularySize: 1000)
        let allowed = AllowedTokens(mask)
        #expect(allowed.tokens == [3, 64, 999] && allowed.count == 3 && allowed.mask == mask)
        guard case .ids = allowed.form else {
            Issue.record("three ids of a thousand are not held as a list")
            return
        }
        let most = AllowedTokens(.all(vocabularySize: 1000))
        guard case .complement(let none) = most.form else {
            Issue.record("all but none is not held as what is missing")
            return
        }
        #expect(none.isEmpty && most.count == 1000)
        var words = [Int32](repeating: 7, count: 33)
        words.withUnsafeMutableBufferPointer { allowed.fill($0) }
        #expect(words[0] == 8 && words[2] == 1 && words[31] == 1 << 7 && words[32] == 0)
    }

    @Test("Forced runs, refused tokens, and the end of the text")
    func forced() throws {
        let trie = try TokenTrie(.bytes256)
        let builder = GrammarBuilder()
        let root = try builder.sequence([
            builder.literal("{\"k\":"), builder.anyOf(["true", "false"].map { Array($0.utf8) }), builder.literal("}"),
        ])
        let matcher = try GrammarMatcher(try builder.grammar(root: root), trie)
        #expect(try matcher.forcedRun(matcher.start) == "{\"k\":".utf8.map(Int.init))
        #expect(try matcher.forcedText(matcher.start) == Array("{\"k\":".utf8))
        var cursor = ConstraintCursor(matcher)
        for byte in "{\"k\":t".utf8 { try cursor.accept(Int(byte)) }
        #expect(try matcher.forcedRun(cursor.state) == "rue}".utf8.map(Int.init) + [256])
        let error = #expect(throws: ConstraintError.self) { try cursor.accept(Int(UInt8(ascii: "x"))) }
        #expect(error?.description == "token 120, \"x\", is not allowed here")
        #expect(throws: ConstraintError.self) { try cursor.accept(256) }
        for byte in "rue}".utf8 { try cursor.accept(Int(byte)) }
        #expect(cursor.isAccepting && !cursor.isFinished)
        let fork = cursor
        try cursor.accept(256)
        #expect(cursor.isFinished)
        #expect(try cursor.allowedTokens().count == 0)
        cursor.rollback(5)
        #expect(try cursor.allowedTokens().tokens == [UInt32(UInt8(ascii: "r"))])
        #expect(fork.tokens.count == 10)
        cursor.reset()
        #expect(cursor.state == matcher.start)
    }

    @Test("A text that no token can continue is an error, not a dead end")
    func missingToken() throws {
        let vocabulary = try Vocabulary(tokens: ["a", "</s>"].map { Array($0.utf8) }, endOfText: [1])
        let builder = GrammarBuilder()
        let matcher = try GrammarMatcher(try builder.grammar(root: builder.literal("ab")), try TokenTrie(vocabulary))
        let state = try matcher.advance(matcher.start, 0)
        let error = #expect(throws: ConstraintError.self) { try matcher.allowedTokens(state) }
        #expect(error?.code == .vocabulary)
    }

    @Test("A vocabulary without texts, or without an end, is refused")
    func vocabularies() throws {
        let endless = try Vocabulary(tokens: [[65]])
        #expect(throws: ConstraintError.self) { try TokenTrie(endless) }
        let silent = try Vocabulary(tokens: [[], Array("</s>".utf8)], endOfText: [1])
        #expect(throws: ConstraintError.self) { try TokenTrie(silent) }
    }
}
