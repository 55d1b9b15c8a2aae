/// A handle to an expression of one ``GrammarBuilder``.
public struct Expression: Hashable, Sendable {
    let index: Int32
}

/// A handle to a rule of one ``GrammarBuilder``; a rule may be used before it is defined, and may use itself.
public struct RuleID: Hashable, Sendable {
    let index: Int32
}

/// Collects a context-free grammar over bytes: what regular expressions, JSON Schemas and GBNF are lowered to.
///
/// ```swift
/// let builder = GrammarBuilder()
/// let list = builder.declare("list")
/// let digit = try builder.bytes(ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9")))
/// let rest = try builder.sequence([builder.literal(","), builder.call(list)])
/// try builder.define(list, as: builder.sequence([builder.repeated(digit, 1...3), builder.optional(rest)]))
/// let grammar = try builder.grammar(root: list)
/// ```
///
/// Expressions are values of a flat arena; each call costs O(children) and spends the compile budget, so every call
/// throws ``ConstraintError`` with code `limit`. Simplifications are applied as expressions are made: an expression
/// without any text (``nothing``) disappears from alternatives and swallows sequences.
public final class GrammarBuilder {
    /// One expression, with its operands in ``operands`` or ``bytes``.
    enum Node {
        /// No text at all.
        case nothing
        /// The empty text.
        case empty
        /// Bytes `literals[range]`, one after the other.
        case literal(Range<Int32>)
        /// One byte of `byteSets[index]`.
        case set(Int32)
        /// Operands `operands[range]`, one after the other.
        case sequence(Range<Int32>)
        /// Any of `operands[range]`.
        case choice(Range<Int32>)
        /// `minimum` to `maximum` times the expression; nil is without end.
        case repeated(Expression, minimum: Int, maximum: Int?)
        /// A prefix-free code: no text of it begins another one.
        case unit(Expression)
        case call(RuleID)
        /// A text of `automata[index]` with a number of characters within bounds; nil is without end.
        case automaton(Int32, minimum: Int, maximum: Int?)
    }

    struct Rule {
        let name: String
        var body: Expression?
    }

    public let budget: CompileBudget
    private(set) var nodes: [Node] = [.nothing, .empty]
    private(set) var literals: [UInt8] = []
    private(set) var byteSets: [ByteSet] = []
    private(set) var operands: [Expression] = []
    private(set) var automata: [ByteAutomaton] = []
    private(set) var rules: [Rule] = []
    /// What was understood as an annotation and is not enforced.
    public private(set) var warnings: [ConstraintWarning] = []

    public init(limits: GrammarLimits = GrammarLimits()) { budget = CompileBudget(limits) }

    public init(budget: CompileBudget) { self.budget = budget }

    /// No text at all: the empty set.
    public let nothing = Expression(index: 0)
    /// The empty text.
    public let empty = Expression(index: 1)

    /// Whether `expression` is known to have no text.
    public func isNothing(_ expression: Expression) -> Bool { expression == nothing }

    /// Notes something that does not constrain, though its author may think so.
    public func warn(_ message: String, at place: ConstraintError.Place? = nil) {
        warnings.append(ConstraintWarning(message: message, place: place))
    }

    // MARK: Rules

    /// A new rule without a body. `name` appears in messages only and need not be unique.
    public func declare(_ name: String) -> RuleID {
        rules.append(Rule(name: name, body: nil))
        return RuleID(index: Int32(rules.count - 1))
    }

    /// Gives `rule` its body, once.
    public func define(_ rule: RuleID, as body: Expression) {
        precondition(rules[Int(rule.index)].body == nil, "rule \(rules[Int(rule.index)].name) is defined twice")
        rules[Int(rule.index)].body = body
    }

    /// A rule with its body at once.
    public func rule(_ name: String, _ body: Expression) -> RuleID {
        let rule = declare(name)
        define(rule, as: body)
        return rule
    }

    // MARK: Expressions

    /// The text of `rule`. Shares the rule's states among all calls, where an expression used twice is compiled twice.
    public func call(_ rule: RuleID) throws(ConstraintError) -> Expression { try add(.call(rule)) }

    /// Exactly these bytes.
    public func literal(_ text: some Collection<UInt8>) throws(ConstraintError) -> Expression {
        guard !text.isEmpty else { return empty }
        try budget.spend(text.count)
        let start = Int32(literals.count)
        literals += text
        return try add(.literal(start..<Int32(literals.count)))
    }

    /// Exactly the UTF-8 of `text`.
    public func literal(_ text: String) throws(ConstraintError) -> Expression { try literal(Array(text.utf8)) }

    /// One byte of `set`.
    public func bytes(_ set: ByteSet) throws(ConstraintError) -> Expression {
        guard !set.isEmpty else { return nothing }
        byteSets.append(set)
        return try add(.set(Int32(byteSets.count - 1)))
    }

