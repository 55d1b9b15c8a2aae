extension CompileBudget {
    /// The deepest nesting in regular expressions and GBNF, however high ``GrammarLimits/nestingDepth`` is: the parsers
    /// call themselves, and so many levels take between 1 and 1.5 MB of the thread's stack (x86-64, optimised).
    static let nestingCeiling = 1000

    /// Checks that `depth` levels of `what` may be.
    /// - Throws: ``ConstraintError`` with code `limit`, that says which of the two was met.
    func checkNesting(_ depth: Int, of what: String) throws(ConstraintError) {
        guard depth > min(limits.nestingDepth, Self.nestingCeiling) else { return }
        guard limits.nestingDepth >= Self.nestingCeiling else {
            throw .limit(what, limits.nestingDepth, field: "nestingDepth")
        }
        throw ConstraintError(
            .limit, "more than \(Self.nestingCeiling) \(what)",
            advice: "This ceiling cannot be raised: GrammarLimits.nestingDepth counts up to it. "
                + "Write the constraint more simply.")
    }
}
