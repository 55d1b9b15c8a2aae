import QPConstraints
import Testing

/// One pattern with texts that it matches and texts that it does not.
struct RegexCase: Sendable, CustomTestStringConvertible {
    let pattern: String
    let options: RegexOptions
    let accepted: [String]
    let rejected: [String]

    init(_ pattern: String, _ options: RegexOptions, _ accepted: [String], _ rejected: [String]) {
        self.pattern = pattern
        self.options = options
        self.accepted = accepted
        self.rejected = rejected
    }

    var testDescription: String { "\(options.dialect) \(options.extent) \(pattern)" }
}

private let rust = RegexOptions()
private let ecma = RegexOptions(dialect: .ecma)
private let search = RegexOptions.jsonSchema

@Suite("Patterns match what their syntax says, through the grammar and through the automaton")
struct RegexSyntaxTests {
    static let plain: [RegexCase] = [
        RegexCase("", rust, [""], ["a", " "]),
        RegexCase("abc", rust, ["abc"], ["", "ab", "abcd", "ABC"]),
        RegexCase("héé🐲", rust, ["héé🐲"], ["hé🐲", "hee🐲"]),
        RegexCase("a|bc|", rust, ["a", "bc", ""], ["b", "abc"]),
        RegexCase("a(?:b|c)d", rust, ["abd", "acd"], ["ad", "abcd"]),
        RegexCase("(?P<x>a)(?<y>b)(c)", rust, ["abc"], ["ab"]),
        RegexCase("a*b+c?", rust, ["b", "aabbc", "bc"], ["a", "c", "abcc"]),
        RegexCase("a*?b+?c??", rust, ["b", "aabbc", "bc"], ["a", "c"]),
        RegexCase("a{2}b{1,}c{,2}d{0,1}", rust, ["aab", "aabbccd"], ["ab", "aabccc", "aa"]),
        RegexCase("(ab){2,3}", rust, ["abab", "ababab"], ["ab", "abababab", "aba"]),
        RegexCase("(?:a|ab){2,3}", rust, ["aa", "aab", "ababab", "aba"], ["a", "ab", "abababa", "b"]),
        RegexCase("a**", rust, ["", "aaa"], ["b"]),
        RegexCase("a++b?+c*+d{2}+", rust, ["add", "aabbcdddd"], ["dd", "addd"]),
        RegexCase("(?:a?){3}b", rust, ["b", "ab", "aaab"], ["aaaab", "a"]),
        RegexCase(".", rust, ["a", "é", "🐲", "\r"], ["", "\n", "ab"]),
        RegexCase("(?s).", rust, ["a", "\n"], [""]),
        RegexCase(##"\.\*\\\/\-\#\ "##, rust, [##".*\/-# "##], [##"a*\/-# "##]),
        RegexCase(#"\t\n\r\f\v\a\0"#, rust, ["\t\n\r\u{C}\u{B}\u{7}\u{0}"], ["\t"]),
        RegexCase(#"\x41\x{1F432}\u00e9\u{e9}\U0001F432\cJ"#, rust, ["A🐲éé🐲\n"], ["a"]),
        RegexCase("(?x) a b # c\n | \\ d", rust, ["ab", " d"], ["a b", "d"]),
        RegexCase("(?x)[a b]", rust, ["a", "b"], [" "]),
        RegexCase("(?U)a+b+?", rust, ["ab", "aabb"], ["a"]),
        RegexCase("a]b}", rust, ["a]b}"], ["ab"]),
    ]

    static let classes: [RegexCase] = [
        RegexCase("[a-cx]", rust, ["a", "b", "c", "x"], ["d", "", "ab"]),
        RegexCase("[^a-c]", rust, ["d", "é", "\n", "🐲"], ["a", "", "dd"]),
        RegexCase("[]a][a-][-a][^]a]", rust, ["]--b", "aaab"], ["b--b", "]--]"]),
        RegexCase("[--a]", rust, ["-", "a"], [".", "5"]),
        // Hyphens in front are characters; without one, so is a bracket, which begins no range.
        RegexCase("[-]", rust, ["-"], ["", "]", "--"]),
        RegexCase("[^-]", rust, ["a", "]"], ["-", ""]),
        RegexCase("[--]", rust, ["-"], ["", "--", "]"]),
        RegexCase("[-a-c]", rust, ["-", "b"], ["]", "d"]),
        RegexCase("[]-a]", rust, ["]", "-", "a"], ["^", "_", "`", ""]),
        RegexCase("[-]a]", rust, ["-a]"], ["-", "]", "a", "]a]"]),
        RegexCase("[^]-a]", rust, ["^", "b"], ["]", "-", "a", ""]),
        RegexCase("[^]a]", rust, ["b", "^"], ["]", "a", "^a]"]),
        RegexCase("[]--a]", rust, ["]"], ["-", "a"]),
        RegexCase("[[]-]b[-]]", rust, ["]", "-", "b"], ["[", "a"]),
        RegexCase("(?x)[ ^ - ]a[ ] - b][+ - ]", rust, ["xa]+", "]ab-", "^a-+"], ["-a]+", " a]]", "xa^+"]),
        RegexCase("[a-z&&[^aeiou]]", rust, ["b", "z"], ["a", "e", "B", "&"]),
        RegexCase("[a-z--[aeiou]]", rust, ["b", "z"], ["a", "-"]),
        RegexCase("[a-g~~c-k]", rust, ["a", "b", "h", "k"], ["c", "g", "~"]),
        RegexCase("[^a-z&&b]", rust, ["a", "é"], ["b"]),
        RegexCase("[[:alpha:][:^digit:]--x]", rust, ["a", "!"], ["x", "5"]),
        RegexCase("[[:word:]]", rust, ["a", "_", "0"], ["-", "é"]),
        RegexCase("[[a]b[c-d]]", rust, ["a", "b", "c", "d"], ["e", "["]),
        RegexCase(#"[\d\-\]\x41]"#, rust, ["5", "-", "]", "A", "५"], ["a"]),
        RegexCase(#"[\w&&[^_]]"#, rust, ["a", "é"], ["_", " "]),
        RegexCase(#"\d\D\w\W\s\S"#, rust, ["५aé \u{A0}x", "1-_-\nz"], ["aaaaaa", "11_- z"]),
        RegexCase(#"\d"#, ecma, ["7"], ["५"]),
        RegexCase(#"\w"#, ecma, ["a", "_"], ["é", "-"]),
        RegexCase(#"\s"#, ecma, [" ", "\u{A0}", "\u{FEFF}", "\u{2029}"], ["a", "\u{85}"]),
        RegexCase(".", ecma, ["a", "\u{85}"], ["\n", "\r", "\u{2028}", "\u{2029}"]),
        RegexCase("[[a]", ecma, ["[", "a"], ["b"]),
        RegexCase("[a&&b]", ecma, ["a", "&", "b"], ["c"]),
        RegexCase("[[:alpha:]]", ecma, ["[]", ":]", "a]"], ["a", "b]"]),
        RegexCase("[^]", ecma, ["a", "\n", "🐲"], ["", "ab"]),
        RegexCase(#"[\b][\w-.][a\-z]"#, ecma, ["\u{8}--", "\u{8}.z"], ["b.z", "\u{8}.b"]),
        RegexCase("a{,}b{c}{x{1", ecma, ["a{,}b{c}{x{1"], ["ab", "a"]),
        RegexCase(#"\uD83D\uDC32[\uD83D\uDC32]\-\_\/"#, ecma, ["🐲🐲-_/"], ["🐲"]),
        RegexCase(#"(?i)[^x]"#, rust, ["y", "Y"], ["x", "X"]),
    ]

    static let unicode: [RegexCase] = [
        RegexCase(#"\p{Lu}\p{Uppercase_Letter}\pL\PL"#, rust, ["AÉz1"], ["aÉz1", "AÉ11", "AÉzz"]),
        RegexCase(#"\p{Greek}\p{Script=Greek}\p{sc:grek}\P{Greek}"#, rust, ["αβγa"], ["aβγa", "αβγδ"]),
        RegexCase(#"\p{gc=Nd}\p{gc!=Nd}\p{^Nd}"#, rust, ["५aa"], ["aaa", "५५a"]),
        RegexCase(#"\p{Alphabetic}\p{White_Space}\p{is upper}\p{L&}"#, rust, ["é\u{3000}Éz"], ["é ɐª", "- ÉZ"]),
        RegexCase(#"\p{ASCII}\p{Any}\p{Assigned}\p{Cn}"#, rust, ["a\u{378}b\u{378}"], ["éaaa", "aaaa"]),
        RegexCase(#"\p{scx=Deva}\p{Emoji}"#, rust, ["\u{951}🐲"], ["a🐲"]),
        RegexCase(#"\p{Letter}cole"#, ecma, ["école"], ["1cole"]),
        RegexCase("(?i)straße", rust, ["STRAẞE", "ſtraße"], ["STRASSE"]),
        RegexCase("(?i)k", rust, ["k", "K", "\u{212A}"], ["x"]),
        RegexCase("(?i)i", rust, ["i", "I"], ["ı", "İ"]),
        RegexCase("(?i-u)k[s]é", rust, ["kSé"], ["\u{212A}sé", "ksÉ"]),
        RegexCase("(?i)[α-γ]", rust, ["Α", "γ"], ["δ"]),
        RegexCase("a(?i)b|c(?-i:d)e", rust, ["aB", "CdE"], ["Ab", "CDE"]),
        RegexCase(#"(?-u)\w\d\s"#, rust, ["a1 "], ["é1 ", "a५ "]),
    ]

    static let anchors: [RegexCase] = [
        RegexCase(#"^a$|\Ab\z|c\Z"#, rust, ["a", "b", "c"], ["d"]),
        RegexCase("(^a|b)c$", rust, ["ac", "bc"], ["aac"]),
        RegexCase("a^b", rust, [], ["ab", "a", "b"]),
        RegexCase("(?:a*^b)+", rust, ["b"], ["ab", "bb", "a"]),
        RegexCase("(?m)a$\n?^b|c", rust, ["a\nb", "c"], ["ab", "a\n"]),
        RegexCase("(?m)(?:^[a-z]+$\n?)+", rust, ["ab\ncd", "ab\n", "a"], ["\n", "a\n\nb"]),
        RegexCase("(?Rm)a$\r?\n?^b", rust, ["a\r\nb", "a\nb", "a\rb"], ["ab", "a\r\r\nb"]),
        RegexCase("(?R).", rust, ["a"], ["\r", "\n"]),
        RegexCase(#"\bfoo\b"#, rust, ["foo"], ["foo ", "fo"]),
        RegexCase(#"[a-z -]+\b[a-z -]+\b"#, rust, ["foo bar", "a-b"], ["ab", "foo bar ", "  ", "a"]),
        RegexCase(#"a\Bb\b.?"#, rust, ["ab", "ab-"], ["abc", "a"]),
        RegexCase(#"\b{start}é\b{end}-\b{start-half}\b{end-half}-\<a\>"#, rust, ["é--a"], ["a--a"]),
        RegexCase(#"(?-u:\b)é.?"#, rust, [], ["é", "éa"]),
        RegexCase(#"é(?-u:\b)?."#, rust, ["éa", "é-"], ["é"]),
        RegexCase(#".\b{2}."#, rust, ["a-", "-a"], ["ab"]),
    ]

    static let searches: [RegexCase] = [
        RegexCase("a", search, ["a", "xax", "\na\n"], ["", "b"]),
        RegexCase("", search, ["", "a"], []),
        RegexCase("^a", search, ["a", "ab"], ["ba", ""]),
        RegexCase("a$", search, ["a", "ba"], ["ab", "a\n"]),
        RegexCase("^a|b$", search, ["a", "axx", "xxb", "b"], ["xa", "bx", ""]),
        RegexCase("^(?:a|b)$", search, ["a", "b"], ["ab", ""]),
        RegexCase("^a$|^b$|c", search, ["a", "b", "xcx"], ["ab", "aa"]),
        RegexCase("(^|x)a($|y)", search, ["a", "ay", "zxa", "ayz", "zxayz"], ["za", "az"]),
        RegexCase("(^a)?b", search, ["ab", "xb", "xab", "bx"], ["a"]),
        RegexCase(".*a.*", search, ["a", "xax", "\na\n"], ["b"]),
        RegexCase(#"^\S+$"#, search, ["a", "é"], ["", "a b", " "]),
        RegexCase(#"\bfoo\b"#, search, ["foo", "a foo b", "é-foo"], ["afoo", "foob", "xfoo foox"]),
        RegexCase("(?m)^a$", search, ["a", "x\na\ny", "x\u{2028}a"], ["xa", "ax"]),
        RegexCase("a^b", search, [], ["ab", "a^b"]),
        RegexCase("$^", search, [""], ["a"]),
        RegexCase("(a|^)+b", search, ["b", "ab", "xaab"], ["xb"]),
    ]

    @Test("A pattern accepts and rejects", arguments: plain + classes + unicode + anchors + searches)
    func table(_ row: RegexCase) throws {
        let budget = CompileBudget(GrammarLimits())
        let automaton = try RegexPattern(row.pattern, options: row.options, budget: budget).automaton(budget: budget)
        let grammar = automaton.isEmpty ? nil : try Grammar(regex: row.pattern, options: row.options)
        for (texts, expected) in [(row.accepted, true), (row.rejected, false)] {
            for text in texts {
                let byAutomaton = automaton.accepts(text.utf8)
                let byGrammar = try grammar?.accepts(text.utf8) ?? false
                #expect(byAutomaton == expected, "the automaton is wrong on \(text.debugDescription)")
                #expect(byGrammar == expected, "the grammar is wrong on \(text.debugDescription)")
            }
        }
    }

    @Test("Single bytes match where Unicode is off and the text need not be UTF-8")
    func bytes() throws {
        var options = RegexOptions()
        options.matchesInvalidUTF8 = true
        let grammar = try Grammar(regex: #"(?-u)[^a]\xFF.(?u:.)é"#, options: options)
        #expect(try grammar.accepts([0xC3, 0xFF, 0x80, 0xC3, 0xA9, 0xC3, 0xA9]))
        #expect(try !grammar.accepts([0x61, 0xFF, 0x80, 0xC3, 0xA9, 0xC3, 0xA9]))
        #expect(try !grammar.accepts([0xC3, 0xFF, 0x80, 0xC3, 0xC3, 0xA9]))
        let assertions = try Grammar(regex: #"(?-u)(?:\b|x)\xFF*a*\b\xFF"#, options: options)
        #expect(try assertions.accepts([0x61, 0xFF]))
        #expect(try !assertions.accepts([0x61, 0x61]))
        #expect(try assertions.accepts([0x78, 0xFF, 0x61, 0xFF]))
        // Whether a lone byte is part of a word is not known.
        let error = #expect(throws: ConstraintError.self) {
            try Grammar(regex: #"(?-u:\xE9)\b"#, options: options)
        }
        #expect(error?.code == .unsupported)
        // ECMA-262 has no bytes to match.
        options.dialect = .ecma
        options.isUnicode = false
        #expect(try Grammar(regex: #"\s[^a]"#, options: options).accepts("\u{2003}é".utf8))
    }

    @Test("The line terminator can be another byte")
    func lineTerminator() throws {
        var options = RegexOptions()
        options.lineTerminator = 0
        let grammar = try Grammar(regex: "(?m)a$.?\\x00^b", options: options)
        #expect(try grammar.accepts("a\0b".utf8))
        #expect(try !grammar.accepts("a\nb".utf8))
        #expect(try !Grammar(regex: ".", options: options).accepts([0]))
        #expect(try Grammar(regex: ".", options: options).accepts([0x0A]))
        // A byte that is no character ends no line of characters.
        options.lineTerminator = 0xFF
        #expect(try Grammar(regex: ".", options: options).accepts("ÿ".utf8))
        #expect(try !Grammar(regex: "(?m)a$.^b|c", options: options).accepts("aÿb".utf8))
        options.matchesInvalidUTF8 = true
        options.isUnicode = false
        let lines = try Grammar(regex: #"(?m)a$\xFF^b|é^?[^a]"#, options: options)
        #expect(try lines.accepts([0x61, 0xFF, 0x62]))
        #expect(try lines.accepts([0xC3, 0xA9, 0x80]))
        options.lineTerminator = 0xA9
        #expect(try Grammar(regex: #"(?m)é^[^a]"#, options: options).accepts([0xC3, 0xA9, 0x80]))
    }
}
