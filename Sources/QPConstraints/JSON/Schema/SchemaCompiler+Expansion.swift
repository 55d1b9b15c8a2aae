import QPFormats

extension SchemaCompiler {
    private static let ownKeywords = KeywordTable.mask(
        .type, .multipleOf, .maximum, .exclusiveMaximum, .minimum, .exclusiveMinimum, .maxLength, .minLength, .pattern,
        .format, .items, .additionalItems, .prefixItems, .maxItems, .minItems, .uniqueItems, .contains, .properties,
        .patternProperties, .additionalProperties, .propertyNames, .maxProperties, .minProperties, .required)
    private static let combiningKeywords = KeywordTable.mask(
        .enum, .const, .ref, .dynamicRef, .recursiveRef, .allOf, .anyOf, .oneOf, .not, .if, .dependencies,
        .dependentRequired, .dependentSchemas, .unevaluatedItems, .unevaluatedProperties)

    /// The schema at `node`, reached from a schema of `scope`.
    func schema(_ node: Int32, _ scope: Int32) -> SchemaTerm {
        switch document.value(node) {
        case .bool(true): .any
        case .bool(false): .none
        case .object(let object) where object.isEmpty: .any
        default: terms.make(.schema(node: node, scope: entering(node, scope)))
        }
    }

    /// The schema under `keyword` of `node`.
    func schema(
        _ node: Int32, _ keyword: SchemaKeyword, _ value: JSONValue, _ scope: Int32
    )
        throws(ConstraintError) -> SchemaTerm
    {
        try schema(document.child(node, keyword.name, value), scope)
    }

    /// The schemas of the array under `keyword` of `node`.
    func schemas(
        _ node: Int32, _ keyword: SchemaKeyword, _ value: JSONValue, _ scope: Int32
    )
        throws(ConstraintError) -> [SchemaTerm]
    {
        guard case .array(let list) = value else { throw malformed(node, keyword, "an array of schemas") }
        guard !list.isEmpty || keyword == .items || keyword == .prefixItems else {
            throw malformed(node, keyword, "an array of at least one schema")
        }
        let place = try document.child(node, keyword.name, value)
        var result: [SchemaTerm] = []
        for (index, item) in list.enumerated() {
            result.append(try schema(document.child(place, String(index), item), scope))
        }
        return result
    }

    /// The keywords of the schema object at `node`.
    func keywords(_ node: Int32) -> KeywordTable? {
        if let lastTable, lastTable.node == node { return lastTable.table }
        guard case .object(let object) = document.value(node) else { return nil }
        return KeywordTable(object, draft: document.draft(of: node)) { _ in }
    }

    /// What `term`, a schema at a place, consists of.
    func expansion(of term: SchemaTerm) throws(ConstraintError) -> SchemaTerm {
        if let known = expansions[term] { return known }
        guard case .schema(let node, let scope) = terms.kind(term) else { return term }
        let expanded = try expand(node, scope, afterUnevaluated: false)
        expansions[term] = expanded
        return expanded
    }

    /// The schema at `node` as a combination of its parts, properties declared by itself first.
    /// - Parameter afterUnevaluated: leaves out `unevaluatedItems` and `unevaluatedProperties`.
    func expand(_ node: Int32, _ scope: Int32, afterUnevaluated: Bool) throws(ConstraintError) -> SchemaTerm {
        guard case .object(let object) = document.value(node) else {
            throw ConstraintError(.syntax, "a schema has to be an object, true or false", at: place(node))
        }
        let draft = document.draft(of: node)
        let table = KeywordTable(object, draft: draft) { name in
            guard !afterUnevaluated else { return }
            warn(warning(unknown: name, draft: draft), node)
        }
        lastTable = (node, table)
        if draft <= .draft7, let reference = table[.ref] {
            warnOfSiblings(table, node)
            return try target(reference, .ref, node, scope)
        }
        if !afterUnevaluated { try warnOfMissing(table, node) }
        let isOwn = table.hasAny(Self.ownKeywords)
        guard table.hasAny(Self.combiningKeywords) else {
            return isOwn ? terms.make(.own(node: node, scope: scope)) : .any
        }
        if !afterUnevaluated, table.has(.unevaluatedItems) || table.has(.unevaluatedProperties) {
            return terms.make(.evaluated(node: node, scope: scope))
        }
        var parts: [SchemaTerm] = []
        if isOwn { parts.append(terms.make(.own(node: node, scope: scope))) }
        if !document.resource(of: node).vocabulary.lacksValidation { parts += try listed(table, node) }
        for keyword in [SchemaKeyword.ref, .dynamicRef, .recursiveRef] {
            if let value = table[keyword] { parts.append(try target(value, keyword, node, scope)) }
        }
        if let value = table[.allOf] { parts += try schemas(node, .allOf, value, scope) }
        if let value = table[.anyOf] {
            parts.append(terms.some(try schemas(node, .anyOf, value, scope), keepsAll: true))
        }
        if let value = table[.oneOf] {
            let alternatives = try schemas(node, .oneOf, value, scope)
            parts.append(alternatives.count == 1 ? alternatives[0] : terms.make(.exactlyOne(alternatives)))
        }
        if let value = table[.not] { parts.append(terms.not(try schema(node, .not, value, scope))) }
        if let value = table[.if] { parts.append(try condition(value, table, node, scope)) }
        parts += try dependencies(table, node, scope)
        return terms.all(parts)
    }

