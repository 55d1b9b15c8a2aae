import QPConstraints
import QPFormats
import Testing

@Suite struct SchemaScalarTests {
    static let cases: [SchemaCase] = [
        SchemaCase(
            #"{"type":"number","multipleOf":1.5e-100000,"minimum":0,"maximum":3e-100000}"#, accepts: ["0"],
            rejects: ["1", "0.1"]),
        SchemaCase(
            #"{"type":"number","multipleOf":10e100000,"minimum":0,"maximum":20e100000}"#,
            accepts: ["0", "1" + String(repeating: "0", count: 100_001)], rejects: ["1", "10"]),
        SchemaCase("true", accepts: ["1", "null", "{}", "[1,\"a\"]"], rejects: ["", "{", "nul"]),
        SchemaCase("{}", accepts: ["-1.5e3", "\"\\u00e9\"", "{\"a\":{\"a\":[]}}"], rejects: ["01", "\"\n\"", "[1,]"]),
        SchemaCase(#"{"type":"null"}"#, accepts: ["null"], rejects: ["0", "false", "\"null\"", "[]"]),
        SchemaCase(#"{"type":"boolean"}"#, accepts: ["true", "false"], rejects: ["0", "null", "\"true\""]),
        SchemaCase(
            #"{"type":"string"}"#, accepts: ["\"\"", "\"é😀\"", "\"\\n\""], rejects: ["1", "null", "abc", "\""]),
        SchemaCase(#"{"type":"number"}"#, accepts: ["0", "-1", "1.50", "1e9"], rejects: ["\"1\"", "+1", ".5", "1."]),
        SchemaCase(#"{"type":"integer"}"#, accepts: ["0", "-12", "1.0"], rejects: ["1.5", "\"1\"", "null"]),
        SchemaCase(
            #"{"type":["integer","null"]}"#, accepts: ["3", "null"], rejects: ["3.5", "\"3\"", "false", "[3]"]),
        SchemaCase(#"{"type":["integer","number"]}"#, accepts: ["3", "3.5"], rejects: ["true"]),
        SchemaCase(
            #"{"type":"integer","minimum":-3,"maximum":12}"#, accepts: ["-3", "0", "9", "10", "12"],
            rejects: ["-4", "13", "100", "1.5"]),
        SchemaCase(
            #"{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":3}"#, accepts: ["1", "2"],
            rejects: ["0", "3", "-1"]),
        SchemaCase(
            #"{"type":"number","minimum":0.5,"exclusiveMaximum":2}"#, accepts: ["0.5", "1", "1.99"],
            rejects: ["0.49", "2", "-1"]),
        SchemaCase(
            #"{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer","minimum":0,"maximum":3,"exclusiveMaximum":true}"#,
            accepts: ["0", "2"], rejects: ["3", "-1", "2.0"]),
        SchemaCase(#"{"multipleOf":5,"type":"integer"}"#, accepts: ["0", "-15", "100"], rejects: ["4", "12"]),
        SchemaCase(#"{"minimum":5}"#, accepts: ["5", "\"a\"", "null", "{}"], rejects: ["4"]),
        SchemaCase(
            #"{"type":"string","minLength":2,"maxLength":3}"#, accepts: ["\"ab\"", "\"é😀x\""],
            rejects: ["\"a\"", "\"abcd\"", "\"\""]),
        SchemaCase(
            #"{"type":"string","pattern":"^a+b"}"#, accepts: ["\"aab\"", "\"abc\""],
            rejects: ["\"b\"", "\"xab\"", "\"\""]),
        SchemaCase(
            #"{"type":"string","pattern":"a","maxLength":2}"#, accepts: ["\"a\"", "\"xa\""],
            rejects: ["\"xx\"", "\"xxa\""]),
        SchemaCase(
            #"{"type":"string","pattern":"^a","allOf":[{"pattern":"b$"}]}"#, accepts: ["\"ab\"", "\"axb\""],
            rejects: ["\"a\"", "\"b\"", "\"ba\""]),
        SchemaCase(
            #"{"enum":[1,"two",null,[1,2],{"a":true}]}"#, accepts: ["1", "\"two\"", "null", "[1,2]", "{\"a\":true}"],
            rejects: ["2", "\"one\"", "[1]", "{\"a\":false}", "{}"]),
        SchemaCase(#"{"const":{"b":1,"a":[]}}"#, accepts: ["{\"b\":1,\"a\":[]}"], rejects: ["{\"b\":1}", "{}"]),
        SchemaCase(
            #"{"type":"string","enum":["a",1,"bc"],"minLength":2}"#, accepts: ["\"bc\""], rejects: ["\"a\"", "1"]),
        SchemaCase(
            #"{"enum":[{"a":1},{"a":"x"},{"b":1}],"properties":{"a":{"type":"integer"}}}"#,
            accepts: ["{\"a\":1}", "{\"b\":1}"], rejects: ["{\"a\":\"x\"}"]),
        SchemaCase(
            #"{"type":"string","format":"date"}"#, accepts: ["\"2024-02-29\""], rejects: ["\"2023-02-29\"", "\"x\""]),
        SchemaCase(#"{"type":"string","format":"color"}"#, accepts: ["\"x\""], rejects: ["1"]),
    ]

    @Test("Keywords of scalars allow what they name and nothing else", arguments: cases)
    func scalars(_ example: SchemaCase) throws { try example.check() }

    @Test("Formats are annotations on request")
    func formatsAsAnnotations() throws {
        try SchemaCase(#"{"type":"string","format":"date"}"#, accepts: ["\"x\""], rejects: ["1"])
            .check(SchemaOptions(formats: .annotations))
    }

    @Test("Whitespace is as the options say")
    func whitespace() throws {
        let schema = #"{"type":"object","properties":{"a":{"const":1},"b":{"const":[1,2]}}}"#
        try SchemaCase(schema, accepts: [#"{"a":1,"b":[1,2]}"#], rejects: [#"{"a": 1, "b": [1, 2]}"#]).check()
        try SchemaCase(schema, accepts: [#"{"a": 1, "b": [1, 2]}"#], rejects: [#"{"a":1,"b":[1,2]}"#])
            .check(SchemaOptions(whitespace: .spaced))
        try SchemaCase(
            schema, accepts: [#"{"a":1,"b":[1,2]}"#, "{ \"a\" : 1 ,\n\"b\":[ 1,2 ] }", "{ }", "{  }"],
            rejects: ["{\"a\":   1}", "{   }"]
        ).check(SchemaOptions(whitespace: .flexible(maximum: 2)))
    }
}
