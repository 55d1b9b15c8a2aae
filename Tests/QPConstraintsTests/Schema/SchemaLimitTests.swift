import QPFormats
import Testing

@testable import QPConstraints

@Suite struct SchemaLimitTests {
    @Test("Deep nesting of properties compiles, and of combinations ends in an error")
    func nesting() throws {
        let depth = 200
        let properties =
            String(repeating: #"{"type":"object","properties":{"a":"#, count: depth) + "true"
            + String(repeating: "}}", count: depth)
        let grammar = try Grammar(jsonSchema: properties)
        #expect(
            try grammar.accepts(
                (String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)).utf8))
        let combined = String(repeating: #"{"allOf":["#, count: 200) + "true" + String(repeating: "]}", count: 200)
        #expect(schemaError(combined) == nil)
        var limits = GrammarLimits()
        limits.nestingDepth = 50
        let error = try #require(schemaError(combined, limits: limits))
        #expect(error.code == .limit)
        #expect(error.advice.contains("nestingDepth"))
        let tooDeep = String(repeating: #"{"not":"#, count: 100_000) + "true" + String(repeating: "}", count: 100_000)
        #expect(schemaError(tooDeep)?.code == .syntax)
    }

    @Test("References to references are followed as far as schemas may nest, and no further", arguments: [false, true])
    func chain(isUnique: Bool) throws {
        func schema(_ length: Int) -> String {
            var places = (1..<length).map { ##""a\##($0)":{"$ref":"#/$defs/a\##($0 + 1)"}"## }
            places.append(#""a\#(length)":{"enum":[1,2]}"#)
            let list = ##""type":"array","uniqueItems":\##(isUnique),"items":{"$ref":"#/$defs/a1"}"##
            return #"{\#(list),"$defs":{\#(places.joined(separator: ","))}}"#
        }
        let grammar = try Grammar(jsonSchema: schema(100))
        #expect(try grammar.accepts("[2,1]".utf8))
        #expect(try grammar.accepts("[2,2]".utf8) != isUnique)
        let error = try #require(schemaError(schema(60_000)))
        #expect(error.code == .limit)
        #expect(error.advice.contains("nestingDepth"))
    }

    @Test("An enum of ten thousand strings is exact")
    func largeEnum() throws {
        let names = (0..<10_000).map { "name-\($0 &* 7919 % 100_003)" }
        let list = names.map { "\"\($0)\"" }.joined(separator: ",")
        let grammar = try Grammar(jsonSchema: "{\"enum\":[\(list)]}")
        for name in names.prefix(50) { #expect(try grammar.accepts("\"\(name)\"".utf8)) }
        #expect(try !grammar.accepts("\"name-\"".utf8))
    }

    @Test("A schema of ten megabytes ends")
    func largeSchema() throws {
        let text = String(repeating: "x", count: 1000)
        let properties = (0..<10_000).map { "\"p\($0)\":{\"type\":\"integer\",\"description\":\"\(text)\"}" }
        let schema =
            #"{"type":"object","additionalProperties":false,"properties":{\#(properties.joined(separator: ","))}}"#
        #expect(schema.utf8.count > 10_000_000)
        let grammar = try Grammar(jsonSchema: schema)
        #expect(try grammar.accepts(#"{"p3":1,"p9999":2}"#.utf8))
        #expect(try !grammar.accepts(#"{"p9999":1,"p3":2}"#.utf8))
        var limits = GrammarLimits()
        limits.sourceBytes = 1 << 20
        #expect(schemaError(schema, limits: limits)?.code == .limit)
    }

    @Test("Three hundred alternatives that a property tells apart compile exactly")
    func manyAlternatives() throws {
        let alternatives = (0..<300).map { number in
            let others = (0..<8).map { "\"p\($0)\":{\"type\":\"integer\"}" }.joined(separator: ",")
            return #"{"type":"object","properties":{"kind":{"const":"k\#(number)"},\#(others)},"required":["kind"]}"#
        }
        let grammar = try Grammar(jsonSchema: #"{"oneOf":[\#(alternatives.joined(separator: ","))]}"#)
        #expect(try grammar.accepts(#"{"kind":"k299","p0":1}"#.utf8))
        #expect(try !grammar.accepts(#"{"kind":"k300","p0":1}"#.utf8))
        #expect(try !grammar.accepts(#"{"kind":"k2","p0":"x"}"#.utf8))
    }

    static let combinations: [String] = [
        // Two to the power of forty combinations of alternatives.
        "{\"allOf\":["
            + (0..<40).map { #"{"anyOf":[{"properties":{"a\#($0)":{"const":1}}},{"required":["b\#($0)"]}]}"# }.joined(
                separator: ",")
            + "]}",
        // What each alternative excludes multiplies.
        "{\"oneOf\":["
            + (0..<12).map { n in
                "{\"properties\":{"
                    + (0..<8).map { "\"p\(n)x\($0)\":{\"type\":\"integer\"}" }.joined(separator: ",") + "}}"
            }.joined(separator: ",") + "]}",
        "{\"type\":\"object\",\"minProperties\":1500,\"additionalProperties\":false,\"properties\":{"
            + (0..<3000).map { "\"p\($0)\":{}" }.joined(separator: ",") + "}}",
        #"{"type":"array","contains":{"const":1},"minContains":900,"maxContains":901,"minItems":1000}"#,
        #"{"type":"array","maxItems":2000000,"items":{"type":"integer"}}"#,
        #"{"type":"array","uniqueItems":true,"items":{"type":"integer","minimum":1,"maximum":16}}"#,
    ]

    @Test("What multiplies beyond reason is refused by name", arguments: combinations)
    func multiplying(_ schema: String) { #expect(schemaError(schema)?.code == .limit) }

    @Test("The limit on alternatives says how to raise it")
    func alternatives() {
        #expect(
            schemaError(Self.combinations[0])?.description.hasPrefix(
                """
                more than 4096 alternatives, to which anyOf, oneOf, not or dependencies combine in one place \
                (at the document's root)
                Raise GrammarLimits.alternatives (--limit alternatives=N)
                """) ?? false)
    }

    @Test("What a long list excludes is limited before it is written out")
    func longComplement() throws {
        let items = [String](repeating: #"{"type":"integer"}"#, count: 20_000).joined(separator: ",")
        var limits = GrammarLimits()
        // Enough for the places of the schema, and not for looking into all that is excluded.
        limits.expressions = 30_000
        let schema = #"{"not":{"type":"array","prefixItems":[\#(items)]}}"#
        let error = try #require(schemaError(schema, limits: limits))
        #expect(error.advice.contains("GrammarLimits.alternatives"))
    }

    @Test("Ten thousand alternatives and parts are told apart in order")
    func manyParts() throws {
        var terms = SchemaTerms()
        let parts = (0..<10_000).map { terms.make(.has(key: $0)) }
        _ = terms.takeWork()
        let all = terms.all(parts + parts)
        let works = [terms.takeWork(), terms.takeWork()]
        #expect(works == [2 * parts.count, 0])
        #expect(terms.kind(all) == .all(parts))
        let some = terms.some([terms.some(parts), parts[3]])
        #expect(terms.kind(some) == .some(parts))
        for count in [15, 16, 17, 18] {
            let few = Array(parts.prefix(count))
            let twice = terms.all(few + few.reversed())
            let nothing = terms.all(few + [terms.not(few[count - 1])])
            #expect(terms.kind(twice) == .all(few))
            #expect(nothing == .none)
        }
    }
}
