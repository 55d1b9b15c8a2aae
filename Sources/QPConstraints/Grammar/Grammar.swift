/// A compiled constraint: a grammar over bytes, ready to be matched against text or a vocabulary's tokens.
///
/// Immutable, so one grammar serves any number of matchers on any number of threads. Its size depends on the source
/// alone: nothing in it depends on a vocabulary, and what a matcher needs of it is worked out as the text asks for it.
public struct Grammar: Sendable {
    let program: GrammarProgram
    /// What its source says without constraining anything.
    public let warnings: [ConstraintWarning]
    public let limits: GrammarLimits

    /// Nodes of its recursive transition network: its size.
    public var nodeCount: Int { program.instructions.count }

    /// Rules that its start symbol reaches.
    public var ruleCount: Int { program.ruleCount }

    /// Whether `text` is a complete text of the grammar. O(n) for the unambiguous grammars of JSON Schemas.
    /// - Throws: ``ConstraintError`` with code `limit` when too many readings have to be followed at once.
    public func accepts(_ text: some Sequence<UInt8>) throws(ConstraintError) -> Bool {
        let recognizer = try Recognizer(program, limits: limits)
        guard let state = try recognizer.state(after: text) else { return false }
        return recognizer.isAccepting(state)
    }

    /// Whether some text of the grammar begins with `text`.
    /// - Throws: ``ConstraintError`` with code `limit` when too many readings have to be followed at once.
    public func isPrefix(_ text: some Sequence<UInt8>) throws(ConstraintError) -> Bool {
        try Recognizer(program, limits: limits).state(after: text) != nil
    }
}

extension GrammarBuilder {
    /// The grammar of the texts of `root`.
    /// - Throws: ``ConstraintError`` with code `unsatisfiable` when there are none, `unsupported` for left recursion,
    ///   `limit` for an exceeded limit.
    public func grammar(root: RuleID) throws(ConstraintError) -> Grammar {
        var compiler = try GrammarCompiler(self)
        return Grammar(program: try compiler.compile(root), warnings: warnings, limits: budget.limits)
    }

    /// The grammar of the texts of `root`.
    public func grammar(root: Expression) throws(ConstraintError) -> Grammar {
        try grammar(root: rule("root", root))
    }
}
