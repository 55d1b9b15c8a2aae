import QPFormats

extension SchemaCompiler {
    /// What the value of a keyword has to be made of.
    private enum Form {
        case number
        case divisor
        case count
        case flag
        case name
        case pattern
        case names
        case schema
        case list
        case schemaOrList
        case map
        case patternMap
    }

    private func form(of keyword: SchemaKeyword, _ draft: SchemaDraft) -> Form? {
        switch keyword {
        case .minimum, .maximum: .number
        case .exclusiveMinimum, .exclusiveMaximum: draft == .draft4 ? .flag : .number
        case .multipleOf: .divisor
        case .maxLength, .minLength, .maxItems, .minItems, .minContains, .maxContains, .maxProperties, .minProperties:
            .count
        case .uniqueItems: .flag
        case .format: .name
        case .pattern: .pattern
        case .required: .names
        case .items: draft == .draft2020 ? .schema : .schemaOrList
        case .prefixItems: .list
        case .contains, .additionalItems, .additionalProperties, .propertyNames, .then, .else: .schema
        case .properties: .map
        case .patternProperties: .patternMap
        default: nil
        }
    }

    /// Throws where a keyword of `mask` is malformed: for those that say nothing at `node`, as what they look at is
    /// not there. Schemas within them are looked at no deeper than whether they are schemas.
    /// - Throws: ``ConstraintError`` with code `syntax` only, or `limit` when time runs out.
    func checkShapes(_ table: KeywordTable, _ node: Int32, _ mask: UInt64) throws(ConstraintError) {
        guard table.hasAny(mask) else { return }
        for keyword in SchemaKeyword.allCases where KeywordTable.mask(keyword) & mask != 0 {
            guard let value = table[keyword], let form = form(of: keyword, document.draft(of: node)) else { continue }
            try budget.tick()
            try check(value, form, keyword, node)
        }
    }

    private func check(
        _ value: JSONValue, _ form: Form, _ keyword: SchemaKeyword, _ node: Int32
    ) throws(ConstraintError) {
        switch (form, value) {
        case (.number, .number), (.flag, .bool), (.name, .string): return
        case (.divisor, .number(let number)) where !number.isNegative && !number.isZero: return
        case (.count, .number(let number)) where number.isInteger && (!number.isNegative || number.isZero): return
        case (.pattern, .string(let source)): try checkPattern(source, node, keyword)
        case (.names, .array(let names)): _ = try strings(names, node, keyword)
        case (.schemaOrList, .array(let list)), (.list, .array(let list)):
            let place = try document.child(node, keyword.name, value)
            for (index, item) in list.enumerated() { try checkSchema(item, place, String(index)) }
        case (.schema, _), (.schemaOrList, _): try checkSchema(value, node, keyword.name)
        case (.map, .object(let map)), (.patternMap, .object(let map)):
            let place = try document.child(node, keyword.name, value)
            for (name, schema) in map {
                if form == .patternMap { try checkPattern(name, node, keyword) }
                try checkSchema(schema, place, name)
            }
        case (.number, _): throw notANumber(node, keyword, value)
        case (.divisor, _): throw malformed(node, keyword, "a number above 0")
        case (.count, _): throw malformed(node, keyword, "a whole number of at least 0")
        case (.flag, _):
            throw malformed(node, keyword, keyword == .uniqueItems ? "true or false" : "true or false in draft-04")
        case (.name, _): throw malformed(node, keyword, "a string")
        case (.pattern, _): throw malformed(node, keyword, "a regular expression")
        case (.names, _): throw notNames(node, keyword, value)
        case (.list, _): throw malformed(node, keyword, "an array of schemas")
        case (.map, _), (.patternMap, _): throw malformed(node, keyword, "an object of schemas")
        }
    }

    private func checkSchema(_ value: JSONValue, _ parent: Int32, _ token: String) throws(ConstraintError) {
        switch value {
        case .object, .bool: return
        default:
            throw ConstraintError(
                .syntax, "a schema has to be an object, true or false",
                at: place(try document.child(parent, token, value)))
        }
    }

