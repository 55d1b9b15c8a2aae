import QPFormats
import Testing

@testable import QPConstraints

@Suite struct JSONTextTests {
    static func grammar(
        _ whitespace: JSONWhitespace = .compact, _ make: (JSONText) throws -> Expression
    ) throws -> Grammar {
        let text = JSONText(GrammarBuilder(), whitespace: whitespace)
        return try text.builder.grammar(root: text.document(make(text)))
    }

    static let values = [
        "null", "true", "false", "0", "-1.5e+3", #""a\n""#, "[]", "{}", "[1,2,3]", #"{"a":1}"#,
        #"{"a":{"b":[]},"c":[{}]}"#,
        "[[[[]]]]",
    ]

    @Test("any value is JSON, and nothing else is")
    func anyValue() throws {
        let grammar = try Self.grammar { try $0.value() }
        for text in Self.values { #expect(try grammar.accepts(text.utf8), "\(text)") }
        for text in [
            "", "nul", "[1,]", "[,1]", "{1:2}", #"{"a"}"#, #"{"a":}"#, "[1 ]", "01", "{}{}", "[", "]", "+1", "NaN",
        ] {
            #expect(try !grammar.accepts(text.utf8), "\(text)")
        }
        let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        #expect(try grammar.accepts(deep.utf8))
    }

    struct Whitespace: CustomTestStringConvertible {
        let whitespace: JSONWhitespace
        let accepted: [String]
        let rejected: [String]
        var testDescription: String { "\(whitespace)" }
    }

    static let whitespaceTables: [Whitespace] = [
        Whitespace(
            whitespace: .compact, accepted: [#"{"a":[1,2],"b":{}}"#],
            rejected: [#"{"a": [1,2],"b":{}}"#, #"{"a":[1, 2],"b":{}}"#, " 1", "1 ", "[ ]"]),
        Whitespace(
            whitespace: .spaced, accepted: [#"{"a": [1, 2], "b": {}}"#],
            rejected: [
                #"{"a":[1, 2], "b": {}}"#, #"{"a": [1,2], "b": {}}"#, #"{"a":  [1, 2]}"#, "[ ]", "[1 , 2]", "[ 1]",
            ]),
        Whitespace(
            whitespace: .flexible(maximum: 2),
            accepted: [
                #"{"a":[1,2],"b":{}}"#, "\n { \t\"a\" : [\n 1 ,\r\n2 ] , \"b\":{  } } \n", "[  ]", "  1  ", "[ ]", "[]",
            ],
            rejected: ["   1", "1   ", "[   ]", "[1   ,2]", "[1,   2]", #"{"a"   :1}"#, "[1\u{C}]", "1 2"]),
    ]

    @Test("whitespace stands where it may, and no more of it", arguments: whitespaceTables)
    func whitespace(_ table: Whitespace) throws {
        let grammar = try Self.grammar(table.whitespace) { try $0.value() }
        for text in table.accepted { #expect(try grammar.accepts(text.utf8), "\(text.debugDescription)") }
        for text in table.rejected { #expect(try !grammar.accepts(text.utf8), "\(text.debugDescription)") }
    }

    @Test("a constant is its value, with members in the order given", arguments: values)
    func constants(_ source: String) throws {
        let value = try JSONValue(parsing: source)
        let grammar = try Self.grammar { try $0.constant(value) }
        for text in Self.values {
            let isSame = text == source && text != "-1.5e+3"
            #expect(try grammar.accepts(text.utf8) == isSame, "\(text)")
        }
        let flexible = try Self.grammar(.flexible(maximum: 1)) { try $0.constant(value) }
        #expect(try flexible.accepts((source == "-1.5e+3" ? " -1500 " : " \(source) ").utf8))
    }

    @Test("a constant number may have zeros behind, and its digits are plain")
    func constantNumbers() throws {
        let grammar = try Self.grammar { try $0.constant(.array([.number(JSONNumber(parsing: "1.50e1"))])) }
        #expect(try grammar.accepts("[15]".utf8) && grammar.accepts("[15.0]".utf8))
        #expect(try !grammar.accepts("[1.5e1]".utf8) && !grammar.accepts("[150]".utf8))
    }
}
