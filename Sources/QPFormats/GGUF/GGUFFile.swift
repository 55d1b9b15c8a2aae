/// A GGUF file (version 2 or 3, little-endian): its metadata, its directory of tensors, and their bytes.
///
/// The file is mapped, not read. Every length, count and offset in it is checked against the file's own length before
/// anything is made or looked up by it. Source: ggml's docs/gguf.md.
public final class GGUFFile: Sendable {
    /// Of the format: 2 or 3.
    public let version: Int
    /// What the file says about the model, in its order.
    public let metadata: [(key: String, value: GGUFValue)]
    /// The directory of tensors, in its order.
    public let tensors: [GGUFTensor]
    /// The multiple of bytes that the data section and each tensor in it begin at.
    public let alignment: Int
    /// Where the tensors' data begin in the file.
    public let dataOffset: Int
    private let file: FileBytes
    private let positions: [String: Int]

    /// Opens the file at `path`. O(bytes of the metadata and of the directory).
    /// - Throws: ``FormatError``: `unreadable` where there is no such file, `unsupported` for another format, version
    ///   or byte order, `malformed` where the file does not hold what it announces.
    public convenience init(path: String) throws(FormatError) {
        try self.init(FileBytes(path: path))
    }

    /// A file whose contents are `bytes`.
    public convenience init(bytes: [UInt8]) throws(FormatError) {
        try self.init(FileBytes(bytes))
    }

    private init(_ file: FileBytes) throws(FormatError) {
        let contents = try file.withBytes { bytes throws(FormatError) in
            var reader = GGUFReader(file, bytes)
            return try reader.contents()
        }
        let alignment = try Self.alignment(
            contents.positions["general.alignment"].map { contents.metadata[$0].value })
        let padding = (alignment - contents.end % alignment) % alignment
        // A file without tensors may end without the padding before its data.
        dataOffset =
            contents.tensors.isEmpty ? min(contents.end + padding, file.count) : contents.end + padding
        self.file = file
        version = contents.version
        metadata = contents.metadata
        positions = contents.positions
        self.alignment = alignment
        tensors = try Self.located(
            contents.tensors, at: dataOffset, alignment: alignment, fileByteCount: file.count)
    }

    /// The value of `key` in the metadata.
    public subscript(key: String) -> GGUFValue? { positions[key].map { metadata[$0].value } }

    /// Calls `body` with the bytes of `tensor`, an entry of this file's ``tensors``; they are not to be used after it.
    /// - Throws: what `body` throws, and ``FormatError`` with code `unsupported` for a type whose layout is not known
    ///   here.
    public func withBytes<Result>(
        of tensor: GGUFTensor, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard let byteCount = tensor.byteCount else {
            throw FormatError(
                .unsupported, "the tensor '\(tensor.name)' is of \(tensor.type), whose layout is not known here",
                offset: tensor.offset)
        }
        return try file.withBytes { bytes in
            try body(UnsafeRawBufferPointer(rebasing: bytes[tensor.offset..<(tensor.offset + byteCount)]))
        }
    }

    private static func alignment(_ value: GGUFValue?) throws(FormatError) -> Int {
        guard let value else { return 32 }
        guard case .uint32(let alignment) = value, alignment > 0, alignment % 8 == 0 else {
            throw FormatError(.malformed, "general.alignment is no multiple of 8, or no 32-bit count: \(value)")
        }
        return Int(alignment)
    }

    /// The entries with offsets from the file's begin, all within the file.
    private static func located(
        _ entries: [GGUFTensor], at dataOffset: Int, alignment: Int, fileByteCount: Int
    ) throws(FormatError) -> [GGUFTensor] {
        guard dataOffset <= fileByteCount || entries.isEmpty else {
            throw FormatError(.malformed, "the file ends before its tensors' data begin", offset: fileByteCount)
        }
        var names: Set<String> = []
        var tensors: [GGUFTensor] = []
        for entry in entries {
            guard names.insert(entry.name).inserted else {
                throw FormatError(.malformed, "there are two tensors '\(entry.name)'")
            }
            guard entry.offset % alignment == 0 else {
                throw FormatError(
                    .malformed,
                    "the tensor '\(entry.name)' begins at byte \(entry.offset) of the data, no multiple of \(alignment)"
                )
            }
            // Of an unknown type, only the first byte can be checked.
            let room = fileByteCount - dataOffset - entry.offset
            guard room >= entry.byteCount ?? 0 else {
                throw FormatError(
                    .malformed,
                    "the tensor '\(entry.name)' takes \(entry.byteCount.map(String.init) ?? "some") bytes from byte "
                        + "\(entry.offset) of the data, of which there are \(fileByteCount - dataOffset)")
            }
            tensors.append(
                GGUFTensor(
                    name: entry.name, dimensions: entry.dimensions, type: entry.type,
                    offset: dataOffset + entry.offset, byteCount: entry.byteCount))
        }
        return tensors
    }
}

extension GGUFReader {
    /// What stands before the data, with tensors' offsets that still count from the data section's begin.
    fileprivate struct Contents {
        var version: Int
        var metadata: [(key: String, value: GGUFValue)] = []
        var positions: [String: Int] = [:]
        var tensors: [GGUFTensor] = []
        /// Of the directory.
        var end = 0
    }

    fileprivate mutating func contents() throws(FormatError) -> Contents {
        let header = try header()
        var contents = Contents(version: header.version)
        for _ in 0..<header.entryCount {
            let start = reader.position
            guard let key = String(validating: try string("a key"), as: UTF8.self) else {
                throw FormatError(.malformed, "a key of the metadata is not UTF-8", offset: start)
            }
            guard contents.positions.updateValue(contents.metadata.count, forKey: key) == nil else {
                throw FormatError(.malformed, "the key '\(key)' stands twice in the metadata", offset: start)
            }
            let type = try type("'\(key)'")
            contents.metadata.append((key, try value(of: type, "'\(key)'", depth: 0)))
        }
        for _ in 0..<header.tensorCount { contents.tensors.append(try tensor()) }
        contents.end = reader.position
        return contents
    }

    private mutating func header() throws(FormatError) -> (version: Int, tensorCount: Int, entryCount: Int) {
        let magic = reader.bytes.prefix(4)
        guard magic.elementsEqual("GGUF".utf8) else {
            throw FormatError(
                .unsupported, "this is no GGUF file: it does not begin with 'GGUF'", offset: 0,
                advice: "Give a .gguf file, as llama.cpp's converters write them.")
        }
        _ = try reader.take(4, "the magic")
        let version = try reader.integer("the version", as: UInt32.self)
        guard version == 2 || version == 3 else {
            let isSwapped = (1...3).contains(version.byteSwapped)
            throw FormatError(
                .unsupported,
                isSwapped
                    ? "this GGUF file is big-endian, which is not read here"
                    : "this GGUF file is of version \(version), where 2 and 3 are read", offset: 4,
                advice: "Convert it with llama.cpp's "
                    + (isSwapped ? "gguf_convert_endian.py." : "converters of today."))
        }
        // Both counts stand before what they count: a name of length 0, a count of axes, a type and an offset take 24
        // bytes; a key of length 0, a type and a value take 13.
        let tensorCount = try reader.count(ofAtLeast: 24, "tensors")
        let entryCount = try reader.count(ofAtLeast: 13, "metadata entries")
        return (Int(version), tensorCount, entryCount)
    }
}
