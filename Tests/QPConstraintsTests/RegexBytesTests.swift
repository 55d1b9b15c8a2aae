import QPCore
import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

@Suite("Patterns that match single bytes beside characters")
struct RegexBytesTests {
    @Test("A character of two bytes and two bytes are not of one length", arguments: 1...4)
    func mixedLengths(seed: UInt64) throws {
        var options = RegexOptions()
        options.matchesInvalidUTF8 = true
        let pattern = #"(?:(?-u:\xC3\xA9)|é.){2,3}"#
        let grammar = try Grammar(regex: pattern, options: options)
        let rows: [(text: String, expected: Bool)] = [
            ("éé", true), ("éaé", true), ("ééa", true), ("éaéa", true), ("éééééé", true), ("éa", false), ("é", false),
            ("ééaa", false), ("ééééééé", false),
        ]
        for (text, expected) in rows { #expect(try grammar.accepts(text.utf8) == expected, "\(text)") }
        // Tokens that hold several repetitions show whether the repetitions are told apart.
        var random = SplitMix(seed: seed)
        let vocabulary = try GrammarMatcherTests.vocabulary(
            ["é", "a", "\u{C9}"].map { Array($0.utf8) }, count: 200, &random)
        let trie = try TokenTrie(vocabulary)
        for round in 0..<10 {
            try GrammarMatcherTests.compare(grammar, trie, steps: 8, &random, "seed \(seed), round \(round)")
        }
    }
}
