/// A value of a GGUF file's metadata, of any of the format's types (gguf.md, "File Structure").
public enum GGUFValue: Sendable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case float32(Float)
    case bool(Bool)
    /// The bytes as they are: the format asks for UTF-8, and files that break that are read all the same.
    case string([UInt8])
    case array(GGUFArray)
    case uint64(UInt64)
    case int64(Int64)
    case float64(Double)

    /// The value of any integer type where it fits, else nil.
    public var intValue: Int? {
        switch self {
        case .uint8(let value): Int(value)
        case .int8(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .int64(let value): Int(value)
        default: nil
        }
    }

    /// The value of either floating-point type, else nil.
    public var doubleValue: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        default: nil
        }
    }

    /// The truth value, nil for another type.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The string, nil for another type and where it is not UTF-8.
    public var stringValue: String? {
        if case .string(let bytes) = self { String(validating: bytes, as: UTF8.self) } else { nil }
    }

    /// The array, nil for another type.
    public var arrayValue: GGUFArray? {
        if case .array(let value) = self { value } else { nil }
    }
}

/// The types of metadata, by their numbers in a file.
enum GGUFType: UInt32 {
    case uint8 = 0
    case int8
    case uint16
    case int16
    case uint32
    case int32
    case float32
    case bool
    case string
    case array
    case uint64
    case int64
    case float64

    /// The bytes of a value, the fewest where that depends on the value.
    var minimumBytes: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .string: 8
        case .array: 12
        }
    }
}

/// An array of a GGUF file's metadata, which stays in the file until its elements are asked for.
public struct GGUFArray: Sendable {
    /// The number of elements.
    public let count: Int
    let type: GGUFType
    let file: FileBytes
    /// Of the first element.
    let offset: Int

    /// The elements in order, read from the file one at a time.
    /// - Throws: what `body` throws, and ``FormatError`` only where the file was changed since it was opened.
    func forEach(_ body: (GGUFValue) throws(FormatError) -> Void) throws(FormatError) {
        try file.withBytes { bytes throws(FormatError) in
            var reader = GGUFReader(file, bytes, at: offset)
            for _ in 0..<count { try body(try reader.value(of: type, "an array's element", depth: 0)) }
        }
    }

    /// The bytes of an array of strings in order, with no copy; they are gone when `body` has returned.
    /// - Precondition: the elements are strings.
    func forEachString(_ body: (UnsafeRawBufferPointer) throws(FormatError) -> Void) throws(FormatError) {
        precondition(type == .string)
        try file.withBytes { bytes throws(FormatError) in
            var reader = GGUFReader(file, bytes, at: offset)
            for _ in 0..<count { try body(try reader.string("an array's element")) }
        }
    }

    /// All elements. O(bytes).
    public func elements() throws(FormatError) -> [GGUFValue] {
        var elements: [GGUFValue] = []
        elements.reserveCapacity(count)
        try forEach { value throws(FormatError) in elements.append(value) }
        return elements
    }
}
