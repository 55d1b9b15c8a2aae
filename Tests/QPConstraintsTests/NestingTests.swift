import QPConstraints
import Testing

@Suite("Grammars that nest without bound")
struct NestingTests {
    /// GBNF, and whether its texts nest without bound.
    static let sources: [(gbnf: String, nests: Bool)] = [
        (#"root ::= "a""#, false),
        (#"root ::= "a" root "b" | "c""#, true),
        // Through another rule, and below a rule that does not itself.
        ("root ::= \"x\" list\nlist ::= \"[\" item \"]\"\nitem ::= \"a\" | list", true),
        // Within a counted repetition, which remembers its count.
        (#"root ::= "a" ("b" root){2,3} | "c""#, true),
        // A rule that ends in itself repeats, and so does a star.
        (#"root ::= "a" root | "b""#, false),
        (#"root ::= ("a" [b-c]* "d"){2,5} "e"+"#, false),
        // One rule in many places, none of them within it.
        ("root ::= a a (a \"b\")*\na ::= \"x\" | \"y\"", false),
    ]

    @Test("A rule that comes back to itself before its end nests", arguments: sources)
    func nests(_ source: (gbnf: String, nests: Bool)) throws {
        #expect(try Grammar(gbnf: source.gbnf).nestsWithoutBound == source.nests)
    }

    @Test("Any JSON nests; a pattern and a closed schema do not")
    func languages() throws {
        #expect(try Grammar.jsonObject().nestsWithoutBound)
        #expect(try !Grammar(regex: "(a|b{2,4})*c").nestsWithoutBound)
        let closed = #"{"properties": {"a": {"type": "string", "maxLength": 9}}, "additionalProperties": false}"#
        #expect(try !Grammar(jsonSchema: #"{"type": "object", "# + closed.dropFirst()).nestsWithoutBound)
        #expect(
            try Grammar(jsonSchema: ##"{"type": "array", "items": {"$ref": "#"}, "maxItems": 2}"##).nestsWithoutBound)
    }
}
