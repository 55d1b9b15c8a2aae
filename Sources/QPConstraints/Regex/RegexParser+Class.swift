extension RegexParser {
    /// A class in brackets.
    mutating func bracketClass() throws(ConstraintError) -> RegexTree.ID {
        let set = try bracketSet()
        // Folding is done inside, where it has to be: before the negation.
        let folds = flags.isCaseInsensitive
        flags.isCaseInsensitive = false
        defer { flags.isCaseInsensitive = folds }
        return try character(set, isNegated: false)
    }

    /// The members of a class in brackets; `position` stands at `[`.
    private mutating func bracketSet() throws(ConstraintError) -> ScalarSet {
        let start = position
        position += 1
        skipIgnored()
        let isNegated = take("^")
        let set = try nested(at: start) { (parser) throws(ConstraintError) in try parser.members(start) }
        return isNegated ? universe.subtracting(set) : set
    }

    /// What stands between `[` or `[^` and `]`, which is stepped over.
    private mutating func members(_ start: Int) throws(ConstraintError) -> ScalarSet {
        let isRust = options.dialect == .rust
        var left: ScalarSet?
        var operation: UInt8 = 0
        var ranges = isRust ? try leading() : []
        // Above it, ranges are merged: \pL has more than 600, and may stand here again and again.
        var mergeCount = 4096
        while true {
            skipIgnored()
            guard let byte = peek else { throw failure("the class has no ]", at: start) }
            try budget.spend()
            if byte == UInt8(ascii: "]") {
                position += 1
                return combined(left, operation, folded(ScalarSet(ranges)))
            }
            if isRust, byte == peek(1), [UInt8(ascii: "&"), UInt8(ascii: "-"), UInt8(ascii: "~")].contains(byte) {
                position += 2
                left = combined(left, operation, folded(ScalarSet(ranges)))
                operation = byte
                ranges = []
                continue
            }
            let count = ranges.count
            if isRust, byte == UInt8(ascii: "[") {
                if let set = posixSet() { ranges += set.ranges } else { ranges += try bracketSet().ranges }
            } else {
                ranges += try item(start)
            }
            try budget.spend(ranges.count - count)
            if ranges.count > mergeCount {
                ranges = ScalarSet(ranges).ranges
                mergeCount = max(mergeCount, 2 * ranges.count)
            }
        }
    }

    /// What the Rust dialect takes as characters at a class's start: hyphens or, where there is none, one bracket,
    /// which begins no range.
    private mutating func leading() throws(ConstraintError) -> [ClosedRange<UInt32>] {
        var ranges: [ClosedRange<UInt32>] = []
        skipIgnored()
        while take("-") {
            try budget.tick()
            ranges = [0x2D...0x2D]
            skipIgnored()
        }
        return ranges.isEmpty && take("]") ? [0x5D...0x5D] : ranges
    }

    private func combined(_ left: ScalarSet?, _ operation: UInt8, _ right: ScalarSet) -> ScalarSet {
        guard let left else { return right }
        switch operation {
        case UInt8(ascii: "&"): return left.intersection(right)
        case UInt8(ascii: "-"): return left.subtracting(right)
        default: return left.subtracting(right).union(right.subtracting(left))
        }
    }

    /// One character, range or escape.
    private mutating func item(_ classStart: Int) throws(ConstraintError) -> [ClosedRange<UInt32>] {
        let start = position
        let first = try bound()
        skipIgnored()
        // In [a-] and, in the Rust dialect, [a--b] the hyphen does not make a range.
        guard peek == UInt8(ascii: "-"), let next = peekBehindHyphen(), next != UInt8(ascii: "]"),
            !(options.dialect == .rust && next == UInt8(ascii: "-"))
        else { return try ranges(first) }
        guard case .scalar(let low) = first else {
            if options.dialect == .rust { throw failure("a range that begins with a class", at: start) }
            return try ranges(first)
        }
        position += 1
        skipIgnored()
        guard peek != nil else { throw failure("the class has no ]", at: classStart) }
        let last = try bound()
        guard case .scalar(let high) = last else {
            if options.dialect == .rust { throw failure("a range that ends with a class", at: start) }
            return [low...low, 0x2D...0x2D] + (try ranges(last))
        }
        guard low <= high else {
            throw failure("the range in the class runs backwards", at: start, advice: "Write \\- for a hyphen.")
        }
        return [low...high]
    }

    /// What counts next behind the hyphen where the text stands.
    private func peekBehindHyphen() -> UInt8? {
        var ahead = self
        ahead.position += 1
        ahead.skipIgnored()
        return ahead.peek
    }

    /// A character or an escape; a byte as the value that it has in the universe.
    private mutating func bound() throws(ConstraintError) -> Escape {
        let start = position
        guard peek == UInt8(ascii: "\\") else {
            let value = scalar()
            if matchesBytes, value > 0x7F {
                throw failure("a class of bytes holds a character of several bytes", at: start)
            }
            return .scalar(value)
        }
        switch try escape(isInClass: true) {
        case .byte(let byte): return .scalar(UInt32(byte))
        case .scalar(let value) where matchesBytes && value > 0x7F:
            throw failure("a class of bytes holds a character of several bytes", at: start)
        case let other: return other
        }
    }

    private func ranges(_ escape: Escape) throws(ConstraintError) -> [ClosedRange<UInt32>] {
        switch escape {
        case .scalar(let value): return [value...value]
        case .byte(let byte): return [UInt32(byte)...UInt32(byte)]
        case .set(let set, let isNegated):
            return isNegated ? universe.subtracting(folded(set)).ranges : set.ranges
        case .assertion: return []
        }
    }

    /// `[:name:]` or `[:^name:]`; nil, with nothing read, if the text does not continue so.
    private mutating func posixSet() -> ScalarSet? {
        guard peek(1) == UInt8(ascii: ":") else { return nil }
        var index = position + 2
        let isNegated = index < text.count && text[index] == UInt8(ascii: "^")
        if isNegated { index += 1 }
        let first = index
        while index < text.count, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(text[index]) { index += 1 }
        guard index + 1 < text.count, text[index] == UInt8(ascii: ":"), text[index + 1] == UInt8(ascii: "]"),
            let set = RegexClasses.posix(text[first..<index])
        else { return nil }
        position = index + 2
        return isNegated ? universe.subtracting(folded(set)) : set
    }
}
