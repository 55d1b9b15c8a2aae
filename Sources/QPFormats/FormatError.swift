/// What can be wrong with a model's file.
///
/// The text says what failed, with which values, and where in the file.
public struct FormatError: Error, Hashable, Sendable {
    /// The kinds of failure a caller may want to tell apart.
    public enum Code: String, Sendable {
        /// The file cannot be opened or read.
        case unreadable
        /// The file ends before what it announces, or a size or offset in it cannot be true.
        case malformed
        /// The file is of another format, version, byte order, or uses a type that is not known here.
        case unsupported
        /// A key that the reader needs is absent, or has another type.
        case missing
    }

    public let code: Code
    /// What failed, with which values.
    public let message: String
    /// Byte offset in the file, where one is known.
    public let offset: Int?
    /// What to try; empty where there is nothing sensible to say.
    public let advice: String

    public init(_ code: Code, _ message: String, offset: Int? = nil, advice: String = "") {
        self.code = code
        self.message = message
        self.offset = offset
        self.advice = advice
    }
}

extension FormatError: CustomStringConvertible {
    public var description: String {
        let located = offset.map { "\(message) (at byte \($0))" } ?? message
        return advice.isEmpty ? located : "\(located)\n\(advice)"
    }
}
