import QPConstraints
import QPCore

/// What random walks along a constraint meet: how many tokens it allows, and how often only one.
///
/// Each step takes one of the allowed tokens, all alike: not what a model would write, but every part of a small
/// constraint is soon met.
struct GrammarWalks: Encodable {
    private(set) var walks = 0
    private(set) var steps = 0
    /// Walks that came to an end of text.
    private(set) var finished = 0
    /// Steps at which one token alone was allowed.
    private(set) var forced = 0
    /// States of the matcher that were met.
    private(set) var states = 0
    /// Bytes of the matcher's states and answers, and of what is shared by all constraints over the vocabulary.
    private(set) var matcherBytes = 0
    private(set) var vocabularyBytes = 0
    /// How many steps allowed each K that was met, K ascending.
    private(set) var stepsByK: [Bin] = []

    struct Bin: Encodable {
        var K: Int
        var steps: Int
    }

    /// - Throws: ``ConstraintError`` as the matcher does.
    init(
        _ grammar: Grammar, _ trie: TokenTrie, walks: Int, stepsEach: Int, seed: UInt64
    ) throws(ConstraintError) {
        let matcher = try GrammarMatcher(grammar, trie)
        var random = PhiloxGenerator(seed: seed)
        var counts: [Int: Int] = [:]
        for _ in 0..<walks {
            var state = matcher.start
            for _ in 0..<stepsEach where !matcher.isFinished(state) {
                let allowed = try matcher.allowedTokens(state)
                counts[allowed.count, default: 0] += 1
                steps += 1
                if allowed.isForced { forced += 1 }
                // Never empty: a state that no token continues is an error.
                state = try matcher.advance(state, Int(allowed.tokens.randomElement(using: &random)!))
            }
            if matcher.isFinished(state) { finished += 1 }
        }
        self.walks = walks
        stepsByK = counts.sorted { $0.key < $1.key }.map { Bin(K: $0.key, steps: $0.value) }
        states = matcher.stateCount
        matcherBytes = matcher.bytes
        vocabularyBytes = trie.bytes
    }

    /// Steps by K: exactly 1, then by powers of ten.
    var histogram: [(range: String, steps: Int)] {
        var bins: [(range: String, steps: Int)] = []
        var low = 1
        for (top, range) in [
            (1, "1"), (9, "2 … 9"), (99, "10 … 99"), (999, "100 … 999"), (9_999, "1,000 … 9,999"),
            (99_999, "10,000 … 99,999"), (Int.max, "100,000 and more"),
        ] {
            bins.append((range, stepsByK.reduce(0) { $0 + ((low...top).contains($1.K) ? $1.steps : 0) }))
            low = top == .max ? top : top + 1
        }
        return bins
    }
}
