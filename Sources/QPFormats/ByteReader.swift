/// Reads little-endian values from a file's bytes in order, and nothing beyond their end.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    /// Of the next byte to read; at most the count of bytes.
    private(set) var position: Int

    /// - Precondition: `position` lies within the bytes or at their end.
    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        precondition((0...bytes.count).contains(position))
        self.bytes = bytes
        self.position = position
    }

    /// The bytes that are left.
    var remaining: Int { bytes.count - position }

    /// The next integer; `what` names it in errors.
    /// - Throws: ``FormatError`` with code `malformed` where the bytes end inside.
    mutating func integer<Value: FixedWidthInteger>(
        _ what: @autoclosure () -> String, as type: Value.Type = Value.self
    ) throws(FormatError) -> Value {
        guard remaining >= MemoryLayout<Value>.size else {
            throw FormatError(.malformed, "the file ends inside \(what())", offset: position)
        }
        defer { position += MemoryLayout<Value>.size }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
    }

    /// The next `count` bytes.
    mutating func take(_ count: UInt64, _ what: @autoclosure () -> String) throws(FormatError) -> UnsafeRawBufferPointer
    {
        guard count <= UInt64(remaining) else {
            throw FormatError(
                .malformed, "\(what()) of \(count) bytes is announced where \(remaining) are left", offset: position)
        }
        defer { position += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + Int(count))])
    }

    /// A count of things that take at least `minimumBytes` each, refused before anything is made for them where the
    /// bytes that are left cannot hold as many.
    mutating func count(ofAtLeast minimumBytes: Int, _ what: @autoclosure () -> String) throws(FormatError) -> Int {
        let offset = position
        let count = try integer("the count of \(what())", as: UInt64.self)
        guard count <= UInt64(remaining / minimumBytes) else {
            throw FormatError(
                .malformed, "\(count) \(what()) are announced where \(remaining) bytes are left", offset: offset)
        }
        return Int(count)
    }
}
