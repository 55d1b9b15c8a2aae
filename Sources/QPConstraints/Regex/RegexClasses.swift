/// The classes that regular expressions name by a letter or, as POSIX, by a word.
enum RegexClasses {
    static let asciiDigit = ScalarSet([0x30...0x39])
    static let asciiWord = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let asciiSpace = ScalarSet([0x09...0x0D, 0x20...0x20])
    static let unicodeDigit = UnicodeProperty.category("ND") ?? ScalarSet()
    static let unicodeSpace = UnicodeProperty.binary("WHITESPACE")
    /// Unicode TR 18, annex C: alphabetic, marks, decimal digits, connector punctuation, join controls.
    static let unicodeWord = ["M", "ND", "PC"].reduce(
        UnicodeProperty.binary("ALPHABETIC").union(UnicodeProperty.binary("JOINC"))
    ) { $0.union(UnicodeProperty.category($1) ?? ScalarSet()) }
    /// ECMA-262, CharacterClassEscape `s`: WhiteSpace and LineTerminator.
    static let ecmaSpace = ScalarSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    /// ECMA-262, LineTerminator.
    static let ecmaLineTerminator = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])

    /// `\d`, `\s` or `\w`, lower case.
    static func perl(_ letter: UInt8, _ dialect: RegexOptions.Dialect, isUnicode: Bool) -> ScalarSet {
        switch (letter, dialect, isUnicode) {
        case (UInt8(ascii: "d"), .rust, true): unicodeDigit
        case (UInt8(ascii: "d"), _, _): asciiDigit
        case (UInt8(ascii: "s"), .ecma, _): ecmaSpace
        case (UInt8(ascii: "s"), .rust, true): unicodeSpace
        case (UInt8(ascii: "s"), _, _): asciiSpace
        case (_, .rust, true): unicodeWord
        default: asciiWord
        }
    }

    /// What `[:name:]` means; nil for a name that POSIX and the Rust crate do not know.
    static func posix(_ name: some Collection<UInt8>) -> ScalarSet? {
        switch String(decoding: name, as: UTF8.self) {
        case "alnum": ScalarSet([0x30...0x39, 0x41...0x5A, 0x61...0x7A])
        case "alpha": ScalarSet([0x41...0x5A, 0x61...0x7A])
        case "ascii": ScalarSet([0...0x7F])
        case "blank": ScalarSet([0x09...0x09, 0x20...0x20])
        case "cntrl": ScalarSet([0...0x1F, 0x7F...0x7F])
        case "digit": asciiDigit
        case "graph": ScalarSet([0x21...0x7E])
        case "lower": ScalarSet([0x61...0x7A])
        case "print": ScalarSet([0x20...0x7E])
        case "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E])
        case "space": asciiSpace
        case "upper": ScalarSet([0x41...0x5A])
        case "word": asciiWord
        case "xdigit": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
        default: nil
        }
    }
}
