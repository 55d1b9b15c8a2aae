extension RegexParser {
    /// A group, or nil for flags that hold from here on: `(?i)`.
    mutating func group() throws(ConstraintError) -> RegexTree.ID? {
        let start = position
        position += 1
        guard take("?") else { return try inside(start) }
        switch peek ?? 0 {
        case UInt8(ascii: ":"):
            position += 1
            return try inside(start)
        case UInt8(ascii: "="): throw unsupported("look-ahead (?=…) is not supported", at: start)
        case UInt8(ascii: "!"): throw unsupported("negative look-ahead (?!…) is not supported", at: start)
        case UInt8(ascii: "<"):
            switch peek(1) {
            case UInt8(ascii: "="): throw unsupported("look-behind (?<=…) is not supported", at: start)
            case UInt8(ascii: "!"): throw unsupported("negative look-behind (?<!…) is not supported", at: start)
            default: return try named(start)
            }
        case UInt8(ascii: "P"):
            position += 1
            switch peek {
            case UInt8(ascii: "<"): return try named(start)
            case UInt8(ascii: "="): throw unsupported("the back-reference (?P=…) is not supported", at: start)
            case UInt8(ascii: ">"): throw unsupported("the recursion (?P>…) is not supported", at: start)
            default: throw failure("(?P is not followed by <", at: start)
            }
        case UInt8(ascii: ">"):
            throw unsupported("the atomic group (?>…) is not supported", at: start, advice: "Write (?:…).")
        case UInt8(ascii: "("): throw unsupported("the conditional (?(…)…) is not supported", at: start)
        case UInt8(ascii: "|"): throw unsupported("the branch reset (?|…) is not supported", at: start)
        case UInt8(ascii: "#"):
            throw unsupported("the comment (?#…) is not supported", at: start, advice: "Write (?x) and # ….")
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "&"), UInt8(ascii: "+"):
            throw unsupported("the recursion (?\(quoted(text[position]))…) is not supported", at: start)
        case UInt8(ascii: "R") where options.dialect == .ecma:
            throw unsupported("the recursion (?R) is not supported", at: start)
        case UInt8(ascii: "-") where (peek(1) ?? 0) >= UInt8(ascii: "0") && (peek(1) ?? 0) <= UInt8(ascii: "9"):
            throw unsupported("the recursion (?-…) is not supported", at: start)
        default:
            return try flagged(start)
        }
    }

    /// `<name>` and the inside of the group.
    private mutating func named(_ start: Int) throws(ConstraintError) -> RegexTree.ID {
        position += 1
        let name = position
        while let byte = peek, byte != UInt8(ascii: ">") {
            guard byte != UInt8(ascii: "("), byte != UInt8(ascii: ")") else { break }
            position += 1
        }
        guard position > name, take(">") else { throw failure("the group's name is empty or has no >", at: start) }
        return try inside(start)
    }

    /// `(?flags)` or `(?flags:…)`, behind the question mark. ECMA-262 has only the latter; the former can mean nothing
    /// else there, and patterns in the wild have it.
    private mutating func flagged(_ start: Int) throws(ConstraintError) -> RegexTree.ID? {
        var new = flags
        var value = true
        var isDangling = true
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: ")"), UInt8(ascii: ":"):
                if isDangling { throw failure("the group's flags are incomplete", at: start) }
                if byte == UInt8(ascii: ")") {
                    flags = new
                    return nil
                }
                let outer = flags
                flags = new
                let node = try inside(start)
                flags = outer
                return node
            case UInt8(ascii: "-") where value:
                value = false
                isDangling = true
                continue
            case UInt8(ascii: "i"): new.isCaseInsensitive = value
            case UInt8(ascii: "m"): new.isMultiLine = value
            case UInt8(ascii: "s"): new.dotMatchesNewline = value
            case UInt8(ascii: "x") where options.dialect == .rust: new.isExtended = value
            case UInt8(ascii: "u") where options.dialect == .rust: new.isUnicode = value
            case UInt8(ascii: "R") where options.dialect == .rust: new.isCRLF = value
            // Swaps greedy and lazy, which changes no language.
            case UInt8(ascii: "U") where options.dialect == .rust: break
            default:
                position -= 1
                let flag = String(decoding: text[position...].prefix(1), as: UTF8.self)
                throw failure("there is no flag \(flag) in (?…)", at: position)
            }
            isDangling = false
        }
        throw failure("the group has no )", at: start)
    }
}
