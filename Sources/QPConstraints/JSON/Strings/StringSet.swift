/// A set of strings: what the keywords of JSON Schema leave of all strings, closed under the Boolean operations.
///
/// Strings are values, not spellings: the set says nothing of how a member is written in JSON before
/// ``lowered(into:)``. It is a finite list of strings and a union of ``StringTerm``. Operations work on those and build
/// nothing; asking what is in a set that has patterns or formats may build automata. All throw ``ConstraintError`` with
/// code `limit`.
struct StringSet {
    /// The UTF-8 of single members, each once, in the order given.
    let values: [[UInt8]]
    let terms: [StringTerm]

    static var all: StringSet { StringSet(terms: [StringTerm()]) }
    static var none: StringSet { StringSet(terms: []) }
    /// How many terms a set may have: beyond, a schema combines so many sets that lowering would not end.
    static let maximumTerms = 64

    init(values: [[UInt8]] = [], terms: [StringTerm]) {
        self.values = values
        self.terms = terms
    }

    /// Exactly `texts`.
    static func values(_ texts: [String]) -> StringSet {
        StringSet(values: distinct(texts.map { Array($0.utf8) }), terms: [])
    }

    /// The strings of `minimum` to `maximum` characters (Unicode scalar values); nil is without end.
    static func length(_ minimum: Int, _ maximum: Int? = nil) -> StringSet {
        if let maximum, maximum < minimum { return none }
        return StringSet(terms: [StringTerm(minimumLength: minimum, maximumLength: maximum)])
    }

    /// The strings in which `pattern` (ECMA-262) matches somewhere.
    /// - Throws: ``ConstraintError`` as ``RegexPattern`` does.
    static func pattern(_ pattern: String, budget: CompileBudget) throws(ConstraintError) -> StringSet {
        StringSet(terms: [StringTerm(included: [try StringLeaf(pattern: pattern, budget: budget)])])
    }

    /// The strings of `format`.
    static func format(_ format: StringFormat) -> StringSet {
        StringSet(terms: [StringTerm(included: [StringLeaf(format)], maximumLength: format.maximumLength)])
    }

    /// Whether it is seen to have all strings.
    var isAll: Bool { terms.contains { $0.isPlain && $0.isUnbounded } }

    /// The members, where it was made of finitely many and so is known to have no others.
    var finiteValues: [String]? { terms.isEmpty ? values.map { String(decoding: $0, as: UTF8.self) } : nil }

    /// Whether it has no string at all; exact.
    func isEmpty(budget: CompileBudget) throws(ConstraintError) -> Bool {
        guard values.isEmpty else { return false }
        for term in terms where try !term.isEmpty(budget: budget) { return false }
        return true
    }

    /// Whether no string is in both; exact.
    func isDisjoint(with other: StringSet, budget: CompileBudget) throws(ConstraintError) -> Bool {
        try intersection(other, budget: budget).isEmpty(budget: budget)
    }

    /// Whether `text` is a member; exact.
    func contains(_ text: String, budget: CompileBudget) throws(ConstraintError) -> Bool {
        try contains(Array(text.utf8), budget: budget)
    }

    func contains(_ text: [UInt8], budget: CompileBudget) throws(ConstraintError) -> Bool {
        if values.contains(text) { return true }
        for term in terms where try term.contains(text, budget: budget) { return true }
        return false
    }

    static func distinct(_ texts: [[UInt8]]) -> [[UInt8]] {
        if texts.count < 2 { return texts }
        var seen: Set<[UInt8]> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
