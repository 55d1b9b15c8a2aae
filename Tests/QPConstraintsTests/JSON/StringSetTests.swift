import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

@Suite struct StringSetTests {
    typealias Checker = StringFormatTests.Checker
    static func budget() -> CompileBudget { CompileBudget(GrammarLimits()) }

    static func texts(_ set: StringSet) throws -> Grammar {
        let builder = GrammarBuilder()
        return try builder.grammar(root: set.lowered(into: JSONText(builder)))
    }

    @Test("the free string allows every spelling of RFC 8259, and no other")
    func freeSpelling() throws {
        let grammar = try Self.texts(.all)
        for text in [
            #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000\uD7FF\uE000\uffff""#, #""\ud83d\ude00""#,
            #""é\u00e9😀""#, "\"\u{7F}\u{80}\u{10FFFF}\"",
        ] {
            #expect(try grammar.accepts(text.utf8), "\(text)")
        }
        for text in [
            #"""#, #""""""#, #""a"#, #""\x""#, #""\u12""#, #""\u123g""#, #""\ud83d""#, #""\ude00""#, #""\ud83d\u0041""#,
            #""\ud83d\ud83d""#, #""\udc00\udc00""#, "\"\n\"", "\"\u{0}\"", "\"\u{1F}\"", "a",
        ] {
            #expect(try !grammar.accepts(text.utf8), "\(text)")
        }
        #expect(try !grammar.accepts([0x22, 0xC0, 0x80, 0x22]), "an overlong encoding")
        #expect(try !grammar.accepts([0x22, 0xED, 0xA0, 0x80, 0x22]), "a surrogate in UTF-8")
        #expect(try !grammar.accepts([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22]), "beyond U+10FFFF")
    }

    @Test("lengths count characters in every spelling, a pair of surrogates as one")
    func lengths() throws {
        let grammar = try Self.texts(.length(2, 3))
        for text in [
            #""ab""#, #""abc""#, #""é😀""#, #""\ud83d\ude00x""#, #""\u0041\n""#, #""\ud83d\ude00\ud83d\ude00a""#,
        ] {
            #expect(try grammar.accepts(text.utf8), "\(text)")
        }
        for text in [#""""#, #""a""#, #""abcd""#, #""😀""#, #""\ud83d\ude00""#, #""\u0041\u0042\u0043\u0044""#] {
            #expect(try !grammar.accepts(text.utf8), "\(text)")
        }
        let long = try Self.texts(.length(4096, 4096))
        #expect(try long.accepts(("\"" + String(repeating: "é", count: 4096) + "\"").utf8))
        #expect(try !long.accepts(("\"" + String(repeating: "é", count: 4095) + "\"").utf8))
        #expect(throws: ConstraintError.self) { try Self.texts(.length(0, 1_000_001)) }
    }

    @Test("finite sets are written in the canonical spelling alone")
    func values() throws {
        let grammar = try Self.texts(.values(["\u{8}\t\u{C}\r", "a/b", "say \"hi\"", "\n\u{1}\u{1F}", "é", "a", ""]))
        for text in [
            #""\b\t\f\r""#, #""a/b""#, #""say \"hi\"""#, #""\n\u0001\u001f""#, #""\n\u0001\u001F""#, #""é""#, #""a""#,
            #""""#,
        ] {
            #expect(try grammar.accepts(text.utf8), "\(text)")
        }
        for text in [#""a\/b""#, #""\u0061""#, #""\u000a\u0001\u001f""#, #""\u00e9""#, #""a/""#, #""b""#] {
            #expect(try !grammar.accepts(text.utf8), "\(text)")
        }
    }

