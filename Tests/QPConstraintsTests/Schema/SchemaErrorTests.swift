import QPConstraints
import QPFormats
import Testing

@Suite struct SchemaErrorTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let schema: String
        let code: ConstraintError.Code
        let pointer: String
        let message: String

        init(_ schema: String, _ code: ConstraintError.Code, at pointer: String, _ message: String) {
            self.schema = schema
            self.code = code
            self.pointer = pointer
            self.message = message
        }

        var testDescription: String { schema }
    }

    static let refusals: [Refusal] = [
        Refusal("3", .syntax, at: "", "a schema has to be an object, true or false"),
        Refusal(
            #"{"properties":{"a":[]}}"#, .syntax, at: "/properties/a", "a schema has to be an object, true or false"),
        Refusal(
            #"{"type":"strin"}"#, .syntax, at: "/type",
            "type has to be one of null, boolean, number, integer, string, array, object; not strin"),
        Refusal(#"{"type":[]}"#, .syntax, at: "/type", "type has to be a type's name or an array of such"),
        Refusal(
            #"{"type":"string","minLength":-1}"#, .syntax, at: "/minLength",
            "minLength has to be a whole number of at least 0"),
        Refusal(
            #"{"type":"string","minLength":1.5}"#, .syntax, at: "/minLength",
            "minLength has to be a whole number of at least 0"),
        Refusal(#"{"type":"number","minimum":"1"}"#, .syntax, at: "/minimum", "minimum has to be a number"),
        Refusal(
            #"{"type":"number","multipleOf":0}"#, .syntax, at: "/multipleOf", "multipleOf has to be a number above 0"),
        Refusal(
            #"{"type":"object","required":"a"}"#, .syntax, at: "/required", "required has to be an array of strings"),
        Refusal(
            #"{"type":"object","properties":3}"#, .syntax, at: "/properties",
            "properties has to be an object of schemas"),
        Refusal(#"{"allOf":[]}"#, .syntax, at: "/allOf", "allOf has to be an array of at least one schema"),
        Refusal(#"{"enum":3}"#, .syntax, at: "/enum", "enum has to be an array"),
        Refusal(#"{"items":[{}]}"#, .syntax, at: "/items", "items has to be a schema in 2020-12"),
        Refusal(
            ##"{"properties":{"a/b":{"$ref":"#/nowhere"}}}"##, .syntax, at: "/properties/a~1b/$ref",
            "$ref \"#/nowhere\" leads nowhere"),
        Refusal(
            #"{"$schema":"http://x.test/mine"}"#, .unsupported, at: "/$schema",
            "the dialect \"http://x.test/mine\" is not known"),
        Refusal(
            #"{"properties":{"a":{"type":"array","uniqueItems":true}}}"#, .unsupported, at: "/properties/a/uniqueItems",
            "uniqueItems holds only where the elements are of few values, or there is at most one"),
        Refusal(
            #"{"type":"object","minProperties":2}"#, .unsupported, at: "/minProperties",
            "minProperties 2 asks for several properties whose keys are not listed, and nothing keeps such keys apart"),
        Refusal(
            #"{"not":{"type":"array","uniqueItems":true}}"#, .unsupported, at: "/not/uniqueItems",
            "arrays that are not unique cannot be told apart, as not and oneOf would need"),
        Refusal(
            #"{"type":"string","maxLength":10000000000}"#, .limit, at: "/maxLength",
            "maxLength 10000000000 exceeds what is counted"),
    ]

    @Test("What is wrong or not enforced is named with its place", arguments: refusals)
    func refused(_ refusal: Refusal) throws {
        let error = try #require(schemaError(refusal.schema))
        #expect(error.code == refusal.code)
        #expect(error.message == refusal.message)
        #expect(error.place == .pointer(refusal.pointer))
    }

    @Test("A pattern's error tells the pattern and the byte")
    func patternError() throws {
        let error = try #require(schemaError(#"{"properties":{"a":{"type":"string","pattern":"a(?=b)"}}}"#))
        #expect(error.code == .unsupported)
        #expect(error.place == .pointer("/properties/a/pattern"))
        #expect(error.message.hasPrefix("pattern \"a(?=b)\": "))
        #expect(error.message.hasSuffix(", at byte 1"))
    }

    static let impossible: [String] = [
        "false", #"{"enum":[]}"#, #"{"type":"integer","minimum":5,"maximum":4}"#, #"{"type":"string","const":1}"#,
        #"{"type":"string","minLength":3,"maxLength":2}"#,
        #"{"type":"object","required":["a"],"properties":{"a":false}}"#,
        #"{"type":"object","required":["a","b"],"maxProperties":1}"#, #"{"type":"array","minItems":2,"maxItems":1}"#,
        #"{"type":"array","contains":false}"#, #"{"allOf":[{"type":"string"},{"type":"integer"}]}"#,
        #"{"not":{}}"#, #"{"oneOf":[true,true]}"#, #"{"type":"string","pattern":"^a","allOf":[{"pattern":"^b"}]}"#,
        #"{"type":"object","minProperties":3,"properties":{"a":{},"b":{}},"additionalProperties":false}"#,
        #"{"type":"object","required":["ab"],"propertyNames":{"maxLength":1}}"#,
        #"{"type":"integer","minimum":1,"exclusiveMaximum":2,"not":{"const":1}}"#,
    ]

    @Test("What no value satisfies is said at once", arguments: impossible)
    func unsatisfiable(_ schema: String) { #expect(schemaError(schema)?.code == .unsatisfiable) }

    @Test("Unknown keywords are noted, and annotations are not")
    func warnings() throws {
        let grammar = try Grammar(
            jsonSchema:
                #"{"title":"t","description":"d","x-order":1,"type":"object","properties":{"a":{"dependencies":{},"color":"red"}}}"#
        )
        #expect(
            grammar.warnings.map(\.message) == [
                "the unknown keyword x-order is ignored", "the unknown keyword color is ignored",
            ])
        #expect(grammar.warnings.map(\.place) == [.pointer(""), .pointer("/properties/a")])
        let older = try Grammar(jsonSchema: #"{"$schema":"http://json-schema.org/draft-04/schema#","const":1}"#)
        #expect(older.warnings.map(\.message) == ["const means nothing in draft-04, and is ignored"])
        let format = try Grammar(jsonSchema: #"{"type":"string","format":"color"}"#)
        #expect(format.warnings.map(\.message) == [#"the format "color" is not of the specification, and is ignored"#])
    }

    static let excluded: [Refusal] = [
        Refusal(
            #"{"type":"string","required":true}"#, .syntax, at: "/required", "required has to be an array of strings"),
        Refusal(
            #"{"type":"string","required":["a",1]}"#, .syntax, at: "/required", "required has to be an array of strings"
        ),
        Refusal(
            #"{"type":"string","properties":{"a":5}}"#, .syntax, at: "/properties/a",
            "a schema has to be an object, true or false"),
        Refusal(
            #"{"type":"string","properties":5}"#, .syntax, at: "/properties",
            "properties has to be an object of schemas"),
        Refusal(
            #"{"type":"string","additionalProperties":5}"#, .syntax, at: "/additionalProperties",
            "a schema has to be an object, true or false"),
        Refusal(
            #"{"type":"string","maxProperties":-1}"#, .syntax, at: "/maxProperties",
            "maxProperties has to be a whole number of at least 0"),
        Refusal(
            #"{"type":"object","prefixItems":[{},5]}"#, .syntax, at: "/prefixItems/1",
            "a schema has to be an object, true or false"),
        Refusal(
            #"{"type":"object","prefixItems":{}}"#, .syntax, at: "/prefixItems",
            "prefixItems has to be an array of schemas"),
        Refusal(
            #"{"type":"object","items":[{}]}"#, .syntax, at: "/items", "a schema has to be an object, true or false"),
        Refusal(
            #"{"type":"object","uniqueItems":1}"#, .syntax, at: "/uniqueItems", "uniqueItems has to be true or false"),
        Refusal(#"{"type":"object","minimum":true}"#, .syntax, at: "/minimum", "minimum has to be a number"),
        Refusal(
            #"{"type":"object","multipleOf":0}"#, .syntax, at: "/multipleOf", "multipleOf has to be a number above 0"),
        Refusal(#"{"type":"integer","format":1}"#, .syntax, at: "/format", "format has to be a string"),
        Refusal(#"{"type":"integer","pattern":1}"#, .syntax, at: "/pattern", "pattern has to be a regular expression"),
        Refusal(
            #"{"$schema":"http://json-schema.org/draft-04/schema#","type":"string","exclusiveMinimum":3,"minimum":1}"#,
            .syntax, at: "/exclusiveMinimum", "exclusiveMinimum has to be true or false in draft-04"),
        Refusal(
            #"{"$schema":"http://json-schema.org/draft-04/schema#","exclusiveMinimum":3}"#,
            .syntax, at: "/exclusiveMinimum", "exclusiveMinimum has to be true or false in draft-04"),
        Refusal(
            #"{"type":"array","minContains":"a"}"#, .syntax, at: "/minContains",
            "minContains has to be a whole number of at least 0"),
        Refusal(#"{"then":3}"#, .syntax, at: "/then", "a schema has to be an object, true or false"),
        Refusal(#"{"$schema":3}"#, .syntax, at: "/$schema", "$schema has to be a string"),
        Refusal(
            #"{"allOf":[{"$id":"a","$schema":3,"type":"null"}]}"#, .syntax, at: "/allOf/$schema",
            "$schema has to be a string"),
    ]

    @Test("A keyword has to be well formed even where it says nothing", arguments: excluded)
    func malformedWhereExcluded(_ refusal: Refusal) throws { try refused(refusal) }

    @Test("A pattern is read even where no string may be, and what it asks for does no harm there")
    func excludedPattern() throws {
        for keyword in [#""pattern":"[""#, #""patternProperties":{"[":{}}"#] {
            let error = try #require(schemaError(#"{"type":"integer",\#(keyword)}"#))
            #expect(error.code == .syntax)
            #expect(error.message.contains("\"[\": "))
        }
        for keyword in [#""pattern":"a(?=b)""#, #""patternProperties":{"a(?=b)":{}}"#, #""maxLength":10000000000"#] {
            let grammar = try Grammar(jsonSchema: #"{"type":"integer",\#(keyword)}"#)
            #expect(try grammar.accepts("1".utf8) && !grammar.accepts("{}".utf8))
        }
    }

    @Test("Keywords of other drafts come with what to write instead")
    func otherDrafts() {
        let required = "Add the property's name to required of the schema that has the property."
        #expect(schemaError(#"{"type":"string","required":true}"#)?.advice == "true is draft-03. " + required)
        #expect(schemaError(#"{"type":"object","required":true}"#)?.advice == "true is draft-03. " + required)
        #expect(
            schemaError(#"{"type":"string","required":false}"#)?.advice
                == "false is draft-03. Leave it away: no property is required that is not named.")
        for type in ["string", "number"] {
            #expect(
                schemaError(#"{"type":"\#(type)","minimum":1,"exclusiveMinimum":true}"#)?.description
                    == "exclusiveMinimum has to be a number (at /exclusiveMinimum)\n"
                    + "true is draft-04; say so with $schema.")
        }
    }

    struct Remark: Sendable, CustomTestStringConvertible {
        let schema: String
        let pointer: String
        let messages: [String]

        init(_ schema: String, at pointer: String, _ messages: String...) {
            self.schema = schema
            self.pointer = pointer
            self.messages = messages
        }

        var testDescription: String { schema }
    }

    static let remarks: [Remark] = [
        Remark(
            ##"{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a","title":"t","type":"string","maxLength":3,"definitions":{"a":{}}}"##,
            at: "/$ref", "draft-07 ignores what stands beside $ref: type, maxLength; allOf would combine them"),
        Remark(##"{"$ref":"#/$defs/a","maxLength":3,"$defs":{"a":{}}}"##, at: ""),
        Remark(
            #"{"then":{},"else":false}"#, at: "/then", "then means nothing without if, and is ignored",
            "else means nothing without if, and is ignored"),
        Remark(#"{"if":{},"then":{}}"#, at: ""),
        Remark(
            #"{"type":"array","minContains":2}"#, at: "/minContains",
            "minContains means nothing without contains, and is ignored"),
        Remark(
            #"{"type":"array","maxContains":2}"#, at: "/maxContains",
            "maxContains means nothing without contains, and is ignored"),
        Remark(#"{"type":"array","maxContains":2,"contains":{}}"#, at: ""),
        Remark(
            #"{"$schema":"http://json-schema.org/draft-04/schema#","type":"number","exclusiveMinimum":true}"#,
            at: "/exclusiveMinimum", "exclusiveMinimum means nothing without minimum, and is ignored"),
        Remark(
            #"{"$schema":"http://json-schema.org/draft-04/schema#","type":"number","exclusiveMaximum":true}"#,
            at: "/exclusiveMaximum", "exclusiveMaximum means nothing without maximum, and is ignored"),
        Remark(
            #"{"$schema":"http://json-schema.org/draft-04/schema#","type":"number","minimum":1,"exclusiveMinimum":true}"#,
            at: ""),
        Remark(#"{"type":"number","exclusiveMinimum":1}"#, at: ""),
        Remark(
            #"{"$schema":"http://json-schema.org/schema#","prefixItems":[{"type":"null"}]}"#, at: "/$schema",
            "http://json-schema.org/schema# names no draft: the latest is meant, and taken to be 2020-12"),
        Remark(
            #"{"type":"integer","format":"idn-email"}"#, at: "/format",
            "the format \"idn-email\" looks at strings, which type excludes, and is ignored"),
        // Looked at once for its values, and once for what it evaluates.
        Remark(
            ##"{"anyOf":[{"type":["object","string"],"format":"color","x":1}],"unevaluatedProperties":false,"properties":{"b":{"$ref":"#/anyOf/0"}}}"##,
            at: "/anyOf/0", "the unknown keyword x is ignored",
            "the format \"color\" is not of the specification, and is ignored"),
        // A map's keys may be called as keywords are.
        Remark(#"{"type":"object","properties":{"$schema":{"type":"string"},"$id":{"type":"string"}}}"#, at: ""),
    ]

    @Test("What does not constrain is said, once in each place", arguments: remarks)
    func remarked(_ remark: Remark) throws {
        let warnings = try Grammar(jsonSchema: remark.schema).warnings
        #expect(warnings.map(\.message) == remark.messages)
        if let first = warnings.first { #expect(first.place == .pointer(remark.pointer)) }
    }

    @Test("A schema that is not JSON is refused with line and column")
    func notJSON() throws {
        let error = try #require(schemaError("{\n  \"type\": }"))
        #expect(error.code == .syntax)
        #expect(error.place == .line(2, column: 11))
    }

    @Test("The JSON modes allow any object and any value")
    func jsonModes() throws {
        let object = try Grammar.jsonObject()
        #expect(try object.accepts(#"{"a":[1,{"b":null}]}"#.utf8))
        #expect(try !object.accepts("[]".utf8))
        let value = try Grammar.jsonValue(whitespace: .spaced)
        #expect(try value.accepts(#"[1, {"b": null}]"#.utf8))
        #expect(try !value.accepts("[1,2]".utf8))
    }
}
