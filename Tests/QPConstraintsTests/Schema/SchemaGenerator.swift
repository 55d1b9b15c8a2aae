import QPFormats
import QPTestInputs

/// Random schemas over few names and small values, so that their parts meet, and random instances for them.
struct SchemaGenerator {
    var random: SplitMix
    static let names = ["a", "b", "ab", "c"]

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    private mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    private mutating func chance(_ percent: Int) -> Bool { pick(100) < percent }

    private mutating func name() -> String { Self.names[pick(Self.names.count)] }

    private mutating func number(_ range: ClosedRange<Int>) -> JSONValue {
        .number(JSONNumber(range.lowerBound + pick(range.count)))
    }

    // MARK: Instances

    mutating func instance(depth: Int = 2) -> JSONValue {
        switch pick(depth > 0 ? 9 : 5) {
        case 0: return .null
        case 1: return .bool(chance(50))
        case 2, 3: return number(-1...4)
        case 4: return .string(name())
        case 5, 6: return .array((0..<pick(4)).map { _ in instance(depth: depth - 1) })
        default:
            var object = JSONObject()
            for _ in 0..<pick(4) { object[name()] = instance(depth: depth - 1) }
            return .object(object)
        }
    }

    // MARK: Schemas

    mutating func document() -> JSONValue {
        guard case .object(var object) = schema(depth: 3) else { return .bool(true) }
        object["$defs"] = .object(JSONObject([("x", schema(depth: 1)), ("y", schema(depth: 1))]))
        return .object(object)
    }

    mutating func schema(depth: Int) -> JSONValue {
        if chance(depth < 3 ? 8 : 0) { return .bool(chance(70)) }
        var object = JSONObject()
        for _ in 0..<(1 + pick(3)) { keyword(depth, &object) }
        return .object(object)
    }

    private mutating func schemas(_ depth: Int) -> JSONValue {
        .array((0..<(1 + pick(3))).map { _ in schema(depth: depth - 1) })
    }

    private mutating func map(_ depth: Int, of names: [String]) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<(1 + pick(2)) { object[names[pick(names.count)]] = schema(depth: depth - 1) }
        return .object(object)
    }

    private mutating func keyword(_ depth: Int, _ object: inout JSONObject) {
        switch pick(depth > 0 ? 34 : 10) {
        case 0, 1:
            let types = ["null", "boolean", "integer", "number", "string", "array", "object"]
            let chosen = (0..<(1 + pick(3))).map { _ in JSONValue.string(types[pick(types.count)]) }
            object["type"] = chosen.count == 1 ? chosen[0] : .array(Array(Set(chosen)))
        case 2: object["minimum"] = number(-1...4)
        case 3: object["maximum"] = number(-1...4)
        case 4: object["multipleOf"] = number(1...3)
        case 5: object["minLength"] = number(0...2)
        case 6: object["maxLength"] = number(0...2)
        case 7: object["pattern"] = .string(["^a", "b", "^ab", "c"][pick(4)])
        case 8: object["const"] = instance(depth: 1)
        case 9: object["enum"] = .array((0..<(1 + pick(3))).map { _ in instance(depth: 1) })
        case 10, 11: object["properties"] = map(depth, of: Self.names)
        case 12: object["required"] = .array((0..<(1 + pick(2))).map { _ in .string(name()) })
        case 13: object["additionalProperties"] = schema(depth: depth - 1)
        case 14: object["patternProperties"] = map(depth, of: ["^a", "b", "c"])
        case 15: object["propertyNames"] = schema(depth: 0)
        case 16: object["minProperties"] = number(0...2)
        case 17: object["maxProperties"] = number(0...3)
        case 18: object["dependentRequired"] = .object(JSONObject([(name(), .array([.string(name())]))]))
        case 19: object["dependentSchemas"] = map(depth, of: Self.names)
        case 20: object["items"] = schema(depth: depth - 1)
        case 21: object["prefixItems"] = schemas(depth)
        case 22: object["minItems"] = number(0...2)
        case 23: object["maxItems"] = number(0...3)
        case 24:
            object["contains"] = schema(depth: depth - 1)
            if chance(40) { object["minContains"] = number(0...2) }
            if chance(40) { object["maxContains"] = number(0...2) }
        case 25: object["uniqueItems"] = .bool(chance(30))
        case 26: object["allOf"] = schemas(depth)
        case 27: object["anyOf"] = schemas(depth)
        case 28: object["oneOf"] = schemas(depth)
        case 29: object["not"] = schema(depth: depth - 1)
        case 30:
            object["if"] = schema(depth: depth - 1)
            if chance(70) { object["then"] = schema(depth: depth - 1) }
            if chance(70) { object["else"] = schema(depth: depth - 1) }
        case 31: object["$ref"] = .string(["#/$defs/x", "#/$defs/y"][pick(2)])
        case 32: object["unevaluatedProperties"] = schema(depth: 0)
        default: object["unevaluatedItems"] = schema(depth: 0)
        }
    }
}
