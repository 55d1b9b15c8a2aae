/// The header of a safetensors file: what tensors it holds and where.
///
/// Every offset is checked: tensors lie within the file, do not overlap and leave no gap, each as long as its type and
/// shape ask for. Source: the format's README (github.com/huggingface/safetensors).
public struct SafetensorsHeader: Sendable {
    /// An entry of the header.
    public struct Tensor: Hashable, Sendable {
        public let name: String
        public let type: SafetensorsType
        /// Elements along each axis, the outermost first; none for a single element.
        public let shape: [Int]
        /// The bytes in the file, from its begin. Not aligned to anything.
        public let byteRange: Range<Int>
    }

    /// The format's bound on the header, which keeps a reader from taking memory for a lie.
    public static let maximumHeaderBytes = 100_000_000

    /// The tensors, in the order of their bytes.
    public let tensors: [Tensor]
    /// What the file says about itself; empty where it says nothing.
    public let metadata: [(key: String, value: String)]
    /// Where the tensors' data begin in the file.
    public let dataOffset: Int

    /// Reads the header of the file at `path`. O(bytes of the header).
    /// - Throws: ``FormatError``: `unreadable` where there is no such file, `unsupported` where it is another format or
    ///   holds a type that is not known here, `malformed` where the header does not describe the file.
    public init(path: String) throws(FormatError) {
        self = try FileBytes(path: path).withBytes { bytes throws(FormatError) in try Self(bytes) }
    }

    /// The header of a file whose contents are `bytes`.
    public init(bytes: [UInt8]) throws(FormatError) {
        self = try FileBytes(bytes).withBytes { bytes throws(FormatError) in try Self(bytes) }
    }

    private init(_ file: UnsafeRawBufferPointer) throws(FormatError) {
        var reader = ByteReader(file)
        let count = try reader.integer("the length of the header", as: UInt64.self)
        guard count <= Self.maximumHeaderBytes else {
            throw FormatError(
                .unsupported,
                "this is no safetensors file: its header would have \(count) bytes, more than "
                    + "\(Self.maximumHeaderBytes)", offset: 0)
        }
        let text = try reader.take(count, "a header")
        guard text.first == UInt8(ascii: "{") else {
            throw FormatError(
                .unsupported, "this is no safetensors file: its header does not begin with '{'", offset: 8)
        }
        let header: JSONValue
        do { header = try JSONValue(parsing: Array(text)) } catch {
            throw FormatError(.malformed, "the header is \(error.message)", offset: 8 + error.offset)
        }
        dataOffset = reader.position
        (tensors, metadata) = try Self.entries(
            header.objectValue ?? JSONObject(), at: reader.position, dataByteCount: reader.remaining)
    }

    private static func entries(
        _ header: JSONObject, at dataOffset: Int, dataByteCount: Int
    ) throws(FormatError) -> ([Tensor], [(key: String, value: String)]) {
        var tensors: [Tensor] = []
        var metadata: [(key: String, value: String)] = []
        for (name, entry) in header {
            if name == "__metadata__" {
                metadata = try strings(entry)
            } else {
                tensors.append(try tensor(name, entry, at: dataOffset, dataByteCount: dataByteCount))
            }
        }
        tensors.sort {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound) < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
        }
        var end = dataOffset
        for tensor in tensors {
            guard tensor.byteRange.lowerBound == end else {
                let problem = tensor.byteRange.lowerBound > end ? "leaves a gap before it" : "overlaps another"
                throw FormatError(
                    .malformed, "the tensor '\(tensor.name)' \(problem)", offset: tensor.byteRange.lowerBound)
            }
            end = tensor.byteRange.upperBound
        }
        guard end == dataOffset + dataByteCount else {
            throw FormatError(
                .malformed, "the last \(dataOffset + dataByteCount - end) bytes belong to no tensor", offset: end)
        }
        return (tensors, metadata)
    }

    private static func strings(_ entry: JSONValue) throws(FormatError) -> [(key: String, value: String)] {
        var strings: [(key: String, value: String)] = []
        guard let object = entry.objectValue else { throw FormatError(.malformed, "__metadata__ is no object") }
        for (key, value) in object {
            guard let value = value.stringValue else {
                throw FormatError(.malformed, "'\(key)' of __metadata__ is no string")
            }
            strings.append((key, value))
        }
        return strings
    }

    private static func tensor(
        _ name: String, _ entry: JSONValue, at dataOffset: Int, dataByteCount: Int
    ) throws(FormatError) -> Tensor {
        func failure(_ problem: String) -> FormatError { FormatError(.malformed, "the tensor '\(name)' \(problem)") }
        guard let entry = entry.objectValue, let typeName = entry["dtype"]?.stringValue,
            let shape = counts(entry["shape"]), let offsets = counts(entry["data_offsets"]), offsets.count == 2,
            entry.count == 3
        else { throw failure("has not a dtype, a shape and two data_offsets, and nothing else") }
        guard let type = SafetensorsType(rawValue: typeName) else {
            let known = SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")
            throw FormatError(
                .unsupported, "the tensor '\(name)' is of the type '\(typeName)'", advice: "Known are \(known).")
        }
        guard offsets[0] <= offsets[1], offsets[1] <= dataByteCount else {
            throw failure("takes bytes \(offsets[0])..<\(offsets[1]) of the data, of which there are \(dataByteCount)")
        }
        var byteCount = type.byteCount
        for size in shape {
            let (product, overflows) = byteCount.multipliedReportingOverflow(by: size)
            guard !overflows else { throw failure("has more than 2⁶³ bytes by its shape") }
            byteCount = product
        }
        guard byteCount == offsets[1] - offsets[0] else {
            throw failure("has \(byteCount) bytes by its shape and \(offsets[1] - offsets[0]) by its offsets")
        }
        return Tensor(
            name: name, type: type, shape: shape, byteRange: (dataOffset + offsets[0])..<(dataOffset + offsets[1]))
    }

    /// The elements of an array of whole numbers from 0 on; nil for anything else.
    private static func counts(_ value: JSONValue?) -> [Int]? {
        guard let elements = value?.arrayValue else { return nil }
        let counts = elements.compactMap { $0.numberValue?.intValue }
        return counts.count == elements.count && counts.allSatisfy { $0 >= 0 } ? counts : nil
    }
}
