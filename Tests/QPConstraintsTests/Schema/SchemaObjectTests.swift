import QPConstraints
import QPFormats
import QPTestInputs
import Testing

@Suite struct SchemaObjectTests {
    static let cases: [SchemaCase] = [
        SchemaCase(#"{"type":"object"}"#, accepts: ["{}", #"{"a":1,"b":{}}"#], rejects: ["[]", "1", "{\"a\"}"]),
        SchemaCase(
            #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"additionalProperties":false}"#,
            accepts: ["{}", #"{"a":1}"#, #"{"b":"x"}"#, #"{"a":1,"b":"x"}"#],
            rejects: [#"{"b":"x","a":1}"#, #"{"a":"x"}"#, #"{"c":1}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1,"a":1}"#]),
        SchemaCase(
            #"{"type":"object","properties":{"a":{},"b":{},"c":{}},"required":["b"],"additionalProperties":false}"#,
            accepts: [#"{"b":1}"#, #"{"a":1,"b":2}"#, #"{"b":1,"c":1}"#, #"{"a":0,"b":0,"c":0}"#],
            rejects: ["{}", #"{"a":1}"#, #"{"a":1,"c":1}"#, #"{"c":1,"b":1}"#]),
        SchemaCase(
            #"{"type":"object","properties":{"a":{"type":"integer"}}}"#,
            accepts: ["{}", #"{"a":1}"#, #"{"a":1,"b":2}"#, #"{"b":2}"#, #"{"ab":"x","":0}"#],
            rejects: [#"{"a":"x"}"#, #"{"b":1,"a":"x"}"#, #"{"\u0061":"x"}"#]),
        SchemaCase(
            #"{"type":"object","additionalProperties":{"type":"integer"},"required":["x"]}"#,
            accepts: [#"{"x":1}"#, #"{"x":1,"y":2}"#], rejects: ["{}", #"{"y":2}"#, #"{"x":"a"}"#, #"{"x":1,"y":""}"#]),
        SchemaCase(
            #"{"type":"object","patternProperties":{"^i":{"type":"integer"}},"additionalProperties":{"type":"string"}}"#,
            accepts: [#"{"i":1,"s":"a","ix":2}"#], rejects: [#"{"i":"a"}"#, #"{"s":1}"#]),
        SchemaCase(
            #"{"type":"object","patternProperties":{"a":{"minimum":2},"b":{"maximum":5}},"additionalProperties":false}"#,
            accepts: [#"{"a":2,"b":5,"ab":3}"#, #"{"a":9,"b":0}"#],
            rejects: [#"{"a":1}"#, #"{"b":6}"#, #"{"ab":6}"#, #"{"ab":1}"#, #"{"c":3}"#]),
        SchemaCase(
            #"{"type":"object","properties":{"ab":{"maximum":9}},"patternProperties":{"a":{"minimum":2}}}"#,
            accepts: [#"{"ab":5,"a":10}"#, #"{"c":0}"#], rejects: [#"{"ab":10}"#, #"{"ab":1}"#, #"{"xa":1}"#]),
        SchemaCase(
            #"{"type":"object","propertyNames":{"maxLength":2},"properties":{"abc":{}}}"#,
            accepts: ["{}", #"{"ab":1,"c":2}"#], rejects: [#"{"abc":1}"#, #"{"xyz":1}"#]),
        SchemaCase(
            #"{"type":"object","propertyNames":{"enum":["a","b","c"]},"minProperties":2}"#,
            accepts: [#"{"a":1,"b":2}"#, #"{"b":1,"c":2}"#, #"{"a":1,"b":1,"c":1}"#],
            rejects: ["{}", #"{"a":1}"#, #"{"a":1,"a":1}"#, #"{"a":1,"d":1}"#]),
        SchemaCase(
            #"{"type":"object","properties":{"a":{},"b":{},"c":{}},"minProperties":1,"maxProperties":2,"additionalProperties":false}"#,
            accepts: [#"{"a":1}"#, #"{"c":1}"#, #"{"a":1,"c":1}"#, #"{"b":1,"c":1}"#],
            rejects: ["{}", #"{"a":1,"b":1,"c":1}"#]),
        SchemaCase(
            #"{"type":"object","properties":{"a":{},"b":{}},"required":["b"],"minProperties":2}"#,
            accepts: [#"{"a":1,"b":1}"#, #"{"b":1,"x":1}"#, #"{"a":1,"b":1,"x":1,"y":1}"#],
            rejects: [#"{"b":1}"#, "{}"]),
        SchemaCase(
            #"{"type":"object","maxProperties":1}"#, accepts: ["{}", #"{"x":1}"#], rejects: [#"{"x":1,"y":2}"#]),
        SchemaCase(#"{"type":"object","maxProperties":0}"#, accepts: ["{}"], rejects: [#"{"x":1}"#]),
        SchemaCase(#"{"type":"object","minProperties":1}"#, accepts: [#"{"x":1,"y":1}"#], rejects: ["{}"]),
        SchemaCase(
            #"{"type":"object","properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]},"additionalProperties":false}"#,
            accepts: ["{}", #"{"b":1}"#, #"{"a":1,"b":1}"#], rejects: [#"{"a":1}"#]),
        SchemaCase(
            #"{"type":"object","properties":{"a":{}},"dependentSchemas":{"a":{"required":["b"],"properties":{"b":{"type":"integer"}}}}}"#,
            accepts: ["{}", #"{"b":"x"}"#, #"{"a":1,"b":1}"#], rejects: [#"{"a":1}"#, #"{"a":1,"b":"x"}"#]),
        SchemaCase(
            #"{"$schema":"http://json-schema.org/draft-07/schema","type":"object","properties":{"a":{},"b":{}},"dependencies":{"a":["b"],"b":{"maxProperties":2}}}"#,
            accepts: ["{}", #"{"b":1}"#, #"{"a":1,"b":1}"#, #"{"x":1,"y":1,"z":1}"#],
            rejects: [#"{"a":1}"#, #"{"a":1,"b":1,"c":1}"#]),
        SchemaCase(
            #"{"type":"object","properties":{"a":false,"b":{}},"additionalProperties":false}"#,
            accepts: ["{}", #"{"b":1}"#],
            rejects: [#"{"a":1}"#]),
        // An optional property without any value cannot be there; the object is possible all the same.
        SchemaCase(
            #"{"type":"object","properties":{"a":{"type":"string","minLength":3,"maxLength":2},"b":{}}}"#,
            accepts: ["{}", #"{"b":1}"#], rejects: [#"{"a":"x"}"#, #"{"a":"xxx"}"#]),
        SchemaCase(
            #"{"type":"object","properties":{"é":{"const":1},"e\u0301":{"const":2}},"additionalProperties":false}"#,
            accepts: ["{\"é\":1,\"e\u{301}\":2}"], rejects: ["{\"é\":2}", "{\"e\u{301}\":1}"]),
        SchemaCase(
            #"{"type":"object","properties":{"a\"\n":{"const":1}},"required":["a\"\n"],"additionalProperties":false}"#,
            accepts: [#"{"a\"\n":1}"#], rejects: ["{}", "{\"a\"\n\":1}"]),
    ]

    @Test("Keywords of objects allow what they name and nothing else", arguments: cases)
    func objects(_ example: SchemaCase) throws { try example.check() }

    @Test("Many optional properties cost n log n, and come in every subset in order")
    func manyOptionalProperties() throws {
        let names = (0..<300).map { "p\($0)" }
        let properties = names.map { "\"\($0)\":{\"type\":\"integer\"}" }.joined(separator: ",")
        let schema = #"{"type":"object","properties":{\#(properties)},"additionalProperties":false}"#
        let grammar = try Grammar(jsonSchema: schema)
        #expect(grammar.nodeCount < 30_000)
        var random = SplitMix(seed: 7)
        for _ in 0..<20 {
            let chosen = names.filter { _ in random.next() % 8 == 0 }
            let members = chosen.map { "\"\($0)\":1" }
            #expect(try grammar.accepts("{\(members.joined(separator: ","))}".utf8), "seed 7: \(chosen)")
            guard members.count > 1 else { continue }
            #expect(try !grammar.accepts("{\(members.reversed().joined(separator: ","))}".utf8), "seed 7: \(chosen)")
        }
    }
}
