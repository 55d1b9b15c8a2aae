/// Where a JSON text may hold whitespace between its tokens.
public enum JSONWhitespace: Hashable, Sendable {
    /// Nowhere.
    case compact
    /// Exactly one space after each comma and each colon, as most writers and models put it.
    case spaced
    /// Up to `maximum` of space, tab, line feed and carriage return around every token: at the text's ends, inside
    /// brackets, and on both sides of commas and colons.
    case flexible(maximum: Int)
}
