extension StringSet {
    /// The strings of both.
    func intersection(_ other: StringSet, budget: CompileBudget) throws(ConstraintError) -> StringSet {
        if isAll { return other }
        if other.isAll { return self }
        let few = values.count < other.values.count ? self : other
        let many = values.count < other.values.count ? other : self
        let manyValues = Set(many.values)
        var common: [[UInt8]] = []
        for value in few.values {
            if manyValues.contains(value) {
                common.append(value)
            } else if try StringSet(terms: many.terms).contains(value, budget: budget) {
                common.append(value)
            }
        }
        for value in many.values where try StringSet(terms: few.terms).contains(value, budget: budget) {
            common.append(value)
        }
        var result: [StringTerm] = []
        for left in terms {
            for right in other.terms {
                if let term = left.intersection(right) { try Self.add(term, to: &result, budget: budget) }
            }
        }
        return StringSet(values: Self.distinct(common), terms: result)
    }

    /// The strings of either.
    func union(_ other: StringSet, budget: CompileBudget) throws(ConstraintError) -> StringSet {
        if isAll { return self }
        if other.isAll { return other }
        var result = terms
        for term in other.terms { try Self.add(term, to: &result, budget: budget) }
        return StringSet(values: Self.distinct(values + other.values), terms: result)
    }

    /// All other strings.
    func complement(budget: CompileBudget) throws(ConstraintError) -> StringSet {
        var result = StringSet(terms: [StringTerm(excludedValues: Set(values))])
        for term in terms {
            let outside = StringSet(values: Array(term.excludedValues), terms: term.complementTerms)
            result = try result.intersection(outside, budget: budget)
        }
        return result
    }

    /// The strings that `other` does not have.
    func subtracting(_ other: StringSet, budget: CompileBudget) throws(ConstraintError) -> StringSet {
        try intersection(other.complement(budget: budget), budget: budget)
    }

    private static func add(
        _ term: StringTerm, to terms: inout [StringTerm], budget: CompileBudget
    ) throws(ConstraintError) {
        try budget.spend(1 + term.excludedValues.count)
        if terms.contains(where: { term.isSubset(of: $0) }) { return }
        terms.removeAll { $0.isSubset(of: term) }
        guard terms.count < maximumTerms else {
            throw ConstraintError(
                .limit, "more than \(maximumTerms) combinations of patterns, formats and lengths in one set of strings",
                advice: "Write patterns and lengths in fewer alternatives.")
        }
        terms.append(term)
    }
}