    @Test("all strings but some keys: exactly those, in any spelling that cannot be one of the keys")
    func exceptKeys() throws {
        let keys = ["name", "names", "na", "é", "è", "ü", "日本", "日語", "a\"b", "\n", "\u{1}", "\u{10FFFF}", "\u{D7FF}"]
        for kept in [keys, Array(keys[..<3]), [""], ["", "a"], ["\u{800}"], ["\u{10000}"]] {
            let set = try StringSet.all.subtracting(.values(kept), budget: Self.budget())
            let checker = try Checker(set)
            let probes =
                keys + [
                    "", "n", "nam", "namex", "x", "ê", "日", "日x", "日木", "a\"", "a\"c", "\t", "\u{2}", "\u{10FFFE}",
                    "ß", "\u{7FF}", "\u{801}", "\u{FFFF}", "\u{10001}", "\u{E000}", "naé", "Name",
                ]
            for probe in probes {
                #expect(
                    try checker.contains(probe) == !kept.contains(where: { $0.utf8.elementsEqual(probe.utf8) }),
                    "\(probe)")
            }
        }
        for kept in [["name"], ["\u{D7FF}"], ["\u{E0}", "\u{800}", "\u{10FFFF}"]] {
            let grammar = try Self.texts(StringSet.all.subtracting(.values(kept), budget: Self.budget()))
            for bytes: [UInt8] in [
                [0xED, 0xA0, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
                [0xC1, 0xBF],
                [0x80], [0xF5, 0x80, 0x80, 0x80], [0xE1, 0x80], [0x0A],
            ] {
                #expect(try !grammar.accepts([0x22] + bytes + [0x22]), "\(bytes) is no character of UTF-8")
            }
        }
        let grammar = try Self.texts(StringSet.all.subtracting(.values(["name"]), budget: Self.budget()))
        #expect(try grammar.accepts(#""nbm\u0065""#.utf8), "after it differs, any spelling")
        #expect(try !grammar.accepts(#""nam\u0065""#.utf8), "name itself, spelled with an escape")
        #expect(try !grammar.accepts(#""\u006eame""#.utf8), "name itself, spelled with an escape")
    }

    /// What Swift decides of sets that are made of simple leaves.
    struct Sample {
        let set: StringSet
        let contains: (String) -> Bool
        let name: String
    }

