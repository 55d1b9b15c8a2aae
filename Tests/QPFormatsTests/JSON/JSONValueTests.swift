import QPFormats
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test("Objects are equal irrespective of order, arrays are not, and equal values have one hash")
    func equality() throws {
        let left = try JSONValue(parsing: #"{"a":1,"b":[1,2.0],"c":{"d":null,"e":"x"}}"#)
        let right = try JSONValue(parsing: #"{"c":{"e":"x","d":null},"b":[1.0,2e0],"a":1e0}"#)
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(try JSONValue(parsing: "[1,2]") != JSONValue(parsing: "[2,1]"))
        #expect(try JSONValue(parsing: #"{"a":1}"#) != JSONValue(parsing: #"{"a":1,"b":1}"#))
        #expect(try JSONValue(parsing: #"{"a":1,"b":1}"#) != JSONValue(parsing: #"{"a":1}"#))
        #expect(try JSONValue(parsing: #"{"a":1}"#) != JSONValue(parsing: #"{"b":1}"#))
        #expect(JSONValue.bool(false) != .number(JSONNumber(0)))
        #expect(JSONValue.null != .bool(false))
        #expect(try JSONValue(parsing: "[]") != JSONValue(parsing: "{}"))
    }

    @Test("Strings are their code points: canonically equivalent ones differ, as values and as keys")
    func exactStrings() throws {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        #expect(JSONValue.string(composed) != .string(decomposed))
        let object = try JSONValue(parsing: "{\"\(composed)\":1,\"\(decomposed)\":2}").objectValue
        #expect(object?[composed] == .number(JSONNumber(1)))
        #expect(object?[decomposed] == .number(JSONNumber(2)))
        // The same marks in two orders: equivalent, and of equal length.
        #expect(JSONValue.string("a\u{323}\u{302}") != .string("a\u{302}\u{323}"))
    }

    @Test("Members keep their order, and are found by key at any count", arguments: [0, 1, 7, 8, 9, 10, 300])
    func objects(count: Int) throws {
        let text = "{" + (0..<count).map { "\"k\((count - $0) * 7)\":\($0)" }.joined(separator: ",") + "}"
        var object = try #require(try JSONValue(parsing: text).objectValue)
        #expect(object.map(\.key) == (0..<count).map { "k\((count - $0) * 7)" })
        for index in 0..<count { #expect(object["k\((count - index) * 7)"]?.numberValue?.intValue == index) }
        #expect(object["k"] == nil)

        object["k"] = .null
        #expect(object.count == count + 1)
        #expect(object.last?.key == "k")
        object["k"] = .bool(true)
        #expect(object["k"] == .bool(true))
        object["k"] = nil
        #expect(JSONValue.object(object) == (try JSONValue(parsing: text)))
        if count > 0 {
            object["k7"] = nil
            #expect(object["k7"] == nil)
            for index in 0..<(count - 1) { #expect(object["k\((count - index) * 7)"]?.numberValue?.intValue == index) }
        }
    }

    @Test("A key that stands twice is found at any count", arguments: [2, 8, 9, 10, 100])
    func duplicates(count: Int) {
        let members = (0..<count).map { "\"k\($0 % (count - 1))\":0" }.joined(separator: ",")
        let thrown = #expect(throws: JSONError.self) { try JSONValue(parsing: "{\(members)}") }
        #expect(thrown?.message == "the key \"k0\" stands twice in one object")
    }

    @Test("An object made in code takes the last of equal keys")
    func made() {
        let object = JSONObject([("a", .null), ("b", .null), ("a", .bool(true))])
        #expect(JSONValue.object(object).serialized() == #"{"a":true,"b":null}"#)
    }

    @Test("Keys are sorted by code point on request, and numbers written without exponent")
    func serialization() throws {
        let value = try JSONValue(parsing: "{\"\u{10000}\":1.50e1,\"\u{FFFF}\":[{\"b\":0,\"a\":0}],\"\":1}")
        #expect(value.serialized() == "{\"\u{10000}\":1.50e1,\"\u{FFFF}\":[{\"b\":0,\"a\":0}],\"\":1}")
        #expect(
            value.serialized(sortedKeys: true, plainNumbers: true)
                == "{\"\":1,\"\u{FFFF}\":[{\"a\":0,\"b\":0}],\"\u{10000}\":15}")
    }

    @Test("Each accessor answers for its own type only")
    func accessors() throws {
        let values = try #require(JSONValue(parsing: #"[null,true,1,"a",[],{}]"#).arrayValue)
        #expect(values.map { $0.boolValue != nil } == [false, true, false, false, false, false])
        #expect(values.map { $0.numberValue != nil } == [false, false, true, false, false, false])
        #expect(values.map { $0.stringValue != nil } == [false, false, false, true, false, false])
        #expect(values.map { $0.arrayValue != nil } == [false, false, false, false, true, false])
        #expect(values.map { $0.objectValue != nil } == [false, false, false, false, false, true])
    }
}
