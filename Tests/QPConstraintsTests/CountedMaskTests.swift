import QPCore
import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// Counted repetitions on tokens of many characters: a run's room passes every bound that its profile keeps.
@Suite("Allowed tokens of counted texts")
struct CountedMaskTests {
    /// Texts of up to 40 pieces of `alphabet`, half of them of one piece over and over, some with a mark at the end.
    static func longTokens(
        _ alphabet: [[UInt8]], marks: [String], count: Int, _ random: inout SplitMix
    ) throws -> Vocabulary {
        var texts = Set(alphabet + marks.map { Array($0.utf8) })
        while texts.count < count {
            let length =
                Bool.random(using: &random)
                ? Int.random(in: 1...8, using: &random) : Int.random(in: 9...40, using: &random)
            let single = Bool.random(using: &random) ? alphabet.randomElement(using: &random) : nil
            var text = (0..<length).flatMap { _ in single ?? alphabet.randomElement(using: &random)! }
            if Int.random(in: 0..<3, using: &random) == 0 { text += Array(marks.randomElement(using: &random)!.utf8) }
            texts.insert(text)
        }
        let sorted = texts.sorted { $0.lexicographicallyPrecedes($1) }
        return try Vocabulary(tokens: sorted + [Array("</s>".utf8)], endOfText: [sorted.count])
    }

    /// Bounds on both sides of those that profiles keep: 6, 16, 22 and 23 repetitions, and the longest token's.
    static func bounds(_ random: inout SplitMix) -> (minimum: Int, maximum: Int) {
        let maximum = [3, 6, 7, 15, 16, 17, 22, 23, 24, 25, 39, 40, 41, 60].randomElement(using: &random)!
        return (Int.random(in: 0...min(maximum, 20), using: &random), maximum)
    }

    static let alphabet = ["a", "b", "0", "é", "日", "-"].map { Array($0.utf8) }

    @Test("Every step of JSON strings with minLength and maxLength", arguments: UInt64(1)...8)
    func strings(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let trie = try TokenTrie(
            Self.longTokens(
                Self.alphabet + ["\\n", "\\u00e9", "\\", "c"].map { Array($0.utf8) },
                marks: ["\"", "\",", "\"]", "[\"", ",", "]", "\",\"", "["], count: 900, &random))
        for round in 0..<6 {
            let (minimum, maximum) = Self.bounds(&random)
            let schema = #"{"type":"array","items":{"type":"string","minLength":\#(minimum),"maxLength":\#(maximum)}}"#
            let grammar = try Grammar(jsonSchema: schema)
            for _ in 0..<3 {
                try GrammarMatcherTests.compare(
                    grammar, trie, steps: 25, &random, "seed \(seed), round \(round), \(schema)")
            }
        }
    }

    /// `#` stands for bounds.
    static let patterns = [
        ".#", "[ab]#", "(?:a|é)#", "a#b#", "(?:[ab-]#,)*", #"[^,]#,\w#"#, "(?:ab|0)#;?", #"(?:\w#-)?.#"#, "[ab]#[b0]#",
    ]

    @Test("Every step of counted characters, classes and groups of regular expressions", arguments: UInt64(1)...8)
    func expressions(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let trie = try TokenTrie(
            Self.longTokens(Self.alphabet, marks: [",", ";", "a,b", ",a", "-", "\n"], count: 900, &random))
        for pattern in Self.patterns {
            var parts = pattern.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
            for index in parts.indices.dropLast() {
                let (minimum, maximum) = Self.bounds(&random)
                parts[index] += "{\(minimum),\(maximum)}"
            }
            let source = parts.joined()
            let grammar = try Grammar(regex: source)
            for _ in 0..<2 {
                try GrammarMatcherTests.compare(grammar, trie, steps: 20, &random, "seed \(seed), \(source)")
            }
        }
    }

    @Test("Every step of counted units between what may begin like them", arguments: UInt64(1)...8)
    func units(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let trie = try TokenTrie(
            Self.longTokens(Self.alphabet, marks: [".", "a.", ".a", "-", "b-"], count: 900, &random))
        for round in 0..<6 {
            let builder = GrammarBuilder()
            func run() throws -> Expression {
                let sets: [ScalarSet] = [
                    ScalarSet([0x61...0x62]), ScalarSet([0x61...0x61, 0xE9...0xE9, 0x65E5...0x65E5]),
                    ScalarSet(".").complement,
                ]
                let (minimum, maximum) = Self.bounds(&random)
                return try builder.repeated(
                    builder.unit(builder.character(sets.randomElement(using: &random)!)), minimum, maximum)
            }
            // Apart from its neighbours where a full stop follows, and not where another run does.
            let isApart = Bool.random(using: &random)
            let part = try builder.sequence([run(), isApart ? builder.literal(".") : run(), builder.literal(".")])
            let grammar = try builder.grammar(root: builder.repeated(part, 1, 3))
            for _ in 0..<4 {
                try GrammarMatcherTests.compare(grammar, trie, steps: 25, &random, "seed \(seed), round \(round)")
            }
        }
    }

    @Test("Tokens of such a vocabulary begin more repetitions than masks are kept for")
    func longestRun() throws {
        var random = SplitMix(seed: 1)
        let trie = try TokenTrie(Self.longTokens(Self.alphabet, marks: ["\""], count: 900, &random))
        let builder = GrammarBuilder()
        let unit = try builder.unit(builder.character(ScalarSet("\"").complement))
        let matcher = try GrammarMatcher(
            builder.grammar(root: builder.sequence([builder.repeated(unit, 0, 30), builder.literal("\"")])), trie)
        matcher.prepare(matcher.recognizer.start)
        let program = matcher.recognizer.program
        let run = try #require(program.loops.first { $0.isRun })
        let profile = try #require(trie.profiles.profile(program.code(ofUnit: run.body)))
        #expect(profile.largestCount >= 40 && profile.masks.count == 24)
        // Beyond the bounds that stand for all others there is no remainder.
        #expect(profile.remainder(room: 5, in: trie) == nil)
        for (room, bound) in [(6, 6), (15, 6), (16, 16), (23, 16), (39, 16), (1000, profile.largestCount)] {
            let inside = profile.inside[..<profile.insideEnd[bound]].map(Int.init)
            let mask = try TokenMask(allowing: inside, vocabularySize: trie.vocabularySize).words
            #expect(
                profile.remainder(room: room, in: trie)
                    == mask.withUnsafeBufferPointer { trie.nodesLeading(outside: $0) }, "room \(room)")
        }
    }
}
