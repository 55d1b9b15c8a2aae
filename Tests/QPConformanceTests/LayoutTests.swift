import QPConstraints
import QPFormats
import Testing

@testable import QPConformance

@Suite("Suites are recognised by what they hold")
struct LayoutTests {
    static let contents: [(file: String, text: String, kind: SuiteKind?)] = [
        ("a.json", #"{"schema": {}, "tests": []}"#, .schemaBench),
        ("a.json", #"[{"description": "d", "schema": {}, "tests": []}]"#, .schemaSuite),
        ("a.json", #"[{"kind": "gbnf", "name": "n", "source": "", "accept": [], "reject": []}]"#, .gbnf),
        ("a.json", #"{"must_parse": [], "must_fail_to_parse": []}"#, .gbnf),
        ("a.gbnf", "root ::= \"a\"", .gbnf),
        ("a.toml", "[[test]]\nname = \"n\"\nregex = \"a\"\nhaystack = \"a\"\nmatches = []", .regex),
        ("x/regex-lite.toml", "[[test]]\nname = \"n\"\nregex = \"a\"\nhaystack = \"a\"\nmatches = []", nil),
        ("a.toml", "[package]", nil),
        ("a.json", "[]", nil),
        ("a.json", "{}", nil),
        ("a.json", #"{"schema": {}, "tests": [{"data": 1}]}"#, nil),
        ("a.txt", "{}", nil),
    ]

    @Test("Each layout is told from the others", arguments: contents)
    func kind(_ content: (file: String, text: String, kind: SuiteKind?)) throws {
        #expect(try SuiteFile(Array(content.text.utf8), file: content.file)?.kind == content.kind)
    }

    @Test("A file that is not what its name says is an error with its name")
    func broken() {
        let json = #expect(throws: SuiteError.self) { try SuiteFile(Array("{".utf8), file: "x/a.json") }
        #expect(json?.description.hasPrefix("x/a.json: not JSON: ") == true)
        let toml = #expect(throws: SuiteError.self) { try SuiteFile(Array("[[".utf8), file: "a.toml") }
        #expect(toml?.description.hasPrefix("a.toml: not TOML: ") == true)
        let bytes = #expect(throws: SuiteError.self) { try SuiteFile([0x23, 0xFF], file: "a.toml") }
        #expect(bytes?.description == "a.toml: not TOML: it is not UTF-8")
        let gbnf = #expect(throws: SuiteError.self) { try SuiteFile([0xFF], file: "a.gbnf") }
        #expect(gbnf?.description == "a.gbnf: the grammar is not UTF-8")
    }

    @Test("Of a regex suite, only what says something about the whole text is judged")
    func judged() throws {
        let text = """
            [[test]]
            name = "whole"
            regex = "a+"
            haystack = '\\x61\\n\\\\'
            matches = [[0, 3]]
            unescape = true
            [[test]]
            name = "partial"
            regex = "a"
            haystack = "ab"
            matches = [[0, 1]]
            [[test]]
            name = "second"
            regex = "a*?|b"
            haystack = "b"
            matches = [[0, 0], [0, 1]]
            [[test]]
            name = "all"
            regex = "a"
            haystack = "a"
            matches = [[0, 1]]
            match-kind = "all"
            [[test]]
            name = "wrong"
            regex = "("
            haystack = ""
            matches = []
            compiles = false
            """
        let cases = try #require(try SuiteFile(Array(text.utf8), file: "a.toml")).cases
        #expect(cases.map(\.name) == ["whole", "second", "wrong"])
        #expect(cases.map(\.expectation) == [.compiles, .compiles, .isRefused])
        #expect(cases[0].texts.map(\.spellings) == [[[0x61, 0x0A, 0x5C]]])
        #expect(cases[0].texts.map(\.isValid) == [true])
    }
}
