/// A regular expression that was read, ready to be lowered into a grammar or made an automaton.
///
/// Its texts are those that match as ``RegexOptions/extent`` says. What a pattern captures and which of several matches
/// comes first play no part.
public struct RegexPattern: Sendable {
    public let options: RegexOptions
    let tree: RegexTree
    let root: RegexTree.ID
    /// What ends a line.
    private let terminators: ScalarSet

    /// Reads `pattern`. O(n), but for large classes.
    /// - Throws: ``ConstraintError`` with the byte offset: `syntax`, `unsupported` for what a finite automaton cannot
    ///   follow (look-around, back-references) and what is not built, or `limit`.
    public init(
        _ pattern: some Collection<UInt8>, options: RegexOptions = RegexOptions(), budget: CompileBudget
    ) throws(ConstraintError) {
        var parser = RegexParser(Array(pattern), options, budget)
        let parsed = try parser.parse()
        let terminators = options.lineTerminators(ofBytes: !parser.tree.byteSets.isEmpty)
        var resolver = AssertionResolver(parser.tree, terminators: terminators, budget)
        switch options.extent {
        case .whole: root = try resolver.resolvedWhole(parsed)
        case .search:
            guard parser.tree.byteSets.isEmpty else {
                throw ConstraintError(
                    .unsupported, "a search for a pattern that matches single bytes",
                    advice: "Set RegexOptions.extent to whole.")
            }
            root = try resolver.resolvedSearch(parsed)
        }
        tree = resolver.tree
        self.terminators = terminators
        self.options = options
    }

    public init(
        _ pattern: String, options: RegexOptions = RegexOptions(), budget: CompileBudget
    ) throws(ConstraintError) {
        try self.init(pattern.utf8, options: options, budget: budget)
    }

    private init(_ other: RegexPattern, _ tree: RegexTree, _ root: RegexTree.ID) {
        options = other.options
        terminators = other.terminators
        self.tree = tree
        self.root = root
    }

    /// The pattern whose tree is `tree` from `root` on.
    func replacingRoot(_ tree: RegexTree, _ root: RegexTree.ID) -> RegexPattern { RegexPattern(self, tree, root) }

    /// The texts that match, as an expression of `builder`. Counted repetitions stay counted; only assertions that
    /// depend on the text around them make an automaton, of the whole pattern.
    /// - Throws: ``ConstraintError`` with code `limit`, or `unsupported` for a spelling other than UTF-8 of a pattern
    ///   that matches single bytes. A pattern that nothing matches gives `builder.nothing`.
    public func lowered(
        into builder: GrammarBuilder, spelling: RegexSpelling = .utf8
    ) throws(ConstraintError) -> Expression {
        if tree.facts(root).hasAssertion {
            return try spelling.automaton(automaton(budget: builder.budget), builder)
        }
        var lowering = RegexLowering(tree, builder, spelling)
        return try lowering.expression(root)
    }

    /// The UTF-8 of the texts that match, as a minimal automaton: for set algebra. Costs what determinising costs, and
    /// unrolls counted repetitions.
    /// - Throws: ``ConstraintError`` with code `limit`.
    public func automaton(budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        try RegexNFA.automaton(of: root, in: tree, terminators: terminators, budget)
    }
}
