import QPFormats

/// Puts the members of an instance into the order in which a schema declares its properties, others behind them.
///
/// A constraint writes an object's members in one order, and a suite's instances know none. What one order is depends
/// on where the properties come from: a schema's own, those of what it refers to, and those of the alternative that
/// applies. Rather than to validate, this tries several and gives each spelling that differs.
///
/// Best effort: references are followed within the schema and the given documents by pointer, `$anchor` and `$id`.
struct DeclaredOrder {
    private let references: SchemaReferences

    init(_ schema: JSONValue, documents: [String: JSONValue] = [:]) {
        references = SchemaReferences(schema, documents: documents)
    }

    /// Whether a schema's own properties come before or after those of its subschemas, or as the keywords stand.
    fileprivate enum Precedence: CaseIterable {
        case ownFirst
        case asWritten
        case ownLast
    }

    /// One way to order members.
    fileprivate struct Strategy {
        let precedence: Precedence
        /// Which alternative of each anyOf and oneOf is taken to apply; nil for all of them.
        let alternative: Int?
    }

    /// The compact texts of `instance`, distinct, in the declared orders and in its own.
    func spellings(of instance: JSONValue) -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for alternative in [nil, 0, 1, 2, 3, 4, 5, 6, 7] {
            for precedence in Precedence.allCases {
                let strategy = Strategy(precedence: precedence, alternative: alternative)
                let text = reordered(instance, [references.root], strategy).serializedBytes()
                if !texts.contains(text) { texts.append(text) }
            }
        }
        let own = instance.serializedBytes()
        if !texts.contains(own) { texts.append(own) }
        return texts
    }

    private func reordered(
        _ instance: JSONValue, _ schemas: [SchemaReferences.Node], _ strategy: Strategy
    ) -> JSONValue {
        switch instance {
        case .object(let object):
            let shape = shape(of: instance, schemas, strategy)
            let names = shape.order.filter { object[$0] != nil }
            let declared = Set(names.map(exact))
            let others = object.map(\.key).filter { !declared.contains(exact($0)) }
            return .object(
                JSONObject(
                    (names + others).map { name in
                        (key: name, value: reordered(object[name]!, shape.schemas(of: name), strategy))
                    }))
        case .array(let items):
            let shape = shape(of: instance, schemas, strategy)
            return .array(items.enumerated().map { reordered($1, shape.schemas(at: $0), strategy) })
        default:
            return instance
        }
    }

    private func shape(
        of instance: JSONValue, _ schemas: [SchemaReferences.Node], _ strategy: Strategy
    ) -> DeclaredShape {
        var shape = DeclaredShape(instance)
        var visited = 0
        for schema in schemas { visit(schema, strategy, &shape, depth: 0, &visited) }
        return shape
    }

    /// Adds what `node` and the schemas that apply in its place declare. Cycles end by depth and by count.
    private func visit(
        _ node: SchemaReferences.Node, _ strategy: Strategy, _ shape: inout DeclaredShape, depth: Int,
        _ visited: inout Int
    ) {
        guard let schema = node.schema.objectValue, depth < 16, visited < 400 else { return }
        visited += 1
        let root = schema["$id"] == nil ? node.resource : node.schema
        func apply(_ subschema: JSONValue) {
            visit(.init(schema: subschema, resource: root), strategy, &shape, depth: depth + 1, &visited)
        }
        func subschemas(_ keyword: String, _ value: JSONValue) {
            switch keyword {
            case "$ref", "$dynamicRef":
                guard let target = references.target(of: value, in: root) else { return }
                visit(target, strategy, &shape, depth: depth + 1, &visited)
            case "allOf":
                value.arrayValue?.forEach(apply)
            case "anyOf", "oneOf":
                let all = value.arrayValue ?? []
                if let chosen = strategy.alternative {
                    if let last = all.indices.last { apply(all[min(chosen, last)]) }
                } else {
                    all.forEach(apply)
                }
            case "if", "then", "else":
                apply(value)
            case "dependentSchemas", "dependentRequired", "dependencies":
                for (name, dependent) in value.objectValue ?? JSONObject() {
                    shape.name(name)
                    dependent.arrayValue?.compactMap(\.stringValue).forEach { shape.name($0) }
                    apply(dependent)
                }
            case "const":
                shape.declare(value)
            case "enum":
                value.arrayValue?.forEach { shape.declare($0) }
            default:
                break
            }
        }
        if strategy.precedence == .ownFirst { shape.declare(schema, in: root) }
        for (keyword, value) in schema {
            if keyword == "properties", strategy.precedence == .asWritten { shape.declare(schema, in: root) }
            subschemas(keyword, value)
        }
        if strategy.precedence == .ownLast { shape.declare(schema, in: root) }
        shape.describe(schema, in: root)
    }
}

