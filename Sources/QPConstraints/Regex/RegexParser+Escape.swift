extension RegexParser {
    /// What a backslash and what follows it stand for.
    enum Escape {
        case scalar(UInt32)
        /// A byte that is no character of its own, where bytes are matched.
        case byte(UInt8)
        /// A class, not yet folded or negated.
        case set(ScalarSet, isNegated: Bool)
        case assertion(RegexAssertion)
    }

    mutating func escapedAtom() throws(ConstraintError) -> RegexTree.ID {
        switch try escape(isInClass: false) {
        case .scalar(let value): return try character(value, isNegated: false)
        case .byte(let byte): return try tree.bytes(ByteSet([byte]), budget)
        case .set(let set, let isNegated): return try character(set, isNegated: isNegated)
        case .assertion(let assertion): return try tree.assertion(assertion, budget)
        }
    }

    /// Reads an escape; `position` stands at the backslash.
    mutating func escape(isInClass: Bool) throws(ConstraintError) -> Escape {
        let start = position
        position += 1
        guard let letter = peek else { throw failure("the pattern ends with a backslash", at: start) }
        guard letter < 0x80 else {
            throw failure("a backslash before a character that needs none", at: start, advice: "Leave it out.")
        }
        position += 1
        switch letter {
        case UInt8(ascii: "n"): return .scalar(0x0A)
        case UInt8(ascii: "t"): return .scalar(0x09)
        case UInt8(ascii: "r"): return .scalar(0x0D)
        case UInt8(ascii: "f"): return .scalar(0x0C)
        case UInt8(ascii: "v"): return .scalar(0x0B)
        case UInt8(ascii: "a") where options.dialect == .rust: return .scalar(0x07)
        case UInt8(ascii: "d"), UInt8(ascii: "s"), UInt8(ascii: "w"):
            return .set(perl(letter), isNegated: false)
        case UInt8(ascii: "D"), UInt8(ascii: "S"), UInt8(ascii: "W"):
            return .set(perl(letter + 32), isNegated: true)
        case UInt8(ascii: "p"), UInt8(ascii: "P"): return try property(start, isNegated: letter == UInt8(ascii: "P"))
        case UInt8(ascii: "x"): return try hexadecimal(start, digits: 2, allowsBraces: options.dialect == .rust)
        case UInt8(ascii: "u"): return try hexadecimal(start, digits: 4, allowsBraces: true)
        case UInt8(ascii: "U") where options.dialect == .rust:
            return try hexadecimal(start, digits: 8, allowsBraces: true)
        case UInt8(ascii: "c"):
            guard let control = peek, (0x41...0x5A).contains(control & 0xDF) else {
                throw failure("\\c is not followed by a letter", at: start)
            }
            position += 1
            return .scalar(UInt32(control & 0x1F))
        case UInt8(ascii: "0"):
            guard !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek ?? 0) else {
                throw unsupported("octal escapes are not supported", at: start, advice: "Write \\xHH.")
            }
            return .scalar(0)
        case UInt8(ascii: "1")...UInt8(ascii: "9"), UInt8(ascii: "k"), UInt8(ascii: "g"):
            throw unsupported("the back-reference \\\(quoted(letter)) is not supported", at: start)
        case UInt8(ascii: "b") where isInClass && options.dialect == .ecma: return .scalar(0x08)
        default:
            if !isInClass, let assertion = try assertion(letter) { return .assertion(assertion) }
            // Letters and digits are kept for escapes to come; everything else may be escaped without need.
            guard !RegexClasses.asciiWord.contains(UInt32(letter)) || letter == UInt8(ascii: "_"),
                options.dialect == .ecma || letter != UInt8(ascii: "<") && letter != UInt8(ascii: ">")
            else { throw unknown(letter, start, isInClass) }
            return .scalar(UInt32(letter))
        }
    }

    private func unknown(_ letter: UInt8, _ start: Int, _ isInClass: Bool) -> ConstraintError {
        let dialect = options.dialect == .ecma ? "ECMA-262" : "the Rust dialect"
        let place = isInClass ? " in a class" : ""
        let advice =
            switch letter {
            case UInt8(ascii: "A") where options.dialect == .ecma: "Write ^."
            case UInt8(ascii: "z"), UInt8(ascii: "Z"): "Write $."
            default: ""
            }
        return failure("\\\(quoted(letter)) has no meaning\(place) in \(dialect)", at: start, advice: advice)
    }

    private func perl(_ letter: UInt8) -> ScalarSet {
        RegexClasses.perl(letter, options.dialect, isUnicode: flags.isUnicode)
    }

    private mutating func assertion(_ letter: UInt8) throws(ConstraintError) -> RegexAssertion? {
        let isUnicode = flags.isUnicode && options.dialect == .rust
        switch letter {
        case UInt8(ascii: "b"): return .word(try special() ?? .boundary, isUnicode: isUnicode)
        case UInt8(ascii: "B"): return .word(.notBoundary, isUnicode: isUnicode)
        case _ where options.dialect == .ecma: return nil
        case UInt8(ascii: "<"): return .word(.start, isUnicode: isUnicode)
        case UInt8(ascii: ">"): return .word(.end, isUnicode: isUnicode)
        case UInt8(ascii: "A"): return .textStart
        // `\Z` also leaves out a last line feed elsewhere (Perl, Java); Python's meaning is the narrower one.
        case UInt8(ascii: "z"), UInt8(ascii: "Z"): return .textEnd
        default: return nil
        }
    }

    /// The name in `\b{name}`; nil if no name follows, as in `\b{2}`.
    private mutating func special() throws(ConstraintError) -> RegexAssertion.Word? {
        guard options.dialect == .rust, peek == UInt8(ascii: "{"), let first = peek(1), first >= UInt8(ascii: "A")
        else {
            return nil
        }
        let start = position
        while let byte = peek, byte != UInt8(ascii: "}") { position += 1 }
        let name = shown(text[(start + 1)..<position])
        guard take("}") else { throw failure("\\b{ has no }", at: start) }
        switch name {
        case "start": return .start
        case "end": return .end
        case "start-half": return .startHalf
        case "end-half": return .endHalf
        default:
            throw failure("there is no \\b{\(name)}", at: start, advice: "Write start, end, start-half or end-half.")
        }
    }

    private mutating func property(_ start: Int, isNegated: Bool) throws(ConstraintError) -> Escape {
        var query: ArraySlice<UInt8>
        if take("{") {
            let first = position
            while let byte = peek, byte != UInt8(ascii: "}") { position += 1 }
            query = text[first..<position]
            guard take("}") else { throw failure("\\p{ has no }", at: start) }
        } else {
            query = text[position..<min(position + 1, text.count)]
            position = query.endIndex
        }
        guard flags.isUnicode else {
            throw unsupported("\\p needs Unicode, which is off here", at: start, advice: "Write (?u:…) around it.")
        }
        if let known = properties[query] { return .set(known, isNegated: isNegated) }
        // No name is nearly as long.
        guard query.count <= 100, let set = UnicodeProperty.set(query) else {
            let name = shown(query)
            throw unsupported(
                "there is no table for the Unicode property \(name)", at: start,
                advice: "General categories, scripts and binary properties have one.")
        }
        properties[query] = set
        return .set(set, isNegated: isNegated)
    }

    /// `\xHH`, `\uHHHH`, `\x{…}`, behind the letter.
    private mutating func hexadecimal(
        _ start: Int, digits: Int, allowsBraces: Bool
    ) throws(ConstraintError) -> Escape {
        let isBraced = allowsBraces && take("{")
        var value: UInt32 = 0
        var count = 0
        while let byte = peek, let digit = Character(UnicodeScalar(byte)).hexDigitValue, isBraced || count < digits {
            position += 1
            count += 1
            value = min(value * 16 + UInt32(digit), 0x110000)
        }
        guard isBraced ? count > 0 && take("}") : count == digits else {
            let expected = isBraced ? "hexadecimal digits and }" : "\(digits) hexadecimal digits"
            throw failure("\\\(quoted(text[start + 1])) is not followed by \(expected)", at: start)
        }
        if (0xD800...0xDBFF).contains(value), options.dialect == .ecma, let low = trailingSurrogate {
            position += 6
            return .scalar(0x10000 + (value - 0xD800) << 10 + (low - 0xDC00))
        }
        if (0xD800...0xDFFF).contains(value) {
            throw unsupported("a lone surrogate is in no UTF-8 text", at: start, advice: "Write the whole character.")
        }
        guard value <= 0x10FFFF else { throw failure("there is no character beyond U+10FFFF", at: start) }
        if !flags.isUnicode, options.dialect == .rust, digits == 2, !isBraced, value > 0x7F {
            guard matchesBytes else {
                throw failure(
                    "without Unicode \\x stands for a byte, which alone is not UTF-8", at: start,
                    advice: "Write \\u or leave Unicode on.")
            }
            return .byte(UInt8(value))
        }
        return .scalar(value)
    }

    /// The value of `\uDC00` … `\uDFFF`, where the text stands; nil if it continues otherwise.
    private var trailingSurrogate: UInt32? {
        guard peek == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "u"), position + 6 <= text.count,
            let value = UInt32(String(decoding: text[position + 2..<position + 6], as: UTF8.self), radix: 16),
            (0xDC00...0xDFFF).contains(value)
        else { return nil }
        return value
    }
}
