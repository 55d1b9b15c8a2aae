extension JSONText {
    /// Any string with its quotes, in any spelling that RFC 8259 allows.
    func string() throws(ConstraintError) -> Expression {
        try shared(.string) { () throws(ConstraintError) in
            try builder.sequence([builder.literal("\""), stringTail()])
        }
    }

    /// What follows any beginning of a string that ends between characters: any characters, and the closing quote.
    func stringTail() throws(ConstraintError) -> Expression {
        try shared(.stringTail) { () throws(ConstraintError) in
            try builder.sequence([builder.repeated(freeCharacter(), 0, nil), builder.literal("\"")])
        }
    }

    /// Exactly the string `text` with its quotes, in canonical spelling.
    func string(_ text: String) throws(ConstraintError) -> Expression {
        try builder.sequence([builder.literal("\""), literal(Array(text.utf8)), builder.literal("\"")])
    }

    /// One character in any spelling: itself, a short escape, or \u escapes of a scalar value. A character beyond the
    /// Basic Multilingual Plane is one character even as two escapes; halves of such a pair are no characters.
    func freeCharacter() throws(ConstraintError) -> Expression {
        try shared(.freeCharacter) { () throws(ConstraintError) in
            let hex = try builder.bytes(JSONSpelling.hexDigits)
            func set(_ bytes: String) throws(ConstraintError) -> Expression { try builder.bytes(ByteSet(bytes.utf8)) }
            let unicode = try builder.choice([
                builder.sequence([set("0123456789aAbBcCeEfF"), hex, hex, hex]),
                builder.sequence([
                    set("dD"),
                    builder.choice([
                        builder.sequence([set("01234567"), hex, hex]),
                        builder.sequence([
                            set("89aAbB"), hex, hex, builder.literal("\\u"), set("dD"), set("cCdDeEfF"), hex, hex,
                        ]),
                    ]),
                ]),
            ])
            let escape = try builder.sequence([
                builder.literal("\\"),
                builder.choice([set("\"\\/bfnrt"), builder.sequence([builder.literal("u"), unicode])]),
            ])
            return try builder.unit(
                builder.choice([builder.bytes(JSONSpelling.plainASCII), escape] + wide(JSONSpelling.nonASCII)))
        }
    }

    /// One character of `set` in canonical spelling: as itself, but `"` and `\` and control characters escaped, in the
    /// short form where there is one.
    func character(of set: ScalarSet) throws(ConstraintError) -> Expression {
        if let made = characters[set] { return made }
        let made = try spelled(set)
        characters[set] = made
        return made
    }

    private func spelled(_ set: ScalarSet) throws(ConstraintError) -> Expression {
        var plain = ByteSet()
        var escaped: [UInt8] = []
        var beyondASCII: [ClosedRange<UInt32>] = []
        for range in set.ranges {
            if range.upperBound > 0x7F { beyondASCII.append(max(range.lowerBound, 0x80)...range.upperBound) }
            guard range.lowerBound <= 0x7F else { continue }
            for value in UInt8(range.lowerBound)...UInt8(min(range.upperBound, 0x7F)) {
                if JSONSpelling.plainASCII.contains(value) {
                    plain.insert(value)
                } else {
                    escaped.append(value)
                }
            }
        }
        var alternatives = [try builder.bytes(plain)]
        if escaped.count == JSONSpelling.escaped.count {
            alternatives.append(
                try inline(.canonicalEscape) { () throws(ConstraintError) in try canonicalEscapes() })
        } else if !escaped.isEmpty {
            alternatives.append(try builder.anyOf(escaped.flatMap(JSONSpelling.escapes(of:))))
        }
        if beyondASCII.count > 16 {
            alternatives.append(try builder.automaton(.character(ScalarSet(beyondASCII), budget: builder.budget)))
        } else if !beyondASCII.isEmpty {
            alternatives += try wide(ScalarSet(beyondASCII))
        }
        // One byte is a prefix-free code as it is.
        if alternatives.count == 1 { return alternatives[0] }
        let unit = try builder.unit(builder.choice(alternatives))
        return beyondASCII.isEmpty ? unit : try builder.call(builder.rule("character", unit))
    }

    /// The escapes of all characters that must be escaped.
    private func canonicalEscapes() throws(ConstraintError) -> Expression {
        func set(_ bytes: String) throws(ConstraintError) -> Expression { try builder.bytes(ByteSet(bytes.utf8)) }
        let controls = try builder.choice([
            builder.sequence([builder.literal("0"), set("01234567bBeEfF")]),
            builder.sequence([builder.literal("1"), builder.bytes(JSONSpelling.hexDigits)]),
        ])
        return try builder.sequence([
            builder.literal("\\"),
            builder.choice([set("\"\\bfnrt"), builder.sequence([builder.literal("u00"), controls])]),
        ])
    }

    /// The UTF-8 of `set`, which has no character of ASCII.
    private func wide(_ set: ScalarSet) throws(ConstraintError) -> [Expression] {
        var alternatives: [Expression] = []
        for sequence in set.utf8Sequences {
            var bytes: [Expression] = []
            for range in sequence { bytes.append(try builder.bytes(ByteSet(range))) }
            alternatives.append(try builder.sequence(bytes))
        }
        return alternatives
    }

    /// The text whose UTF-8 is `text`, in canonical spelling and without quotes.
    func literal(_ text: [UInt8]) throws(ConstraintError) -> Expression {
        guard text.contains(where: { !JSONSpelling.isPlain($0) }) else { return try builder.literal(text) }
        var parts: [Expression] = []
        var start = 0
        for (index, byte) in text.enumerated() where !JSONSpelling.isPlain(byte) {
            parts.append(try builder.literal(text[start..<index]))
            parts.append(try builder.anyOf(JSONSpelling.escapes(of: byte)))
            start = index + 1
        }
        parts.append(try builder.literal(text[start...]))
        return try builder.sequence(parts)
    }

    /// How a regular expression's texts are written inside a JSON string.
    var spelling: RegexSpelling {
        RegexSpelling(
            character: { (set, _) throws(ConstraintError) in try self.character(of: set) },
            literal: { (text, _) throws(ConstraintError) in try self.literal(text) },
            automaton: { (automaton, builder) throws(ConstraintError) in
                try builder.automaton(automaton.spelledInJSON())
            })
    }
}
