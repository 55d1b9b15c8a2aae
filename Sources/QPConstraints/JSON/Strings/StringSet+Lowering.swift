extension StringSet {
    /// The texts of the members with their quotes. A term that bounds nothing but the length has every spelling that
    /// JSON allows, others the canonical ones (``JSONSpelling``), and where only some values are left out, any spelling
    /// is allowed after the first character in which a string differs from them. ``GrammarBuilder/nothing`` when the
    /// set is seen to be empty.
    ///
    /// Lengths are counted by the matcher, and one pattern or format becomes expressions, so that only their
    /// combinations build automata.
    func lowered(into text: JSONText) throws(ConstraintError) -> Expression {
        var alternatives = [try text.strings(values)]
        for term in terms { alternatives.append(try text.strings(of: term)) }
        return try text.builder.choice(alternatives)
    }
}

extension JSONText {
    /// Exactly the strings of `values`, in canonical spelling.
    fileprivate func strings(_ values: [[UInt8]]) throws(ConstraintError) -> Expression {
        var plain: [[UInt8]] = []
        var alternatives: [Expression] = []
        let quote = [UInt8(ascii: "\"")]
        for value in values {
            if value.allSatisfy({ JSONSpelling.isPlain($0) }) {
                plain.append(quote + value + quote)
            } else {
                alternatives.append(try quoted(literal(value)))
            }
        }
        return try builder.choice([builder.anyOf(plain)] + alternatives)
    }

    fileprivate func strings(of term: StringTerm) throws(ConstraintError) -> Expression {
        if term.isPlain {
            if term.isUnbounded { return try string() }
            return try quoted(builder.repeated(freeCharacter(), term.minimumLength, term.maximumLength))
        }
        if term.included.isEmpty, term.excluded.isEmpty, term.isUnbounded {
            return try strings(except: term.excludedValues)
        }
        if let rule = strings[term] { return try builder.call(rule) }
        let rule = builder.rule("string", try quoted(restricted(term)))
        strings[term] = rule
        return try builder.call(rule)
    }

    private func restricted(_ term: StringTerm) throws(ConstraintError) -> Expression {
        let budget = builder.budget
        let automaton: ByteAutomaton
        if let leaf = term.included.first, term.included.count == 1, term.excluded.isEmpty, term.excludedValues.isEmpty
        {
            if term.isUnbounded { return try leaf.lowered(into: self) }
            let cut = try leaf.lowered(into: self, minimum: term.minimumLength, maximum: term.maximumLength)
            if let cut { return cut }
            automaton = try leaf.spelledAutomaton(budget: budget)
        } else {
            automaton = try term.automaton(budget: budget).spelledInJSON()
        }
        return try builder.automaton(
            automaton, minimumCharacters: term.minimumLength, maximumCharacters: term.maximumLength)
    }

    private func quoted(_ content: Expression) throws(ConstraintError) -> Expression {
        try builder.sequence([builder.literal("\""), content, builder.literal("\"")])
    }
}
