import QPFormats

/// The places of a schema and of the documents it refers to: who contains whom, where resources begin, and what
/// references lead to.
///
/// A place becomes a node when somebody walks to it, so that a document costs what is used of it. The whole document is
/// searched for identifiers and anchors only when a reference is more than a pointer.
final class SchemaDocument {
    /// One place: a schema, or what lies between schemas, such as the map under `properties`.
    struct Node {
        let value: JSONValue
        /// The containing place, -1 at a document's root.
        let parent: Int32
        /// Its key or index in the parent.
        let token: String
        /// Index of the schema resource it belongs to.
        let resource: Int32
    }

    /// A schema with an address of its own (2020-12 core, section 4.3.5), with all in it up to the next such.
    struct Resource {
        let root: Int32
        var base: URIReference
        var draft: SchemaDraft
        var anchors: [String: Int32] = [:]
        var dynamicAnchors: [String: Int32] = [:]
        var vocabulary = Vocabulary()
    }

    /// What a meta-schema says of the keywords' meaning (2020-12 core, section 8.1.2).
    struct Vocabulary {
        /// Whether the keywords of the validation vocabulary say nothing.
        var lacksValidation = false
        /// Whether formats are asserted whatever the options say.
        var assertsFormats = false
    }

    private struct Step: Hashable {
        let parent: Int32
        let token: String

        /// By bytes: strings of their own accord compare by canonical equivalence, and keys of JSON do not.
        static func == (left: Step, right: Step) -> Bool {
            left.parent == right.parent && left.token == right.token && left.token.utf8.elementsEqual(right.token.utf8)
        }
    }

    let options: SchemaOptions
    let budget: CompileBudget
    private(set) var nodes: [Node] = []
    /// Remarks on dialects, which are found out as places are walked to.
    var warnings: [ConstraintWarning] = []
    var resources: [Resource] = []
    private var children: [Step: Int32] = [:]
    /// Resources by address.
    var resourceAt: [String: Int32] = [:]
    /// Whether every identifier and anchor of the main document was looked for.
    var isIndexed = false
    /// Whether a reference is dynamic, so that the way to a schema matters.
    var hasDynamicReferences = false

    /// - Throws: ``ConstraintError`` with code `unsupported` for an unknown `$schema`, `syntax` for one that is no
    ///   string.
    init(_ root: JSONValue, options: SchemaOptions, budget: CompileBudget) throws(ConstraintError) {
        self.options = options
        self.budget = budget
        _ = try add(root, parent: -1, token: "", base: URIReference(""), draft: options.draft ?? .draft2020)
    }

    // MARK: Places

    func draft(of node: Int32) -> SchemaDraft { resources[Int(nodes[Int(node)].resource)].draft }

    func resource(of node: Int32) -> Resource { resources[Int(nodes[Int(node)].resource)] }

    func value(_ node: Int32) -> JSONValue { nodes[Int(node)].value }

    /// JSON pointer from its document's root, where documents that were given by address begin with it.
    func pointer(to node: Int32) -> String {
        var tokens: [String] = []
        var current = node
        while nodes[Int(current)].parent >= 0 {
            tokens.append(nodes[Int(current)].token)
            current = nodes[Int(current)].parent
        }
        let path = tokens.reversed().map { "/" + Self.escaped($0) }.joined()
        return current == 0 ? path : resource(of: current).base.withoutFragment + "#" + path
    }

    /// A reference token as RFC 6901 writes it.
    private static func escaped(_ token: String) -> String {
        var text = ""
        for character in token.unicodeScalars {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }

    /// The place at `token` in `node`, nil when there is none.
    func child(_ node: Int32, _ token: String) throws(ConstraintError) -> Int32? {
        let step = Step(parent: node, token: token)
        if let known = children[step] { return known }
        let value: JSONValue?
        switch nodes[Int(node)].value {
        case .object(let object): value = object[token]
        case .array(let array): value = Self.index(token, in: array).map { array[$0] }
        default: value = nil
        }
        guard let value else { return nil }
        return try child(step, value)
    }

    /// The place at `token` in `node`, which is known to hold `value`.
    func child(_ node: Int32, _ token: String, _ value: JSONValue) throws(ConstraintError) -> Int32 {
        let step = Step(parent: node, token: token)
        if let known = children[step] { return known }
        return try child(step, value)
    }

    private func child(_ step: Step, _ value: JSONValue) throws(ConstraintError) -> Int32 {
        let resource = resources[Int(nodes[Int(step.parent)].resource)]
        let node = try add(
            value, parent: step.parent, token: step.token, base: resource.base, draft: resource.draft)
        children[step] = node
        return node
    }

    private static func index(_ token: String, in array: [JSONValue]) -> Int? {
        guard let index = Int(token), array.indices.contains(index), String(index) == token else { return nil }
        return index
    }

    /// A new node.
    func add(
        _ value: JSONValue, parent: Int32, token: String, base: URIReference, draft: SchemaDraft
    ) throws(ConstraintError) -> Int32 {
        try budget.spend()
        let resource = try resource(of: value, parent: parent, token: token, base: base, draft: draft)
        nodes.append(Node(value: value, parent: parent, token: token, resource: resource))
        return Int32(nodes.count - 1)
    }

    /// The resource of the node to come: its own if it has an identifier or is a root, or else its parent's.
    private func resource(
        of value: JSONValue, parent: Int32, token: String, base: URIReference, draft: SchemaDraft
    ) throws(ConstraintError) -> Int32 {
        let outer = parent >= 0 ? nodes[Int(parent)].resource : nil
        var resource = Resource(root: Int32(nodes.count), base: base, draft: draft)
        if case .object(let object) = value, outer == nil || object["$id"] != nil || object["id"] != nil {
            if let outer, isData(parent: parent, token: token) { return outer }
            let dialect = try dialect(of: object, parent: parent, draft: draft)
            resource.draft = dialect.draft
            resource.vocabulary = dialect.vocabulary
            if let identifier = identifier(of: object, draft: dialect.draft) {
                resource.base = URIReference(identifier).resolved(against: base)
            } else if let outer {
                return outer
            }
        } else if let outer {
            return outer
        }
        resources.append(resource)
        let index = Int32(resources.count - 1)
        for address in [resource.base, base] where address == resource.base || outer == nil {
            let address = address.withoutFragment
            if resourceAt[address] == nil { resourceAt[address] = index }
        }
        return index
    }
}
