import QPConstraints
import Testing

@Suite("Patterns made to be costly end quickly, or with a named limit")
struct RegexLimitTests {
    private func error(
        _ pattern: String, automaton: Bool = false, _ limits: GrammarLimits = .init()
    ) -> ConstraintError? {
        do throws(ConstraintError) {
            if automaton {
                let budget = CompileBudget(limits)
                _ = try RegexPattern(pattern, budget: budget).automaton(budget: budget)
            } else {
                _ = try Grammar(regex: pattern, limits: limits)
            }
            return nil
        } catch { return error }
    }

    @Test(
        "Nested and overlapping repetitions are matched without a limit",
        arguments: [
            "(a*)*", "(a|a)*", "(a*)+b?", "((a?)*|b*)*", "((a{0,100}){0,100}){0,100}", "(a|aa)*", "(|a)+", "(a*){2,}",
        ])
    func ambiguous(_ pattern: String) throws {
        let grammar = try Grammar(regex: pattern)
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 2000)
        #expect(try grammar.accepts(text))
        #expect(try grammar.accepts([]))
        #expect(try !grammar.accepts(text + [UInt8(ascii: "c")]))
    }

    @Test("A repetition beyond the limit is refused where it stands")
    func repetition() {
        #expect(
            error("ab{1,1000000000}")?.description
                == "a repetition of 1000000000 exceeds the limit of 1000000 (at byte 2)\n"
                + "Raise GrammarLimits.repetition (--limit repetition=N), or give a smaller bound.")
        #expect(error("a{99999999999999999999999999}")?.code == .limit)
        #expect(error("(?:(?:a{0,1000}){0,1000}){0,1000}")?.code == .limit)
        #expect(error("(?:(?:(?:a?){999999}){999999}){999999}")?.code == .limit)
    }

    @Test("Nesting beyond the limit is refused")
    func nesting() {
        let groups = String(repeating: "(", count: 100_000) + String(repeating: ")", count: 100_000)
        #expect(
            error(groups)?.description
                == "more than 256 levels of nesting (at byte 256)\n"
                + "Raise GrammarLimits.nestingDepth (--limit nestingDepth=N), or write the constraint more simply.")
        #expect(error(String(repeating: "[", count: 100_000))?.code == .limit)
        #expect(error("ab" + String(repeating: "{2}", count: 100_000))?.code == .limit)
        #expect(error(String(repeating: "(a|", count: 250) + String(repeating: ")*", count: 250)) == nil)
        // Few groups, and few repetitions of each, but all of them inside one another.
        var nested = "a"
        for _ in 0..<20 { nested = "(" + nested + String(repeating: "{2}", count: 20) + ")" }
        #expect(error(nested)?.description.hasPrefix("more than 256 levels of nesting (at byte ") == true)
    }

    @Test("However high the limit, nesting ends at a ceiling")
    func nestingCeiling() {
        var limits = GrammarLimits()
        limits.nestingDepth = .max
        func groups(_ count: Int) -> String {
            String(repeating: "(a|b", count: count) + String(repeating: ")*c", count: count)
        }
        let text =
            "more than 1000 levels of nesting (at byte 4000)\n"
            + "This ceiling cannot be raised: GrammarLimits.nestingDepth counts up to it. "
            + "Write the constraint more simply."
        #expect(error(groups(1000), limits) == nil)
        for count in [1001, 10_000, 200_000] { #expect(error(groups(count), limits)?.description == text) }
        #expect(error(groups(10_000), automaton: true, limits)?.description == text)
        #expect(error(String(repeating: "[a", count: 10_000), limits)?.code == .limit)
        #expect(error("a" + String(repeating: "{2}", count: 10_000), limits)?.code == .limit)
        limits.nestingDepth = 999
        #expect(error(groups(1001), limits)?.advice.hasPrefix("Raise GrammarLimits.nestingDepth") == true)
    }

    @Test("An automaton with too many states is refused")
    func automatonStates() {
        // The n-th letter from the end takes 2ⁿ states.
        #expect(
            error("(?:a|b)*a(?:a|b){30}", automaton: true)?.description
                == "more than 50000 states of one automaton\n"
                + "Raise GrammarLimits.automatonStates (--limit automatonStates=N), or write the constraint more simply."
        )
        #expect(error("(?:(?:ab|c){0,1000}){0,1000}d", automaton: true)?.code == .limit)
        #expect(error(#"[a-z -]{0,100000}\b[a-z -]{0,1000}"#)?.code == .limit)
    }

    @Test("Time is limited")
    func time() {
        var limits = GrammarLimits()
        limits.seconds = 0
        #expect(error(String(repeating: "[a-z]", count: 3000), limits)?.code == .limit)
    }

    @Test("Long sources are limited")
    func source() {
        var limits = GrammarLimits()
        limits.sourceBytes = 10
        #expect(error("abcdefghijk", limits)?.code == .limit)
        limits = GrammarLimits()
        limits.expressions = 1000
        #expect(error(String(repeating: "a|bc", count: 1000), limits)?.code == .limit)
    }

    @Test("A class costs what its members cost, and many large ones in it are merged")
    func largeMembers() throws {
        let letters = String(repeating: #"\pL"#, count: 30_000)
        for pattern in ["[\(letters)]", "[a-z&&\(letters)]", "[" + String(repeating: #"\w"#, count: 30_000) + "]"] {
            #expect(error(pattern)?.description.hasPrefix("more than 2000000 nodes\n") == true, "\(pattern.prefix(9))")
        }
        let grammar = try Grammar(regex: "[5\(letters.prefix(60))é-ÿ\\p{Sc}]")
        for text in ["5", "a", "é", "÷", "€", "字"] { #expect(try grammar.accepts(text.utf8), "\(text)") }
        for text in ["6", "-", "¿", "", "aa"] { #expect(try !grammar.accepts(text.utf8), "\(text)") }
    }

    @Test("Large classes and long alternatives compile")
    func large() throws {
        let class_ = "[" + (0x4E00..<0x5E00).filter { $0 % 2 == 0 }.map { String(UnicodeScalar($0)!) }.joined() + "]"
        let grammar = try Grammar(regex: class_ + "{1,500}")
        #expect(try grammar.accepts("一丂".utf8))
        #expect(try !grammar.accepts("丁".utf8))
        let words = (0..<5000).map { "word\($0)" }.joined(separator: "|")
        #expect(try Grammar(regex: words).accepts("word4999".utf8))
        #expect(try !Grammar(regex: words).accepts("word5000".utf8))
        #expect(try Grammar(regex: String(repeating: "|", count: 1000)).accepts([]))
    }
}
