import QPFormats

/// Finds what references of a schema lead to, as far as that is plain: by JSON pointer, `$anchor` and `$id`.
struct SchemaReferences {
    /// A schema and the resource that its pointers begin at.
    struct Node {
        let schema: JSONValue
        let resource: JSONValue
    }

    let root: Node
    /// Schemas by `$id` or URI, and by "#" and anchor.
    private var named: [String: JSONValue] = [:]

    init(_ schema: JSONValue, documents: [String: JSONValue]) {
        root = Node(schema: schema, resource: schema)
        named = documents
        collect(schema)
    }

    /// Where the value of `$ref` or `$dynamicRef` leads from within `resource`; nil where it cannot be told.
    func target(of reference: JSONValue, in resource: JSONValue) -> Node? {
        guard let text = reference.stringValue else { return nil }
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let base = parts[0]
        let fragment = parts.count > 1 ? parts[1] : ""
        let documents = base.isEmpty ? [resource, root.resource] : document(base).map { [$0] } ?? []
        for document in documents {
            if fragment.isEmpty { return Node(schema: document, resource: document) }
            if fragment.hasPrefix("/") {
                if let found = Self.value(at: fragment, in: document) { return Node(schema: found, resource: document) }
            } else if let found = named["#" + fragment] {
                return Node(schema: found, resource: document)
            }
        }
        return nil
    }

    /// The schema called `base`, or whose name ends like it, as a relative reference does.
    private func document(_ base: String) -> JSONValue? {
        if let exact = named[base] { return exact }
        let last = "/" + (base.split(separator: "/").last ?? "")
        return named.sorted { $0.key < $1.key }.first { $0.key.hasSuffix(last) }?.value
    }

    private mutating func collect(_ value: JSONValue) {
        switch value {
        case .object(let object):
            if let id = (object["$id"] ?? object["id"])?.stringValue, named[id] == nil { named[id] = value }
            for keyword in ["$anchor", "$dynamicAnchor"] {
                if let anchor = object[keyword]?.stringValue, named["#" + anchor] == nil {
                    named["#" + anchor] = value
                }
            }
            for (_, member) in object { collect(member) }
        case .array(let items):
            for item in items { collect(item) }
        default:
            break
        }
    }

    private static func value(at pointer: String, in document: JSONValue) -> JSONValue? {
        var value = document
        for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = unescaped(String(token))
            switch value {
            case .object(let object):
                guard let member = object[name] else { return nil }
                value = member
            case .array(let items):
                guard let index = Int(name), items.indices.contains(index) else { return nil }
                value = items[index]
            default:
                return nil
            }
        }
        return value
    }

    /// A pointer's token with `%HH`, `~1` and `~0` read (RFC 6901, sections 4 and 6).
    private static func unescaped(_ token: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(token.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else if byte == UInt8(ascii: "~"), let kind = rest.first {
                bytes.append(kind == UInt8(ascii: "1") ? UInt8(ascii: "/") : UInt8(ascii: "~"))
                rest = rest.dropFirst()
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
