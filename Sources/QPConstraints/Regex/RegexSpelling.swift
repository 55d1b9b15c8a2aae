/// How the texts of a regular expression are written down: as UTF-8, or inside something else, as a JSON string.
public struct RegexSpelling {
    public typealias Spell<Value> = (Value, GrammarBuilder) throws(ConstraintError) -> Expression

    /// One character of a set, a prefix-free code: ``GrammarBuilder/unit(_:)`` where that is not plain.
    public let character: Spell<ScalarSet>
    /// Exactly the text whose UTF-8 is given.
    public let literal: Spell<[UInt8]>
    /// A text whose UTF-8 the automaton accepts: what patterns with assertions inside become.
    public let automaton: Spell<ByteAutomaton>

    public init(
        character: @escaping Spell<ScalarSet>, literal: @escaping Spell<[UInt8]>,
        automaton: @escaping Spell<ByteAutomaton>
    ) {
        self.character = character
        self.literal = literal
        self.automaton = automaton
    }
}

extension RegexSpelling {
    /// Plain UTF-8.
    public static var utf8: RegexSpelling {
        RegexSpelling(
            character: { (set, builder) throws(ConstraintError) in try builder.character(set) },
            literal: { (text, builder) throws(ConstraintError) in try builder.literal(text) },
            automaton: { (automaton, builder) throws(ConstraintError) in try builder.automaton(automaton) })
    }
}
