extension Grammar {
    /// The grammar of the texts that `regex` matches.
    /// - Throws: ``ConstraintError``: `syntax` or `unsupported` with a byte offset, `unsatisfiable` where nothing
    ///   matches, `limit` for an exceeded limit. ``GrammarLimits/nestingDepth`` counts up to 1000.
    public init(
        regex: String, options: RegexOptions = RegexOptions(), limits: GrammarLimits = GrammarLimits()
    ) throws(ConstraintError) {
        try self.init(regex: Array(regex.utf8), options: options, limits: limits)
    }

    /// The same for a pattern given as bytes, which have to be UTF-8.
    public init(
        regex: some Collection<UInt8>, options: RegexOptions = RegexOptions(), limits: GrammarLimits = GrammarLimits()
    ) throws(ConstraintError) {
        let builder = GrammarBuilder(limits: limits)
        let pattern = try RegexPattern(regex, options: options, budget: builder.budget)
        self = try builder.grammar(root: pattern.lowered(into: builder))
    }
}
