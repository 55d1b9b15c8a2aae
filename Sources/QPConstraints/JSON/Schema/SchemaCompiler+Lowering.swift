import QPFormats

extension SchemaCompiler {
    /// The grammar of the whole schema.
    func compile() throws(ConstraintError) -> Grammar {
        let root = try expression(for: schema(0, 0))
        while let (term, rule) = pending.popLast() {
            current = term
            do {
                builder.define(rule, as: try body(of: term))
            } catch {
                guard error != Self.unprepared, let place = place(of: term) else { throw error }
                throw error.at(place)
            }
        }
        for warning in document.warnings { builder.warn(warning.message, at: warning.place) }
        return try builder.grammar(root: text.document(root))
    }

    /// The texts of `term`: a call of its rule, which is made when all that asked for it is done.
    func expression(for term: SchemaTerm) throws(ConstraintError) -> Expression {
        if term == .any { return try text.value() }
        if term == .none { return builder.nothing }
        if let rule = rules[term] { return try builder.call(rule) }
        if let plain = try plain(term) { return plain }
        let rule = builder.declare("schema")
        rules[term] = rule
        pending.append((term, rule))
        return try builder.call(rule)
    }

    /// The texts of a schema that names one type of scalars and is silent otherwise, as most properties' do: nothing
    /// has to be worked out for those.
    private func plain(_ term: SchemaTerm) throws(ConstraintError) -> Expression? {
        guard case .schema(let node, _) = terms.kind(term), case .object(let object) = document.value(node),
            !document.resource(of: node).vocabulary.lacksValidation
        else { return nil }
        var type: String?
        for (key, value) in object {
            switch SchemaKeyword.named[key] {
            case .type:
                guard case .string(let name) = value else { return nil }
                type = name
            case .annotation: break
            default: return nil
            }
        }
        switch type {
        case "string": return try text.string()
        case "number": return try text.number()
        case "integer": return try (document.draft(of: node) == .draft4 ? wholeText : text).integer()
        case "boolean": return try text.boolean()
        case "null": return try text.null()
        default: return nil
        }
    }

    private func body(of term: SchemaTerm) throws(ConstraintError) -> Expression {
        var term = term
        if case .schema = terms.kind(term) {
            let parts = try expansion(of: term)
            switch terms.kind(parts) {
            case .any, .none: return try expression(for: parts)
            case .schema:
                // Every circle that is not met while values are worked out goes through a reference alone.
                try checkProgress(term)
                return try expression(for: parts)
            default: term = parts
            }
        }
        switch terms.kind(term) {
        case .some(let parts):
            // Alternatives that nothing else restricts need not be worked out together.
            if parts.contains(.any) { return try text.value() }
            var alternatives: [Expression] = []
            for part in parts { alternatives.append(try expression(for: part)) }
            return try builder.choice(alternatives)
        case .list(let node): return try lowered(list: node)
        case .value(let node): return try text.constant(document.value(node))
        default: return try lowered(values(of: term))
        }
    }

    /// The values that an `enum` lists: scalars as the sets that they are, the others one by one.
    private func lowered(list node: Int32) throws(ConstraintError) -> Expression {
        guard case .array(let values) = document.value(node) else { return builder.nothing }
        var scalars = try list(node)
        scalars.arrays = []
        scalars.objects = []
        var alternatives = [try lowered(scalars)]
        for value in values {
            switch value {
            case .array, .object: alternatives.append(try text.constant(value))
            default: break
            }
        }
        return try builder.choice(alternatives)
    }

    /// The numbers of `set`: one rule for all that allow the same, as bounds take many expressions.
    private func lowered(_ set: NumberSet, areWhole: Bool) throws(ConstraintError) -> Expression {
        let text = areWhole ? wholeText : self.text
        if set == .all || set == .integers { return try set.lowered(into: text) }
        let place = areWhole ? 1 : 0
        if let rule = numberRules[place][set] { return try builder.call(rule) }
        let rule = builder.rule("number", try set.lowered(into: text))
        numberRules[place][set] = rule
        return try builder.call(rule)
    }

    func lowered(_ set: ValueSet) throws(ConstraintError) -> Expression {
        var alternatives: [Expression] = []
        if !set.strings.isNone { alternatives.append(try set.strings.lowered(into: text)) }
        if set.numbers != .none { alternatives.append(try lowered(set.numbers, areWhole: set.areNumbersWhole)) }
        if set.objects.contains(where: \.isAny) {
            alternatives.append(try text.object())
        } else {
            for shape in set.objects { alternatives.append(try lowered(shape)) }
        }
        if set.arrays.contains(where: \.isAny) {
            alternatives.append(try text.array())
        } else {
            for shape in set.arrays { alternatives.append(try lowered(shape)) }
        }
        if set.booleanTrue { alternatives.append(try text.boolean(true)) }
        if set.booleanFalse { alternatives.append(try text.boolean(false)) }
        if set.null { alternatives.append(try text.null()) }
        return try builder.choice(alternatives)
    }
}
