/// Writes small GGUF files for tests.
struct GGUFWriter {
    indirect enum Value {
        case uint8(UInt8)
        case int8(Int8)
        case uint16(UInt16)
        case int16(Int16)
        case uint32(UInt32)
        case int32(Int32)
        case float32(Float)
        case bool(UInt8)
        case string(String)
        case uint64(UInt64)
        case int64(Int64)
        case float64(Double)
        /// Of elements of the type of a number, all of one.
        case array(UInt32, [Value])

        var type: UInt32 {
            switch self {
            case .uint8: 0
            case .int8: 1
            case .uint16: 2
            case .int16: 3
            case .uint32: 4
            case .int32: 5
            case .float32: 6
            case .bool: 7
            case .string: 8
            case .array: 9
            case .uint64: 10
            case .int64: 11
            case .float64: 12
            }
        }

        static func strings(_ strings: [String]) -> Value { .array(8, strings.map(Value.string)) }
        static func types(_ types: [Int32]) -> Value { .array(5, types.map(Value.int32)) }
        static func scores(_ scores: [Float]) -> Value { .array(6, scores.map(Value.float32)) }
    }

    var magic = "GGUF"
    var version: UInt32 = 3
    var entries: [(key: String, value: Value)] = []
    var tensors: [(name: String, dimensions: [UInt64], type: UInt32, offset: UInt64)] = []
    /// After the directory, unpadded.
    var data: [UInt8] = []
    var alignment = 32
    /// The counts that the header announces, where they differ from the truth.
    var announcedTensors: UInt64?
    var announcedEntries: UInt64?

    func bytes() -> [UInt8] {
        var file = Array(magic.utf8)
        append(version, to: &file)
        append(announcedTensors ?? UInt64(tensors.count), to: &file)
        append(announcedEntries ?? UInt64(entries.count), to: &file)
        for (key, value) in entries {
            append(key, to: &file)
            append(value.type, to: &file)
            append(value, to: &file)
        }
        for tensor in tensors {
            append(tensor.name, to: &file)
            append(UInt32(tensor.dimensions.count), to: &file)
            for size in tensor.dimensions { append(size, to: &file) }
            append(tensor.type, to: &file)
            append(tensor.offset, to: &file)
        }
        guard !tensors.isEmpty || !data.isEmpty else { return file }
        return file + Array(repeating: 0, count: (alignment - file.count % alignment) % alignment) + data
    }

    private func append(_ value: Value, to file: inout [UInt8]) {
        switch value {
        case .uint8(let value): append(value, to: &file)
        case .int8(let value): append(value, to: &file)
        case .uint16(let value): append(value, to: &file)
        case .int16(let value): append(value, to: &file)
        case .uint32(let value): append(value, to: &file)
        case .int32(let value): append(value, to: &file)
        case .uint64(let value): append(value, to: &file)
        case .int64(let value): append(value, to: &file)
        case .float32(let value): append(value.bitPattern, to: &file)
        case .float64(let value): append(value.bitPattern, to: &file)
        case .bool(let value): append(value, to: &file)
        case .string(let value): append(value, to: &file)
        case .array(let type, let elements):
            append(type, to: &file)
            append(UInt64(elements.count), to: &file)
            for element in elements { append(element, to: &file) }
        }
    }

    private func append(_ text: String, to file: inout [UInt8]) {
        append(UInt64(text.utf8.count), to: &file)
        file += text.utf8
    }

    private func append<Value: FixedWidthInteger>(_ value: Value, to file: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { file += $0 }
    }
}
