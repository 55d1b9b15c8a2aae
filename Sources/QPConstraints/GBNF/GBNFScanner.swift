/// Reads the bytes of a GBNF text: names, integers, characters with their escapes, and the space between.
///
/// The lexical rules are those of llama.cpp's parser (src/llama-grammar.cpp): a rule's name is of letters, digits and
/// `-`; `\xHH`, `\uHHHH` and `\UHHHHHHHH` name code points, not bytes.
struct GBNFScanner {
    static let nameAdvice = "Names are of letters, digits and \"-\"; \"_\" is not allowed."

    private let bytes: [UInt8]
    private(set) var offset = 0
    /// A place that was asked for, from which later ones are counted on.
    private var mark = (offset: 0, line: 1, column: 1)

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The byte here, or nil at the end.
    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// The byte after the one here, or nil beyond the end.
    var afterNext: UInt8? { offset + 1 < bytes.count ? bytes[offset + 1] : nil }

    /// Whether a name begins here.
    var isAtName: Bool { next.map(Self.isNameByte) ?? false }

    /// Steps over `text` if it stands here.
    mutating func take(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset + length <= bytes.count else { return false }
        for index in 0..<length where bytes[offset + index] != text.utf8Start[index] { return false }
        offset += length
        return true
    }

    /// Steps over blanks and comments, and over line ends if `newlines`.
    mutating func skipSpace(newlines: Bool) {
        while let byte = next {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"):
                offset += 1
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                guard newlines else { return }
                offset += 1
            case UInt8(ascii: "#"):
                while let byte = next, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { offset += 1 }
            default:
                return
            }
        }
    }

    /// The name that begins here.
    mutating func name() throws(ConstraintError) -> String {
        let start = offset
        while let byte = next, Self.isNameByte(byte) { offset += 1 }
        guard offset > start else {
            let advice =
                switch next {
                case UInt8(ascii: "|"): "Lines end after \"|\", not before it, unless in parentheses."
                case UInt8(ascii: "_"): Self.nameAdvice
                case 0xEF where shownCharacter() == "U+FEFF": "That is a byte order mark: save the text without it."
                default: ""
                }
            throw unexpected(wanted: "the name of a rule", advice: advice)
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// The count that stands here: digits, at most `limit`.
    mutating func count(limit: Int) throws(ConstraintError) -> Int {
        let start = offset
        while let byte = next, Self.isDigit(byte) { offset += 1 }
        let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard !digits.isEmpty else { throw unexpected(wanted: "a number of repetitions") }
        // Digits that are too many for an Int are above the limit too.
        guard let value = Int(digits), value <= limit else {
            let shown = digits.count > 20 ? "\(digits.prefix(20))…" : digits
            throw ConstraintError.repetition(shown, limit: limit).at(place(start))
        }
        return value
    }

    /// The code point of the character or escape that stands here, inside the `quote` that opened at `opening`.
    mutating func codePoint(in quote: String, openedAt opening: Int) throws(ConstraintError) -> UInt32 {
        guard let first = next else { throw unclosed(quote, opening) }
        guard first == UInt8(ascii: "\\") else { return character() }
        guard let escaped = afterNext else { throw unclosed(quote, opening) }
        offset += 2
        switch escaped {
        case UInt8(ascii: "x"): return try hexadecimal(2)
        case UInt8(ascii: "u"): return try hexadecimal(4)
        case UInt8(ascii: "U"): return try hexadecimal(8)
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "]"): return UInt32(escaped)
        default:
            offset -= 1
            let shown = shownCharacter()
            throw ConstraintError(
                .syntax, "the escape \\\(shown) is not known", at: place(offset - 1),
                advice: #"There are \n \r \t \\ \" \[ \] \xHH \uHHHH and \UHHHHHHHH."#)
        }
    }

    /// Where `offset` lies, as line and column in characters.
    func place(_ offset: Int) -> ConstraintError.Place {
        var copy = self
        copy.mark = (0, 1, 1)
        return copy.advancingPlace(offset)
    }

    /// The same for an offset not before the last one asked for, counted on from there.
    mutating func advancingPlace(_ offset: Int) -> ConstraintError.Place {
        var (_, line, column) = mark
        for byte in bytes[mark.offset..<min(offset, bytes.count)] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        mark = (min(offset, bytes.count), line, column)
        return .line(line, column: column)
    }

    /// The error for what stands here where `wanted` should.
    func unexpected(wanted: String, advice: String = "") -> ConstraintError {
        let found = next == nil ? "the text ends" : "\"\(shownCharacter())\" stands"
        return ConstraintError(.syntax, "\(found) where \(wanted) is expected", at: place(offset), advice: advice)
    }

    /// The error for a quote that nothing closes.
    func unclosed(_ quote: String, _ opening: Int) -> ConstraintError {
        ConstraintError(.syntax, "the \(quote) that begins here has no end", at: place(opening))
    }

    // MARK: Inside

    private mutating func hexadecimal(_ count: Int) throws(ConstraintError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw unexpected(wanted: "one of \(count) hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    /// The character here, which is well formed: the bytes come from a `String`.
    private mutating func character() -> UInt32 {
        let lead = bytes[offset]
        let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var value = length == 1 ? UInt32(lead) : UInt32(lead) & (0x7F >> UInt32(length))
        for byte in bytes[offset + 1..<offset + length] { value = value << 6 | UInt32(byte & 0x3F) }
        offset += length
        return value
    }

    /// The character here, as a message shows it.
    private func shownCharacter() -> String {
        var copy = self
        let value = copy.character()
        // Nothing would be seen of it.
        if value == 0xFEFF { return "U+FEFF" }
        return value < 0x20 || value == 0x7F
            ? "U+00" + String(value + 0x100, radix: 16, uppercase: true).dropFirst()
            : String(Unicode.Scalar(value).map(Character.init) ?? "?")
    }

    static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter || isDigit(byte) || byte == UInt8(ascii: "-")
    }
}
