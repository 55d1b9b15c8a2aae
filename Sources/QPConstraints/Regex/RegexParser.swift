/// Reads the text of a regular expression into a ``RegexTree``.
///
/// Flags are applied while reading: a letter under `(?i)` is a class in the tree, `.` and `^` are what the flags make
/// of them.
struct RegexParser {
    struct Flags {
        var isCaseInsensitive: Bool
        var isMultiLine: Bool
        var dotMatchesNewline: Bool
        var isUnicode: Bool
        /// `(?x)`: white space and comments in the pattern do not count.
        var isExtended = false
        /// `(?R)`: lines also end with a carriage return.
        var isCRLF = false
    }

    let text: [UInt8]
    let options: RegexOptions
    let budget: CompileBudget
    var tree = RegexTree()
    var flags: Flags
    var position = 0
    /// What names of properties stand for, by name: they are decoded once, and the copies share their memory.
    var properties: [ArraySlice<UInt8>: ScalarSet] = [:]
    private var depth = 0

    init(_ text: [UInt8], _ options: RegexOptions, _ budget: CompileBudget) {
        self.text = text
        self.options = options
        self.budget = budget
        flags = Flags(
            isCaseInsensitive: options.isCaseInsensitive, isMultiLine: options.isMultiLine,
            dotMatchesNewline: options.dotMatchesNewline, isUnicode: options.isUnicode)
    }

    /// The tree's root for the whole text.
    mutating func parse() throws(ConstraintError) -> RegexTree.ID {
        try budget.checkSource(text.count, of: "source text")
        if let offset = UTF8Check.firstInvalidByte(of: text) {
            throw failure("the pattern is not valid UTF-8", at: offset)
        }
        let root = try alternation()
        if position < text.count { throw failure("there is no group that ) could end", at: position) }
        return root
    }

    // MARK: Structure

    /// Alternatives up to the end or to the `)` of the group.
    private mutating func alternation() throws(ConstraintError) -> RegexTree.ID {
        var alternatives = [try concatenation()]
        while take("|") { alternatives.append(try concatenation()) }
        return try tree.choice(alternatives, budget)
    }

    private mutating func concatenation() throws(ConstraintError) -> RegexTree.ID {
        var parts: [RegexTree.ID] = []
        while true {
            skipIgnored()
            guard let byte = peek, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") else { break }
            if let atom = try atom(byte) { parts.append(try quantified(atom)) }
        }
        return try tree.sequence(parts, budget)
    }

