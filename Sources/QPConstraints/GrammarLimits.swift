/// How much a constraint may cost before it is refused.
///
/// Compilation of any input ends: each bound here is checked while the work is done, and exceeding one is a
/// ``ConstraintError`` with code `limit` that names the field.
public struct GrammarLimits: Hashable, Sendable {
    /// Bytes of source text: schema, grammar or regular expression.
    public var sourceBytes = 16 << 20
    /// Nodes of the source's tree and of what it lowers to.
    public var expressions = 2_000_000
    /// Nesting of parentheses, arrays, objects and references in the source.
    public var nestingDepth = 256
    /// The largest bound of a counted repetition, `{m,n}`, `maxLength` or `maxItems`.
    public var repetition = 1_000_000
    /// Alternatives that the combinations of a JSON Schema come to in one place; they multiply.
    public var alternatives = 4096
    /// States of one byte automaton made ahead of time, before and after minimising.
    public var automatonStates = 50_000
    /// Ways to read the text so far that a matcher follows at once.
    public var configurations = 20_000
    /// States that a matcher keeps. They are never forgotten, since a text may go back to them: beyond the limit a new
    /// matcher has to be made.
    public var states = 2_000_000
    /// Bytes that a matcher keeps for its states and the stacks under them.
    public var stateBytes = 1 << 30
    /// Bytes that a matcher keeps for transitions, and as many again for answers; what exceeds either is forgotten and
    /// made again.
    public var cacheBytes = 128 << 20
    /// Seconds of compilation.
    public var seconds = 20.0

    public init() {}
}

/// Counts what a compilation has spent, and stops it at a limit.
///
/// Not thread-safe: one compilation, one budget.
public final class CompileBudget {
    public let limits: GrammarLimits
    private let deadline: ContinuousClock.Instant
    private var expressions = 0
    private var untilClock = 1024

    public init(_ limits: GrammarLimits) {
        self.limits = limits
        deadline = .now + .seconds(limits.seconds)
    }

    /// Accounts for `count` nodes of source or of what it lowers to.
    /// - Throws: ``ConstraintError`` with code `limit` when their sum exceeds the limit, or time has run out.
    public func spend(_ count: Int = 1) throws(ConstraintError) {
        expressions += count
        guard expressions <= limits.expressions else {
            throw .limit("nodes", limits.expressions, field: "expressions")
        }
        try tick(count)
    }

    /// Accounts for `count` steps of work, and looks at the clock now and then.
    /// - Throws: ``ConstraintError`` with code `limit` when time has run out.
    public func tick(_ count: Int = 1) throws(ConstraintError) {
        untilClock -= count
        guard untilClock <= 0 else { return }
        untilClock = 1024
        guard ContinuousClock.now < deadline else {
            throw ConstraintError(
                .limit, "the constraint takes longer than \(limits.seconds) s to compile",
                advice: "Raise GrammarLimits.seconds (--limit seconds=N), or write the constraint more simply.")
        }
    }
}