    static func random(_ depth: Int, _ generator: inout SplitMix) throws(ConstraintError) -> Sample {
        let budget = budget()
        if depth == 0 || Int.random(in: 0..<4, using: &generator) == 0 {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0:
                let (low, width) = (Int.random(in: 0...3, using: &generator), Int.random(in: 0...2, using: &generator))
                return Sample(
                    set: .length(low, low + width), contains: { (low...low + width).contains($0.unicodeScalars.count) },
                    name: "length \(low)…\(low + width)")
            case 1:
                let low = Int.random(in: 0...3, using: &generator)
                return Sample(set: .length(low), contains: { $0.unicodeScalars.count >= low }, name: "length ≥ \(low)")
            case 2, 3:
                let values = (0..<3).map { _ in probes.randomElement(using: &generator)! }
                return Sample(set: .values(values), contains: { values.contains($0) }, name: "\(values)")
            case 4:
                return Sample(
                    set: try .pattern("^a", budget: budget), contains: { $0.hasPrefix("a") }, name: "^a")
            case 5:
                return Sample(
                    set: try .pattern("[\"\\n]", budget: budget),
                    contains: { $0.contains { $0 == "\"" || $0 == "\n" } },
                    name: "quote or line feed")
            case 6:
                return Sample(
                    set: try .pattern("^[ab]*$", budget: budget), contains: { $0.allSatisfy { "ab".contains($0) } },
                    name: "^[ab]*$")
            default:
                return Sample(
                    set: .format(.ipv4), contains: { $0 == "1.2.3.4" }, name: "ipv4")
            }
        }
        let left = try random(depth - 1, &generator)
        if Int.random(in: 0..<4, using: &generator) == 0 {
            return Sample(
                set: try left.set.complement(budget: budget), contains: { !left.contains($0) }, name: "¬\(left.name)")
        }
        let right = try random(depth - 1, &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            return Sample(
                set: try left.set.intersection(right.set, budget: budget),
                contains: { left.contains($0) && right.contains($0) }, name: "(\(left.name) ∩ \(right.name))")
        case 1:
            return Sample(
                set: try left.set.union(right.set, budget: budget),
                contains: { left.contains($0) || right.contains($0) }, name: "(\(left.name) ∪ \(right.name))")
        default:
            return Sample(
                set: try left.set.subtracting(right.set, budget: budget),
                contains: { left.contains($0) && !right.contains($0) }, name: "(\(left.name) − \(right.name))")
        }
    }

    static let probes = [
        "", "a", "b", "ab", "ba", "aab", "abab", "c", "ac", "é", "aé", "\"", "a\"", "\n", "a\nb", "\\", "\u{1F600}",
        "1.2.3.4",
        "abba", "aaaaa", "\u{0}", "\u{1F}b", "aaa", "\"\"\"",
    ]

    @Test("the Boolean operations are those of the members, in the set and in its texts", arguments: 1...200)
    func operations(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let sample = try Self.random(3, &generator)
        let checker = try Checker(sample.set)
        let isEmpty = try sample.set.isEmpty(budget: Self.budget())
        #expect((checker.grammar == nil) == isEmpty, "\(sample.name) is empty: \(isEmpty), seed \(seed)")
        for probe in Self.probes {
            #expect(
                try checker.contains(probe) == sample.contains(probe),
                "\(probe.debugDescription) in \(sample.name), seed \(seed)")
        }
        let complement = try sample.set.complement(budget: Self.budget())
        #expect(try sample.set.isDisjoint(with: complement, budget: Self.budget()), "\(sample.name), seed \(seed)")
        let union = try sample.set.union(complement, budget: Self.budget())
        #expect(
            try union.complement(budget: Self.budget()).isEmpty(budget: Self.budget()), "\(sample.name), seed \(seed)")
    }

    @Test("a pattern is searched for, a format is the whole string, and both combine with lengths")
    func combinations() throws {
        let budget = Self.budget()
        let pattern = try Checker(.pattern("b+", budget: budget))
        #expect(try pattern.contains("abbc") && !pattern.contains("ac"))
        let short = try Checker(
            StringSet.pattern("b+", budget: budget).intersection(.length(2, 3), budget: budget))
        #expect(try short.contains("ab") && short.contains("éb\n") && !short.contains("b") && !short.contains("abbc"))
        let both = try Checker(
            StringSet.format(.email).intersection(
                .pattern("\\.example$", budget: budget), budget: budget))
        #expect(try both.contains("\"a b\"@x.example") && !both.contains("a@x.org") && !both.contains("x.example"))
        let empty = try StringSet.format(.uuid).intersection(.length(0, 35), budget: budget)
        #expect(try empty.isEmpty(budget: budget))
        let even = try StringSet.pattern("^(aa)*$", budget: budget).intersection(.length(3, 3), budget: budget)
        #expect(try even.isEmpty(budget: budget))
        #expect(
            try StringSet.pattern("^a", budget: budget).isDisjoint(with: .pattern("^b", budget: budget), budget: budget)
        )
        #expect(
            try !StringSet.pattern("^a", budget: budget).isDisjoint(
                with: .pattern("b$", budget: budget), budget: budget))
    }

    @Test("a pattern's emptiness and members are found without its automaton")
    func patternsWithoutAutomata() throws {
        var limits = GrammarLimits()
        limits.automatonStates = 10
        let budget = CompileBudget(limits)
        for nothing in ["^[^\\s\\S]$", "a^b", "$.", "[]", "^a\\bb$", "x[]{2,5}", "(?:[]|b$c)"] {
            #expect(try StringSet.pattern(nothing, budget: Self.budget()).isEmpty(budget: Self.budget()), "\(nothing)")
        }
        let counted = try StringSet.pattern("^[a-z]{1,5000}$", budget: budget)
        #expect(try !counted.isEmpty(budget: budget))
        #expect(try counted.contains(String(repeating: "z", count: 5000), budget: budget))
        #expect(try !counted.contains(String(repeating: "z", count: 5001), budget: budget))
        #expect(try !counted.contains("", budget: budget) && !counted.contains("A", budget: budget))
        #expect(throws: ConstraintError.self, "with a length, an automaton is needed") {
            try counted.intersection(.length(1, 3), budget: budget).isEmpty(budget: budget)
        }
    }

    @Test("a union keeps no term that another one has all of")
    func absorption() throws {
        let budget = Self.budget()
        let pattern = try StringSet.pattern("a", budget: budget)
        let short = try pattern.intersection(.length(1, 5), budget: budget)
        let union = try short.union(pattern, budget: budget).union(short, budget: budget)
        #expect(union.terms.count == 1 && union.terms[0].isUnbounded)
        #expect(try pattern.union(.values(["b"]), budget: budget).contains("b", budget: budget))
        let others = try StringSet.all.subtracting(.values(["a", "b"]), budget: budget)
        #expect(try others.union(.all.subtracting(.values(["a"]), budget: budget), budget: budget).terms.count == 1)
    }

    @Test("sets that combine beyond the limit of terms are an error")
    func limits() throws {
        func evenLengths(below end: Int) throws(ConstraintError) -> StringSet {
            var set = StringSet.none
            for length in stride(from: 0, to: end, by: 2) {
                set = try set.union(.length(length, length), budget: Self.budget())
            }
            return set
        }
        #expect(try evenLengths(below: 128).terms.count == 64)
        let error = #expect(throws: ConstraintError.self) { try evenLengths(below: 130) }
        #expect(
            error?.description == """
                more than 64 combinations of patterns, formats and lengths in one set of strings
                Write patterns and lengths in fewer alternatives.
                """)
    }
}