    /// One character, class, assertion or group; nil for `(?i)`, which is none.
    private mutating func atom(_ byte: UInt8) throws(ConstraintError) -> RegexTree.ID? {
        let start = position
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return try bracketClass()
        case UInt8(ascii: "\\"): return try escapedAtom()
        case UInt8(ascii: "."):
            position += 1
            return try character(dot, isNegated: false)
        case UInt8(ascii: "^"):
            position += 1
            let line: RegexAssertion = flags.isCRLF ? .lineStartCRLF : .lineStart
            return try tree.assertion(flags.isMultiLine ? line : .textStart, budget)
        case UInt8(ascii: "$"):
            position += 1
            let line: RegexAssertion = flags.isCRLF ? .lineEndCRLF : .lineEnd
            return try tree.assertion(flags.isMultiLine ? line : .textEnd, budget)
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            throw failure("nothing before \(quoted(byte)) to repeat", at: start, advice: "Write \\\(quoted(byte)).")
        case UInt8(ascii: "{"):
            if options.dialect == .rust || isCountAhead {
                throw failure("nothing before { to repeat", at: start, advice: "Write \\{ for the character.")
            }
            fallthrough
        default:
            return try character(scalar(), isNegated: false)
        }
    }

    /// `atom` with the repetitions that follow it.
    private mutating func quantified(_ atom: RegexTree.ID) throws(ConstraintError) -> RegexTree.ID {
        var result = atom
        var count = 0
        while true {
            skipIgnored()
            let start = position
            guard let (minimum, maximum) = try quantifier() else { return result }
            if count > 0, options.dialect == .ecma {
                throw failure(
                    "a repetition cannot be repeated in ECMA-262", at: start, advice: "Write (?:…) around it.")
            }
            count += 1
            // In the Rust dialect a++ is (?:a+)+. Whoever writes it for ECMA-262, which does not have it, means Perl's.
            if options.dialect == .ecma, peek == UInt8(ascii: "+") {
                throw unsupported("possessive repetition is not supported", at: start, advice: "Leave out the +.")
            }
            // Lazy or greedy is a question of which match, not of whether.
            take("?")
            result = try tree.repeated(result, minimum, maximum, budget)
            try checkNesting(tree.facts(result).nestedRepetitions, at: start)
        }
    }

    private mutating func quantifier() throws(ConstraintError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard peek == UInt8(ascii: "{"), options.dialect == .rust || isCountAhead else { return nil }
        let start = position
        position += 1
        let minimum = number()
        var maximum = minimum
        if take(",") { maximum = number() } else if minimum == nil { throw badCount(start) }
        let isOpen = text[position - 1] == UInt8(ascii: ",")
        guard take("}"), minimum != nil || maximum != nil else { throw badCount(start) }
        if minimum == nil, options.dialect == .ecma {
            throw failure(
                "ECMA-262 has no repetition {,n}", at: start,
                advice: "Write {0,n}, or \\{ where the characters are meant.")
        }
        let least = minimum ?? 0
        let most = isOpen ? nil : maximum
        if let most, most < least { throw failure("a repetition of at least \(least) and at most \(most)", at: start) }
        let largest = max(least, most ?? 0)
        guard largest <= budget.limits.repetition else {
            throw ConstraintError.repetition(largest, limit: budget.limits.repetition).at(.offset(start))
        }
        return (least, most)
    }

    private func badCount(_ start: Int) -> ConstraintError {
        failure("{ does not begin a repetition {m}, {m,}, {m,n} or {,n}", at: start, advice: "Write \\{.")
    }

    /// Whether `{`, where the text stands, begins `{m}`, `{m,}`, `{m,n}` or `{,n}`; ECMA-262 takes it as a character
    /// otherwise (annex B.1.2).
    private var isCountAhead: Bool {
        var index = position + 1
        var digits = 0
        var commas = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: ",") where commas == 0: commas += 1
            case UInt8(ascii: "}"): return digits > 0
            default: return false
            }
            index += 1
        }
        return false
    }

    // MARK: Leaves

    /// What `.` stands for: everything but what ends a line, or everything.
    private var dot: ScalarSet {
        if flags.dotMatchesNewline { return universe }
        return universe.subtracting(
            flags.isCRLF ? ScalarSet("\r", "\n") : options.lineTerminators(ofBytes: matchesBytes))
    }

    /// Whether classes stand for single bytes here.
    var matchesBytes: Bool { options.matchesInvalidUTF8 && options.dialect == .rust && !flags.isUnicode }

    /// What a class can hold: every scalar, or the byte values where bytes are matched.
    var universe: ScalarSet { matchesBytes ? ScalarSet([0...0xFF]) : .all }

    /// A node for one character of `set`, or not of it, under the flags.
    mutating func character(_ set: ScalarSet, isNegated: Bool) throws(ConstraintError) -> RegexTree.ID {
        let folded = folded(set)
        let result = isNegated ? universe.subtracting(folded) : folded
        guard matchesBytes, let last = result.ranges.last, last.upperBound > 0x7F else {
            return try tree.set(result, budget)
        }
        var bytes = ByteSet()
        for range in result.ranges { bytes = bytes.union(ByteSet(UInt8(range.lowerBound)...UInt8(range.upperBound))) }
        return try tree.bytes(bytes, budget)
    }

    /// A node for the character `value`, whose UTF-8 is meant even where bytes are matched.
    mutating func character(_ value: UInt32, isNegated: Bool) throws(ConstraintError) -> RegexTree.ID {
        flags.isCaseInsensitive
            ? try tree.set(folded(ScalarSet([value...value])), budget) : try tree.scalar(value, budget)
    }

    /// `set` with the other cases of its letters, if case does not matter.
    func folded(_ set: ScalarSet) -> ScalarSet {
        flags.isCaseInsensitive ? CaseFolding.closure(of: set, isUnicode: flags.isUnicode) : set
    }

    // MARK: Reading

    var peek: UInt8? { position < text.count ? text[position] : nil }

    func peek(_ distance: Int) -> UInt8? { position + distance < text.count ? text[position + distance] : nil }

    /// Steps over `character` if the text continues with it.
    @discardableResult
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// The scalar at `position`, which is stepped over; the text was checked to be UTF-8.
    mutating func scalar() -> UInt32 {
        let lead = text[position]
        position += 1
        guard lead >= 0x80 else { return UInt32(lead) }
        let trailing = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1
        var value = UInt32(lead) & (0x3F >> UInt32(trailing))
        for _ in 0..<trailing {
            value = value << 6 | UInt32(text[position] & 0x3F)
            position += 1
        }
        return value
    }

    /// A decimal number, at most `Int.max`; nil if there is no digit.
    mutating func number() -> Int? {
        var value: Int?
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            value = saturatingSum(saturatingProduct(value ?? 0, 10), Int(byte - UInt8(ascii: "0")))
            position += 1
        }
        return value
    }

    /// Steps over white space and comments, where `(?x)` says that they do not count.
    mutating func skipIgnored() {
        guard flags.isExtended else { return }
        while let byte = peek {
            if RegexClasses.asciiSpace.contains(UInt32(byte)) {
                position += 1
            } else if byte == UInt8(ascii: "#") {
                while let byte = peek, byte != UInt8(ascii: "\n") { position += 1 }
            } else {
                return
            }
        }
    }

    /// `body` one level deeper.
    mutating func nested<Result>(
        at start: Int, _ body: (inout RegexParser) throws(ConstraintError) -> Result
    ) throws(ConstraintError) -> Result {
        depth += 1
        try checkNesting(depth, at: start)
        let result = try body(&self)
        depth -= 1
        return result
    }

    private func checkNesting(_ depth: Int, at offset: Int) throws(ConstraintError) {
        do {
            try budget.checkNesting(depth, of: "levels of nesting")
        } catch {
            throw error.at(.offset(offset))
        }
    }

    /// The inside of a group up to its `)`.
    mutating func inside(_ start: Int) throws(ConstraintError) -> RegexTree.ID {
        let outer = flags
        let node = try nested(at: start) { (parser) throws(ConstraintError) in try parser.alternation() }
        guard take(")") else { throw failure("the group has no )", at: start) }
        flags = outer
        return node
    }

    // MARK: Errors

    func failure(_ message: String, at offset: Int, advice: String = "") -> ConstraintError {
        ConstraintError(.syntax, message, at: .offset(offset), advice: advice)
    }

    func unsupported(_ message: String, at offset: Int, advice: String = "") -> ConstraintError {
        ConstraintError(.unsupported, message, at: .offset(offset), advice: advice)
    }

    func quoted(_ byte: UInt8) -> String { String(UnicodeScalar(byte)) }

    /// A name as messages show it: cut where it is long.
    func shown(_ name: ArraySlice<UInt8>) -> String {
        let scalars = String(decoding: name.prefix(400), as: UTF8.self).unicodeScalars
        return String(scalars.prefix(40)) + (scalars.count > 40 ? "…" : "")
    }
}