    /// What is well formed and could not be enforced does no harm where it says nothing.
    private func checkPattern(_ source: String, _ node: Int32, _ keyword: SchemaKeyword) throws(ConstraintError) {
        do {
            _ = try pattern(source, node, keyword)
        } catch {
            guard error.code == .syntax else { return try budget.tick() }
            throw error
        }
    }

    func notANumber(_ node: Int32, _ keyword: SchemaKeyword, _ value: JSONValue) -> ConstraintError {
        let isOfDraft4 = keyword == .exclusiveMinimum || keyword == .exclusiveMaximum
        guard case .bool = value, isOfDraft4 else { return malformed(node, keyword, "a number") }
        return malformed(node, keyword, "a number", advice: "\(value == .bool(true)) is draft-04; say so with $schema.")
    }

    func notNames(_ node: Int32, _ keyword: SchemaKeyword, _ value: JSONValue) -> ConstraintError {
        guard case .bool(let isRequired) = value, keyword == .required else {
            return malformed(node, keyword, "an array of strings")
        }
        return malformed(
            node, keyword, "an array of strings",
            advice: isRequired
                ? "\(isRequired) is draft-03. Add the property's name to required of the schema that has the property."
                : "\(isRequired) is draft-03. Leave it away: no property is required that is not named.")
    }

    // MARK: Keywords that are ignored

    private static let besideReference: [SchemaKeyword] = [
        .type, .enum, .const, .multipleOf, .maximum, .exclusiveMaximum, .minimum, .exclusiveMinimum, .maxLength,
        .minLength, .pattern, .format, .items, .additionalItems, .maxItems, .minItems, .uniqueItems, .contains,
        .properties, .patternProperties, .additionalProperties, .propertyNames, .maxProperties, .minProperties,
        .required, .dependencies, .allOf, .anyOf, .oneOf, .not, .if, .then, .else,
    ]
    private static let maskBesideReference = besideReference.reduce(0) { $0 | KeywordTable.mask($1) }

    /// Up to draft-07, all beside a reference is ignored (draft-07 core, section 8.3).
    func warnOfSiblings(_ table: KeywordTable, _ node: Int32) {
        guard table.hasAny(Self.maskBesideReference) else { return }
        let names = Self.besideReference.filter { table.has($0) }.map(\.name).joined(separator: ", ")
        warn(
            "\(document.draft(of: node)) ignores what stands beside $ref: \(names); allOf would combine them", node,
            .ref)
    }

    /// Each with those without one of which it says nothing.
    private static let dependent: [(keyword: SchemaKeyword, other: SchemaKeyword)] = [
        (.then, .if), (.else, .if), (.minContains, .contains), (.maxContains, .contains),
    ]
    private static let dependentInDraft4: [(keyword: SchemaKeyword, other: SchemaKeyword)] = [
        (.exclusiveMinimum, .minimum), (.exclusiveMaximum, .maximum),
    ]
    private static let maskOfDependents = KeywordTable.mask(
        .then, .else, .minContains, .maxContains, .exclusiveMinimum, .exclusiveMaximum)

    /// Warns of keywords that say nothing without another, which is not there.
    func warnOfMissing(_ table: KeywordTable, _ node: Int32) throws(ConstraintError) {
        guard table.hasAny(Self.maskOfDependents) else { return }
        let isDraft4 = document.draft(of: node) == .draft4
        for (keyword, other) in Self.dependent + (isDraft4 ? Self.dependentInDraft4 : [])
        where table.has(keyword) && !table.has(other) {
            try checkShapes(table, node, KeywordTable.mask(keyword))
            if table[keyword] == .bool(false), isDraft4 { continue }
            warn("\(keyword.name) means nothing without \(other.name), and is ignored", node, keyword)
        }
    }

    /// A warning, once in each place however often that is looked at.
    func warn(_ message: String, _ node: Int32, _ keyword: SchemaKeyword? = nil) {
        guard warned.insert(Warned(node: node, message: message)).inserted else { return }
        builder.warn(message, at: place(node, keyword))
    }
}
