internal import QPCore

extension GGMLType {
    /// The elements that `bytes`, whole blocks of this type, stand for. O(elements).
    ///
    /// Every value is exact but for q4_K's, whose one subtraction is rounded: `d · scale` and its product with an element
    /// fit a binary32. So any kernel that decodes as written here gives the same bits.
    ///
    /// Source: ggml's block structures and its `dequantize_row` functions; checked against the package `gguf`.
    /// - Throws: ``FormatError``: `unsupported` for a type that is not decoded here, `malformed` where `bytes` end
    ///   within a block.
    public func decoded(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> [Float] {
        guard let block, let decode = decoder else {
            throw FormatError(
                .unsupported, "elements of \(self) are not decoded here",
                advice: "Convert the model to f32, f16, bf16, q8_0, q4_0, q4_K or q6_K.")
        }
        guard bytes.count % block.bytes == 0 else {
            throw FormatError(
                .malformed, "\(bytes.count) bytes of \(self) end within a block, which takes \(block.bytes)")
        }
        return [Float](unsafeUninitializedCapacity: bytes.count / block.bytes * block.elements) { values, count in
            while count < values.count {
                let first = count / block.elements * block.bytes
                decode(
                    BlockBytes(bytes: UnsafeRawBufferPointer(rebasing: bytes[first..<first + block.bytes])),
                    UnsafeMutableBufferPointer(rebasing: values[count..<count + block.elements]))
                count += block.elements
            }
        }
    }

    private typealias Decoder = (BlockBytes, UnsafeMutableBufferPointer<Float>) -> Void

    private var decoder: Decoder? {
        switch self {
        case .f32: { block, values in values[0] = Float(bitPattern: block.word(0)) }
        case .f16: { block, values in values[0] = block.half(0) }
        case .bf16: { block, values in values[0] = BrainCoding.decode(block.short(0)) }
        case .q8_0: Self.decodeQ8
        case .q4_0: Self.decodeQ4
        case .q4_K: Self.decodeQ4K
        case .q6_K: Self.decodeQ6K
        default: nil
        }
    }

    /// A scale, then 32 signed bytes.
    private static func decodeQ8(_ block: BlockBytes, _ values: UnsafeMutableBufferPointer<Float>) {
        let scale = block.half(0)
        for index in 0..<32 { values[index] = scale * Float(block.signed(2 + index)) }
    }

    /// A scale, then 16 bytes: low nibbles are elements 0…15, high nibbles 16…31, each 8 too large.
    private static func decodeQ4(_ block: BlockBytes, _ values: UnsafeMutableBufferPointer<Float>) {
        let scale = block.half(0)
        for index in 0..<16 {
            let byte = block[2 + index]
            values[index] = scale * Float(Int(byte & 0xF) - 8)
            values[index + 16] = scale * Float(Int(byte >> 4) - 8)
        }
    }

    /// Scales of scales and of minima, 12 bytes of 8 scales and 8 minima in 6 bits, then 4 times 32 bytes: low nibbles
    /// are one group of 32 elements, high nibbles the next.
    private static func decodeQ4K(_ block: BlockBytes, _ values: UnsafeMutableBufferPointer<Float>) {
        let (scale, minimum) = (block.half(0), block.half(2))
        for group in 0..<8 {
            // The first four scales and minima lie in the low six bits of bytes 0…3 and 4…7; of the last four, the low
            // four bits in bytes 8…11 and the high two above those.
            let isFirst = group < 4
            let low = block[4 + (isFirst ? group : group + 4)]
            let (small, large) =
                isFirst
                ? (low & 63, block[8 + group] & 63)
                : (low & 0xF | (block[group] >> 6) << 4, low >> 4 | (block[4 + group] >> 6) << 4)
            let (step, offset) = (scale * Float(small), minimum * Float(large))
            for index in 0..<32 {
                let byte = block[16 + group / 2 * 32 + index]
                values[group * 32 + index] = step * Float(group % 2 == 0 ? byte & 0xF : byte >> 4) - offset
            }
        }
    }

    /// Low four bits of 256 elements, high two bits, 16 signed scales of 16 elements each, then their scale; elements
    /// are 32 too large.
    private static func decodeQ6K(_ block: BlockBytes, _ values: UnsafeMutableBufferPointer<Float>) {
        let scale = block.half(208)
        for index in 0..<256 {
            // Each half of 128 elements: 64 bytes of low bits, 32 of high ones; four elements share a byte of those.
            let (half, quarter, place) = (index / 128, index % 128 / 32, index % 32)
            let lows = block[half * 64 + quarter % 2 * 32 + place]
            let low = quarter < 2 ? lows & 0xF : lows >> 4
            let high = block[128 + half * 32 + place] >> UInt8(2 * quarter) & 3
            let step = scale * Float(block.signed(192 + index / 16))
            values[index] = step * Float(Int(low | high << 4) - 32)
        }
    }
}

/// The bytes of one block, little-endian.
private struct BlockBytes {
    let bytes: UnsafeRawBufferPointer

    subscript(index: Int) -> UInt8 { bytes[index] }
    func signed(_ index: Int) -> Int8 { Int8(bitPattern: bytes[index]) }
    func short(_ index: Int) -> UInt16 { UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8 }
    func word(_ index: Int) -> UInt32 { UInt32(short(index)) | UInt32(short(index + 2)) << 16 }
    func half(_ index: Int) -> Float { HalfCoding.decode(short(index)) }
}
