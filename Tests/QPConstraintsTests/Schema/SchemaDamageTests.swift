import QPConstraints
import QPFormats
import QPTestInputs
import Testing

@Suite struct SchemaDamageTests {
    private static let oddities: [JSONValue] = [
        .null, .bool(true), .bool(false), .number(JSONNumber(-1)), .number(JSONNumber(Int.max)), .string(""),
        .string("#/$defs/x/0"), .string("#//~2/%zz%"), .string("http://["), .string("^(a*)*$"), .string("("),
        .array([]), .array([.null]), .array([.array([])]), .object(JSONObject()),
        .object(JSONObject([("$ref", .string("#"))])), .object(JSONObject([("$id", .string("::"))])),
        .object(JSONObject([("$dynamicRef", .string("#a"))])), .object(JSONObject([("$anchor", .string("a"))])),
    ]

    /// `value` with one place in it replaced, chosen by `random`.
    private static func damaged(_ value: JSONValue, _ random: inout SplitMix) -> JSONValue {
        let count: Int
        switch value {
        case .array(let items): count = items.count
        case .object(let members): count = members.count
        default: count = 0
        }
        guard count > 0, random.next() % 5 > 0 else { return oddities[Int(random.next() % UInt64(oddities.count))] }
        let place = Int(random.next() % UInt64(count))
        switch value {
        case .array(var items):
            items[place] = damaged(items[place], &random)
            return .array(items)
        case .object(var members):
            let (key, member) = members[place]
            members[key] = damaged(member, &random)
            return .object(members)
        default: return value
        }
    }

    @Test("A damaged schema compiles or is refused, with its place where it is malformed")
    func damage() throws {
        var refused = 0
        for seed in UInt64(0)..<600 {
            var generator = SchemaGenerator(seed: seed)
            var schema = generator.document()
            for _ in 0..<(1 + seed % 3) { schema = Self.damaged(schema, &generator.random) }
            do {
                _ = try Grammar(jsonSchema: schema)
            } catch {
                refused += 1
                #expect(error.code != .syntax || error.place != nil, "seed \(seed): \(error) for \(schema)")
            }
        }
        #expect(refused > 100 && refused < 500)
    }
}
