/// A pattern or a format: a set of strings that is given by a regular expression or by an automaton.
///
/// Its automaton is made when first asked for, and kept.
final class StringLeaf {
    /// What tells leaves apart. Equal ones have the same strings; the converse need not hold.
    enum Key: Hashable {
        /// Its UTF-8: strings compare by canonical equivalence, which patterns do not.
        case pattern([UInt8])
        case format(StringFormat)
    }

    let key: Key
    /// Nil for a format, whose automata are there already.
    private let pattern: RegexPattern?
    private var automata: (plain: ByteAutomaton?, spelled: ByteAutomaton?)
    /// The pattern as an expression over UTF-8, for questions that an automaton would be too dear for.
    private var plain: (builder: GrammarBuilder, expression: Expression)?
    private var recognizer: Recognizer?

    /// The strings in which `pattern` (ECMA-262) matches somewhere.
    init(pattern: String, budget: CompileBudget) throws(ConstraintError) {
        key = .pattern(Array(pattern.utf8))
        self.pattern = try RegexPattern(pattern, options: .jsonSchema, budget: budget)
    }

    init(_ format: StringFormat) {
        key = .format(format)
        pattern = nil
        automata = format.automata
    }

    /// Whether there is no string at all. O(pattern), whatever its counts.
    func isEmpty(budget: CompileBudget) throws(ConstraintError) -> Bool {
        if let made = automata.plain { return made.isEmpty }
        let (builder, expression) = try expression(budget: budget)
        return builder.isNothing(expression)
    }

    /// Whether the string of UTF-8 `text` is one of them. Follows the pattern as far as the text goes.
    func accepts(_ text: [UInt8], budget: CompileBudget) throws(ConstraintError) -> Bool {
        if let made = automata.plain { return made.accepts(text) }
        let recognizer: Recognizer
        if let made = self.recognizer {
            recognizer = made
        } else {
            let (builder, expression) = try expression(budget: budget)
            if builder.isNothing(expression) { return false }
            recognizer = try Recognizer(builder.grammar(root: expression).program, limits: budget.limits)
            self.recognizer = recognizer
        }
        guard let state = try recognizer.state(after: text) else { return false }
        return recognizer.isAccepting(state)
    }

    private func expression(
        budget: CompileBudget
    ) throws(ConstraintError) -> (builder: GrammarBuilder, expression: Expression) {
        if let plain { return plain }
        guard let pattern else { preconditionFailure("a format has its automata") }
        let builder = GrammarBuilder(budget: budget)
        let made = (builder, try pattern.lowered(into: builder))
        plain = made
        return made
    }

    /// The UTF-8 of the strings.
    func automaton(budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        if let made = automata.plain { return made }
        guard let pattern else { preconditionFailure("a format has its automata") }
        let made = try pattern.automaton(budget: budget)
        automata.plain = made
        return made
    }

    /// The canonical spellings of the strings inside a JSON string, without the quotes.
    func spelledAutomaton(budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        if let made = automata.spelled { return made }
        let made = try automaton(budget: budget).spelledInJSON()
        automata.spelled = made
        return made
    }

    /// The same as an expression.
    func lowered(into text: JSONText) throws(ConstraintError) -> Expression {
        if let pattern { return try pattern.lowered(into: text.builder, spelling: text.spelling) }
        return try text.builder.automaton(spelledAutomaton(budget: text.builder.budget))
    }

    /// The same for strings of `minimum` to `maximum` characters; nil where only an automaton can count them.
    func lowered(into text: JSONText, minimum: Int, maximum: Int?) throws(ConstraintError) -> Expression? {
        let bounded = try pattern?.bounded(
            minimumCharacters: minimum, maximumCharacters: maximum, budget: text.builder.budget)
        return try bounded?.lowered(into: text.builder, spelling: text.spelling)
    }
}

extension StringLeaf: Hashable, Comparable {
    static func == (left: StringLeaf, right: StringLeaf) -> Bool { left.key == right.key }

    /// Formats by name, then patterns by text.
    static func < (left: StringLeaf, right: StringLeaf) -> Bool {
        switch (left.key, right.key) {
        case (.format(let left), .format(let right)): left.rawValue < right.rawValue
        case (.pattern(let left), .pattern(let right)): left.lexicographicallyPrecedes(right)
        case (.format, .pattern): true
        case (.pattern, .format): false
        }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