    private func warning(unknown name: String, draft: SchemaDraft) -> String {
        guard let keyword = SchemaKeyword.named[name] else { return "the unknown keyword \(name) is ignored" }
        return "\(keyword.name) means nothing in \(draft), and is ignored"
    }

    private func listed(_ table: KeywordTable, _ node: Int32) throws(ConstraintError) -> [SchemaTerm] {
        var parts: [SchemaTerm] = []
        if let value = table[.enum] {
            guard case .array(let values) = value else { throw malformed(node, .enum, "an array") }
            let place = try document.child(node, "enum", value)
            parts.append(values.isEmpty ? .none : terms.make(.list(node: place)))
        }
        if let value = table[.const] {
            parts.append(terms.make(.value(node: try document.child(node, "const", value))))
        }
        return parts
    }

    /// The schema that a reference leads to.
    private func target(
        _ value: JSONValue, _ keyword: SchemaKeyword, _ node: Int32, _ scope: Int32
    )
        throws(ConstraintError) -> SchemaTerm
    {
        guard case .string(let reference) = value else { throw malformed(node, keyword, "a string") }
        if keyword == .recursiveRef, reference != "#" { throw malformed(node, keyword, "\"#\"") }
        if keyword != .ref, !document.hasDynamicReferences { throw Self.unprepared }
        var target = try document.resolve(reference, from: node, keyword: keyword.name)
        let scope = entering(target, entering(node, scope))
        switch keyword {
        case .dynamicRef:
            // Dynamic only if the first target was named by a dynamic anchor (2020-12 core, section 8.2.3.2).
            if let name = reference.split(separator: "#", omittingEmptySubsequences: false).last.map(String.init),
                document.resource(of: target).dynamicAnchors[name] == target, reference.contains("#")
            {
                target = dynamicTarget(name, scope) ?? target
            }
        case .recursiveRef:
            if document.resource(of: target).dynamicAnchors[""] == target {
                target = dynamicTarget("", scope) ?? target
            }
        default: break
        }
        return schema(target, scope)
    }

    private func condition(
        _ value: JSONValue, _ table: KeywordTable, _ node: Int32, _ scope: Int32
    )
        throws(ConstraintError) -> SchemaTerm
    {
        let condition = try schema(node, .if, value, scope)
        var then = SchemaTerm.any
        var otherwise = SchemaTerm.any
        if let value = table[.then] { then = try schema(node, .then, value, scope) }
        if let value = table[.else] { otherwise = try schema(node, .else, value, scope) }
        return terms.make(.conditional(condition, then: then, otherwise: otherwise))
    }

    /// `dependentRequired`, `dependentSchemas` and the `dependencies` that were both before 2019-09.
    private func dependencies(
        _ table: KeywordTable, _ node: Int32, _ scope: Int32
    )
        throws(ConstraintError) -> [SchemaTerm]
    {
        var parts: [SchemaTerm] = []
        for keyword in [SchemaKeyword.dependencies, .dependentRequired, .dependentSchemas] {
            guard let value = table[keyword] else { continue }
            guard case .object(let map) = value else { throw malformed(node, keyword, "an object") }
            if keyword == .dependentRequired, document.resource(of: node).vocabulary.lacksValidation { continue }
            let place = try document.child(node, keyword.name, value)
            for (name, dependency) in map {
                let key = terms.make(.has(key: key(name)))
                let needed: SchemaTerm
                if case .array(let names) = dependency, keyword != .dependentSchemas {
                    needed = terms.all(try strings(names, node, keyword).map { terms.make(.has(key: self.key($0))) })
                } else {
                    guard keyword != .dependentRequired else {
                        throw malformed(node, keyword, "an object of arrays of strings")
                    }
                    needed = schema(try document.child(place, name, dependency), scope)
                }
                if needed != .any { parts.append(terms.some([terms.not(key), terms.all(key, needed)])) }
            }
        }
        return parts
    }

    func strings(_ values: [JSONValue], _ node: Int32, _ keyword: SchemaKeyword) throws(ConstraintError) -> [String] {
        var result: [String] = []
        for value in values {
            guard case .string(let text) = value else { throw malformed(node, keyword, "an array of strings") }
            result.append(text)
        }
        return result
    }
}
