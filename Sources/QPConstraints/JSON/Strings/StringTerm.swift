/// Strings that are in all of some leaves and in none of some others, of a range of lengths, but for finitely many.
struct StringTerm: Hashable {
    var included: Set<StringLeaf> = []
    var excluded: Set<StringLeaf> = []
    /// The UTF-8 of strings that are left out.
    var excludedValues: Set<[UInt8]> = []
    /// In characters (Unicode scalar values).
    var minimumLength = 0
    /// Nil without end.
    var maximumLength: Int?

    /// How many characters there are.
    private static let alphabetCount = 0x110000 - 0x800

    /// Whether nothing but the length is bounded.
    var isPlain: Bool { included.isEmpty && excluded.isEmpty && excludedValues.isEmpty }
    var isUnbounded: Bool { minimumLength == 0 && maximumLength == nil }

    /// The strings of both; nil when there is none, as far as that is seen without automata.
    func intersection(_ other: StringTerm) -> StringTerm? {
        var result = self
        result.included.formUnion(other.included)
        result.excluded.formUnion(other.excluded)
        result.excludedValues.formUnion(other.excludedValues)
        result.minimumLength = max(minimumLength, other.minimumLength)
        result.maximumLength = [maximumLength, other.maximumLength].compactMap { $0 }.min()
        if let maximum = result.maximumLength, maximum < result.minimumLength { return nil }
        return result.included.isDisjoint(with: result.excluded) ? result : nil
    }

    /// Whether `other` is seen to have all strings of this.
    func isSubset(of other: StringTerm) -> Bool {
        minimumLength >= other.minimumLength && maximumLength ?? .max <= other.maximumLength ?? .max
            && included.isSuperset(of: other.included) && excluded.isSuperset(of: other.excluded)
            && excludedValues.isSuperset(of: other.excludedValues)
    }

    /// Terms that together have all strings that this has not, but for the values that it leaves out.
    var complementTerms: [StringTerm] {
        var terms = included.map { StringTerm(excluded: [$0]) } + excluded.map { StringTerm(included: [$0]) }
        if minimumLength > 0 { terms.append(StringTerm(maximumLength: minimumLength - 1)) }
        if let maximumLength { terms.append(StringTerm(minimumLength: maximumLength + 1)) }
        return terms
    }

    /// Whether the string of UTF-8 `text` is a member.
    func contains(_ text: [UInt8], budget: CompileBudget) throws(ConstraintError) -> Bool {
        if !isUnbounded {
            let length = text.count { $0 & 0xC0 != 0x80 }
            guard length >= minimumLength, length <= maximumLength ?? .max else { return false }
        }
        if excludedValues.contains(text) { return false }
        for leaf in included where try !leaf.accepts(text, budget: budget) { return false }
        for leaf in excluded where try leaf.accepts(text, budget: budget) { return false }
        return true
    }

    func isEmpty(budget: CompileBudget) throws(ConstraintError) -> Bool {
        if included.isEmpty, excluded.isEmpty {
            if maximumLength == 0 { return excludedValues.contains([]) }
            // There are that many strings of one character, and more of any greater length.
            if excludedValues.count < Self.alphabetCount { return false }
        }
        if isUnbounded, excluded.isEmpty, excludedValues.isEmpty, included.count == 1, let leaf = included.first {
            return try leaf.isEmpty(budget: budget)
        }
        guard isUnbounded else {
            return try !automaton(budget: budget).hasText(ofLength: minimumLength, maximumLength, budget: budget)
        }
        var inside: [ByteAutomaton] = []
        for leaf in included.sorted() { inside.append(try leaf.automaton(budget: budget)) }
        var outside: [ByteAutomaton] = []
        for leaf in excluded.sorted() { outside.append(try leaf.automaton(budget: budget)) }
        if let values = try valuesAutomaton(budget: budget) { outside.append(values) }
        return try !ByteAutomaton.haveText(in: inside.isEmpty ? [.utf8] : inside, outside: outside, budget: budget)
    }

    /// The UTF-8 of the strings, of any length. Leaves are taken in order, so that the same schema always gives the
    /// same automaton.
    func automaton(budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        var result: ByteAutomaton?
        for leaf in included.sorted() {
            let automaton = try leaf.automaton(budget: budget)
            result = try result?.intersection(automaton, budget: budget) ?? automaton
        }
        var automaton = result ?? .utf8
        for leaf in excluded.sorted() {
            automaton = try automaton.subtracting(leaf.automaton(budget: budget), budget: budget)
        }
        if let values = try valuesAutomaton(budget: budget) {
            automaton = try automaton.subtracting(values, budget: budget)
        }
        return automaton
    }

    private func valuesAutomaton(budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton? {
        if excludedValues.isEmpty { return nil }
        let builder = GrammarBuilder(budget: budget)
        return try ByteAutomaton(of: builder.anyOf(Array(excludedValues)), in: builder)
    }
}
