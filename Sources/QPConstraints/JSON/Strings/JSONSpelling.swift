/// How characters are written inside a JSON string (RFC 8259, section 7) in the canonical spelling: as themselves where
/// that is allowed, else by the short escape, else by \u00XX with hexadecimal digits of either case.
enum JSONSpelling {
    static let hexDigits = ByteSet("0123456789abcdefABCDEF".utf8)
    static let nonASCII = ScalarSet([0x80...0x10FFFF])
    /// The characters of ASCII that stand for themselves.
    static let plainASCII = ByteSet((0x20...0x7F).filter { $0 != 0x22 && $0 != 0x5C } as [UInt8])

    /// The characters that must be escaped.
    static let escaped: [UInt8] = Array(0...0x1F) + [0x22, 0x5C]
    /// Whether `byte` of UTF-8 stands for itself.
    static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x22 && byte != 0x5C }

    /// The letter of the short escape of `byte`, if it has one: `n` of a line feed.
    static func shortEscape(of byte: UInt8) -> UInt8? {
        switch byte {
        case 0x22, 0x5C: byte
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0C: UInt8(ascii: "f")
        case 0x0D: UInt8(ascii: "r")
        default: nil
        }
    }

    /// The canonical escapes of a character that must be escaped: one, or two that differ in the case of a digit.
    static func escapes(of byte: UInt8) -> [[UInt8]] { escapeTable[Int(byte)] }

    private static let escapeTable: [[[UInt8]]] = (0...0x5C).map { escaped.contains($0) ? makeEscapes(of: $0) : [] }

    private static func makeEscapes(of byte: UInt8) -> [[UInt8]] {
        if let letter = shortEscape(of: byte) { return [[UInt8(ascii: "\\"), letter]] }
        let prefix = Array("\\u00".utf8) + [UInt8(ascii: "0") + byte >> 4]
        let digit = byte & 0xF
        if digit < 10 { return [prefix + [UInt8(ascii: "0") + digit]] }
        return [prefix + [UInt8(ascii: "a") + digit - 10], prefix + [UInt8(ascii: "A") + digit - 10]]
    }
}
