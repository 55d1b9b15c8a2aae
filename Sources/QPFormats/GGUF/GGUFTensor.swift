/// An entry of a GGUF file's directory of tensors.
public struct GGUFTensor: Sendable {
    /// Unique in the file.
    public let name: String
    /// Elements along each axis, the innermost (contiguous) first: the reverse of NumPy's and safetensors' order.
    public let dimensions: [Int]
    /// Of the elements, which may be packed into blocks.
    public let type: GGMLType
    /// Where the tensor's bytes begin in the file.
    public let offset: Int
    /// The bytes that it takes; nil for a type whose layout is not known here.
    public let byteCount: Int?
}

extension GGUFReader {
    /// The next entry of the directory, with an offset that still counts from the data section's begin.
    mutating func tensor() throws(FormatError) -> GGUFTensor {
        let start = reader.position
        guard let name = String(validating: try string("a tensor's name"), as: UTF8.self) else {
            throw FormatError(.malformed, "a tensor's name is not UTF-8", offset: start)
        }
        let axisCount = try reader.integer("the count of dimensions of tensor '\(name)'", as: UInt32.self)
        guard axisCount <= 4 else {
            throw FormatError(
                .malformed, "the tensor '\(name)' has \(axisCount) dimensions, more than ggml's 4", offset: start)
        }
        var dimensions: [Int] = []
        var elementCount = 1
        for _ in 0..<axisCount {
            let size = try reader.integer("the dimensions of tensor '\(name)'", as: UInt64.self)
            let (product, overflows) = elementCount.multipliedReportingOverflow(by: Int(clamping: size))
            guard !overflows, size <= Int.max else {
                throw FormatError(
                    .malformed, "the tensor '\(name)' has more than 2⁶³ elements", offset: start)
            }
            dimensions.append(Int(size))
            elementCount = product
        }
        let type = GGMLType(rawValue: try reader.integer("the type of tensor '\(name)'"))
        let offset = try reader.integer("the offset of tensor '\(name)'", as: UInt64.self)
        guard offset <= Int.max else {
            throw FormatError(.malformed, "the tensor '\(name)' begins at byte \(offset) of the data", offset: start)
        }
        return GGUFTensor(
            name: name, dimensions: dimensions, type: type, offset: Int(offset),
            byteCount: try byteCount(name, dimensions, elementCount, type, at: start))
    }

    private func byteCount(
        _ name: String, _ dimensions: [Int], _ elementCount: Int, _ type: GGMLType, at offset: Int
    ) throws(FormatError) -> Int? {
        guard let block = type.block else { return nil }
        // Rows are made of whole blocks.
        guard (dimensions.first ?? 1) % block.elements == 0 else {
            throw FormatError(
                .malformed,
                "the tensor '\(name)' has rows of \(dimensions.first ?? 1) elements, where \(type) takes multiples of "
                    + "\(block.elements)", offset: offset)
        }
        let (bytes, overflows) = (elementCount / block.elements).multipliedReportingOverflow(by: block.bytes)
        guard !overflows else {
            throw FormatError(.malformed, "the tensor '\(name)' is longer than 2⁶³ bytes", offset: offset)
        }
        return bytes
    }
}