/// A name as JSON compares it: Swift takes strings for equal that differ in how accents are composed.
private func exact(_ name: String) -> [UInt8] { Array(name.utf8) }

/// What the schemas that apply at one place say about the members and items below it.
private struct DeclaredShape {
    private let instance: JSONValue
    /// Declared names, in order.
    private(set) var order: [String] = []
    private var declared: [[UInt8]: [SchemaReferences.Node]] = [:]
    /// Schemas of names that are not declared.
    private var others: [SchemaReferences.Node] = []
    private var prefix: [[SchemaReferences.Node]] = []
    private var items: [SchemaReferences.Node] = []

    init(_ instance: JSONValue) { self.instance = instance }

    func schemas(of name: String) -> [SchemaReferences.Node] { (declared[exact(name)] ?? []) + others }

    func schemas(at index: Int) -> [SchemaReferences.Node] {
        index < prefix.count ? prefix[index] : items
    }

    /// Adds a name that has no schema here.
    mutating func name(_ name: String) {
        guard declared[exact(name)] == nil else { return }
        order.append(name)
        declared[exact(name)] = []
    }

    /// Adds the order of a value that is listed, where it is the instance's.
    mutating func declare(_ value: JSONValue) {
        guard value == instance else { return }
        func listed(_ value: JSONValue) -> SchemaReferences.Node {
            .init(schema: .object(JSONObject([(key: "const", value: value)])), resource: .null)
        }
        for (name, member) in value.objectValue ?? JSONObject() {
            self.name(name)
            declared[exact(name), default: []].append(listed(member))
        }
        for (index, item) in (value.arrayValue ?? []).enumerated() {
            if index == prefix.count { prefix.append([]) }
            prefix[index].append(listed(item))
        }
    }

    /// Adds a schema's own properties to the order.
    mutating func declare(_ schema: JSONObject, in resource: JSONValue) {
        for (name, value) in schema["properties"]?.objectValue ?? JSONObject() {
            if declared[exact(name)] == nil { order.append(name) }
            declared[exact(name), default: []].append(.init(schema: value, resource: resource))
        }
    }

    /// Adds what a schema says of all other members, and of items.
    mutating func describe(_ schema: JSONObject, in resource: JSONValue) {
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            if let value = schema[keyword] { others.append(.init(schema: value, resource: resource)) }
        }
        for (_, value) in schema["patternProperties"]?.objectValue ?? JSONObject() {
            others.append(.init(schema: value, resource: resource))
        }
        for name in schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] { self.name(name) }
        for (index, value) in (schema["prefixItems"] ?? schema["items"])?.arrayValue?.enumerated() ?? [].enumerated() {
            if index == prefix.count { prefix.append([]) }
            prefix[index].append(.init(schema: value, resource: resource))
        }
        for keyword in ["items", "additionalItems", "unevaluatedItems", "contains"] {
            if let value = schema[keyword], value.arrayValue == nil {
                items.append(.init(schema: value, resource: resource))
            }
        }
    }
}
