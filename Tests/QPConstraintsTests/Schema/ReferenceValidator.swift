import QPFormats

/// Validates an instance by the specification's text (2020-12), keyword by keyword and without any algebra: what the
/// grammars of random schemas are held against.
///
/// Patterns are only `^text` and plain `text`, and references only `#` and `#/$defs/name`.
final class ReferenceValidator {
    let root: JSONValue
    /// Whether a reference was met that leads back to itself at the same instance: then nothing is said.
    private(set) var isCircular = false
    private var depth = 0

    init(root: JSONValue) { self.root = root }

    /// What was evaluated of an instance by a schema that holds.
    struct Evaluated {
        var keys: Set<String> = []
        var items: Set<Int> = []

        mutating func add(_ other: Evaluated) {
            keys.formUnion(other.keys)
            items.formUnion(other.items)
        }
    }

    func isValid(_ instance: JSONValue) -> Bool { evaluate(instance, root) != nil }

    /// Nil where `instance` is not valid.
    private func evaluate(_ instance: JSONValue, _ schema: JSONValue) -> Evaluated? {
        if case .bool(let isValid) = schema { return isValid ? Evaluated() : nil }
        guard let object = schema.objectValue else { return nil }
        if depth > 200 { isCircular = true }
        if isCircular { return nil }
        depth += 1
        defer { depth -= 1 }
        var evaluated = Evaluated()
        guard holdsForItself(instance, object), combine(instance, object, &evaluated),
            children(instance, object, &evaluated), unevaluated(instance, object, &evaluated)
        else { return nil }
        return evaluated
    }

    private func holds(_ instance: JSONValue, _ schema: JSONValue) -> Bool { evaluate(instance, schema) != nil }

    // MARK: Scalars and sizes

    private func holdsForItself(_ instance: JSONValue, _ schema: JSONObject) -> Bool {
        if let type = schema["type"] {
            let names = type.arrayValue?.compactMap(\.stringValue) ?? [type.stringValue!]
            guard names.contains(where: { isOf($0, instance) }) else { return false }
        }
        if let value = schema["const"], value != instance { return false }
        if let values = schema["enum"]?.arrayValue, !values.contains(instance) { return false }
        switch instance {
        case .number(let number):
            if let bound = schema["minimum"]?.numberValue, number < bound { return false }
            if let bound = schema["maximum"]?.numberValue, bound < number { return false }
            if let divisor = schema["multipleOf"]?.numberValue?.intValue {
                guard let value = number.intValue, value % divisor == 0 else { return false }
            }
        case .string(let text):
            let length = text.unicodeScalars.count
            if let bound = schema["minLength"]?.numberValue?.intValue, length < bound { return false }
            if let bound = schema["maxLength"]?.numberValue?.intValue, length > bound { return false }
            if let pattern = schema["pattern"]?.stringValue, !matches(text, pattern) { return false }
        case .array(let items):
            if let bound = schema["minItems"]?.numberValue?.intValue, items.count < bound { return false }
            if let bound = schema["maxItems"]?.numberValue?.intValue, items.count > bound { return false }
            if schema["uniqueItems"] == .bool(true), Set(items).count < items.count { return false }
        case .object(let members):
            if let bound = schema["minProperties"]?.numberValue?.intValue, members.count < bound { return false }
            if let bound = schema["maxProperties"]?.numberValue?.intValue, members.count > bound { return false }
            for name in schema["required"]?.arrayValue ?? [] where members[name.stringValue!] == nil { return false }
            for (key, names) in schema["dependentRequired"]?.objectValue ?? JSONObject() where members[key] != nil {
                for name in names.arrayValue! where members[name.stringValue!] == nil { return false }
            }
        default: break
        }
        return true
    }

    private func isOf(_ type: String, _ instance: JSONValue) -> Bool {
        switch (type, instance) {
        case ("null", .null), ("boolean", .bool), ("number", .number), ("string", .string), ("array", .array),
            ("object", .object):
            true
        case ("integer", .number(let number)): number.isInteger
        default: false
        }
    }

    private func matches(_ text: String, _ pattern: String) -> Bool {
        pattern.hasPrefix("^") ? text.hasPrefix(String(pattern.dropFirst())) : text.contains(pattern)
    }

