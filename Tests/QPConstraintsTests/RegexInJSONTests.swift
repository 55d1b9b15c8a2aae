import QPConstraints
import Testing

@Suite("Patterns hold inside JSON strings")
struct RegexInJSONTests {
    struct Row: Sendable {
        let pattern: String
        let accepted: [String]
        let rejected: [String]
    }

    static let rows: [Row] = [
        Row(pattern: #"^\\p{L}+$"#, accepted: [#""é""#, #""aßλ語""#], rejected: [#""""#, #""1""#, #""a b""#]),
        Row(pattern: #"^[^\\p{L}]$"#, accepted: [#""1""#, #""\n""#, #""\"""#, #""🐲""#], rejected: [#""é""#, #""""#]),
        Row(
            pattern: #"\\bfoo\\b"#, accepted: [#""foo""#, #""a foo\n""#, #""\"foo\"""#], rejected: [#""afoo""#, "foo"]),
        Row(pattern: #"^\\S+$"#, accepted: [#""a\"é""#, #""\\""#], rejected: [#""a b""#, #""\n""#, "\"\u{3000}\""]),
        Row(pattern: #"^(a|\")*$"#, accepted: [#""""#, #""a\"a""#], rejected: [#""a"a""#, #""b""#]),
    ]

    @Test("A pattern accepts and rejects, escapes and all", arguments: rows)
    func table(_ row: Row) throws {
        let grammar = try Grammar(jsonSchema: #"{"type":"string","pattern":"\#(row.pattern)"}"#)
        for (texts, expected) in [(row.accepted, true), (row.rejected, false)] {
            for text in texts {
                let isAccepted = try grammar.accepts(text.utf8)
                #expect(isAccepted == expected, "\(row.pattern) on \(text)")
            }
        }
    }
}
