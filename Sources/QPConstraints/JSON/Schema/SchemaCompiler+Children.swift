import QPFormats

extension SchemaCompiler {
    // MARK: Arrays

    /// The one shape that the keywords at `node` give arrays, or none.
    func arrays(
        _ table: KeywordTable, _ node: Int32, _ scope: Int32, validates: Bool, evaluated: Bool
    ) throws(ConstraintError) -> [ArrayShape] {
        var shape = ArrayShape()
        try elements(table, node, scope, &shape)
        let declared = shape.prefix.count
        let isList = if case .array? = table[.items] { true } else { false }
        if validates {
            shape.minimum = try count(table, .minItems, node) ?? 0
            shape.maximum = try count(table, .maxItems, node)
            if let value = table[.uniqueItems] {
                guard case .bool(let isUnique) = value else { throw malformed(node, .uniqueItems, "true or false") }
                shape.isUnique = isUnique
            }
        }
        if let value = table[.contains] {
            let term = try schema(node, .contains, value, scope)
            let minimum = validates ? try count(table, .minContains, node) ?? 1 : 1
            let maximum = validates ? try count(table, .maxContains, node) : nil
            if minimum > 0 || maximum != nil {
                shape.counts = [ArrayShape.Count(start: 0, term: term, minimum: minimum, maximum: maximum)]
            }
            // Evaluates what it finds from 2020-12 on (core, section 10.3.1.3).
            if evaluated, document.draft(of: node) == .draft2020 { shape.evaluated.term = term }
        }
        if evaluated {
            shape.evaluated.count = declared
            shape.evaluated.all = table.has(.items) && (!isList || table.has(.additionalItems))
        }
        return try settled(shape)
    }

    /// `prefixItems`, `items` and `additionalItems`, as the draft divides the work among them.
    private func elements(
        _ table: KeywordTable, _ node: Int32, _ scope: Int32, _ shape: inout ArrayShape
    ) throws(ConstraintError) {
        if document.draft(of: node) == .draft2020 {
            if let value = table[.prefixItems] { shape.prefix = try schemas(node, .prefixItems, value, scope) }
            guard let value = table[.items] else { return }
            if case .array = value {
                throw ConstraintError(
                    .syntax, "items has to be a schema in 2020-12", at: place(node, .items),
                    advice: "An array of schemas is prefixItems there; or say with $schema which draft is meant.")
            }
            shape.rest = try schema(node, .items, value, scope)
            return
        }
        guard let value = table[.items] else { return }
        guard case .array = value else {
            shape.rest = try schema(node, .items, value, scope)
            return
        }
        shape.prefix = try schemas(node, .items, value, scope)
        if let value = table[.additionalItems] { shape.rest = try schema(node, .additionalItems, value, scope) }
    }

    /// `shape` without what cannot matter, or nothing when no array can have it.
    func settled(_ given: ArrayShape) throws(ConstraintError) -> [ArrayShape] {
        var shape = given
        let forbidden = shape.prefix.firstIndex(of: .none) ?? (shape.rest == .none ? shape.prefix.count : nil)
        if let forbidden { shape.maximum = min(shape.maximum ?? forbidden, forbidden) }
        if let maximum = shape.maximum {
            guard shape.minimum <= maximum else { return [] }
            if shape.prefix.count > maximum { shape.prefix.removeLast(shape.prefix.count - maximum) }
            if maximum <= 1 { shape.isUnique = false }
        }
        var counts: [ArrayShape.Count] = []
        for count in shape.counts {
            if let maximum = count.maximum, count.minimum > maximum { return [] }
            if count.minimum > 0, count.term == .none { return [] }
            if count.term == .any {
                // Counting everything is a bound on the length.
                if count.minimum > 0 { shape.minimum = max(shape.minimum, count.start + count.minimum) }
                if let maximum = count.maximum {
                    let most = count.start + maximum
                    shape.maximum = min(shape.maximum ?? most, most)
                }
                continue
            }
            if count.term == .none { continue }
            if count.minimum > 0 { shape.minimum = max(shape.minimum, count.start + count.minimum) }
            counts.append(count)
        }
        shape.counts = counts
        if let maximum = shape.maximum {
            guard shape.minimum <= maximum else { return [] }
            if maximum <= 1 { shape.isUnique = false }
        }
        return [shape]
    }

    // MARK: Objects

    /// The shape that the keywords at `node` give objects.
    func object(
        _ table: KeywordTable, _ node: Int32, _ scope: Int32, validates: Bool, evaluated: Bool
    ) throws(ConstraintError) -> ObjectShape {
        var shape = ObjectShape()
        if let value = table[.properties] {
            guard case .object(let map) = value else { throw malformed(node, .properties, "an object of schemas") }
            let place = try document.child(node, "properties", value)
            shape.named.reserveCapacity(map.count)
            for (name, property) in map {
                let term = schema(try document.child(place, name, property), scope)
                shape.named.append(ObjectShape.Property(key: key(name), term: term, isRequired: false))
            }
        }
        if evaluated { shape.evaluated.keys = shape.named.map(\.key) }
        let declared = shape.named.count
        var required: [Int32] = []
        if validates, let value = table[.required] {
            guard case .array(let names) = value else { throw notNames(node, .required, value) }
            required = try strings(names, node, .required).map(key)
        }
        require(required, in: &shape)
        try members(table, node, scope, &shape, declared: declared, evaluated: evaluated)
        if let value = table[.propertyNames] {
            let names = try values(of: schema(node, .propertyNames, value, scope)).strings
            if !names.isAll { try restrict(&shape, to: names) }
        }
        if validates {
            shape.minimum = try count(table, .minProperties, node) ?? 0
            shape.maximum = try count(table, .maxProperties, node)
        }
        return shape
    }

