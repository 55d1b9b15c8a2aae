/// Decides the assertions of a tree whose answer does not depend on the text, so that they cost nothing: anchors at the
/// pattern's ends, `\b` between letters and hyphens.
struct AssertionResolver {
    private(set) var tree: RegexTree
    private let budget: CompileBudget
    private let kindSets: [(kind: CharacterKind, set: ScalarSet)]
    private var kindsOfSet: [Int32: CharacterKinds] = [:]

    init(_ tree: RegexTree, terminators: ScalarSet, _ budget: CompileBudget) {
        self.tree = tree
        self.budget = budget
        kindSets = tree.assertedKinds.sets(terminators: terminators)
    }

    /// The same texts as `id` as a whole; what is left of assertions depends on the characters around them.
    mutating func resolvedWhole(_ id: RegexTree.ID) throws(ConstraintError) -> RegexTree.ID {
        try resolved(id, before: .edge, after: .edge)
    }

    /// The texts of which some part matches `id`. Text is allowed on a side only where no anchor forbids it, branch by
    /// branch: `^a|b$` is `a` and anything, or anything and `b`.
    mutating func resolvedSearch(_ id: RegexTree.ID) throws(ConstraintError) -> RegexTree.ID {
        let any = try tree.repeated(tree.set(.all, budget), 0, nil, budget)
        let open = try opened(opened(id, any, .front), any, .back)
        return try resolved(open, before: .edge, after: .edge)
    }

    // MARK: Search

    private enum Side {
        case front
        case back

        var anchor: RegexAssertion { self == .front ? .textStart : .textEnd }
    }

    /// `id` with `any` text on one side of it.
    private mutating func opened(
        _ id: RegexTree.ID, _ any: RegexTree.ID, _ side: Side
    ) throws(ConstraintError) -> RegexTree.ID {
        switch tree.node(id) {
        case .assertion(side.anchor): return RegexTree.empty
        case .sequence(let range):
            var parts = Array(tree.operands[Int(range.lowerBound)..<Int(range.upperBound)])
            let outermost = side == .front ? 0 : parts.count - 1
            parts[outermost] = try opened(parts[outermost], any, side)
            return try flatSequence(parts)
        case .choice(let range) where tree.facts(id).hasAssertion:
            // What has no anchor shares the text around it.
            var alternatives: [RegexTree.ID] = []
            var plain: [RegexTree.ID] = []
            for alternative in tree.operands[Int(range.lowerBound)..<Int(range.upperBound)] {
                if tree.facts(alternative).hasAssertion {
                    alternatives.append(try opened(alternative, any, side))
                } else {
                    plain.append(alternative)
                }
            }
            if !plain.isEmpty { alternatives.append(try opened(tree.choice(plain, budget), any, side)) }
            return try tree.choice(alternatives, budget)
        case .repeated(let inner, 0, 1) where tree.facts(id).hasAssertion:
            return try tree.choice([any, opened(inner, any, side)], budget)
        // Any text and then x* is any text.
        case .repeated(let inner, 0, _) where !tree.facts(id).hasAssertion && isCharacter(inner): return any
        default: return try flatSequence(side == .front ? [any, id] : [id, any])
        }
    }

    private func isCharacter(_ id: RegexTree.ID) -> Bool {
        switch tree.node(id) {
        case .scalar, .set: true
        default: false
        }
    }

    /// A sequence without sequences directly inside, so that equal neighbours meet.
    private mutating func flatSequence(_ parts: [RegexTree.ID]) throws(ConstraintError) -> RegexTree.ID {
        var flat: [RegexTree.ID] = []
        for part in parts {
            if case .sequence(let range) = tree.node(part) {
                flat += tree.operands[Int(range.lowerBound)..<Int(range.upperBound)]
            } else {
                flat.append(part)
            }
        }
        return try tree.sequence(flat, budget)
    }

    // MARK: Assertions