    // MARK: Combinations

    private func combine(_ instance: JSONValue, _ schema: JSONObject, _ evaluated: inout Evaluated) -> Bool {
        if let reference = schema["$ref"]?.stringValue {
            let target =
                reference == "#"
                ? root : root.objectValue!["$defs"]!.objectValue![String(reference.dropFirst("#/$defs/".count))]!
            guard let found = evaluate(instance, target) else { return false }
            evaluated.add(found)
        }
        for part in schema["allOf"]?.arrayValue ?? [] {
            guard let found = evaluate(instance, part) else { return false }
            evaluated.add(found)
        }
        if let parts = schema["anyOf"]?.arrayValue {
            let found = parts.compactMap { evaluate(instance, $0) }
            if found.isEmpty { return false }
            found.forEach { evaluated.add($0) }
        }
        if let parts = schema["oneOf"]?.arrayValue {
            let found = parts.compactMap { evaluate(instance, $0) }
            guard found.count == 1 else { return false }
            evaluated.add(found[0])
        }
        if let part = schema["not"], holds(instance, part) { return false }
        if let condition = schema["if"] {
            let found = evaluate(instance, condition)
            if let found { evaluated.add(found) }
            if let branch = schema[found != nil ? "then" : "else"] {
                guard let found = evaluate(instance, branch) else { return false }
                evaluated.add(found)
            }
        }
        for (key, part) in schema["dependentSchemas"]?.objectValue ?? JSONObject()
        where instance.objectValue?[key] != nil {
            guard let found = evaluate(instance, part) else { return false }
            evaluated.add(found)
        }
        return true
    }

    // MARK: Children

    private func children(_ instance: JSONValue, _ schema: JSONObject, _ evaluated: inout Evaluated) -> Bool {
        switch instance {
        case .array(let items): elements(items, schema, &evaluated)
        case .object(let members): properties(members, schema, &evaluated)
        default: true
        }
    }

    private func elements(_ items: [JSONValue], _ schema: JSONObject, _ evaluated: inout Evaluated) -> Bool {
        let prefix = schema["prefixItems"]?.arrayValue ?? []
        for (index, item) in items.enumerated() {
            if index < prefix.count {
                guard holds(item, prefix[index]) else { return false }
                evaluated.items.insert(index)
            } else if let rest = schema["items"] {
                guard holds(item, rest) else { return false }
                evaluated.items.insert(index)
            }
        }
        guard let part = schema["contains"] else { return true }
        let found = items.indices.filter { holds(items[$0], part) }
        evaluated.items.formUnion(found)
        let minimum = schema["minContains"]?.numberValue?.intValue ?? 1
        return found.count >= minimum && found.count <= schema["maxContains"]?.numberValue?.intValue ?? .max
    }

    private func properties(_ members: JSONObject, _ schema: JSONObject, _ evaluated: inout Evaluated) -> Bool {
        for (key, value) in members {
            if let names = schema["propertyNames"], !holds(.string(key), names) { return false }
            var isDeclared = false
            if let part = schema["properties"]?.objectValue?[key] {
                isDeclared = true
                guard holds(value, part) else { return false }
            }
            for (pattern, part) in schema["patternProperties"]?.objectValue ?? JSONObject()
            where matches(key, pattern) {
                isDeclared = true
                guard holds(value, part) else { return false }
            }
            if !isDeclared, let part = schema["additionalProperties"] {
                isDeclared = true
                guard holds(value, part) else { return false }
            }
            if isDeclared { evaluated.keys.insert(key) }
        }
        return true
    }

    private func unevaluated(_ instance: JSONValue, _ schema: JSONObject, _ evaluated: inout Evaluated) -> Bool {
        if let part = schema["unevaluatedItems"], case .array(let items) = instance {
            for (index, item) in items.enumerated() where !evaluated.items.contains(index) {
                guard holds(item, part) else { return false }
            }
            evaluated.items.formUnion(items.indices)
        }
        if let part = schema["unevaluatedProperties"], case .object(let members) = instance {
            for (key, value) in members where !evaluated.keys.contains(key) {
                guard holds(value, part) else { return false }
                evaluated.keys.insert(key)
            }
        }
        return true
    }
}
