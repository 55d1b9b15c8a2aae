import QPConstraints
import QPFormats
import Testing

@Suite struct SchemaCombiningTests {
    static let cases: [SchemaCase] = [
        SchemaCase(
            #"{"anyOf":[{"type":"integer"},{"type":"string","maxLength":1}]}"#, accepts: ["1", "\"a\""],
            rejects: ["1.5", "\"ab\"", "null"]),
        SchemaCase(
            #"{"type":"integer","anyOf":[{"minimum":5},{"maximum":1}]}"#, accepts: ["5", "9", "1", "-7"],
            rejects: ["2", "4", "\"a\""]),
        SchemaCase(
            #"{"allOf":[{"type":"integer"},{"minimum":2},{"maximum":4},{"not":{"const":3}}]}"#, accepts: ["2", "4"],
            rejects: ["1", "3", "5", "2.5"]),
        SchemaCase(
            #"{"allOf":[{"properties":{"a":{"minimum":2}}},{"properties":{"a":{"maximum":4},"b":{"const":1}},"required":["b"]}],"type":"object"}"#,
            accepts: [#"{"a":3,"b":1}"#, #"{"b":1}"#, #"{"b":1,"c":2}"#],
            rejects: [#"{"a":1,"b":1}"#, #"{"a":5,"b":1}"#, #"{"a":3}"#]),
        SchemaCase(
            #"{"allOf":[{"items":{"type":"integer"}},{"prefixItems":[{"minimum":3}],"maxItems":2}],"type":"array"}"#,
            accepts: ["[]", "[3,1]"], rejects: ["[2]", "[3,1,1]", "[\"a\"]"]),
        SchemaCase(
            #"{"oneOf":[{"type":"integer"},{"type":"number","minimum":2}]}"#, accepts: ["1", "2.5"],
            rejects: ["2", "3", "1.5"]),
        SchemaCase(
            #"{"oneOf":[{"type":"string","maxLength":3},{"type":"string","minLength":2}]}"#,
            accepts: ["\"a\"", "\"abcd\""],
            rejects: ["\"ab\"", "\"abc\""]),
        SchemaCase(
            #"{"type":"object","oneOf":[{"properties":{"t":{"const":"a"},"x":{"type":"integer"}},"required":["t","x"]},{"properties":{"t":{"const":"b"},"y":{"type":"string"}},"required":["t","y"]}]}"#,
            accepts: [#"{"t":"a","x":1}"#, #"{"t":"b","y":"s"}"#],
            rejects: [#"{"t":"a","y":"s"}"#, #"{"t":"c","x":1}"#, "{}"]),
        SchemaCase(
            #"{"type":"object","properties":{"a":{},"b":{}},"additionalProperties":false,"oneOf":[{"required":["a"]},{"required":["b"]}]}"#,
            accepts: [#"{"a":1}"#, #"{"b":1}"#], rejects: ["{}", #"{"a":1,"b":1}"#]),
        SchemaCase(
            #"{"oneOf":[{"type":"array","items":{"type":"integer"}},{"type":"array","items":{"type":"number"},"minItems":1}]}"#,
            accepts: ["[]", "[1.5]", "[1,1.5]"], rejects: ["[1]", "[1,2]", "[\"a\"]"]),
        SchemaCase(
            #"{"not":{"type":["string","number"]}}"#, accepts: ["null", "true", "[]", "{}"], rejects: ["1", "\"a\""]),
        SchemaCase(
            #"{"type":"string","not":{"enum":["a","ab"]}}"#, accepts: ["\"\"", "\"b\"", "\"abc\""],
            rejects: ["\"a\"", "\"ab\"", "1"]),
        SchemaCase(
            #"{"type":"string","not":{"pattern":"^a"}}"#, accepts: ["\"\"", "\"ba\""], rejects: ["\"a\"", "\"abc\""]),
        SchemaCase(
            #"{"type":"object","not":{"required":["a"]}}"#, accepts: ["{}", #"{"b":1}"#],
            rejects: [#"{"a":1}"#, #"{"b":1,"a":1}"#]),
        SchemaCase(
            #"{"type":"object","not":{"required":["a","b"]},"properties":{"a":{},"b":{}}}"#,
            accepts: ["{}", #"{"a":1}"#, #"{"b":1}"#],
            rejects: [#"{"a":1,"b":1}"#]),
        SchemaCase(
            #"{"type":"object","properties":{"a":{}},"not":{"properties":{"a":{"type":"integer"}}}}"#,
            accepts: [#"{"a":"x"}"#],
            rejects: ["{}", #"{"a":1}"#]),
        SchemaCase(
            #"{"type":"object","not":{"propertyNames":{"maxLength":1}}}"#, accepts: [#"{"ab":1}"#, #"{"a":1,"ab":1}"#],
            rejects: ["{}", #"{"a":1}"#]),
        SchemaCase(
            #"{"type":"object","not":{"additionalProperties":{"type":"integer"}}}"#,
            accepts: [#"{"x":"a"}"#, #"{"x":1,"y":null}"#],
            rejects: ["{}", #"{"x":1}"#]),
        // A member that has to be there is not taken back by a later one of the same key.
        SchemaCase(
            #"{"type":"object","not":{"additionalProperties":{"type":"integer"}}}"#, accepts: [#"{"x":1,"x":"a"}"#],
            rejects: [#"{"x":"a","x":1}"#]),
        SchemaCase(
            #"{"type":"array","not":{"items":{"type":"integer"}}}"#, accepts: ["[\"a\"]", "[1,null,2]"],
            rejects: ["[]", "[1,2]"]),
        SchemaCase(
            #"{"type":"array","not":{"contains":{"const":1}}}"#, accepts: ["[]", "[2,3]"], rejects: ["[1]", "[2,1]"]),
        SchemaCase(
            #"{"type":"array","not":{"minItems":2,"maxItems":3}}"#, accepts: ["[]", "[1]", "[1,2,3,4]"],
            rejects: ["[1,2]", "[1,2,3]"]),
        SchemaCase(
            #"{"type":"string","pattern":"^é$","allOf":[{"not":{"pattern":"^e\u0301$"}}]}"#, accepts: ["\"é\""],
            rejects: ["\"e\u{301}\""]),
        SchemaCase(#"{"not":{"not":{"type":"integer"}}}"#, accepts: ["1"], rejects: ["\"a\""]),
        SchemaCase(
            #"{"type":"integer","if":{"minimum":10},"then":{"multipleOf":10},"else":{"multipleOf":3}}"#,
            accepts: ["3", "9", "10", "30"],
            rejects: ["5", "12", "33"]),
        SchemaCase(
            #"{"type":"object","properties":{"k":{"enum":["a","b"]},"v":{}},"required":["k","v"],"if":{"properties":{"k":{"const":"a"}}},"then":{"properties":{"v":{"type":"integer"}}},"else":{"properties":{"v":{"type":"string"}}}}"#,
            accepts: [#"{"k":"a","v":1}"#, #"{"k":"b","v":"s"}"#],
            rejects: [#"{"k":"a","v":"s"}"#, #"{"k":"b","v":1}"#, #"{"k":"c","v":1}"#]),
        SchemaCase(
            #"{"$schema":"http://json-schema.org/draft-06/schema#","if":{"type":"string"},"then":false}"#,
            accepts: ["\"a\"", "1"],
            rejects: ["a"]),
    ]

    @Test("Combinations allow what their parts say together", arguments: cases)
    func combinations(_ example: SchemaCase) throws { try example.check() }

    static let evaluation: [SchemaCase] = [
        SchemaCase(
            #"{"type":"object","properties":{"a":{}},"allOf":[{"properties":{"b":{}}}],"unevaluatedProperties":false}"#,
            accepts: ["{}", #"{"a":1,"b":1}"#], rejects: [#"{"c":1}"#]),
        SchemaCase(
            #"{"type":"object","anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"const":1}},"required":["b"]}],"unevaluatedProperties":false}"#,
            accepts: [#"{"a":1}"#, #"{"b":1}"#, #"{"a":1,"b":1}"#],
            rejects: ["{}", #"{"a":1,"b":2}"#, #"{"a":1,"c":1}"#]),
        SchemaCase(
            #"{"type":"object","if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"properties":{"b":{}}},"else":{"properties":{"c":{}}},"unevaluatedProperties":false}"#,
            accepts: [#"{"a":1,"b":1}"#, #"{"c":1}"#, "{}"], rejects: [#"{"a":1,"c":1}"#, #"{"b":1}"#, #"{"a":2}"#]),
        SchemaCase(
            #"{"type":"object","patternProperties":{"^x":{}},"unevaluatedProperties":{"type":"integer"}}"#,
            accepts: [#"{"x":"a","y":1}"#], rejects: [#"{"y":"a"}"#]),
        SchemaCase(
            #"{"type":"object","not":{"not":{"properties":{"a":{}}}},"unevaluatedProperties":false}"#, accepts: ["{}"],
            rejects: [#"{"a":1}"#]),
        SchemaCase(
            #"{"type":"array","prefixItems":[{}],"anyOf":[{"prefixItems":[{},{"const":2}]},true],"unevaluatedItems":false}"#,
            accepts: ["[]", "[1]", "[1,2]"], rejects: ["[1,3]", "[1,2,3]"]),
        SchemaCase(
            #"{"type":"array","contains":{"type":"string"},"unevaluatedItems":{"type":"null"}}"#,
            accepts: ["[\"a\"]", "[null,\"a\",\"b\"]"], rejects: ["[null]", "[1,\"a\"]"]),
    ]

    @Test("What was not evaluated is held to unevaluatedProperties and unevaluatedItems", arguments: evaluation)
    func unevaluated(_ example: SchemaCase) throws { try example.check() }
}
