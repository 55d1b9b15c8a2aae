import QPFormats

/// How much a constraint may cost before it is refused.
///
/// Compilation of any input ends: each bound here is checked while the work is done, and exceeding one is a
/// ``ConstraintError`` with code `limit` that names the field.
///
/// Each has a ceiling, which keeps the tables' 32-bit numbers and the thread's stack from overflowing: a higher value
/// counts as the ceiling, and the error then says that it cannot be raised. A negative value counts as 0, and so does a
/// NaN: no value of a limit is without end.
public struct GrammarLimits: Hashable, Sendable {
    /// Bytes of source text: schema, grammar or regular expression. Ceiling: 1 GiB.
    public var sourceBytes = 16 << 20
    /// Nodes of the source's tree and of what it lowers to. Ceiling: 2³⁰.
    public var expressions = 2_000_000
    /// Nesting of parentheses, arrays, objects and references in the source. Ceiling: 1000, for the parsers and the
    /// compiler call themselves. On a thread whose stack is too small for that, 512 KiB say, less is refused, by name.
    public var nestingDepth = 256
    /// The largest bound of a counted repetition, `{m,n}`, `maxLength` or `maxItems`. Ceiling: 2³¹ − 2.
    public var repetition = 1_000_000
    /// Alternatives that the combinations of a JSON Schema come to in one place; they multiply. Ceiling: 2³⁰.
    public var alternatives = 4096
    /// States of one byte automaton made ahead of time, before and after minimising. Ceiling: 2²².
    public var automatonStates = 50_000
    /// Ways to read the text so far that a matcher follows at once. Ceiling: 2²⁴.
    public var configurations = 20_000
    /// States that a matcher keeps. They are never forgotten, since a text may go back to them: beyond the limit a new
    /// matcher has to be made. Ceiling: 2³⁰.
    public var states = 2_000_000
    /// Bytes that a matcher keeps for its states and the stacks under them. Ceiling: 8 GiB.
    public var stateBytes = 1 << 30
    /// Bytes that a matcher keeps for transitions, and as many again for answers; what exceeds either is forgotten and
    /// made again. Ceiling: 4 GiB.
    public var cacheBytes = 128 << 20
    /// Seconds of compilation. Ceiling: 10⁹, for which infinity stands as well.
    public var seconds = 20.0

    public init() {}

    /// Counts are kept in 32 bits.
    static let largestCount = Int(Int32.max) - 1

    /// The ceilings of what is counted. That of nesting takes between 1 and 1.5 MB of the thread's stack in regular
    /// expressions and GBNF (x86-64, optimised).
    private static let ceilings: [(field: String, path: any WritableKeyPath<GrammarLimits, Int> & Sendable, Int)] = [
        ("sourceBytes", \.sourceBytes, 1 << 30), ("expressions", \.expressions, 1 << 30),
        ("nestingDepth", \.nestingDepth, 1000), ("repetition", \.repetition, largestCount),
        ("alternatives", \.alternatives, 1 << 30), ("automatonStates", \.automatonStates, 1 << 22),
        ("configurations", \.configurations, 1 << 24), ("states", \.states, 1 << 30),
        ("stateBytes", \.stateBytes, 8 << 30), ("cacheBytes", \.cacheBytes, 4 << 30),
    ]

    /// These limits, each between 0 and its ceiling.
    var clamped: GrammarLimits {
        var limits = self
        for (_, path, ceiling) in Self.ceilings { limits[keyPath: path] = max(0, min(ceiling, limits[keyPath: path])) }
        limits.seconds = seconds > 0 ? min(seconds, 1e9) : 0
        return limits
    }

    /// Whether `value` is the highest that `field` counts to.
    static func isCeiling(_ value: Int, of field: String) -> Bool {
        ceilings.contains { $0.field == field && $0.2 <= value }
    }
}

extension ContinuousClock.Instant {
    /// This instant and `seconds`: at most 10⁹ of them, and none where `seconds` is negative or no number.
    func advanced(bySeconds seconds: Double) -> ContinuousClock.Instant {
        advanced(by: .seconds(seconds > 0 ? min(seconds, 1e9) : 0))
    }
}

/// Counts what a compilation has spent, and stops it at a limit.
///
/// One compilation, one budget: it belongs to the thread that made it, whose stack it watches.
public final class CompileBudget {
    /// Each between 0 and its ceiling.
    public let limits: GrammarLimits
    private let deadline: ContinuousClock.Instant
    private var expressions = 0
    private var untilClock = 1024
    private var stack = StackGuard()

    public init(_ limits: GrammarLimits) {
        self.limits = limits.clamped
        deadline = .now.advanced(bySeconds: limits.seconds)
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

    /// Checks that `count` bytes of `what` may be.
    /// - Throws: ``ConstraintError`` with code `limit`.
    func checkSource(_ count: Int, of what: String) throws(ConstraintError) {
        guard count > limits.sourceBytes else { return }
        throw .limit("bytes of \(what)", limits.sourceBytes, field: "sourceBytes")
    }

    /// Checks that `depth` levels of `what` may be.
    /// - Throws: ``ConstraintError`` with code `limit`.
    func checkNesting(_ depth: Int, of what: String) throws(ConstraintError) {
        guard depth <= limits.nestingDepth else {
            throw .limit(what, limits.nestingDepth, field: "nestingDepth")
        }
        guard !stack.isLow() else {
            throw ConstraintError(
                .limit, "more than \(depth - 1) \(what), which take the whole stack of this thread",
                advice:
                    "Compile on a thread with a larger stack (8 MiB is enough for every constraint within the limits), "
                    + "or write the constraint more simply.")
        }
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
