import QPConstraints
import Testing

@Suite("What cannot be enforced is refused by name and place")
struct RegexErrorTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let pattern: String
        let code: ConstraintError.Code
        let text: String
        let dialect: RegexOptions.Dialect

        init(_ pattern: String, _ code: ConstraintError.Code, _ text: String, _ dialect: RegexOptions.Dialect = .rust) {
            self.pattern = pattern
            self.code = code
            self.text = text
            self.dialect = dialect
        }

        var testDescription: String { "\(dialect) \(pattern)" }
    }

    static let unsupported: [Refusal] = [
        Refusal("a(?=b)", .unsupported, "look-ahead (?=…) is not supported (at byte 1)"),
        Refusal("a(?!b)", .unsupported, "negative look-ahead (?!…) is not supported (at byte 1)"),
        Refusal("é(?<=b)", .unsupported, "look-behind (?<=…) is not supported (at byte 2)"),
        Refusal("(?<!b)", .unsupported, "negative look-behind (?<!…) is not supported (at byte 0)", .ecma),
        Refusal(#"(a)\1"#, .unsupported, #"the back-reference \1 is not supported (at byte 3)"#),
        Refusal(#"(?<x>a)\k<x>"#, .unsupported, #"the back-reference \k is not supported (at byte 7)"#, .ecma),
        Refusal("(?P=x)", .unsupported, "the back-reference (?P=…) is not supported (at byte 0)"),
        Refusal("(?>a)", .unsupported, "the atomic group (?>…) is not supported (at byte 0)\nWrite (?:…)."),
        Refusal("a++", .unsupported, "possessive repetition is not supported (at byte 1)\nLeave out the +.", .ecma),
        Refusal("a{2}+", .unsupported, "possessive repetition is not supported (at byte 1)\nLeave out the +.", .ecma),
        Refusal("(?1)", .unsupported, "the recursion (?1…) is not supported (at byte 0)"),
        Refusal("(?-1)", .unsupported, "the recursion (?-…) is not supported (at byte 0)"),
        Refusal("(?R)", .unsupported, "the recursion (?R) is not supported (at byte 0)", .ecma),
        Refusal("(?P>x)", .unsupported, "the recursion (?P>…) is not supported (at byte 0)"),
        Refusal("(?(1)a|b)", .unsupported, "the conditional (?(…)…) is not supported (at byte 0)"),
        Refusal("(?|a|b)", .unsupported, "the branch reset (?|…) is not supported (at byte 0)"),
        Refusal(#"\012"#, .unsupported, "octal escapes are not supported (at byte 0)\nWrite \\xHH."),
        Refusal(
            #"\uD800"#, .unsupported,
            "a lone surrogate is in no UTF-8 text (at byte 0)\nWrite the whole character.", .ecma),
        Refusal(
            #"\p{Klingon}"#, .unsupported,
            "there is no table for the Unicode property Klingon (at byte 0)\n"
                + "General categories, scripts and binary properties have one."),
        Refusal(
            #"\p{isis upper}"#, .unsupported,
            "there is no table for the Unicode property isis upper (at byte 0)\n"
                + "General categories, scripts and binary properties have one."),
        Refusal(
            #"\p{"# + String(repeating: "is", count: 60_000) + "}", .unsupported,
            "there is no table for the Unicode property \(String(repeating: "is", count: 20))… (at byte 0)\n"
                + "General categories, scripts and binary properties have one."),
        // A name that is known, but for its length.
        Refusal(
            #"\p{L"# + String(repeating: "_", count: 100) + "}", .unsupported,
            "there is no table for the Unicode property L\(String(repeating: "_", count: 39))… (at byte 0)\n"
                + "General categories, scripts and binary properties have one."),
        Refusal(
            #"(?-u)\pL"#, .unsupported,
            "\\p needs Unicode, which is off here (at byte 5)\nWrite (?u:…) around it."),
    ]

    static let syntax: [Refusal] = [
        Refusal("(a", .syntax, "the group has no ) (at byte 0)"),
        Refusal("a)", .syntax, "there is no group that ) could end (at byte 1)"),
        Refusal("*", .syntax, "nothing before * to repeat (at byte 0)\nWrite \\*."),
        Refusal("a|?", .syntax, "nothing before ? to repeat (at byte 2)\nWrite \\?."),
        Refusal(
            "a**", .syntax, "a repetition cannot be repeated in ECMA-262 (at byte 2)\nWrite (?:…) around it.", .ecma),
        Refusal("(?i)*", .syntax, "nothing before * to repeat (at byte 4)\nWrite \\*."),
        Refusal("a{3,2}", .syntax, "a repetition of at least 3 and at most 2 (at byte 1)"),
        Refusal("a{x}", .syntax, "{ does not begin a repetition {m}, {m,}, {m,n} or {,n} (at byte 1)\nWrite \\{."),
        Refusal(
            "a{,2}", .syntax,
            "ECMA-262 has no repetition {,n} (at byte 1)\nWrite {0,n}, or \\{ where the characters are meant.", .ecma),
        Refusal("[a", .syntax, "the class has no ] (at byte 0)"),
        Refusal("[]", .syntax, "the class has no ] (at byte 0)"),
        Refusal("[b-a]", .syntax, "the range in the class runs backwards (at byte 1)\nWrite \\- for a hyphen."),
        Refusal(#"[\d-a]"#, .syntax, "a range that begins with a class (at byte 1)"),
        Refusal(#"[\A]"#, .syntax, #"\A has no meaning in a class in the Rust dialect (at byte 1)"#),
        Refusal(#"\A"#, .syntax, "\\A has no meaning in ECMA-262 (at byte 0)\nWrite ^.", .ecma),
        Refusal(#"a\Z"#, .syntax, "\\Z has no meaning in ECMA-262 (at byte 1)\nWrite $.", .ecma),
        Refusal(#"\q"#, .syntax, #"\q has no meaning in the Rust dialect (at byte 0)"#),
        Refusal(#"\a"#, .syntax, #"\a has no meaning in ECMA-262 (at byte 0)"#, .ecma),
        Refusal(#"a\"#, .syntax, "the pattern ends with a backslash (at byte 1)"),
        Refusal(#"\xG0"#, .syntax, #"\x is not followed by 2 hexadecimal digits (at byte 0)"#),
        Refusal(#"\u{110000}"#, .syntax, "there is no character beyond U+10FFFF (at byte 0)"),
        Refusal("(?y)", .syntax, "there is no flag y in (?…) (at byte 2)"),
        Refusal("(?)", .syntax, "the group's flags are incomplete (at byte 0)"),
        Refusal("(?i-)", .syntax, "the group's flags are incomplete (at byte 0)"),
        Refusal("(?<>a)", .syntax, "the group's name is empty or has no > (at byte 0)"),
        Refusal(
            #"\b{middle}"#, .syntax,
            "there is no \\b{middle} (at byte 2)\nWrite start, end, start-half or end-half."),
        Refusal(
            #"\b{s"# + String(repeating: "é", count: 500) + "}", .syntax,
            "there is no \\b{s\(String(repeating: "é", count: 39))…} (at byte 2)\n"
                + "Write start, end, start-half or end-half."),
        Refusal(
            #"(?-u)\xFF"#, .syntax,
            "without Unicode \\x stands for a byte, which alone is not UTF-8 (at byte 5)\n"
                + "Write \\u or leave Unicode on."),
    ]

    @Test("A pattern is refused with this text", arguments: unsupported + syntax)
    func refused(_ row: Refusal) {
        let error = #expect(throws: ConstraintError.self) {
            try Grammar(regex: row.pattern, options: RegexOptions(dialect: row.dialect))
        }
        #expect(error?.code == row.code)
        #expect(error?.description == row.text)
    }

    @Test("What single bytes cannot have is refused")
    func bytes() {
        var options = RegexOptions(dialect: .rust, extent: .search)
        options.matchesInvalidUTF8 = true
        options.isUnicode = false
        func text(_ pattern: String) -> String? {
            #expect(throws: ConstraintError.self) { try Grammar(regex: pattern, options: options) }?.description
        }
        #expect(
            text(#"\xFF"#)
                == "a search for a pattern that matches single bytes\nSet RegexOptions.extent to whole.")
        #expect(text("[aé]") == "a class of bytes holds a character of several bytes (at byte 2)")
        options.extent = .whole
        #expect(
            text(#".*(?u:\b)\xFF"#)
                == "a word boundary of Unicode in a pattern that matches single bytes\nWrite (?-u:\\b).")
    }

    @Test(
        "Bytes that are not UTF-8 are refused where they stand",
        arguments: [
            [0x61, 0xFF], [0x61, 0xC3], [0x61, 0xC0, 0x80], [0x61, 0xED, 0xA0, 0x80], [0x61, 0xF4, 0x90, 0x80, 0x80],
            [0x61, 0xE2, 0x82, 0x28],
        ] as [[UInt8]])
    func invalidText(_ bytes: [UInt8]) {
        let error = #expect(throws: ConstraintError.self) { try Grammar(regex: bytes) }
        #expect(error?.description == "the pattern is not valid UTF-8 (at byte 1)")
    }

    @Test(
        "A pattern that nothing matches is unsatisfiable",
        arguments: [
            #"[^\x00-\u{10FFFF}]"#, "a^", "$b", #"a\Bb\b-\Ba|[a&&b]"#, "(?:[a&&b]){1,3}",
        ])
    func unsatisfiable(_ pattern: String) {
        let error = #expect(throws: ConstraintError.self) { try Grammar(regex: pattern) }
        #expect(error?.code == .unsatisfiable)
    }
}
