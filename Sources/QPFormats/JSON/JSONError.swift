/// Why a text is not JSON, and where.
public struct JSONError: Error, Hashable, Sendable {
    /// What is wrong, with the bytes or values at fault.
    public let message: String
    /// Byte offset from the start of the text.
    public let offset: Int
    /// From 1; lines end with a line feed.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int

    init(_ message: String, offset: Int, in text: UnsafeBufferPointer<UInt8>) {
        self.message = message
        self.offset = offset
        let before = text[..<offset]
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String { "not JSON: \(message) (line \(line), column \(column), byte \(offset))" }
}
