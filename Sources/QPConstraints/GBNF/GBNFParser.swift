/// Reads a GBNF text and lowers it on the way.
///
/// The language is what llama.cpp's parser takes (src/llama-grammar.cpp), but for three things that it reads in ways
/// nobody means, and that are refused here: an empty class, a range whose end lies before its beginning, and a
/// repetition of at most fewer than at least.
struct GBNFParser {
    /// A rule that was defined, or mentioned in a body.
    private struct Rule {
        let name: String
        let id: RuleID
        /// Where it was named first.
        let offset: Int
        var body: Expression?
    }

    /// A part of a sequence. Texts are kept apart, so that alternatives of them can share their beginnings.
    private enum Part {
        case text([UInt8])
        case expression(Expression)
    }

    private var scanner: GBNFScanner
    private let builder: GrammarBuilder
    /// In the order in which they were named.
    private var rules: [Rule] = []
    private var ruleOf: [String: Int] = [:]
    private var redefinitions = 0
    /// As many warnings are more than anybody reads.
    private static let shownRedefinitions = 20

    init(_ source: String, _ builder: GrammarBuilder) {
        scanner = GBNFScanner(Array(source.utf8))
        self.builder = builder
    }

    /// Reads all rules into the builder, and gives the one called `root`.
    mutating func parse(root: String) throws(ConstraintError) -> RuleID {
        scanner.skipSpace(newlines: true)
        while scanner.next != nil { try rule() }
        if redefinitions > Self.shownRedefinitions {
            builder.warn("\(redefinitions - Self.shownRedefinitions) more rules are defined again")
        }
        for rule in rules {
            guard let body = rule.body else {
                throw ConstraintError(
                    .syntax, "the rule \"\(rule.name)\" is used, but not defined", at: scanner.place(rule.offset),
                    advice: "Define it: \(rule.name) ::= …")
            }
            builder.define(rule.id, as: body)
        }
        guard let index = ruleOf[root] else {
            throw ConstraintError(
                .syntax, "there is no rule \"\(root)\" to begin with",
                advice: rules.isEmpty
                    ? "A grammar looks like: root ::= \"yes\" | \"no\""
                    : "There are \(rules.prefix(8).map(\.name).joined(separator: ", "))\(rules.count > 8 ? ", …" : "")."
            )
        }
        return rules[index].id
    }

    // MARK: Rules

    /// `name ::= alternatives`, to the end of its line.
    private mutating func rule() throws(ConstraintError) {
        let start = scanner.offset
        let index = self.index(of: try scanner.name(), at: start)
        scanner.skipSpace(newlines: false)
        guard scanner.take("::=") else { throw scanner.unexpected(wanted: "\"::=\"") }
        scanner.skipSpace(newlines: true)
        let body = try alternatives(depth: 0)
        guard scanner.take("\r\n") || scanner.take("\n") || scanner.take("\r") || scanner.next == nil else {
            throw scanner.unexpected(
                wanted: "the rule's next part or its end",
                advice: scanner.next == UInt8(ascii: "_") ? GBNFScanner.nameAdvice : "")
        }
        scanner.skipSpace(newlines: true)
        if rules[index].body != nil {
            redefinitions += 1
            if redefinitions <= Self.shownRedefinitions {
                builder.warn(
                    "the rule \"\(rules[index].name)\" is defined again, and only its last definition counts",
                    at: scanner.advancingPlace(start))
            }
        }
        rules[index].body = body
    }

    private mutating func index(of name: String, at offset: Int) -> Int {
        if let known = ruleOf[name] { return known }
        rules.append(Rule(name: name, id: builder.declare(name), offset: offset))
        ruleOf[name] = rules.count - 1
        return rules.count - 1
    }

    // MARK: Bodies

    /// Sequences with `|` between them. Inside `depth` groups, and after each `|`, lines may end anywhere.
    private mutating func alternatives(depth: Int) throws(ConstraintError) -> Expression {
        var texts: [[UInt8]] = []
        var others: [Expression] = []
        repeat {
            let parts = try sequence(depth: depth)
            if let text = Self.text(parts) {
                texts.append(text)
            } else {
                others.append(try lowered(parts))
            }
            guard scanner.take("|") else { break }
            scanner.skipSpace(newlines: true)
        } while true
        return try builder.choice([builder.anyOf(texts)] + others)
    }

    private mutating func sequence(depth: Int) throws(ConstraintError) -> [Part] {
        var parts: [Part] = []
        while let byte = scanner.next {
            try builder.budget.tick()
            switch byte {
            case UInt8(ascii: "\""):
                parts.append(.text(try string()))
            case UInt8(ascii: "["):
                parts.append(.expression(try builder.character(try characterClass())))
            case UInt8(ascii: "."):
                _ = scanner.take(".")
                parts.append(.expression(try builder.character(.all)))
            case UInt8(ascii: "("):
                parts.append(.expression(try group(depth: depth + 1)))
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
                let offset = scanner.offset
                guard let repeated = parts.popLast() else {
                    throw scanner.unexpected(wanted: "something to repeat")
                }
                let (minimum, maximum) = try repetition(newlines: depth > 0)
                do {
                    parts.append(.expression(try builder.repeated(try lowered([repeated]), minimum, maximum)))
                } catch {
                    throw error.at(scanner.place(offset))
                }
            case UInt8(ascii: "<"), UInt8(ascii: "!"):
                throw ConstraintError(
                    .unsupported, "references to tokens (<token>, <[id]>, !<token>) are not supported",
                    at: scanner.place(scanner.offset), advice: "Write the token's text as a string.")
            default:
                guard scanner.isAtName else { return parts }
                let start = scanner.offset
                let index = self.index(of: try scanner.name(), at: start)
                parts.append(.expression(try builder.call(rules[index].id)))
            }
            scanner.skipSpace(newlines: depth > 0)
        }
        return parts
    }

