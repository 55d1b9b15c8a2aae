import QPConstraints
import QPFormats
import Testing

@Suite struct SchemaArrayTests {
    static let cases: [SchemaCase] = [
        SchemaCase(#"{"type":"array"}"#, accepts: ["[]", "[1,[2],\"a\"]"], rejects: ["{}", "[1,]", "[,1]"]),
        SchemaCase(
            #"{"type":"array","items":{"type":"integer"}}"#, accepts: ["[]", "[1]", "[1,2,3]"], rejects: ["[1,\"a\"]"]),
        SchemaCase(
            #"{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3}"#, accepts: ["[1]", "[1,2,3]"],
            rejects: ["[]", "[1,2,3,4]"]),
        SchemaCase(
            #"{"type":"array","prefixItems":[{"const":1},{"const":2},{"const":3}],"items":{"const":4},"minItems":2,"maxItems":5}"#,
            accepts: ["[1,2]", "[1,2,3]", "[1,2,3,4]", "[1,2,3,4,4]"],
            rejects: ["[]", "[1]", "[1,3]", "[1,2,4]", "[1,2,3,4,4,4]"]),
        SchemaCase(
            #"{"type":"array","prefixItems":[{"const":1}],"items":false}"#, accepts: ["[]", "[1]"],
            rejects: ["[2]", "[1,1]"]),
        SchemaCase(
            #"{"$schema":"http://json-schema.org/draft-07/schema#","type":"array","items":[{"const":1}],"additionalItems":{"const":2}}"#,
            accepts: ["[]", "[1]", "[1,2,2]"], rejects: ["[2]", "[1,1]"]),
        SchemaCase(
            #"{"$schema":"http://json-schema.org/draft-07/schema#","type":"array","items":{"const":1},"additionalItems":{"const":2}}"#,
            accepts: ["[]", "[1,1]"], rejects: ["[1,2]"]),
        SchemaCase(
            #"{"type":"array","items":{"enum":[1,2]},"contains":{"const":2}}"#, accepts: ["[2]", "[1,2,1]", "[2,2]"],
            rejects: ["[]", "[1]", "[1,1]", "[3,2]"]),
        SchemaCase(
            #"{"type":"array","contains":{"type":"string"},"minContains":2,"maxContains":3}"#,
            accepts: ["[\"a\",1,\"b\"]", "[\"a\",\"a\",\"a\"]", "[1,2,\"a\",3,\"b\",4]"],
            rejects: ["[]", "[\"a\"]", "[1,2]", "[\"a\",\"a\",\"a\",1,\"a\"]"]),
        SchemaCase(
            #"{"type":"array","contains":{"const":1},"minContains":0,"maxContains":1}"#,
            accepts: ["[]", "[1]", "[2,1,2]"],
            rejects: ["[1,1]", "[1,2,1]"]),
        SchemaCase(
            #"{"type":"array","contains":{"const":1},"minItems":2,"maxItems":3}"#, accepts: ["[1,2]", "[0,0,1]"],
            rejects: ["[1]", "[2,2]", "[1,2,3,4]"]),
        SchemaCase(
            #"{"type":"array","contains":true,"minContains":2}"#, accepts: ["[1,2]", "[1,2,3]"], rejects: ["[1]", "[]"]),
        SchemaCase(
            #"{"type":"array","items":{"enum":["a","b","c"]},"uniqueItems":true}"#,
            accepts: ["[]", "[\"b\"]", "[\"c\",\"a\",\"b\"]"],
            rejects: ["[\"a\",\"a\"]", "[\"a\",\"b\",\"a\"]", "[\"d\"]"]),
        SchemaCase(
            #"{"type":"array","items":{"type":"boolean"},"uniqueItems":true,"minItems":2}"#,
            accepts: ["[true,false]", "[false,true]"], rejects: ["[true]", "[true,true]", "[true,false,true]"]),
        SchemaCase(
            #"{"type":"array","uniqueItems":true,"maxItems":1}"#, accepts: ["[]", "[{}]"], rejects: ["[1,2]"]),
        // draft-04 takes 1.0 for no integer.
        SchemaCase(
            #"{"$schema":"http://json-schema.org/draft-04/schema#","type":"array","uniqueItems":true,"items":{"type":"integer","minimum":1,"maximum":3}}"#,
            accepts: ["[]", "[1]", "[3,1]"], rejects: ["[1.0]", "[1,2.0]", "[1,1]"]),
        SchemaCase(
            #"{"$schema":"http://json-schema.org/draft-04/schema#","type":"array","uniqueItems":true,"items":[{"type":"integer","minimum":1,"maximum":2}],"additionalItems":{"enum":[1,2]}}"#,
            accepts: ["[1,2.0]"], rejects: ["[1.0,2]", "[1,1.0]"]),
        SchemaCase(#"{"type":"array","uniqueItems":false}"#, accepts: ["[1,1]"], rejects: ["{}"]),
        // An array may end before an element that cannot be.
        SchemaCase(
            #"{"type":"array","prefixItems":[{"const":1},{"type":"integer","minimum":3,"maximum":2}]}"#,
            accepts: ["[]", "[1]"], rejects: ["[1,1]", "[1,3]"]),
        SchemaCase(
            ##"{"type":"array","items":{"$ref":"#"},"maxItems":2}"##, accepts: ["[]", "[[],[[]]]"],
            rejects: ["[[],[],[]]", "[1]"]),
    ]

    @Test("Keywords of arrays allow what they name and nothing else", arguments: cases)
    func arrays(_ example: SchemaCase) throws { try example.check() }
}
