import QPFormats

extension SchemaDocument {
    /// The address that `object` gives itself, unless it is only a name within the resource.
    func identifier(of object: JSONObject, draft: SchemaDraft) -> String? {
        // Up to draft-07, all beside a reference is ignored (draft-07 core, section 8.3).
        if draft <= .draft7, object["$ref"] != nil { return nil }
        guard case .string(let text)? = object[draft == .draft4 ? "id" : "$id"], !text.hasPrefix("#") else {
            return nil
        }
        return text
    }

    /// Whether the place is in an instance that the schema holds, where identifiers are nobody's.
    func isData(parent: Int32, token: String) -> Bool {
        var parent = parent
        var token = token
        while parent >= 0 {
            let above = nodes[Int(parent)]
            if ["enum", "const", "default", "examples"].contains(token) {
                let isMap = above.parent >= 0 && SchemaKeyword.named[above.token]?.subschemas == .map
                if !isMap { return true }
            }
            token = above.token
            parent = above.parent
        }
        return false
    }

    /// The draft of a resource, by its `$schema` or inherited.
    func dialect(
        of object: JSONObject, parent: Int32, draft: SchemaDraft
    ) throws(ConstraintError) -> (draft: SchemaDraft, vocabulary: Vocabulary) {
        let inherited = parent >= 0 ? resource(of: parent).vocabulary : Vocabulary()
        guard let value = object["$schema"] else { return (draft, inherited) }
        let place = ConstraintError.Place.pointer((parent >= 0 ? pointer(to: parent) : "") + "/$schema")
        guard case .string(let uri) = value else {
            // What is no schema, but a map such as `properties`, may have keys of these names.
            if parent >= 0, identifier(of: object, draft: draft) == nil { return (draft, inherited) }
            throw ConstraintError(.syntax, "$schema has to be a string", at: place)
        }
        guard options.draft == nil || nodes.count > 0 else { return (draft, inherited) }
        if SchemaDraft.isLatest(uri: uri) {
            warnings.append(
                ConstraintWarning(
                    message: "\(uri) names no draft: the latest is meant, and taken to be \(SchemaDraft.draft2020)",
                    place: place))
            return (.draft2020, Vocabulary())
        }
        if let known = SchemaDraft(uri: uri) { return (known, Vocabulary()) }
        if case .object(let meta)? = options.documents[uri], case .string(let base)? = meta["$schema"],
            let known = SchemaDraft(uri: base)
        {
            return try (known, vocabulary(meta))
        }
        throw ConstraintError(
            .unsupported, "the dialect \"\(uri)\" is not known",
            at: place,
            advice: "Known are draft-04, draft-06, draft-07, 2019-09 and 2020-12; without $schema, 2020-12 is meant.")
    }

    /// What a meta-schema makes of the keywords.
    /// - Throws: ``ConstraintError`` with code `unsupported` when it requires a vocabulary that is not known.
    private func vocabulary(_ meta: JSONObject) throws(ConstraintError) -> Vocabulary {
        var result = Vocabulary()
        guard case .object(let vocabularies)? = meta["$vocabulary"] else { return result }
        result.lacksValidation = true
        let names: Set<String> = [
            "core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "format-assertion",
            "content", "format",
        ]
        for (uri, required) in vocabularies {
            let name = uri.split(separator: "/").last.map(String.init) ?? ""
            let isOurs = uri.hasPrefix("https://json-schema.org/draft/20") && names.contains(name)
            if isOurs, name == "validation" { result.lacksValidation = false }
            if isOurs, name == "format-assertion" { result.assertsFormats = true }
            if !isOurs, required == .bool(true) {
                throw ConstraintError(
                    .unsupported, "the vocabulary \"\(uri)\" is required and not known", at: .pointer("/$schema"))
            }
        }
        return result
    }
}