    /// One character of `set`, in UTF-8. A prefix-free code: repetitions of it are counted, never unrolled.
    public func character(_ set: ScalarSet) throws(ConstraintError) -> Expression {
        // Many ranges share their leading bytes in an automaton, where a choice would try each of them.
        if set.ranges.count > 6, set.ranges.dropLast(6).last!.upperBound >= 0x80 {
            return try unit(automaton(.character(set, budget: budget)))
        }
        var sequences: [Expression] = []
        var single = ByteSet()
        for sequence in set.utf8Sequences {
            if sequence.count == 1 {
                single = single.union(ByteSet(sequence[0]))
            } else {
                var bytes: [Expression] = []
                for range in sequence { bytes.append(try self.bytes(ByteSet(range))) }
                sequences.append(try self.sequence(bytes))
            }
        }
        if sequences.isEmpty { return try bytes(single) }
        return try unit(choice([bytes(single)] + sequences))
    }

    /// `expression`, with the promise that no text of it begins another one of it (as characters of UTF-8, or a JSON
    /// string's characters with their escapes). Repetitions of it are then counted instead of followed.
    public func unit(_ expression: Expression) throws(ConstraintError) -> Expression {
        isNothing(expression) ? nothing : try add(.unit(expression))
    }

    /// `parts`, one after the other.
    public func sequence(_ parts: [Expression]) throws(ConstraintError) -> Expression {
        if parts.contains(nothing) { return nothing }
        let kept = parts.filter { $0 != empty }
        guard kept.count > 1 else { return kept.first ?? empty }
        try budget.spend(kept.count)
        let start = Int32(operands.count)
        operands += kept
        return try add(.sequence(start..<Int32(operands.count)))
    }

    /// Any of `alternatives`.
    public func choice(_ alternatives: [Expression]) throws(ConstraintError) -> Expression {
        let kept = alternatives.filter { $0 != nothing }
        guard kept.count > 1 else { return kept.first ?? nothing }
        try budget.spend(kept.count)
        let start = Int32(operands.count)
        operands += kept
        return try add(.choice(start..<Int32(operands.count)))
    }

    /// `expression` or nothing.
    public func optional(_ expression: Expression) throws(ConstraintError) -> Expression {
        try repeated(expression, 0, 1)
    }

    /// `minimum` to `maximum` times `expression`; nil is without end.
    /// - Throws: ``ConstraintError`` with code `limit` for a bound above ``GrammarLimits/repetition``.
    public func repeated(
        _ expression: Expression, _ minimum: Int, _ maximum: Int?
    ) throws(ConstraintError) -> Expression {
        try checkRepetition(minimum, maximum, limit: budget.limits.repetition)
        if let maximum, maximum < minimum { return nothing }
        if maximum == 0 || expression == empty { return empty }
        if isNothing(expression) { return minimum == 0 ? empty : nothing }
        if minimum == 1, maximum == 1 { return expression }
        return try add(.repeated(expression, minimum: minimum, maximum: maximum))
    }

    /// `minimum` to `maximum` times `expression`.
    public func repeated(_ expression: Expression, _ bounds: ClosedRange<Int>) throws(ConstraintError) -> Expression {
        try repeated(expression, bounds.lowerBound, bounds.upperBound)
    }

    /// A text of `automaton` that has `minimum` to `maximum` characters as the automaton counts them; nil is without
    /// end. Texts too short or too long are cut away exactly, so no state is a dead end.
    public func automaton(
        _ automaton: ByteAutomaton, minimumCharacters minimum: Int = 0, maximumCharacters maximum: Int? = nil
    ) throws(ConstraintError) -> Expression {
        // Beyond what is unrolled or walked: characters that an automaton reads are only counted.
        try checkRepetition(minimum, maximum, limit: GrammarLimits.largestCount)
        if automaton.isEmpty { return nothing }
        if let maximum, maximum < minimum { return nothing }
        automata.append(automaton)
        return try add(.automaton(Int32(automata.count - 1), minimum: minimum, maximum: maximum))
    }

    // MARK: Inside

    private func checkRepetition(_ minimum: Int, _ maximum: Int?, limit: Int) throws(ConstraintError) {
        let largest = max(minimum, maximum ?? 0)
        guard largest <= limit else { throw .repetition(largest, limit: limit) }
    }

    func node(_ expression: Expression) -> Node { nodes[Int(expression.index)] }

    func operands(_ range: Range<Int32>) -> ArraySlice<Expression> {
        operands[Int(range.lowerBound)..<Int(range.upperBound)]
    }

    private func add(_ node: Node) throws(ConstraintError) -> Expression {
        try budget.spend()
        nodes.append(node)
        return Expression(index: Int32(nodes.count - 1))
    }
}
