import QPFormats
import QPTestInputs
import Testing

@Suite("JSON text")
struct JSONParserTests {
    static let valid: [String] = [
        "null", "true", "false", "0", "-0", "12.5e-3", "\"\"", "[]", "{}", "[1,[2,[3]],{}]", "\"é🦙\\u0000\"",
        #"{"b":1,"a":{"c":[true,null]}}"#, "\"\u{7F}\u{2028}\"", "1E+2", "-1.5e00", "1e0000000000000000000000002",
    ]

    @Test("What is compact already comes back as it was", arguments: valid)
    func roundTrip(text: String) throws {
        let again = try JSONValue(parsing: text).serialized()
        #expect(again == text)
        #expect(try JSONValue(parsing: again) == JSONValue(parsing: text))
    }

    @Test("White space of the four kinds may stand between all tokens")
    func space() throws {
        let value = try JSONValue(parsing: " \t\r\n{ \"a\"\n:\t[ 1 , 2 ] , \"b\" : { } }\n")
        #expect(value.serialized() == #"{"a":[1,2],"b":{}}"#)
    }

    @Test("Escapes stand for their characters, and only what must be is escaped again")
    func escapes() throws {
        let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u001F\u0000\u00e9\uD83E\udd99/""#)
        #expect(value.stringValue == "\"\\/\u{8}\u{C}\n\r\t\u{1F}\0é🦙/")
        #expect(value.serialized() == #""\"\\/\b\f\n\r\t\u001f\u0000é🦙/""#)
        #expect(JSONValue.string("\u{B}\u{7F}").serialized() == "\"\\u000b\u{7F}\"")
    }

    static let invalid: [(text: String, error: String)] = [
        ("", "the text ends where a value is expected (line 1, column 1, byte 0)"),
        ("\u{FEFF}1", "the text begins with a byte order mark (line 1, column 1, byte 0)"),
        ("nul", "the end of the text in what begins like 'null' (line 1, column 4, byte 3)"),
        ("1 2", "'2' after the end of the value (line 1, column 3, byte 2)"),
        ("[1,]", "']' where a value is expected (line 1, column 4, byte 3)"),
        ("[1 2]", "'2' where ',' or ']' is expected in an array (line 1, column 4, byte 3)"),
        ("{\"a\":1,}", "'}' where the key of a member is expected (line 1, column 8, byte 7)"),
        ("{\"a\" 1}", "'1' where ':' is expected after a key (line 1, column 6, byte 5)"),
        ("{\"é\":1,\n\"b\":2,\"\\u00e9\":3}", "the key \"é\" stands twice in one object (line 2, column 7, byte 15)"),
        ("\"a", "the string that begins here has no end (line 1, column 1, byte 0)"),
        (
            "\"\t\"",
            "the byte 0x09 inside a string, where control characters are written as escapes"
                + " (line 1, column 2, byte 1)"
        ),
        ("\"\\x\"", "'x' after a backslash, which takes one of \" \\ / b f n r t u (line 1, column 3, byte 2)"),
        ("\"\\", "the text ends inside an escape (line 1, column 2, byte 1)"),
        ("\"\\u12g4\"", "'g' in a \\u escape, which takes four hexadecimal digits (line 1, column 6, byte 5)"),
        (
            "\"\\ud800\"",
            "an escaped surrogate without its other half, which is no character (line 1, column 2, byte 1)"
        ),
        (
            "\"\\udc00\"",
            "an escaped surrogate without its other half, which is no character (line 1, column 2, byte 1)"
        ),
        (
            "\"\\ud800\\u0041\"",
            "an escaped surrogate without its other half, which is no character (line 1, column 2, byte 1)"
        ),
        ("01", "a number with a leading zero (line 1, column 1, byte 0)"),
        ("-", "the end of the text where a digit is expected (line 1, column 2, byte 1)"),
        ("1.", "the end of the text where a digit is expected (line 1, column 3, byte 2)"),
        ("1.e2", "'e' where a digit is expected (line 1, column 3, byte 2)"),
        ("1e", "the end of the text where a digit is expected (line 1, column 3, byte 2)"),
        (".5", "'.' where a value is expected (line 1, column 1, byte 0)"),
        ("+1", "'+' where a value is expected (line 1, column 1, byte 0)"),
        ("1e100001", "a number with an exponent beyond ±100000 (line 1, column 3, byte 2)"),
        ("1e18446744073709551617", "a number with an exponent beyond ±100000 (line 1, column 3, byte 2)"),
        ("1e-99999999999999999999999", "a number with an exponent beyond ±100000 (line 1, column 3, byte 2)"),
        ("'a'", "''' where a value is expected (line 1, column 1, byte 0)"),
    ]

    @Test("What is not JSON is refused where it goes wrong", arguments: invalid)
    func refused(text: String, error: String) {
        let thrown = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(thrown?.description == "not JSON: " + error)
    }

    /// Unicode 16, table 3-7: bytes that begin nothing, lone and missing continuations, over-long forms, surrogates.
    static let invalidUTF8: [[UInt8]] = [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x41], [0xE0, 0x80, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80],
        [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0xA6],
    ]

    @Test("Bytes that are not UTF-8 are refused at their first byte", arguments: invalidUTF8)
    func utf8(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let thrown = #expect(throws: JSONError.self) { try JSONValue(parsing: [quote, 0x61] + bytes + [quote]) }
        #expect(thrown?.offset == 2)
        #expect(throws: JSONError.self) { try JSONValue(parsing: [quote] + bytes) }
    }

    @Test("All characters of the borders of UTF-8's lengths are read")
    func borders() throws {
        let text = "\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}"
        #expect(try JSONValue(parsing: "\"\(text)\"").stringValue == text)
    }

    @Test("512 levels are read, 513 refused, however wide they are")
    func depth() throws {
        let deep = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(try JSONValue(parsing: deep).serialized() == deep)
        let mixed = String(repeating: "[{\"a\":", count: 256) + "1" + String(repeating: "}]", count: 256)
        #expect(try JSONValue(parsing: "[\(mixed)]".dropFirst().dropLast().description).serialized() == mixed)
        let thrown = #expect(throws: JSONError.self) { try JSONValue(parsing: "[\(deep)]") }
        #expect(thrown?.message == "arrays and objects nest more than 512 deep")
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
        let wide = "[" + Array(repeating: "[[],{}]", count: 1000).joined(separator: ",") + "]"
        #expect(try JSONValue(parsing: wide).serialized() == wide)
    }

    @Test("Any bytes end in a value or an error; what is read is read again from its own text")
    func fuzz() {
        let alphabet = Array("[]{}\":,\\u0dD8aef+-.E12 tn\u{e9}".utf8) + [0xFF, 0]
        for seed in 1...20_000 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random)!
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            let again = try? JSONValue(parsing: value.serializedBytes())
            #expect(again == value, "seed \(seed)")
        }
    }
}