    /// Marks `keys` as required; those that are not declared come after those that are.
    private func require(_ keys: [Int32], in shape: inout ObjectShape) {
        guard keys.count > 8 else {
            for key in keys {
                if let position = shape.position(of: key) {
                    shape.named[position].isRequired = true
                } else {
                    shape.named.append(ObjectShape.Property(key: key, term: .any, isRequired: true))
                }
            }
            return
        }
        var positions: [Int32: Int] = [:]
        for (position, property) in shape.named.enumerated() { positions[property.key] = position }
        for key in keys {
            if let position = positions[key] {
                shape.named[position].isRequired = true
            } else {
                positions[key] = shape.named.count
                shape.named.append(ObjectShape.Property(key: key, term: .any, isRequired: true))
            }
        }
    }

    /// `patternProperties` and `additionalProperties`.
    private func members(
        _ table: KeywordTable, _ node: Int32, _ scope: Int32, _ shape: inout ObjectShape, declared: Int, evaluated: Bool
    ) throws(ConstraintError) {
        var additional = SchemaTerm.any
        if let value = table[.additionalProperties] {
            additional = try schema(node, .additionalProperties, value, scope)
            if evaluated { shape.evaluated.all = true }
        }
        var patterns: [ObjectShape.Member] = []
        if let value = table[.patternProperties] {
            guard case .object(let map) = value else {
                throw malformed(node, .patternProperties, "an object of schemas")
            }
            let place = try document.child(node, "patternProperties", value)
            for (source, property) in map {
                let term = schema(try document.child(place, source, property), scope)
                patterns.append(
                    ObjectShape.Member(keys: try pattern(source, node, .patternProperties), term: term))
            }
            if evaluated { shape.evaluated.sets = patterns.map(\.keys) }
        }
        for position in shape.named.indices {
            let key = shape.named[position].key
            var isMatched = position < declared
            for pattern in patterns where try contains(pattern.keys, key) {
                shape.named[position].term = terms.all(shape.named[position].term, pattern.term)
                isMatched = true
            }
            if !isMatched { shape.named[position].term = additional }
        }
        shape.rest = try classes(patterns, otherwise: additional)
    }

    /// All keys by which of `patterns` they match, each class with what its values have to be.
    private func classes(
        _ patterns: [ObjectShape.Member], otherwise: SchemaTerm
    ) throws(ConstraintError) -> [ObjectShape.Member] {
        var classes: [(member: ObjectShape.Member, isMatched: Bool)] = [
            (ObjectShape.Member(keys: .all, term: otherwise), false)
        ]
        for pattern in patterns {
            var finer: [(member: ObjectShape.Member, isMatched: Bool)] = []
            for (member, isMatched) in classes {
                let isFirst = member.keys.isAll
                // Nothing is gained by telling apart what has the same values anyway.
                if pattern.term == .any && (isMatched || member.term == .any)
                    || pattern.term == member.term && (isMatched || patterns.count == 1)
                {
                    finer.append((member, isMatched))
                    continue
                }
                let both = isFirst ? pattern.keys : try member.keys.intersection(pattern.keys, budget: budget)
                // The first pattern is not worth a look: a class too many does no harm.
                if isFirst ? true : try !isEmpty(both) {
                    let term = isMatched ? terms.all(member.term, pattern.term) : pattern.term
                    if term != .none { finer.append((ObjectShape.Member(keys: both, term: term), true)) }
                }
                // Keys that nothing allows need no class, but for the patterns that are still to come.
                if member.term == .none, patterns.count == 1 { continue }
                let others = try member.keys.subtracting(pattern.keys, budget: budget)
                if isFirst ? true : try !isEmpty(others) {
                    finer.append((ObjectShape.Member(keys: others, term: member.term), isMatched))
                }
            }
            classes = finer
            try budget.spend(classes.count)
            guard classes.count <= budget.limits.alternatives else {
                throw .limit(
                    "sets of keys, into which overlapping patternProperties cut them", budget.limits.alternatives,
                    field: "alternatives")
            }
        }
        return classes.map(\.member).filter { $0.term != .none }
    }

    /// Forbids the keys outside `names`.
    func restrict(_ shape: inout ObjectShape, to names: StringSet) throws(ConstraintError) {
        for position in shape.named.indices
        where try !contains(names, shape.named[position].key) {
            shape.named[position].term = .none
        }
        var rest: [ObjectShape.Member] = []
        for member in shape.rest {
            let keys = try member.keys.intersection(names, budget: budget)
            rest.append(ObjectShape.Member(keys: keys, term: member.term))
        }
        shape.rest = rest
    }
}
