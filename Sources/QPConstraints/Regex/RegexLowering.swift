/// Makes the expression of a tree without assertions.
struct RegexLowering {
    let tree: RegexTree
    let builder: GrammarBuilder
    let spelling: RegexSpelling
    private var expressionOfSet: [ScalarSet: Expression] = [:]

    init(_ tree: RegexTree, _ builder: GrammarBuilder, _ spelling: RegexSpelling) {
        self.tree = tree
        self.builder = builder
        self.spelling = spelling
    }

    mutating func expression(_ id: RegexTree.ID) throws(ConstraintError) -> Expression {
        switch tree.node(id) {
        case .never, .assertion: return builder.nothing
        case .empty: return builder.empty
        case .scalar(let value): return try spelling.character(ScalarSet([value...value]), builder)
        case .set(let index): return try character(tree.sets[Int(index)])
        case .bytes(let index): return try builder.bytes(tree.byteSets[Int(index)])
        case .sequence(let range):
            return try sequence(tree.operands[Int(range.lowerBound)..<Int(range.upperBound)])
        case .choice(let range):
            var alternatives: [Expression] = []
            for alternative in tree.operands[Int(range.lowerBound)..<Int(range.upperBound)] {
                alternatives.append(try expression(alternative))
            }
            return try builder.choice(alternatives)
        case .repeated(let inner, let minimum, let maximum):
            let facts = tree.facts(inner)
            let once = try expression(inner)
            // Texts of one length are no beginnings of one another, so the matcher may count them; not where the
            // lengths are of characters here and of bytes there.
            let counts = facts.shortest == facts.longest && facts.shortest > 1 && tree.byteSets.isEmpty
            return try builder.repeated(counts ? builder.unit(once) : once, minimum, maximum)
        }
    }

    /// Neighbouring characters become one literal.
    private mutating func sequence(_ parts: ArraySlice<RegexTree.ID>) throws(ConstraintError) -> Expression {
        var expressions: [Expression] = []
        var text: [UInt8] = []
        for part in parts {
            if case .scalar(let value) = tree.node(part), let scalar = Unicode.Scalar(value) {
                text += UTF8.encode(scalar).map { Array($0) } ?? []
                continue
            }
            if !text.isEmpty { expressions.append(try spelling.literal(text, builder)) }
            text.removeAll()
            expressions.append(try expression(part))
        }
        if !text.isEmpty { expressions.append(try spelling.literal(text, builder)) }
        return try builder.sequence(expressions)
    }

    /// The same class again is the same expression, so that what is large is there once.
    private mutating func character(_ set: ScalarSet) throws(ConstraintError) -> Expression {
        if let known = expressionOfSet[set] { return known }
        let made = try spelling.character(set, builder)
        expressionOfSet[set] = made
        return made
    }
}
