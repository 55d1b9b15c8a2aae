/// Makes the automaton of a tree, assertions and all: over classes of scalars, or over bytes where the tree has nodes
/// that match single ones.
struct RegexNFA: NFAConstruction {
    private let tree: RegexTree
    var nfa: SymbolNFA
    private let matchesBytes: Bool
    private var scalarLabels: [ScalarSet] = []
    private var byteLabels: [ByteSet] = []
    private var labelOfScalars: [ScalarSet: Int32] = [:]
    private var labelOfBytes: [ByteSet: Int32] = [:]

    private init(_ tree: RegexTree, _ budget: CompileBudget) {
        self.tree = tree
        nfa = SymbolNFA(budget: budget)
        matchesBytes = !tree.byteSets.isEmpty
    }

    /// The minimal automaton of `root` as a whole text.
    /// - Throws: ``ConstraintError`` with code `limit`, or `unsupported` for Unicode words among single bytes.
    static func automaton(
        of root: RegexTree.ID, in tree: RegexTree, terminators: ScalarSet, _ budget: CompileBudget
    ) throws(ConstraintError) -> ByteAutomaton {
        var construction = RegexNFA(tree, budget)
        let start = try construction.build(root, before: 0)
        let kinds = tree.facts(root).hasAssertion ? tree.assertedKinds.sets(terminators: terminators) : []
        return construction.matchesBytes
            ? try construction.byteAutomaton(start, kinds) : try construction.scalarAutomaton(start, kinds)
    }

    private func scalarAutomaton(
        _ start: Int32, _ kinds: [(kind: CharacterKind, set: ScalarSet)]
    ) throws(ConstraintError) -> ByteAutomaton {
        let classes = try ScalarClasses(scalarLabels + kinds.map(\.set), nfa.budget)
        var kindOfClass = [CharacterKind](repeating: [], count: classes.count)
        for (index, (kind, _)) in kinds.enumerated() {
            for symbols in classes.classesOfSet[scalarLabels.count + index] {
                kindOfClass[Int(symbols)].formUnion(kind)
            }
        }
        var determinizer = Determinizer(nfa, classesOfLabel: classes.classesOfSet, kindOfClass: kindOfClass)
        let table = try determinizer.table(from: start).minimized(nfa.budget)
        var expansion = UTF8Expansion(table, classes, nfa.budget)
        return try expansion.expanded()
    }

    private func byteAutomaton(
        _ start: Int32, _ kinds: [(kind: CharacterKind, set: ScalarSet)]
    ) throws(ConstraintError) -> ByteAutomaton {
        var kindSets: [(kind: CharacterKind, set: ByteSet)] = []
        for (kind, set) in kinds {
            guard kind != .unicodeWord else {
                throw ConstraintError(
                    .unsupported, "a word boundary of Unicode in a pattern that matches single bytes",
                    advice: "Write (?-u:\\b).")
            }
            kindSets.append((kind, ByteSet(set.ranges.flatMap { $0.map { UInt8($0) } })))
        }
        let classes = ByteClasses(byteLabels + kindSets.map(\.set))
        var kindOfClass = [CharacterKind](repeating: [], count: classes.count)
        for (kind, set) in kindSets {
            for symbols in classes.classes(of: set) { kindOfClass[Int(symbols)].formUnion(kind) }
        }
        var determinizer = Determinizer(
            nfa, classesOfLabel: byteLabels.map { classes.classes(of: $0) }, kindOfClass: kindOfClass)
        return ByteAutomaton(
            try determinizer.table(from: start).minimized(nfa.budget), classOf: classes.classOf)
    }

    // MARK: Construction

    mutating func build(_ id: RegexTree.ID, before next: Int32) throws(ConstraintError) -> Int32 {
        try nfa.budget.tick()
        switch tree.node(id) {
        case .never: return try nfa.split([])
        case .empty: return next
        case .scalar(let value): return try symbol(ScalarSet([value...value]), before: next)
        case .set(let index): return try symbol(tree.sets[Int(index)], before: next)
        case .bytes(let index): return try symbol(tree.byteSets[Int(index)], before: next)
        case .assertion(let assertion): return try nfa.add(.assertion(assertion, next))
        case .sequence(let range):
            var entry = next
            for part in tree.operands[Int(range.lowerBound)..<Int(range.upperBound)].reversed() {
                entry = try build(part, before: entry)
            }
            return entry
        case .choice(let range):
            var entries: [Int32] = []
            for alternative in tree.operands[Int(range.lowerBound)..<Int(range.upperBound)] {
                entries.append(try build(alternative, before: next))
            }
            return try nfa.split(entries)
        case .repeated(let inner, let minimum, let maximum):
            guard next == 0, minimum == 0, maximum == nil, !matchesBytes, case .set(let index) = tree.node(inner),
                tree.sets[Int(index)] == .all
            else { return try repeated(inner, minimum, maximum, before: next) }
            // The text after a match, in a search: all alternatives share it.
            if let universal = nfa.universal { return universal }
            nfa.universal = try repeated(inner, 0, nil, before: next)
            return nfa.universal!
        }
    }

    /// One character of `set`; among bytes, the bytes of its UTF-8.
    private mutating func symbol(_ set: ScalarSet, before next: Int32) throws(ConstraintError) -> Int32 {
        guard matchesBytes else {
            if let known = labelOfScalars[set] { return try nfa.add(.symbol(label: known, next)) }
            labelOfScalars[set] = Int32(scalarLabels.count)
            scalarLabels.append(set)
            return try nfa.add(.symbol(label: Int32(scalarLabels.count - 1), next))
        }
        var entries: [Int32] = []
        for sequence in set.utf8Sequences {
            var entry = next
            for range in sequence.reversed() { entry = try symbol(ByteSet(range), before: entry) }
            entries.append(entry)
        }
        return try nfa.split(entries)
    }

    private mutating func symbol(_ set: ByteSet, before next: Int32) throws(ConstraintError) -> Int32 {
        if let known = labelOfBytes[set] { return try nfa.add(.symbol(label: known, next)) }
        labelOfBytes[set] = Int32(byteLabels.count)
        byteLabels.append(set)
        return try nfa.add(.symbol(label: Int32(byteLabels.count - 1), next))
    }
}
