import QPConstraints
import QPTestInputs
import Testing

@Suite("Byte automata form the algebra of sets of texts")
struct AutomatonAlgebraTests {
    private let budget = CompileBudget(GrammarLimits())

    private func automaton(_ pattern: String) throws -> ByteAutomaton {
        try RegexPattern(pattern, budget: budget).automaton(budget: budget)
    }

    private func randomAutomaton(_ random: inout SplitMix) throws -> (source: String, automaton: ByteAutomaton) {
        let model = RegexModel.random(Int.random(in: 1...6, using: &random), assertions: 0.1, using: &random)
        return (model.source, try automaton(model.source))
    }

    /// All texts of up to three letters of the models' alphabet.
    private static let texts: [String] = {
        var texts = [""]
        var last = texts
        for _ in 0..<3 {
            last = last.flatMap { start in RegexModel.alphabet.map { start + String($0) } }
            texts += last
        }
        return texts
    }()

    @Test("Set operations hold text by text, and keep the laws of sets")
    func laws() throws {
        for seed in UInt64(0)..<120 {
            var random = SplitMix(seed: seed)
            let (leftSource, left) = try randomAutomaton(&random)
            let (rightSource, right) = try randomAutomaton(&random)
            let both = try left.intersection(right, budget: budget)
            let either = try left.union(right, budget: budget)
            let only = try left.subtracting(right, budget: budget)
            for text in Self.texts {
                let (inLeft, inRight) = (left.accepts(text.utf8), right.accepts(text.utf8))
                let isRight =
                    both.accepts(text.utf8) == (inLeft && inRight) && either.accepts(text.utf8) == (inLeft || inRight)
                    && only.accepts(text.utf8) == (inLeft && !inRight)
                #expect(isRight, "seed \(seed): \(leftSource) and \(rightSource) on \(text.debugDescription)")
            }
            let everything = ByteAutomaton.utf8
            let complement = try everything.subtracting(left, budget: budget)
            let notRight = try everything.subtracting(right, budget: budget)
            let laws = [
                try everything.subtracting(complement, budget: budget) == left,
                try everything.subtracting(either, budget: budget) == complement.intersection(notRight, budget: budget),
                try only == left.intersection(notRight, budget: budget),
                try both == right.intersection(left, budget: budget),
                try left.union(complement, budget: budget) == everything,
                try left.isDisjoint(with: complement, budget: budget),
                try both.isSubset(of: left, budget: budget),
                try left.isSubset(of: either, budget: budget),
                try left.isSubset(of: right, budget: budget) == only.isEmpty,
                try left.isDisjoint(with: right, budget: budget) == both.isEmpty,
                try left.hasSameTexts(as: right, budget: budget) == (left == right),
                try left.minimized(budget: budget) == left,
            ]
            #expect(!laws.contains(false), "seed \(seed): \(leftSource) and \(rightSource): \(laws)")
        }
    }

    @Test("Texts in UTF-8 are all of them and only them")
    func utf8() throws {
        let everything = ByteAutomaton.utf8
        #expect(everything.accepts("aé€🐲\u{0}\u{10FFFF}".utf8))
        for bytes in [
            [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82, 0x28],
        ] as [[UInt8]] {
            #expect(!everything.accepts(bytes), "\(bytes)")
        }
        #expect(try automaton("(?s:.)*") == everything)
    }

    @Test("The shortest text and the bounds in characters are found")
    func measures() throws {
        let rows: [(pattern: String, shortest: String?, minimum: Int, maximum: Int?)] = [
            ("", "", 0, 0), ("b|aa", "b", 1, 2), ("é{2,5}", "éé", 2, 5), ("a*", "", 0, nil), ("a+🐲", "a🐲", 2, nil),
            ("abc|é|xyz", "é", 1, 3), ("(?:ab|🐲)c?", "ab", 1, 3), ("[^a]", "\u{0}", 1, 1),
        ]
        for row in rows {
            let automaton = try automaton(row.pattern)
            let bounds = try #require(automaton.characterBounds)
            #expect(bounds.minimum == row.minimum, "\(row.pattern)")
            #expect(bounds.maximum == row.maximum, "\(row.pattern)")
            #expect(
                automaton.shortestText.map { String(decoding: $0, as: UTF8.self) } == row.shortest, "\(row.pattern)")
        }
        let nothing = try automaton("[a&&b]")
        #expect(nothing.isEmpty)
        #expect(nothing.shortestText == nil)
        #expect(nothing.characterBounds == nil)
    }

    @Test("Equal texts give equal automata, whichever way they are made")
    func canonical() throws {
        #expect(try automaton("(?:a|b)*") == automaton("(?:a*b*)*"))
        #expect(try automaton("é|è") == automaton("[èé]"))
        #expect(try automaton(#"\p{L}|[^\p{L}]"#) == automaton("(?s:.)"))
        #expect(try automaton("a") != automaton("b"))
        // The classes of bytes differ until they are merged.
        #expect(try automaton("[a-z&&[^b]]|b") == automaton("[a-z]"))
        #expect(try automaton("[a-z]").classCount == 2)
    }

    @Test("States know whether they stand between characters")
    func boundaries() throws {
        let automaton = try automaton("é🐲?a")
        var state: Int32 = 0
        var boundaries = [automaton.isBoundary[0]]
        for byte in "é🐲a".utf8 {
            state = automaton.next(state, byte)
            try #require(state != ByteAutomaton.dead)
            boundaries.append(automaton.isBoundary[Int(state)])
        }
        #expect(boundaries == [true, false, true, false, false, false, true, true])
    }

    @Test("A product with too many states is refused by the limit's name")
    func limit() throws {
        var limits = GrammarLimits()
        limits.automatonStates = 20
        let small = CompileBudget(limits)
        let left = try automaton("(?:a{97})*")
        let right = try automaton("(?:a{89})*")
        let error = #expect(throws: ConstraintError.self) { try left.intersection(right, budget: small) }
        #expect(error?.code == .limit)
        #expect(error?.message == "more than 20 states of one automaton")
        #expect(try left.intersection(right, budget: budget).stateCount == 97 * 89)
    }
}
