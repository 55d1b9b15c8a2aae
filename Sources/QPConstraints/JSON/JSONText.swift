import QPFormats

/// The parts of JSON's grammar (RFC 8259) over one builder: each made when first asked for, and then shared.
///
/// The free string, number and value are one rule each, however often a schema allows them, so that a matcher works
/// out only once what they allow. Each function costs O(1) after its first call, and throws ``ConstraintError`` with
/// code `limit`.
final class JSONText {
    let builder: GrammarBuilder
    let whitespace: JSONWhitespace
    /// Whether a whole number may be written with a fraction of zeros: 1.0 is an integer from draft-06 on, and none
    /// in draft-04.
    let integersMayHaveFractions: Bool

    private var rules: [Part: RuleID] = [:]
    private var expressions: [Part: Expression] = [:]
    /// Spelled characters by the set they are of; see ``character(of:)``.
    var characters: [ScalarSet: Expression] = [:]
    /// Rules of restricted strings: a schema may use one pattern in a hundred places.
    var strings: [StringTerm: RuleID] = [:]

    init(
        _ builder: GrammarBuilder, whitespace: JSONWhitespace = .compact, integersMayHaveFractions: Bool = true
    ) {
        self.builder = builder
        self.whitespace = whitespace
        self.integersMayHaveFractions = integersMayHaveFractions
    }

    /// What is made at most once.
    enum Part {
        case value, object, array, string, stringTail, number, integer
        case comma, colon, padding, freeCharacter, canonicalEscape
    }

    /// A call of the rule `part`, whose body is made by `body` at the first call. The body may call the part itself.
    func shared(
        _ part: Part, _ body: () throws(ConstraintError) -> Expression
    ) throws(ConstraintError) -> Expression {
        if let rule = rules[part] { return try builder.call(rule) }
        let rule = builder.declare("\(part)")
        rules[part] = rule
        builder.define(rule, as: try body())
        return try builder.call(rule)
    }

    /// The expression `part`, made by `body` at the first call: for what is too small for a rule of its own.
    func inline(
        _ part: Part, _ body: () throws(ConstraintError) -> Expression
    ) throws(ConstraintError) -> Expression {
        if let made = expressions[part] { return made }
        let made = try body()
        expressions[part] = made
        return made
    }

    // MARK: Values

    /// Any value.
    func value() throws(ConstraintError) -> Expression {
        try shared(.value) { () throws(ConstraintError) in
            try builder.choice([string(), number(), object(), array(), boolean(), null()])
        }
    }

    /// Any object, with any keys, which may repeat.
    func object() throws(ConstraintError) -> Expression {
        try shared(.object) { () throws(ConstraintError) in
            let member = try builder.sequence([string(), colon(), value()])
            return try bracketed("{", list(of: member), "}", mayBeEmpty: true)
        }
    }

    /// Any array.
    func array() throws(ConstraintError) -> Expression {
        try shared(.array) { () throws(ConstraintError) in
            try bracketed("[", list(of: value()), "]", mayBeEmpty: true)
        }
    }

    func null() throws(ConstraintError) -> Expression { try builder.literal("null") }

    func boolean() throws(ConstraintError) -> Expression {
        try builder.choice([boolean(true), boolean(false)])
    }

    func boolean(_ value: Bool) throws(ConstraintError) -> Expression {
        try builder.literal(value ? "true" : "false")
    }

    /// Exactly `value`: strings in canonical spelling, members in the order given, numbers without an exponent.
    func constant(_ value: JSONValue) throws(ConstraintError) -> Expression {
        switch value {
        case .null: return try null()
        case .bool(let value): return try boolean(value)
        case .number(let number): return try NumberSet.values([number]).lowered(into: self)
        case .string(let text): return try string(text)
        case .array(let elements):
            var parts: [Expression] = []
            for element in elements { parts.append(try constant(element)) }
            return try bracketed("[", separated(parts), "]", mayBeEmpty: parts.isEmpty)
        case .object(let members):
            var parts: [Expression] = []
            for member in members {
                parts.append(try builder.sequence([string(member.key), colon(), constant(member.value)]))
            }
            return try bracketed("{", separated(parts), "}", mayBeEmpty: parts.isEmpty)
        }
    }

    // MARK: Structure

    /// `items` between brackets, with the whitespace that may stand inside them. `items` itself should not be the
    /// empty text; `mayBeEmpty` says whether nothing may stand there.
    func bracketed(
        _ open: String, _ items: Expression, _ close: String, mayBeEmpty: Bool
    ) throws(ConstraintError) -> Expression {
        let filled = try builder.sequence([items, padding()])
        return try builder.sequence([
            builder.literal(open), padding(), mayBeEmpty ? builder.optional(filled) : filled, builder.literal(close),
        ])
    }

    /// A comma between elements or members.
    func comma() throws(ConstraintError) -> Expression {
        try inline(.comma) { () throws(ConstraintError) in try separator(",") }
    }

    /// The colon between a key and its value.
    func colon() throws(ConstraintError) -> Expression {
        try inline(.colon) { () throws(ConstraintError) in try separator(":") }
    }

    /// The whitespace that may stand inside brackets and at the text's ends.
    func padding() throws(ConstraintError) -> Expression {
        try inline(.padding) { () throws(ConstraintError) in
            guard case .flexible(let maximum) = whitespace else { return builder.empty }
            return try builder.repeated(builder.bytes(ByteSet(" \t\n\r".utf8)), 0, maximum)
        }
    }

    /// `root` as a whole document, with the whitespace that may stand at its ends.
    func document(_ root: Expression) throws(ConstraintError) -> Expression {
        try builder.sequence([padding(), root, padding()])
    }

    /// One or more of `item`, with commas between.
    func list(of item: Expression) throws(ConstraintError) -> Expression {
        try builder.sequence([item, builder.repeated(builder.sequence([comma(), item]), 0, nil)])
    }

    /// `parts` in order, with commas between; nothing at all for none.
    func separated(_ parts: [Expression]) throws(ConstraintError) -> Expression {
        guard let first = parts.first else { return builder.nothing }
        var sequence = [first]
        for part in parts.dropFirst() { sequence += [try comma(), part] }
        return try builder.sequence(sequence)
    }

    private func separator(_ character: String) throws(ConstraintError) -> Expression {
        switch whitespace {
        case .compact: try builder.literal(character)
        case .spaced: try builder.literal(character + " ")
        case .flexible: try builder.sequence([padding(), builder.literal(character), padding()])
        }
    }
}
