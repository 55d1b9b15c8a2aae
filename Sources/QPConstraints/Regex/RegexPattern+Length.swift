extension RegexPattern {
    /// The same pattern without its texts of less than `minimum` or more than `maximum` characters, where repetition
    /// counts can say so; nil where it takes an automaton
    /// (``GrammarBuilder/automaton(_:minimumCharacters:maximumCharacters:)``).
    ///
    /// They can if the pattern keeps the bounds anyway, or if one repetition is all whose length varies, as in
    /// `^[a-z][a-z0-9-]*$`. O(parts).
    /// - Throws: ``ConstraintError`` with code `limit`.
    public func bounded(
        minimumCharacters minimum: Int, maximumCharacters maximum: Int?, budget: CompileBudget
    ) throws(ConstraintError) -> RegexPattern? {
        guard tree.byteSets.isEmpty else { return nil }
        let most = maximum ?? .max
        let facts = tree.facts(root)
        if facts.shortest >= minimum, facts.longest <= most { return self }
        if facts.longest < minimum || facts.shortest > most { return replacingRoot(tree, RegexTree.never) }
        if facts.hasAssertion { return nil }
        var parts = [root]
        if case .sequence(let range) = tree.node(root) {
            parts = Array(tree.operands[Int(range.lowerBound)..<Int(range.upperBound)])
        }
        let varying = parts.indices.filter { tree.facts(parts[$0]).shortest != tree.facts(parts[$0]).longest }
        guard varying.count == 1, case .repeated(let inner, let low, let high) = tree.node(parts[varying[0]]),
            tree.facts(inner).shortest == tree.facts(inner).longest
        else { return nil }
        let length = tree.facts(inner).shortest
        let fixed = facts.shortest - length * low
        let newLow = max(low, saturatingSum(max(0, minimum - fixed), length - 1) / length)
        let newHigh = min(high ?? .max, maximum.map { ($0 - fixed) / length } ?? .max)
        var cut = tree
        guard newLow <= newHigh else { return replacingRoot(tree, RegexTree.never) }
        parts[varying[0]] = try cut.repeated(inner, newLow, newHigh == .max ? nil : newHigh, budget)
        let newRoot = try cut.sequence(parts, budget)
        return replacingRoot(cut, newRoot)
    }
}
