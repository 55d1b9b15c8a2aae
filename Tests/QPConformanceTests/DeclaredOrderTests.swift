import QPFormats
import Testing

@testable import QPConformance

@Suite("Instances are written in the declared order")
struct DeclaredOrderTests {
    struct Example: CustomTestStringConvertible, Sendable {
        let schema: String
        let instance: String
        /// A spelling that has to be among those tried.
        let expected: String
        var testDescription: String { schema }

        init(_ schema: String, _ instance: String, _ expected: String) {
            self.schema = schema
            self.instance = instance
            self.expected = expected
        }
    }

    static let examples: [Example] = [
        Example(#"{"properties": {"a": {}, "b": {}}}"#, #"{"b": 1, "a": 2}"#, #"{"a":2,"b":1}"#),
        Example(#"{"properties": {"b": {}}}"#, #"{"c": 3, "a": 2, "b": 1}"#, #"{"b":1,"c":3,"a":2}"#),
        Example(
            ##"{"items": {"$ref": "#/$defs/x~1y"}, "$defs": {"x/y": {"properties": {"a": {}, "b": {}}}}}"##,
            #"[{"b": 1, "a": 2}]"#, #"[{"a":2,"b":1}]"#),
        Example(
            ##"{"$ref": "#p", "$defs": {"p": {"$anchor": "p", "properties": {"a": {}, "b": {}}}}}"##,
            #"{"b": 1, "a": 2}"#, #"{"a":2,"b":1}"#),
        Example(
            #"{"$ref": "p.json", "$defs": {"p": {"$id": "http://x/p.json", "properties": {"a": {}, "b": {}}}}}"#,
            #"{"b": 1, "a": 2}"#, #"{"a":2,"b":1}"#),
        Example(
            #"{"allOf": [{"properties": {"c": {}}}, {"properties": {"b": {}}}], "properties": {"a": {}}}"#,
            #"{"a": 1, "b": 2, "c": 3}"#, #"{"a":1,"c":3,"b":2}"#),
        Example(
            #"{"allOf": [{"properties": {"c": {}}}, {"properties": {"b": {}}}], "properties": {"a": {}}}"#,
            #"{"a": 1, "b": 2, "c": 3}"#, #"{"c":3,"b":2,"a":1}"#),
        // Each alternative has an order of its own.
        Example(
            #"{"anyOf": [{"properties": {"a": {}, "b": {}}}, {"properties": {"b": {}, "a": {}}}]}"#,
            #"{"a": 1, "b": 2}"#, #"{"b":2,"a":1}"#),
        Example(
            #"{"properties": {"x": {"properties": {"a": {}, "b": {}}}}}"#, #"{"x": {"b": [{}], "a": 2}}"#,
            #"{"x":{"a":2,"b":[{}]}}"#),
        Example(
            #"{"additionalProperties": {"properties": {"a": {}, "b": {}}}}"#, #"{"x": {"b": 1, "a": 2}}"#,
            #"{"x":{"a":2,"b":1}}"#),
        Example(
            #"{"prefixItems": [{}, {"properties": {"a": {}, "b": {}}}]}"#, #"[0, {"b": 1, "a": 2}]"#,
            #"[0,{"a":2,"b":1}]"#),
        Example(#"{"dependentRequired": {"c": ["b", "a"]}}"#, #"{"a": 1, "b": 2, "c": 3}"#, #"{"c":3,"b":2,"a":1}"#),
        Example(
            #"{"dependentSchemas": {"c": {"properties": {"b": {}}}}}"#, #"{"a": 1, "b": 2, "c": 3}"#,
            #"{"c":3,"b":2,"a":1}"#),
        // A listed value has its own order, and the instance keeps its numbers.
        Example(
            #"{"const": {"b": {"d": 1, "c": 2}, "a": 3}}"#, #"{"a": 3.0, "b": {"c": 2, "d": 1}}"#,
            #"{"b":{"d":1,"c":2},"a":3.0}"#),
        Example(#"{"enum": [{"a": 1, "b": 3}, [{"b": 1, "a": 2}]]}"#, #"[{"a": 2, "b": 1}]"#, #"[{"b":1,"a":2}]"#),
        // A reference to itself ends.
        Example(##"{"$ref": "#", "properties": {"a": {}, "b": {}}}"##, #"{"b": 1, "a": 2}"#, #"{"a":2,"b":1}"#),
    ]

    @Test("Properties are ordered along references, combinations and items", arguments: examples)
    func order(_ example: Example) throws {
        let order = DeclaredOrder(try JSONValue(parsing: example.schema))
        let spellings = order.spellings(of: try JSONValue(parsing: example.instance))
        #expect(spellings.map { String(decoding: $0, as: UTF8.self) }.contains(example.expected))
    }

    @Test("What has one order has one spelling, and numbers keep theirs")
    func plain() throws {
        let order = DeclaredOrder(try JSONValue(parsing: #"{"properties": {"a": {}}}"#))
        let spellings = order.spellings(of: try JSONValue(parsing: #"{"a": [1.0, "\u00e9", null]}"#))
        #expect(spellings == [Array(#"{"a":[1.0,"é",null]}"#.utf8)])
    }

    @Test("Names that differ in how an accent is composed are two names")
    func composition() throws {
        let order = DeclaredOrder(try JSONValue(parsing: #"{"properties": {"e\u0301": {}, "\u00e9": {}}}"#))
        let spellings = order.spellings(of: try JSONValue(parsing: #"{"\u00e9": 1, "e\u0301": 2}"#))
        #expect(spellings.first == Array("{\"e\u{301}\":2,\"\u{e9}\":1}".utf8))
    }

    @Test("Documents are found by their address")
    func documents() throws {
        let target = try JSONValue(parsing: #"{"properties": {"a": {}, "b": {}}}"#)
        let order = DeclaredOrder(
            try JSONValue(parsing: #"{"$ref": "http://localhost:1234/t.json"}"#),
            documents: ["http://localhost:1234/t.json": target])
        #expect(
            order.spellings(of: try JSONValue(parsing: #"{"b": 1, "a": 2}"#)).first == Array(#"{"a":2,"b":1}"#.utf8))
    }
}
