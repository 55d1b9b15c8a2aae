import QPConstraints
import QPTestInputs
import Testing

@Suite("A GBNF text becomes a grammar")
struct GBNFTests {
    struct Language: CustomTestStringConvertible, Sendable {
        let source: String
        let accepted: [String]
        let rejected: [String]
        var testDescription: String { source }

        init(_ source: String, accepts accepted: [String], rejects rejected: [String]) {
            self.source = source
            self.accepted = accepted
            self.rejected = rejected
        }
    }

    static let languages: [Language] = [
        Language(#"root ::= "a" | "ab" | "b" "c""#, accepts: ["a", "ab", "bc"], rejects: ["", "b", "abc", "c"]),
        Language(#"root ::= "a" | "" "#, accepts: ["", "a"], rejects: ["aa"]),
        Language(#"root ::= | "x""#, accepts: ["", "x"], rejects: ["xx"]),
        Language(#"root ::= ("ab")* "c"?"#, accepts: ["", "c", "abab", "abc"], rejects: ["a", "cc", "aab"]),
        // A repetition is of the whole string before it.
        Language(#"root ::= "ab"{2}"#, accepts: ["abab"], rejects: ["ab", "abb", "ababab"]),
        Language(#"root ::= "a"{ 2 , 3 } "b"{1,}"#, accepts: ["aab", "aaabb"], rejects: ["ab", "aa", "aaaab"]),
        Language(#"root ::= "a"{0} "b" "" "c""#, accepts: ["bc"], rejects: ["abc", "b"]),
        Language(#"root ::= "a"+?"#, accepts: ["", "a", "aa"], rejects: ["b"]),
        Language(#"root ::= [a-cx-] "-""#, accepts: ["a-", "c-", "x-", "--"], rejects: ["d-", "-", "a"]),
        Language(#"root ::= [^a-c\]]"#, accepts: ["d", "é", "\n", "🟠"], rejects: ["a", "b", "]", ""]),
        Language(#"root ::= [a-]"#, accepts: ["a", "-"], rejects: ["b"]),
        Language(#"root ::= [^^]"#, accepts: ["a"], rejects: ["^"]),
        Language(#"root ::= [é-ü]{2}"#, accepts: ["éü"], rejects: ["é", "ee", "éüé"]),
        Language(#"root ::= ."#, accepts: ["a", "\n", "é", "🟠"], rejects: ["", "ab", "🟠🟠"]),
        // \xHH names a code point, not a byte.
        Language(#"root ::= "\x41\xe9\u00e9\U0001F7E0""#, accepts: ["Aéé🟠"], rejects: ["A", "Aé"]),
        Language(#"root ::= "\"\\\n\r\t\[\]""#, accepts: ["\"\\\n\r\t[]"], rejects: ["\""]),
        Language(#"root ::= [\x00-\x1F"\\]"#, accepts: ["\u{1}", "\"", "\\"], rejects: [" ", "x"]),
        // Surrogates stand in no text, so the class is what lies around them.
        Language(#"root ::= [\uD7FF-\uE000]"#, accepts: ["\u{D7FF}", "\u{E000}"], rejects: ["\u{D7FE}"]),
        Language(
            "# a comment ::= x\r\nroot ::= a | # another\n  b\n\na ::= (\n \"1\"\n | \"2\" )\r\nb ::=\n  \"3\" # end",
            accepts: ["1", "2", "3"], rejects: ["", "12"]),
        Language(
            "root ::= \"(\" root* \")\" | item-1\nitem-1 ::= [0-9]", accepts: ["1", "(12(3))", "()"],
            rejects: ["", "(", "(1", "11"]),
        Language("root ::= a\na ::= \"1\"\na ::= \"2\"", accepts: ["2"], rejects: ["1"]),
    ]

    @Test("It accepts its texts and rejects others", arguments: languages)
    func membership(_ language: Language) throws {
        let grammar = try Grammar(gbnf: language.source)
        for text in language.accepted { #expect(try grammar.accepts(Array(text.utf8)), "accepts \(text)") }
        for text in language.rejected { #expect(try !grammar.accepts(Array(text.utf8)), "rejects \(text)") }
    }

    @Test("Another rule may be the first, and bytes that are no UTF-8 match nothing")
    func otherRoot() throws {
        let grammar = try Grammar(gbnf: "root ::= \"x\"\nany ::= .", root: "any")
        #expect(try grammar.accepts(Array("é".utf8)))
        #expect(try !grammar.accepts([0xE9]))
        #expect(try !grammar.accepts([0xED, 0xA0, 0x80]))
    }

    @Test("A rule that is defined twice counts as defined last, with a warning")
    func redefinition() throws {
        let grammar = try Grammar(gbnf: "root ::= a\na ::= \"1\"\na ::= \"2\"")
        #expect(
            grammar.warnings.map(\.message) == ["the rule \"a\" is defined again, and only its last definition counts"])
        #expect(grammar.warnings.map(\.place) == [.line(3, column: 1)])
    }

    @Test("Of many rules that are defined again, the first are named with their places and the others counted")
    func manyRedefinitions() throws {
        let source = String(repeating: "# é\nroot ::= \"é\"\n  root ::= \"b\"\n", count: 1000)
        let warnings = try Grammar(gbnf: source).warnings
        #expect(warnings.count == 21)
        #expect(warnings.prefix(3).map(\.place) == [.line(3, column: 3), .line(5, column: 1), .line(6, column: 3)])
        #expect(warnings[19].place == .line(32, column: 1))
        #expect(warnings.last?.message == "1979 more rules are defined again")
        #expect(warnings.last?.place == nil)
    }
}

@Suite("A GBNF text that cannot be enforced is refused with its place")
struct GBNFErrorTests {
    struct Refusal: CustomTestStringConvertible, Sendable {
        let source: String
        let code: ConstraintError.Code
        let text: String
        var testDescription: String { source }

        init(_ source: String, _ code: ConstraintError.Code, _ text: String) {
            self.source = source
            self.code = code
            self.text = text
        }
    }

    static let refusals: [Refusal] = [
        Refusal(
            "", .syntax,
            "there is no rule \"root\" to begin with\nA grammar looks like: root ::= \"yes\" | \"no\""),
        Refusal(
            "start ::= \"a\"\nb ::= \"c\"", .syntax, "there is no rule \"root\" to begin with\nThere are start, b."),
        Refusal(
            "root ::= \"a\" |\n  item\n", .syntax,
            "the rule \"item\" is used, but not defined (line 2, column 3)\nDefine it: item ::= …"),
        Refusal(
            "root ::= my_rule", .syntax,
            "\"_\" stands where the rule's next part or its end is expected (line 1, column 12)\n"
                + "Names are of letters, digits and \"-\"; \"_\" is not allowed."),
        Refusal("root \"a\"", .syntax, "\"\"\" stands where \"::=\" is expected (line 1, column 6)"),
        Refusal(
            "\u{FEFF}root ::= \"a\"", .syntax,
            "\"U+FEFF\" stands where the name of a rule is expected (line 1, column 1)\n"
                + "That is a byte order mark: save the text without it."),
        Refusal(
            "root ::= \"a\"\n= x", .syntax,
            "\"=\" stands where the name of a rule is expected (line 2, column 1)"),
        Refusal(
            "root ::= \"a\"\n | \"b\"", .syntax,
            "\"|\" stands where the name of a rule is expected (line 2, column 2)\n"
                + "Lines end after \"|\", not before it, unless in parentheses."),
        Refusal("root ::= \"é\" \"ab", .syntax, "the string that begins here has no end (line 1, column 14)"),
        Refusal("root ::= \"ab\\", .syntax, "the string that begins here has no end (line 1, column 10)"),
        Refusal("root ::= [ab", .syntax, "the class that begins here has no end (line 1, column 10)"),
        Refusal("root ::= (\"a\"", .syntax, "the group that begins here has no end (line 1, column 10)"),
        Refusal(
            "root ::= \"a\")", .syntax,
            "\")\" stands where the rule's next part or its end is expected (line 1, column 13)"),
        Refusal(
            "root ::= \"\\q\"", .syntax,
            "the escape \\q is not known (line 1, column 11)\n"
                + #"There are \n \r \t \\ \" \[ \] \xHH \uHHHH and \UHHHHHHHH."#),
        Refusal(
            "root ::= \"\\x4g\"", .syntax,
            "\"g\" stands where one of 2 hexadecimal digits is expected (line 1, column 14)"),
        Refusal(
            "root ::= \"\\uD800\"", .syntax,
            "U+D800 is not a character (line 1, column 11)\nSurrogates and values above U+10FFFF stand in no UTF-8 text."
        ),
        Refusal(
            "root ::= []", .syntax,
            "the class is empty (line 1, column 10)\n"
                + #"Write "." for any character, and "\]" for a bracket in a class."#),
        Refusal(
            "root ::= [z-a]", .syntax,
            "the range's end lies before its beginning (line 1, column 11)\n"
                + "Put a \"-\" that is meant as a character last in the class."),
        Refusal("root ::= *", .syntax, "\"*\" stands where something to repeat is expected (line 1, column 10)"),
        Refusal(
            "root ::= \"a\"{,3}", .syntax,
            "\",\" stands where a number of repetitions is expected (line 1, column 14)"),
        Refusal("root ::= \"a\"{3;", .syntax, "\";\" stands where \",\" or \"}\" is expected (line 1, column 15)"),
        Refusal("root ::= \"a\"{3,4", .syntax, "the text ends where \"}\" is expected (line 1, column 17)"),
        Refusal("root ::= \"a\"{4,3}", .syntax, "{4,3} asks for at least 4 and at most 3 (line 1, column 13)"),
        Refusal(
            "root ::= \"a\"\u{1}", .syntax,
            "\"U+0001\" stands where the rule's next part or its end is expected (line 1, column 13)"),
        Refusal(
            "root ::= \"a\"{1,99999999999999999999999}", .limit,
            "a repetition of 99999999999999999999… exceeds the limit of 1000000 (line 1, column 16)\n"
                + "Raise GrammarLimits.repetition (--limit repetition=N), or give a smaller bound."),
        Refusal(
            "root ::= \"a\" <think>", .unsupported,
            "references to tokens (<token>, <[id]>, !<token>) are not supported (line 1, column 14)\n"
                + "Write the token's text as a string."),
        Refusal(
            "root ::= " + String(repeating: "(", count: 300) + "\"a\"" + String(repeating: ")", count: 300), .limit,
            "more than 256 nested groups (line 1, column 266)\n"
                + "Raise GrammarLimits.nestingDepth (--limit nestingDepth=N), or write the constraint more simply."),
    ]

    @Test("The message says what, where, and what to try", arguments: refusals)
    func message(_ refusal: Refusal) {
        let error = #expect(throws: ConstraintError.self) { try Grammar(gbnf: refusal.source) }
        #expect(error?.code == refusal.code)
        #expect(error?.description == refusal.text)
    }

    static let sources: [Refusal] = [
        Refusal("root ::= root \"a\" | \"b\"", .unsupported, "left recursion"),
        Refusal("root ::= a \"x\"\na ::= \"\" root | \"b\"", .unsupported, "left recursion"),
        Refusal("root ::= \"a\" root", .unsatisfiable, "no text satisfies"),
    ]

    @Test("Left recursion and grammars without any text are refused", arguments: sources)
    func code(_ refusal: Refusal) {
        let error = #expect(throws: ConstraintError.self) { try Grammar(gbnf: refusal.source) }
        #expect(error?.code == refusal.code)
        #expect(error?.message.contains(refusal.text) == true)
    }

    @Test("A source beyond its limit of bytes is refused before it is read")
    func sourceBytes() {
        var limits = GrammarLimits()
        limits.sourceBytes = 10
        let error = #expect(throws: ConstraintError.self) { try Grammar(gbnf: "root ::= \"a\"", limits: limits) }
        #expect(
            error?.description == "more than 10 bytes of source\n"
                + "Raise GrammarLimits.sourceBytes (--limit sourceBytes=N), or write the constraint more simply.")
    }

    @Test("However high the limit, groups nest up to a ceiling")
    func nestingCeiling() throws {
        var limits = GrammarLimits()
        limits.nestingDepth = .max
        func groups(_ count: Int) -> String {
            "root ::= " + String(repeating: "(", count: count) + "\"a\"" + String(repeating: ")", count: count)
        }
        #expect(try Grammar(gbnf: groups(1000), limits: limits).accepts("a".utf8))
        let error = #expect(throws: ConstraintError.self) { try Grammar(gbnf: groups(10_000), limits: limits) }
        #expect(
            error?.description == "more than 1000 nested groups (line 1, column 1010)\n"
                + "This ceiling cannot be raised: GrammarLimits.nestingDepth counts up to it. "
                + "Write the constraint more simply.")
    }

    @Test("Mutilated grammars end in a grammar or an error, never in a trap", arguments: 0..<20)
    func mutations(_ seed: UInt64) {
        var generator = SplitMix(seed: seed)
        func random(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
        let alphabet = Array("root:=\"\\[]^-|(){}0,9*+?.#\n x_uU<é🟠".unicodeScalars)
        let language = GBNFTests.languages[random(GBNFTests.languages.count)]
        var compiled = 0
        for _ in 0..<200 {
            var scalars = Array(language.source.unicodeScalars)
            for _ in 0...random(3) {
                let place = random(scalars.count)
                switch random(3) {
                case 0: scalars.remove(at: place)
                case 1: scalars.insert(alphabet[random(alphabet.count)], at: place)
                default: scalars[place] = alphabet[random(alphabet.count)]
                }
                if scalars.isEmpty { scalars.append("x") }
            }
            var source = String.UnicodeScalarView()
            source.append(contentsOf: scalars)
            // A trap would end the process here; the seed is the test's argument.
            if (try? Grammar(gbnf: String(source))) != nil { compiled += 1 }
        }
        #expect(compiled < 200, "seed \(seed)")
    }
}
