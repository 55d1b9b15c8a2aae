extension SchemaCompiler {
    /// The schema at `node` with its `unevaluatedItems` and `unevaluatedProperties` (2020-12 core, section 11).
    ///
    /// What an element or a property was evaluated by depends on which alternatives hold. Each shape therefore stands
    /// for one set of alternatives, and what several of them evaluate together is a shape of its own.
    func unevaluated(_ node: Int32, _ scope: Int32, _ evaluated: Bool) throws(ConstraintError) -> ValueSet {
        guard let table = keywords(node) else { return .any }
        var set = try values(of: expand(node, scope, afterUnevaluated: true), evaluated: true)
        if let value = table[.unevaluatedItems] {
            let term = try schema(node, .unevaluatedItems, value, scope)
            var arrays: [ArrayShape] = []
            for shape in set.arrays { arrays += try settled(restricting(shape, unevaluated: term)) }
            set.arrays = arrays
        }
        if let value = table[.unevaluatedProperties] {
            let term = try schema(node, .unevaluatedProperties, value, scope)
            for index in set.objects.indices {
                set.objects[index] = try restricting(set.objects[index], unevaluated: term)
            }
        }
        if !evaluated {
            for index in set.arrays.indices { set.arrays[index].evaluated = EvaluatedItems() }
            for index in set.objects.indices { set.objects[index].evaluated = EvaluatedProperties() }
        }
        return set
    }

    private func restricting(_ given: ArrayShape, unevaluated term: SchemaTerm) -> ArrayShape {
        var shape = given
        shape.evaluated.all = true
        guard !given.evaluated.all, term != .any else { return shape }
        while shape.prefix.count < shape.evaluated.count { shape.prefix.append(shape.rest) }
        let allowed = terms.some([shape.evaluated.term, term])
        for position in shape.prefix.indices where position >= shape.evaluated.count {
            shape.prefix[position] = terms.all(shape.prefix[position], allowed)
        }
        shape.rest = terms.all(shape.rest, allowed)
        return shape
    }

    private func restricting(
        _ given: ObjectShape, unevaluated term: SchemaTerm
    ) throws(ConstraintError) -> ObjectShape {
        var shape = given
        shape.evaluated.all = true
        guard !given.evaluated.all, term != .any else { return shape }
        let keys = Set(given.evaluated.keys)
        for position in shape.named.indices {
            let property = shape.named[position]
            var isEvaluated = keys.contains(property.key)
            for set in given.evaluated.sets where !isEvaluated {
                isEvaluated = try set.contains(name(property.key), budget: budget)
            }
            if !isEvaluated { shape.named[position].term = terms.all(property.term, term) }
        }
        shape.rest = []
        for member in given.rest {
            var remaining: StringSet? = member.keys
            for set in given.evaluated.sets {
                guard let keys = remaining else { break }
                let both = keys.isAll ? set : try keys.intersection(set, budget: budget)
                if try !isEmpty(both) {
                    shape.rest.append(ObjectShape.Member(keys: both, term: member.term))
                }
                let others = try keys.subtracting(set, budget: budget)
                remaining = try isEmpty(others) ? nil : others
            }
            let value = terms.all(member.term, term)
            if let remaining, value != .none {
                shape.rest.append(ObjectShape.Member(keys: remaining, term: value))
            }
        }
        return shape
    }
}
