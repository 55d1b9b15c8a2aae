extension SchemaCompiler {
    /// How deep a proof of emptiness looks into properties and items.
    private static let maximumProbeDepth = 12

    /// Whether `term` is proven to have no value. A set that is not proven empty may be empty all the same; nothing
    /// but the size of the grammar depends on that.
    func isEmpty(_ term: SchemaTerm) throws(ConstraintError) -> Bool {
        if term == .any { return false }
        if term == .none { return true }
        if let known = emptiness[term] { return known }
        // A term that contains itself is taken for possible while it is looked at.
        guard probing.count < Self.maximumProbeDepth, !probing.contains(term) else {
            unfinishedProbes += 1
            return false
        }
        probing.append(term)
        defer { probing.removeLast() }
        let before = unfinishedProbes
        let empty = try probe { () throws(ConstraintError) in try isEmpty(values(of: term)) }
        if empty || unfinishedProbes == before || probing.count == 1 { emptiness[term] = empty }
        return empty
    }

    private func isEmpty(_ set: ValueSet) throws(ConstraintError) -> Bool {
        if set.null || set.booleanFalse || set.booleanTrue || !set.numbers.isEmpty { return false }
        if try !isEmpty(set.strings) { return false }
        for shape in set.arrays where try !isEmpty(shape) { return false }
        for shape in set.objects where try !isEmpty(shape) { return false }
        return true
    }

    /// Whether `keys` has no string; exact.
    func isEmpty(_ keys: StringSet) throws(ConstraintError) -> Bool {
        if keys.isAll || !keys.values.isEmpty { return false }
        if let known = emptyKeys[keys.terms] { return known }
        let isEmpty = try keys.isEmpty(budget: budget)
        emptyKeys[keys.terms] = isEmpty
        return isEmpty
    }

    /// Whether `keys` has the name of `key`; exact.
    func contains(_ keys: StringSet, _ key: Int32) throws(ConstraintError) -> Bool {
        if keys.isAll { return true }
        return keys.isNone ? false : try keys.contains(name(key), budget: budget)
    }

    func isEmpty(_ shape: ArrayShape) throws(ConstraintError) -> Bool {
        if let maximum = shape.maximum, shape.minimum > maximum { return true }
        for position in 0..<min(shape.minimum, shape.prefix.count) where try isEmpty(shape.prefix[position]) {
            return true
        }
        if shape.minimum > shape.prefix.count, try isEmpty(shape.rest) { return true }
        for count in shape.counts where count.minimum > 0 {
            var isPossible = false
            for position in count.start..<max(count.start, shape.prefix.count) + 1 where !isPossible {
                if let maximum = shape.maximum, position >= maximum { break }
                isPossible = try !isEmpty(terms.all(shape.term(at: position), count.term))
            }
            if !isPossible { return true }
            if let maximum = count.maximum, maximum < count.minimum { return true }
        }
        for count in shape.counts where count.maximum == 0 {
            // Nothing of a term may be there: every element up to the minimum has to avoid it.
            let end = min(shape.minimum, shape.prefix.count + 1)
            for position in stride(from: count.start, to: end, by: 1)
            where try isEmpty(terms.all(shape.term(at: position), terms.not(count.term))) {
                return true
            }
        }
        return false
    }

    /// Emptiness as far as it is seen without working out any term.
    func isPlainlyEmpty(_ shape: ObjectShape) -> Bool {
        var required = 0
        for property in shape.named where property.isRequired {
            if property.term == .none { return true }
            required += 1
        }
        if let maximum = shape.maximum, maximum < max(required, shape.minimum) { return true }
        return false
    }

    func isEmpty(_ shape: ObjectShape) throws(ConstraintError) -> Bool {
        if isPlainlyEmpty(shape) { return true }
        for property in shape.named where property.isRequired {
            if try isEmpty(property.term) { return true }
        }
        if shape.minimum > 0, shape.rest.isEmpty {
            var possible = 0
            for property in shape.named where try !isEmpty(property.term) { possible += 1 }
            if possible < shape.minimum { return true }
        }
        for witness in shape.witnesses where try !isPossible(witness, in: shape) { return true }
        return false
    }

    /// Whether a member of `shape` may be the witness.
    private func isPossible(
        _ witness: ObjectShape.Member, in shape: ObjectShape
    ) throws(ConstraintError) -> Bool {
        for property in shape.named where try contains(witness.keys, property.key) {
            if try !isEmpty(terms.all(property.term, witness.term)) { return true }
        }
        for member in shape.rest where try !isEmpty(terms.all(member.term, witness.term)) {
            guard let keys = try free(member.keys, witness.keys, besides: shape) else { continue }
            if try !isEmpty(keys) { return true }
        }
        return false
    }

    /// The keys of both sets that are not named; nil when there are none for certain.
    func free(_ left: StringSet, _ right: StringSet, besides shape: ObjectShape) throws(ConstraintError) -> StringSet? {
        let both = left.isAll ? right : right.isAll ? left : try left.intersection(right, budget: budget)
        if both.isNone { return nil }
        guard !shape.named.isEmpty else { return both }
        return try both.subtracting(.values(shape.named.map { name($0.key) }), budget: budget)
    }
}
