/// The syntax tree of a regular expression, in a flat arena: nodes refer to earlier ones by number.
///
/// The constructors simplify what changes no text: a branch that nothing matches goes away, one-character alternatives
/// become a class, and nested repetitions one.
struct RegexTree: Sendable {
    typealias ID = Int32

    enum Node: Sendable {
        /// Nothing matches.
        case never
        case empty
        case scalar(UInt32)
        /// One character of `sets[index]`.
        case set(Int32)
        /// One byte of `byteSets[index]`, which need not be UTF-8.
        case bytes(Int32)
        /// `operands[range]`, one after the other.
        case sequence(Range<Int32>)
        /// Any of `operands[range]`.
        case choice(Range<Int32>)
        case repeated(ID, minimum: Int, maximum: Int?)
        case assertion(RegexAssertion)
    }

    /// What is known of a node's texts: whether some assertion is in it, and lengths in characters (bytes where it
    /// matches bytes), `Int.max` being without end.
    struct Facts: Sendable {
        var hasAssertion = false
        var shortest = 0
        var longest = 0
        /// Repetitions inside one another. With the nesting of the pattern's groups, it bounds how deep the tree is.
        var nestedRepetitions = 0
    }

    private(set) var nodes: [Node] = [.never, .empty]
    private(set) var facts = [Facts(), Facts()]
    private(set) var sets: [ScalarSet] = []
    private(set) var byteSets: [ByteSet] = []
    private(set) var operands: [ID] = []
    /// What the assertions ask of characters.
    private(set) var assertedKinds: CharacterKind = []

    static let never: ID = 0
    static let empty: ID = 1

    func node(_ id: ID) -> Node { nodes[Int(id)] }

    func facts(_ id: ID) -> Facts { facts[Int(id)] }

    private mutating func add(_ node: Node, _ facts: Facts, _ budget: CompileBudget) throws(ConstraintError) -> ID {
        try budget.spend()
        nodes.append(node)
        self.facts.append(facts)
        return ID(nodes.count - 1)
    }

    private static let oneCharacter = Facts(hasAssertion: false, shortest: 1, longest: 1)

    mutating func scalar(_ value: UInt32, _ budget: CompileBudget) throws(ConstraintError) -> ID {
        try add(.scalar(value), Self.oneCharacter, budget)
    }

    mutating func set(_ set: ScalarSet, _ budget: CompileBudget) throws(ConstraintError) -> ID {
        guard let first = set.ranges.first else { return Self.never }
        if set.ranges.count == 1, first.count == 1 { return try scalar(first.lowerBound, budget) }
        try budget.spend(set.ranges.count)
        sets.append(set)
        return try add(.set(Int32(sets.count - 1)), Self.oneCharacter, budget)
    }

    mutating func bytes(_ set: ByteSet, _ budget: CompileBudget) throws(ConstraintError) -> ID {
        guard !set.isEmpty else { return Self.never }
        byteSets.append(set)
        return try add(.bytes(Int32(byteSets.count - 1)), Self.oneCharacter, budget)
    }

    mutating func assertion(_ assertion: RegexAssertion, _ budget: CompileBudget) throws(ConstraintError) -> ID {
        assertedKinds.formUnion(assertion.kinds)
        return try add(.assertion(assertion), Facts(hasAssertion: true), budget)
    }

    mutating func sequence(_ parts: [ID], _ budget: CompileBudget) throws(ConstraintError) -> ID {
        if parts.contains(Self.never) { return Self.never }
        var kept: [ID] = []
        kept.reserveCapacity(parts.count)
        for part in parts where part != Self.empty {
            // x* x* is x*: what a search puts before and after a pattern that matches everything.
            if part == kept.last, case .repeated(_, 0, nil) = node(part) { continue }
            kept.append(part)
        }
        guard kept.count > 1 else { return kept.first ?? Self.empty }
        var facts = Facts()
        for part in kept {
            let other = self.facts(part)
            facts.hasAssertion = facts.hasAssertion || other.hasAssertion
            facts.shortest = saturatingSum(facts.shortest, other.shortest)
            facts.longest = saturatingSum(facts.longest, other.longest)
            facts.nestedRepetitions = max(facts.nestedRepetitions, other.nestedRepetitions)
        }
        try budget.spend(kept.count)
        let start = Int32(operands.count)
        operands += kept
        return try add(.sequence(start..<Int32(operands.count)), facts, budget)
    }

    mutating func choice(_ alternatives: [ID], _ budget: CompileBudget) throws(ConstraintError) -> ID {
        var kept: [ID] = []
        for alternative in alternatives where alternative != Self.never && alternative != kept.last {
            kept.append(alternative)
        }
        guard kept.count > 1 else { return kept.first ?? Self.never }
        if let union = unionOfCharacters(kept) { return try set(union, budget) }
        var facts = Facts(hasAssertion: false, shortest: .max, longest: 0)
        for alternative in kept {
            let other = self.facts(alternative)
            facts.hasAssertion = facts.hasAssertion || other.hasAssertion
            facts.shortest = min(facts.shortest, other.shortest)
            facts.longest = max(facts.longest, other.longest)
            facts.nestedRepetitions = max(facts.nestedRepetitions, other.nestedRepetitions)
        }
        try budget.spend(kept.count)
        let start = Int32(operands.count)
        operands += kept
        return try add(.choice(start..<Int32(operands.count)), facts, budget)
    }

    /// `minimum` to `maximum` times `id`; nil is without end. `minimum` is not above `maximum`.
    mutating func repeated(
        _ id: ID, _ minimum: Int, _ maximum: Int?, _ budget: CompileBudget
    ) throws(ConstraintError) -> ID {
        if id == Self.empty || maximum == 0 { return Self.empty }
        if id == Self.never { return minimum == 0 ? Self.empty : Self.never }
        if minimum == 1, maximum == 1 { return id }
        if case .repeated(let inner, let low, let high) = node(id), low <= 1 {
            // With at most one as the inner minimum, every count between the products can be had.
            let product = high.flatMap { high in maximum.map { saturatingProduct(high, $0) } }
            return try repeated(inner, saturatingProduct(low, minimum), product, budget)
        }
        let inner = facts(id)
        let longest = maximum.map { saturatingProduct(inner.longest, $0) } ?? (inner.longest == 0 ? 0 : Int.max)
        return try add(
            .repeated(id, minimum: minimum, maximum: maximum),
            Facts(
                hasAssertion: inner.hasAssertion, shortest: saturatingProduct(inner.shortest, minimum),
                longest: longest, nestedRepetitions: inner.nestedRepetitions + 1),
            budget)
    }

    /// The class that alternatives of one character each make together; nil where one of them is something else.
    private func unionOfCharacters(_ alternatives: [ID]) -> ScalarSet? {
        var ranges: [ClosedRange<UInt32>] = []
        for alternative in alternatives {
            switch node(alternative) {
            case .scalar(let value): ranges.append(value...value)
            case .set(let index): ranges += sets[Int(index)].ranges
            default: return nil
            }
        }
        return ScalarSet(ranges)
    }
}

/// a + b, or `Int.max`.
func saturatingSum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
}

/// a · b for what is not negative, or `Int.max`.
func saturatingProduct(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? .max : product
}