    private mutating func group(depth: Int) throws(ConstraintError) -> Expression {
        let opening = scanner.offset
        do {
            try builder.budget.checkNesting(depth, of: "nested groups")
        } catch {
            throw error.at(scanner.place(opening))
        }
        _ = scanner.take("(")
        scanner.skipSpace(newlines: true)
        let inside = try alternatives(depth: depth)
        guard scanner.take(")") else {
            throw scanner.next == nil
                ? scanner.unclosed("group", opening) : scanner.unexpected(wanted: "the group's next part or \")\"")
        }
        return inside
    }

    /// The bounds that `*`, `+`, `?` or `{…}` gives; nil is without end.
    private mutating func repetition(newlines: Bool) throws(ConstraintError) -> (minimum: Int, maximum: Int?) {
        if scanner.take("*") { return (0, nil) }
        if scanner.take("+") { return (1, nil) }
        if scanner.take("?") { return (0, 1) }
        let start = scanner.offset
        _ = scanner.take("{")
        let limit = builder.budget.limits.repetition
        scanner.skipSpace(newlines: newlines)
        let minimum = try scanner.count(limit: limit)
        scanner.skipSpace(newlines: newlines)
        if scanner.take("}") { return (minimum, minimum) }
        guard scanner.take(",") else { throw scanner.unexpected(wanted: "\",\" or \"}\"") }
        scanner.skipSpace(newlines: newlines)
        if scanner.take("}") { return (minimum, nil) }
        let maximum = try scanner.count(limit: limit)
        scanner.skipSpace(newlines: newlines)
        guard scanner.take("}") else { throw scanner.unexpected(wanted: "\"}\"") }
        guard minimum <= maximum else {
            throw ConstraintError(
                .syntax, "{\(minimum),\(maximum)} asks for at least \(minimum) and at most \(maximum)",
                at: scanner.place(start))
        }
        return (minimum, maximum)
    }

    // MARK: Characters

    private mutating func string() throws(ConstraintError) -> [UInt8] {
        let opening = scanner.offset
        _ = scanner.take("\"")
        var text: [UInt8] = []
        while !scanner.take("\"") {
            let start = scanner.offset
            let value = try scanner.codePoint(in: "string", openedAt: opening)
            guard let scalar = Unicode.Scalar(value) else {
                throw ConstraintError(
                    .syntax, "U+\(String(value, radix: 16, uppercase: true)) is not a character",
                    at: scanner.place(start),
                    advice: "Surrogates and values above U+10FFFF stand in no UTF-8 text.")
            }
            text += UTF8.encode(scalar)!
        }
        return text
    }

    private mutating func characterClass() throws(ConstraintError) -> ScalarSet {
        let opening = scanner.offset
        _ = scanner.take("[")
        let isNegated = scanner.take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while !scanner.take("]") {
            try builder.budget.tick()
            let start = scanner.offset
            let first = try scanner.codePoint(in: "class", openedAt: opening)
            var last = first
            // A "-" before the class's end is a character like others.
            if scanner.next == UInt8(ascii: "-"), scanner.afterNext != UInt8(ascii: "]") {
                _ = scanner.take("-")
                last = try scanner.codePoint(in: "class", openedAt: opening)
            }
            guard first <= last else {
                throw ConstraintError(
                    .syntax, "the range's end lies before its beginning", at: scanner.place(start),
                    advice: "Put a \"-\" that is meant as a character last in the class.")
            }
            ranges.append(first...last)
        }
        guard !ranges.isEmpty else {
            throw ConstraintError(
                .syntax, "the class is empty", at: scanner.place(opening),
                advice: #"Write "." for any character, and "\]" for a bracket in a class."#)
        }
        // Surrogates and values above U+10FFFF, which no text holds, fall out here.
        let set = ScalarSet(ranges)
        return isNegated ? set.complement : set
    }

    // MARK: Lowering

    /// The one text that `parts` stand for, if they are nothing but texts.
    private static func text(_ parts: [Part]) -> [UInt8]? {
        var joined: [UInt8] = []
        for part in parts {
            guard case .text(let text) = part else { return nil }
            joined += text
        }
        return joined
    }

    private func lowered(_ parts: [Part]) throws(ConstraintError) -> Expression {
        var expressions: [Expression] = []
        for part in parts {
            switch part {
            case .text(let text): expressions.append(try builder.literal(text))
            case .expression(let expression): expressions.append(expression)
            }
        }
        return try builder.sequence(expressions)
    }
}
