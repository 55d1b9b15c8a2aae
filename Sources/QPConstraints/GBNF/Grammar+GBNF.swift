extension Grammar {
    /// The grammar of a GBNF text, the grammar language of llama.cpp, beginning with the rule `root`.
    ///
    /// Rules, alternatives, groups, `* + ? {m,n}`, strings, classes, `.`, escapes and comments mean what they mean
    /// there; text is matched by characters of UTF-8. References to tokens are refused.
    ///
    /// - Throws: ``ConstraintError`` with line and column: `syntax` for a text that breaks the language's rules or uses
    ///   a rule that it does not define, `unsupported` for references to tokens and for left recursion, `limit` for a
    ///   grammar beyond `limits`, `unsatisfiable` where no text begins with `root`.
    /// - Complexity: O(n) in the text's length; a counted repetition is not unrolled.
    public init(
        gbnf source: String, root: String = "root", limits: GrammarLimits = GrammarLimits()
    ) throws(ConstraintError) {
        let builder = GrammarBuilder(limits: limits)
        try builder.budget.checkSource(source.utf8.count, of: "source")
        var parser = GBNFParser(source, builder)
        let root = try parser.parse(root: root)
        self = try builder.grammar(root: root)
    }
}
