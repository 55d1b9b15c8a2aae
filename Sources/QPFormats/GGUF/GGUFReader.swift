/// Reads the typed values of a GGUF file; to be used within ``FileBytes/withBytes(_:)`` only.
struct GGUFReader {
    /// Arrays of arrays of arrays are the most that any known file has.
    static let maximumDepth = 4

    /// What arrays keep alive, to read their elements later.
    let file: FileBytes
    var reader: ByteReader

    init(_ file: FileBytes, _ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        self.file = file
        reader = ByteReader(bytes, at: offset)
    }

    /// A string: its length in 64 bits, then its bytes.
    mutating func string(_ what: @autoclosure () -> String) throws(FormatError) -> UnsafeRawBufferPointer {
        let count = try reader.integer("the length of \(what())", as: UInt64.self)
        return try reader.take(count, what())
    }

    /// The type of a value: its number in 32 bits.
    mutating func type(_ what: @autoclosure () -> String) throws(FormatError) -> GGUFType {
        let offset = reader.position
        let number = try reader.integer("the type of \(what())", as: UInt32.self)
        guard let type = GGUFType(rawValue: number) else {
            throw FormatError(.unsupported, "\(what()) has the type \(number), which GGUF has not", offset: offset)
        }
        return type
    }

    /// A value of `type`; `what` names it in errors.
    mutating func value(
        of type: GGUFType, _ what: @autoclosure () -> String, depth: Int
    ) throws(FormatError) -> GGUFValue {
        switch type {
        case .uint8: return .uint8(try reader.integer(what()))
        case .int8: return .int8(try reader.integer(what()))
        case .uint16: return .uint16(try reader.integer(what()))
        case .int16: return .int16(try reader.integer(what()))
        case .uint32: return .uint32(try reader.integer(what()))
        case .int32: return .int32(try reader.integer(what()))
        case .uint64: return .uint64(try reader.integer(what()))
        case .int64: return .int64(try reader.integer(what()))
        case .float32: return .float32(Float(bitPattern: try reader.integer(what())))
        case .float64: return .float64(Double(bitPattern: try reader.integer(what())))
        case .string: return .string(Array(try string(what())))
        case .array: return .array(try array(what(), depth: depth))
        case .bool:
            let offset = reader.position
            let byte = try reader.integer(what(), as: UInt8.self)
            guard byte <= 1 else {
                throw FormatError(.malformed, "\(what()) is a truth value of \(byte), not 0 or 1", offset: offset)
            }
            return .bool(byte == 1)
        }
    }

    /// An array: its elements' type, their count, and the elements, which are checked and left where they are.
    private mutating func array(_ what: @autoclosure () -> String, depth: Int) throws(FormatError) -> GGUFArray {
        guard depth < Self.maximumDepth else {
            throw FormatError(
                .unsupported, "\(what()) nests arrays more than \(Self.maximumDepth) deep", offset: reader.position)
        }
        let type = try self.type("the elements of \(what())")
        let count = try reader.count(ofAtLeast: type.minimumBytes, "elements of \(what())")
        let array = GGUFArray(count: count, type: type, file: file, offset: reader.position)
        switch type {
        case .string: for _ in 0..<count { _ = try string("an element of \(what())") }
        case .array: for _ in 0..<count { _ = try self.array("an element of \(what())", depth: depth + 1) }
        case .bool: for _ in 0..<count { _ = try value(of: .bool, "an element of \(what())", depth: depth) }
        default: _ = try reader.take(UInt64(count * type.minimumBytes), what())
        }
        return array
    }
}
