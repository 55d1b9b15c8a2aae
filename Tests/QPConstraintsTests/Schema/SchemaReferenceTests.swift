import QPConstraints
import QPFormats
import Testing

@Suite struct SchemaReferenceTests {
    static let cases: [SchemaCase] = [
        SchemaCase(
            ##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"integer"}}}"##, accepts: ["1"], rejects: ["\"a\""]),
        SchemaCase(
            ##"{"$ref":"#/$defs/a~1b~0c%25","$defs":{"a/b~c%":{"type":"integer"}}}"##, accepts: ["1"],
            rejects: ["\"a\""]),
        SchemaCase(
            ##"{"$ref":"#/$defs/list/1","$defs":{"list":[{"type":"string"},{"type":"integer"}]}}"##, accepts: ["1"],
            rejects: ["\"a\""]),
        // Beside a reference, other keywords count from 2019-09 on, and are ignored before.
        SchemaCase(
            ##"{"$ref":"#/$defs/a","maximum":3,"$defs":{"a":{"type":"integer"}}}"##, accepts: ["3"], rejects: ["4"]),
        SchemaCase(
            ##"{"$schema":"http://json-schema.org/draft-07/schema#","allOf":[{"$ref":"#/definitions/a","maximum":3}],"definitions":{"a":{"type":"integer"}}}"##,
            accepts: ["3", "4"], rejects: ["\"a\""]),
        SchemaCase(
            ##"{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#"}},"required":["v"],"additionalProperties":false}"##,
            accepts: [#"{"v":1}"#, #"{"v":1,"next":{"v":2,"next":{"v":3}}}"#],
            rejects: [#"{"v":1,"next":{}}"#, #"{"v":1,"next":1}"#]),
        SchemaCase(
            ##"{"anyOf":[{"type":"integer"},{"type":"array","items":{"$ref":"#"}}]}"##, accepts: ["1", "[[1],[[]]]"],
            rejects: ["[\"a\"]"]),
        SchemaCase(
            ##"{"$ref":"#named","$defs":{"a":{"$anchor":"named","type":"integer"}}}"##, accepts: ["1"],
            rejects: ["\"a\""]),
        SchemaCase(
            ##"{"$id":"http://x.test/a/b.json","$ref":"c.json","$defs":{"c":{"$id":"c.json","$ref":"#/$defs/d","$defs":{"d":{"type":"integer"}}},"d":{"type":"string"}}}"##,
            accepts: ["1"], rejects: ["\"a\""]),
        SchemaCase(
            #"{"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x.test/","allOf":[{"$ref":"sub#/definitions/d"}],"definitions":{"s":{"id":"sub","definitions":{"d":{"type":"integer"}}}}}"#,
            accepts: ["1"], rejects: ["1.0", "\"a\""]),
        // An identifier within an instance is nobody's.
        SchemaCase(
            #"{"$id":"http://x.test/","$ref":"a","$defs":{"e":{"enum":[{"$id":"a","type":"null"}]},"a":{"$id":"a","type":"integer"}}}"#,
            accepts: ["1"], rejects: ["null"]),
        // A recursive intersection ends.
        SchemaCase(
            ##"{"allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/b"}],"$defs":{"a":{"type":"object","properties":{"x":{"$ref":"#/$defs/a"},"y":{"type":"integer"}}},"b":{"properties":{"x":{"$ref":"#/$defs/b"},"y":{"minimum":3}},"additionalProperties":false}}}"##,
            accepts: ["{}", #"{"x":{"x":{"y":3}}}"#],
            rejects: [#"{"x":{"x":{"y":2}}}"#, #"{"x":{"z":1}}"#, #"{"x":1}"#]),
        SchemaCase(
            ##"{"$id":"http://x.test/tree","$dynamicAnchor":"node","type":"object","properties":{"c":{"type":"array","items":{"$dynamicRef":"#node"}}}}"##,
            accepts: [#"{"c":[{"c":[]}]}"#, #"{"d":1}"#], rejects: [#"{"c":[1]}"#]),
        SchemaCase(
            ##"{"$id":"http://x.test/strict","$dynamicAnchor":"node","$ref":"tree","unevaluatedProperties":false,"$defs":{"tree":{"$id":"tree","$dynamicAnchor":"node","type":"object","properties":{"c":{"type":"array","items":{"$dynamicRef":"#node"}}}}}}"##,
            accepts: [#"{"c":[{"c":[]}]}"#], rejects: [#"{"d":1}"#, #"{"c":[{"d":1}]}"#]),
        // The outermost resource on the way decides, where both ends are recursive anchors.
        SchemaCase(
            ##"{"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"http://x.test/r","$recursiveAnchor":true,"type":"object","properties":{"n":{"$ref":"base"}},"$defs":{"base":{"$id":"base","$recursiveAnchor":true,"type":["object","integer"],"additionalProperties":{"$recursiveRef":"#"}}}}"##,
            accepts: [#"{"n":1}"#, #"{"n":{"a":{"n":{"b":{}}}}}"#], rejects: [#"{"n":{"a":1}}"#, #"{"n":"x"}"#]),
        SchemaCase(
            ##"{"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"http://x.test/r","$recursiveAnchor":true,"type":"object","properties":{"n":{"$ref":"base"}},"$defs":{"base":{"$id":"base","type":["object","integer"],"additionalProperties":{"$recursiveRef":"#"}}}}"##,
            accepts: [#"{"n":{"a":1}}"#], rejects: [#"{"n":{"a":"x"}}"#]),
    ]

    @Test("References lead to the schema that they name", arguments: cases)
    func references(_ example: SchemaCase) throws { try example.check() }

    @Test("A reference to another document needs that document")
    func documents() throws {
        let schema = #"{"items":{"$ref":"http://x.test/number.json#/$defs/n"},"type":"array"}"#
        let error = try #require(schemaError(schema))
        #expect(
            error.description == """
                $ref to "http://x.test/number.json", which is not in the schema (at /items/$ref)
                Nothing is fetched. Give the document in SchemaOptions.documents, or move it under $defs.
                """)
        let document = try JSONValue(parsing: #"{"$defs":{"n":{"type":"integer"}}}"#)
        try SchemaCase(schema, accepts: ["[1]"], rejects: ["[\"a\"]"])
            .check(SchemaOptions(documents: ["http://x.test/number.json": document]))
    }

    static let circles: [String] = [
        ##"{"type":"array","uniqueItems":true,"items":{"$ref":"#/items"}}"##,
        ##"{"type":"array","uniqueItems":true,"items":{"$ref":"#/$defs/a"},"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
        ##"{"$ref":"#"}"##,
        ##"{"allOf":[{"$ref":"#"}]}"##,
        ##"{"anyOf":[{"type":"null"},{"$ref":"#"}]}"##,
        ##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
        ##"{"not":{"$ref":"#"}}"##,
        ##"{"type":"object","properties":{"a":{"oneOf":[{"$ref":"#/properties/a"},{"type":"null"}]}}}"##,
    ]

    @Test("A schema that refers to itself without progress is refused", arguments: circles)
    func circle(_ schema: String) {
        #expect(schemaError(schema)?.code == .syntax)
        #expect(schemaError(schema)?.message == "the schema refers to itself without a property or an item between")
    }

    @Test("A recursion without an end is unsatisfiable")
    func endless() {
        #expect(
            schemaError(##"{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}"##)?.code
                == .unsatisfiable)
        #expect(schemaError(##"{"type":"array","items":{"$ref":"#"},"minItems":1}"##)?.code == .unsatisfiable)
    }
}