    /// `id` between characters of the kinds `before` and `after`, which may hold more than can be.
    private mutating func resolved(
        _ id: RegexTree.ID, before: CharacterKinds, after: CharacterKinds
    ) throws(ConstraintError) -> RegexTree.ID {
        guard tree.facts(id).hasAssertion else { return id }
        switch tree.node(id) {
        case .assertion(let assertion): return verdict(assertion, before, after) ?? id
        case .sequence(let range):
            var parts = Array(tree.operands[Int(range.lowerBound)..<Int(range.upperBound)])
            var afters = [CharacterKinds](repeating: after, count: parts.count)
            for index in parts.indices.dropFirst().reversed() {
                afters[index - 1] = try edge(parts[index], other: afters[index], .front)
            }
            var kinds = before
            for index in parts.indices {
                let following = try edge(parts[index], other: kinds, .back)
                parts[index] = try resolved(parts[index], before: kinds, after: afters[index])
                kinds = following
            }
            return try tree.sequence(parts, budget)
        case .choice(let range):
            var alternatives: [RegexTree.ID] = []
            for alternative in tree.operands[Int(range.lowerBound)..<Int(range.upperBound)] {
                alternatives.append(try resolved(alternative, before: before, after: after))
            }
            return try tree.choice(alternatives, budget)
        case .repeated(let inner, let minimum, let maximum):
            var (outerBefore, outerAfter) = (before, after)
            if maximum != 1 {
                outerBefore.formUnion(try edge(inner, other: before, .back))
                outerAfter.formUnion(try edge(inner, other: after, .front))
            }
            let once = try resolved(inner, before: outerBefore, after: outerAfter)
            return try tree.repeated(once, minimum, maximum, budget)
        case .never, .empty, .scalar, .set, .bytes: return id
        }
    }

    /// The node for an assertion that always or never holds; nil if it depends.
    private func verdict(
        _ assertion: RegexAssertion, _ before: CharacterKinds, _ after: CharacterKinds
    ) -> RegexTree.ID? {
        var holds = false
        var fails = false
        for left in before.members {
            for right in after.members {
                if assertion.holds(left, right) { holds = true } else { fails = true }
            }
        }
        return holds && fails ? nil : holds ? RegexTree.empty : RegexTree.never
    }

    /// The kinds of character met first (`front`) or last (`back`) in `id`, `other` standing for what is beyond it
    /// where it may be empty.
    private mutating func edge(
        _ id: RegexTree.ID, other: CharacterKinds, _ side: Side
    ) throws(ConstraintError) -> CharacterKinds {
        try budget.tick()
        switch tree.node(id) {
        case .never: return CharacterKinds()
        case .empty, .assertion: return other
        case .scalar(let value):
            // Among bytes, assertions see the last byte of a character, which may end a line.
            guard tree.byteSets.isEmpty || value < 0x80 else { return .anyCharacter }
            return kinds(of: ScalarSet([value...value]))
        case .set(let index):
            guard tree.byteSets.isEmpty || tree.sets[Int(index)].isASCII else { return .anyCharacter }
            if let known = kindsOfSet[index] { return known }
            let kinds = kinds(of: tree.sets[Int(index)])
            kindsOfSet[index] = kinds
            return kinds
        case .bytes(let index):
            let bytes = tree.byteSets[Int(index)]
            // A byte beyond ASCII is part of some character or of none: it may be of any kind.
            guard bytes.isDisjoint(with: ByteSet(0x80...0xFF)) else { return .anyCharacter }
            return kinds(of: ScalarSet(bytes.map { UInt32($0)...UInt32($0) }))
        case .sequence(let range):
            var kinds = other
            let parts = tree.operands[Int(range.lowerBound)..<Int(range.upperBound)]
            for part in side == .front ? Array(parts.reversed()) : Array(parts) {
                kinds = try edge(part, other: kinds, side)
            }
            return kinds
        case .choice(let range):
            var kinds = CharacterKinds()
            for alternative in tree.operands[Int(range.lowerBound)..<Int(range.upperBound)] {
                kinds.formUnion(try edge(alternative, other: other, side))
            }
            return kinds
        case .repeated(let inner, let minimum, _):
            let kinds = try edge(inner, other: other, side)
            return minimum == 0 ? kinds.union(other) : kinds
        }
    }

    private func kinds(of set: ScalarSet) -> CharacterKinds {
        var parts: [(kind: CharacterKind, set: ScalarSet)] = [([], set)]
        for (kind, members) in kindSets {
            parts = parts.flatMap { part in
                [(part.kind.union(kind), part.set.intersection(members)), (part.kind, part.set.subtracting(members))]
                    .filter { !$0.1.isEmpty }
            }
        }
        return parts.reduce(into: CharacterKinds()) { $0.formUnion(CharacterKinds($1.kind)) }
    }
}

extension ScalarSet {
    fileprivate var isASCII: Bool { (ranges.last?.upperBound ?? 0) < 0x80 }
}
