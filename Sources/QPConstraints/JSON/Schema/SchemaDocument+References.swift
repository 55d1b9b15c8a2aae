import QPFormats

extension SchemaDocument {
    /// What `reference`, as it stands in `node`, leads to.
    /// - Throws: ``ConstraintError``: `unsupported` for a document that was not given, `syntax` for a place that does
    ///   not exist.
    func resolve(_ reference: String, from node: Int32, keyword: String) throws(ConstraintError) -> Int32 {
        var current = resource(of: node)
        var fragment: String?
        if reference.hasPrefix("#") {
            fragment = String(reference.dropFirst())
        } else {
            let target = URIReference(reference).resolved(against: current.base)
            fragment = target.fragment
            current = try find(target.withoutFragment, from: node, keyword: keyword)
        }
        guard let fragment, !fragment.isEmpty else { return current.root }
        guard let decoded = URIReference.percentDecoded(fragment) else {
            throw missing(reference, node, keyword)
        }
        if decoded.hasPrefix("/") {
            var place = current.root
            for token in decoded.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
                guard let next = try child(place, Self.unescaped(token)) else {
                    throw missing(reference, node, keyword)
                }
                place = next
            }
            return place
        }
        try index()
        // Indexing may have found anchors in the resource.
        let resource = resources[Int(nodes[Int(current.root)].resource)]
        guard let place = resource.anchors[decoded] ?? resource.dynamicAnchors[decoded] else {
            throw missing(reference, node, keyword)
        }
        return place
    }

    private func missing(_ reference: String, _ node: Int32, _ keyword: String) -> ConstraintError {
        ConstraintError(
            .syntax, "\(keyword) \"\(reference)\" leads nowhere", at: .pointer(pointer(to: node) + "/" + keyword),
            advice: "A pointer goes by keys and indices from the schema's root, as #/$defs/name does.")
    }

    private static func unescaped(_ token: Substring) -> String {
        guard token.utf8.contains(UInt8(ascii: "~")) else { return String(token) }
        var text = ""
        var rest = token.unicodeScalars[...]
        while let character = rest.popFirst() {
            guard character == "~", let mark = rest.first, mark == "0" || mark == "1" else {
                text.unicodeScalars.append(character)
                continue
            }
            rest = rest.dropFirst()
            text += mark == "0" ? "~" : "/"
        }
        return text
    }

    private func find(_ uri: String, from node: Int32, keyword: String) throws(ConstraintError) -> Resource {
        if let known = resourceAt[uri] { return resources[Int(known)] }
        try index()
        if resourceAt[uri] == nil, let document = options.documents[uri] {
            try load(uri, document)
        }
        if resourceAt[uri] == nil {
            // Some document may give itself the address.
            for (address, document) in options.documents.sorted(by: { $0.key < $1.key }) {
                do {
                    try load(address, document)
                } catch {
                    // What nobody refers to may be of another dialect.
                    guard error.code == .unsupported else { throw error }
                }
            }
        }
        if let known = resourceAt[uri] { return resources[Int(known)] }
        throw ConstraintError(
            .unsupported, "\(keyword) to \"\(uri)\", which is not in the schema",
            at: .pointer(pointer(to: node) + "/" + keyword),
            advice: "Nothing is fetched. Give the document in SchemaOptions.documents, or move it under $defs.")
    }

    private func load(_ address: String, _ document: JSONValue) throws(ConstraintError) {
        guard resourceAt[address] == nil else { return }
        let root = try add(
            document, parent: -1, token: "", base: URIReference(address), draft: resources[0].draft)
        resourceAt[address] = nodes[Int(root)].resource
        try index(root)
    }

    /// Finds every dynamic anchor, before any schema is looked at.
    func prepareDynamicReferences() throws(ConstraintError) {
        hasDynamicReferences = true
        try index()
    }

    // MARK: Index

    /// Finds every identifier and anchor of the main document, once.
    private func index() throws(ConstraintError) {
        guard !isIndexed else { return }
        isIndexed = true
        try index(0)
    }

    private func index(_ root: Int32) throws(ConstraintError) {
        var open = [root]
        while let node = open.popLast() {
            guard case .object(let object) = value(node) else { continue }
            let draft = draft(of: node)
            let resource = Int(nodes[Int(node)].resource)
            if draft <= .draft7, object["$ref"] != nil { continue }
            if case .string(let text)? = object[draft == .draft4 ? "id" : "$id"], draft <= .draft7, text.hasPrefix("#")
            {
                resources[resource].anchors[String(text.dropFirst())] = node
            }
            if draft >= .draft2019, case .string(let name)? = object["$anchor"] {
                resources[resource].anchors[name] = node
            }
            if draft == .draft2020, case .string(let name)? = object["$dynamicAnchor"] {
                resources[resource].dynamicAnchors[name] = node
            }
            if draft == .draft2019, object["$recursiveAnchor"] == .bool(true), resources[resource].root == node {
                resources[resource].dynamicAnchors[""] = node
            }
            for (key, value) in object {
                guard let keyword = SchemaKeyword.named[key] else { continue }
                switch (keyword.subschemas, value) {
                case (.one, .object), (.oneOrList, .object): open.append(try child(node, key, value))
                case (.list, .array(let list)), (.oneOrList, .array(let list)):
                    let place = try child(node, key, value)
                    for (position, item) in list.enumerated() {
                        open.append(try child(place, String(position), item))
                    }
                case (.map, .object(let map)):
                    let place = try child(node, key, value)
                    for (name, item) in map { open.append(try child(place, name, item)) }
                default: break
                }
            }
        }
    }
}
