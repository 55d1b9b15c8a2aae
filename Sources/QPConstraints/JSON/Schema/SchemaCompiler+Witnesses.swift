extension SchemaCompiler {
    /// Keys that may be listed one by one where their number matters.
    private static let maximumListedKeys = 64

    /// Whether `shape` counts properties of keys that could be named one by one.
    func needsFiniteNames(_ shape: ObjectShape) -> Bool {
        shape.minimum > 1 && shape.rest.contains { $0.keys.finiteValues != nil }
    }

    /// `shape` with the keys of its finite classes, and those that a witness may have, among the named ones.
    func naming(_ given: ObjectShape) throws(ConstraintError) -> ObjectShape {
        var shape = given
        var rest: [ObjectShape.Member] = []
        for member in given.rest {
            guard let names = member.keys.finiteValues, names.count <= Self.maximumListedKeys else {
                rest.append(member)
                continue
            }
            for name in names { try add(name, member.term, to: &shape) }
        }
        for witness in given.witnesses {
            guard let names = witness.keys.finiteValues, names.count <= Self.maximumListedKeys else { continue }
            for name in names { try add(name, restTerm(key(name), given), to: &shape) }
        }
        shape.rest = rest
        return shape
    }

    private func add(_ name: String, _ term: SchemaTerm, to shape: inout ObjectShape) throws(ConstraintError) {
        let key = key(name)
        try budget.tick(shape.named.count)
        guard shape.position(of: key) == nil else { return }
        shape.named.append(ObjectShape.Property(key: key, term: term, isRequired: false))
    }

    /// `shape` as alternatives that say for each witness whether a named member is it, or one of disjoint classes of
    /// other members that have to be there.
    func witnessed(
        _ shape: ObjectShape
    ) throws(ConstraintError) -> [(shape: ObjectShape, placed: [ObjectShape.Member])] {
        var open: [(shape: ObjectShape, placed: [ObjectShape.Member])] = [(shape, [])]
        for witness in shape.witnesses {
            var next: [(shape: ObjectShape, placed: [ObjectShape.Member])] = []
            for (shape, placed) in open {
                next += try named(witness, shape).map { ($0, placed) }
                next += try shared(witness, placed).map { (shape, $0) }
                next += try additional(witness, shape, placed).map { (shape, $0) }
            }
            guard next.count <= budget.limits.alternatives else {
                throw .limit(
                    "ways to meet what not and oneOf demand of properties", budget.limits.alternatives,
                    field: "alternatives")
            }
            open = next
        }
        return open
    }

    /// The shapes in which a named member is the witness.
    private func named(
        _ witness: ObjectShape.Member, _ shape: ObjectShape
    ) throws(ConstraintError) -> [ObjectShape] {
        var result: [ObjectShape] = []
        for (position, property) in shape.named.enumerated() where property.term != .none {
            guard try contains(witness.keys, property.key) else { continue }
            var alternative = shape
            alternative.named[position].term = terms.all(property.term, witness.term)
            alternative.named[position].isRequired = true
            if try !isEmpty(alternative.named[position].term) { result.append(alternative) }
        }
        return result
    }

    /// What was placed, with one of it being this witness as well.
    private func shared(
        _ witness: ObjectShape.Member, _ placed: [ObjectShape.Member]
    ) throws(ConstraintError) -> [[ObjectShape.Member]] {
        var result: [[ObjectShape.Member]] = []
        for (position, member) in placed.enumerated() {
            var alternative = placed
            alternative[position].term = terms.all(member.term, witness.term)
            alternative[position].keys = try member.keys.intersection(witness.keys, budget: budget)
            if try isEmpty(alternative[position].keys) { continue }
            if try !isEmpty(alternative[position].term) { result.append(alternative) }
        }
        return result
    }

    /// What was placed, and the witness as a member of its own.
    private func additional(
        _ witness: ObjectShape.Member, _ shape: ObjectShape, _ placed: [ObjectShape.Member]
    ) throws(ConstraintError) -> [[ObjectShape.Member]] {
        var result: [[ObjectShape.Member]] = []
        let required = shape.named.count { $0.isRequired }
        if let maximum = shape.maximum, required + placed.count >= maximum { return [] }
        for member in shape.rest {
            let term = terms.all(member.term, witness.term)
            guard try !isEmpty(term), let keys = try free(member.keys, witness.keys, besides: shape),
                try !isEmpty(keys)
            else { continue }
            // Members with keys of one set might have the same key, which only disjoint sets exclude.
            var apart: [([ObjectShape.Member], StringSet)] = [(placed, keys)]
            for (position, other) in placed.enumerated() {
                guard try !other.keys.isDisjoint(with: keys, budget: budget) else { continue }
                let together = terms.all(other.term, term)
                guard together == other.term || together == term else {
                    throw ConstraintError(
                        .unsupported, "two properties with different keys of one set would have to be there",
                        advice: "Name the properties that have to be there, with required.")
                }
                var finer: [([ObjectShape.Member], StringSet)] = []
                for (members, keys) in apart {
                    finer.append((members, try keys.subtracting(other.keys, budget: budget)))
                    var smaller = members
                    smaller[position].keys = try members[position].keys.subtracting(keys, budget: budget)
                    finer.append((smaller, try keys.intersection(other.keys, budget: budget)))
                }
                apart = finer
            }
            for (members, keys) in apart where try !isEmpty(keys) {
                var isPossible = true
                for member in members where try isEmpty(member.keys) { isPossible = false }
                guard isPossible else { continue }
                result.append(members + [ObjectShape.Member(keys: keys, term: term)])
            }
        }
        return result
    }
}
