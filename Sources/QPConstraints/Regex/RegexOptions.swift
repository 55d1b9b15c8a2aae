/// How a regular expression is read, and which texts it then allows.
public struct RegexOptions: Hashable, Sendable {
    /// Whose syntax and classes apply where the common ones differ.
    public enum Dialect: String, Hashable, Sendable {
        /// The `regex` crate of Rust: set operations and POSIX names in classes, Unicode `\d`, `\w`, `\s` and `\b`.
        case rust
        /// ECMA-262, which JSON Schema's `pattern` is written in: `[` in a class is a character, `\d` and `\w` are
        /// ASCII, `.` leaves out four line terminators.
        case ecma
    }

    /// Which part of a text the expression describes.
    public enum Extent: String, Hashable, Sendable {
        /// The whole text.
        case whole
        /// Some part of it, as in JSON Schema's `pattern`.
        case search
    }

    public var dialect = Dialect.rust
    public var extent = Extent.whole
    /// Whether letters also stand for what simple case folding makes equal to them; `(?i)`.
    public var isCaseInsensitive = false
    /// Whether `^` and `$` also match at the lines' ends; `(?m)`.
    public var isMultiLine = false
    /// Whether `.` also matches a line terminator; `(?s)`.
    public var dotMatchesNewline = false
    /// Whether classes, `\b` and case folding know Unicode, `(?u)`. Without, they are those of ASCII.
    public var isUnicode = true
    /// Whether `.`, negated classes and `\xFF` stand for single bytes where Unicode is off, so that the text need not
    /// be UTF-8. Without, and in the ECMA dialect, every text allowed is UTF-8.
    public var matchesInvalidUTF8 = false
    /// What ends a line for `^`, `$` and `.`, in the Rust dialect.
    public var lineTerminator: UInt8 = 0x0A

    public init() {}

    public init(dialect: Dialect, extent: Extent = .whole) {
        self.dialect = dialect
        self.extent = extent
    }

    /// How JSON Schema reads `pattern` and `patternProperties` (2020-12, section 6.3.3 of the validation vocabulary).
    public static let jsonSchema = RegexOptions(dialect: .ecma, extent: .search)
}

extension RegexOptions {
    /// What ends a line, among single bytes or among characters, where a byte beyond ASCII is none.
    func lineTerminators(ofBytes: Bool) -> ScalarSet {
        if dialect == .ecma { return RegexClasses.ecmaLineTerminator }
        guard ofBytes || lineTerminator < 0x80 else { return ScalarSet() }
        return ScalarSet([UInt32(lineTerminator)...UInt32(lineTerminator)])
    }
}
