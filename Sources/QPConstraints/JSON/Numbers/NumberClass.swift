import QPFormats

/// Which numbers of an interval are meant by what they are multiples of: a union of terms.
struct NumberClass: Hashable {
    /// The multiples of ``multiple`` (all numbers where it is nil) that are no multiples of any of ``excluded``.
    struct Term: Hashable {
        var multiple: Multiple?
        var excluded: [Multiple] = []

        func contains(_ number: JSONNumber) -> Bool {
            multiple?.divides(number) != false && !excluded.contains { $0.divides(number) }
        }

        /// Whether a number that is excluded divides all that are meant.
        var isEmpty: Bool {
            guard let multiple else { return false }
            return excluded.contains { multiple.isMultiple(of: $0) }
        }

        func isSubset(of other: Term) -> Bool {
            if let needed = other.multiple {
                guard let multiple, multiple.isMultiple(of: needed) else { return false }
            }
            return other.excluded.allSatisfy { outer in excluded.contains { outer.isMultiple(of: $0) } }
        }
    }

    /// None is a subset of another one that ``Term/isSubset(of:)`` sees, and none is empty.
    private(set) var terms: [Term]

    static let none = NumberClass(terms: [])
    static let all = NumberClass(terms: [Term()])
    static let integers = NumberClass(terms: [Term(multiple: .one)])
    /// How many terms a class may have: beyond, a schema combines so many multiples that lowering would not end.
    static let maximumTerms = 64

    init(terms: [Term]) { self.terms = terms }

    func contains(_ number: JSONNumber) -> Bool { terms.contains { $0.contains(number) } }

    func intersection(_ other: NumberClass) throws(ConstraintError) -> NumberClass {
        if self == .all || other == .none { return other }
        if other == .all || self == .none || self == other { return self }
        var result: [Term] = []
        for left in terms {
            for right in other.terms {
                var term = left
                if let multiple = left.multiple, let another = right.multiple {
                    term.multiple = try multiple.leastCommon(with: another)
                } else {
                    term.multiple = left.multiple ?? right.multiple
                }
                for excluded in right.excluded where !term.excluded.contains(excluded) {
                    term.excluded.append(excluded)
                }
                // What is a multiple of another excluded number is excluded by that already.
                let excluded = term.excluded
                term.excluded.removeAll { one in excluded.contains { $0 != one && one.isMultiple(of: $0) } }
                try Self.add(term, to: &result)
            }
        }
        return NumberClass(terms: result)
    }

    func union(_ other: NumberClass) throws(ConstraintError) -> NumberClass {
        if self == .all || other == .none || self == other { return self }
        if other == .all || self == .none { return other }
        var result = terms
        for term in other.terms { try Self.add(term, to: &result) }
        let union = NumberClass(terms: result)
        // Together the terms may be everything, as integers and what is no integer are.
        if result.count > 1, result.count <= 8, try union.complement() == .none { return .all }
        return union
    }

    func complement() throws(ConstraintError) -> NumberClass {
        var result = NumberClass.all
        for term in terms {
            var outside: [Term] = term.excluded.map { Term(multiple: $0) }
            if let multiple = term.multiple { outside.append(Term(excluded: [multiple])) }
            result = try result.intersection(NumberClass(terms: outside))
        }
        return result
    }

    private static func add(_ term: Term, to terms: inout [Term]) throws(ConstraintError) {
        if term.isEmpty || terms.contains(where: { term.isSubset(of: $0) }) { return }
        terms.removeAll { $0.isSubset(of: term) }
        guard terms.count < maximumTerms else {
            throw ConstraintError(
                .limit, "more than \(maximumTerms) combinations of multiples in one set of numbers",
                advice: "Write multipleOf in fewer alternatives.")
        }
        terms.append(term)
    }
}
