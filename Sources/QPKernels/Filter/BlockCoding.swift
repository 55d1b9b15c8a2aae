public import QPCore

/// Rows of a screening copy in blocks on the host, as `Shaders/blocks.glsl` lays them out: the reference of the kernels
/// that write and score them.
///
/// An element is an integer with one sign bit and 5 or 4 more, held in the high bits of a byte, times its block's
/// scale: the largest magnitude of the block over the largest such byte, rounded up to a bfloat16.
public enum BlockCoding {
    static let blockSize = 32
    /// A block whose largest magnitude is less is all zeros: its scale could be flushed.
    static let smallestMagnitude: Float = 0x1p-100

    /// The row in `format`, 6 or 5 bits, `unitsPerRow · 16` bytes; a NaN or an infinity makes every scale a NaN.
    public static func encode(_ weights: [Float], _ format: ScreenFormat) -> [UInt8] {
        let layout = Layout(format, hiddenSize: weights.count)
        var bytes = [UInt8](repeating: 0, count: layout.byteCount)
        let isFinite = weights.allSatisfy(\.isFinite)
        for block in 0..<layout.blockCount {
            let elements = weights.dropFirst(block * blockSize).prefix(blockSize)
            let largest = elements.reduce(Float(0)) { max($0, $1.magnitude) }
            var scale: UInt16 = isFinite ? 0 : 0x7FC0
            if isFinite, largest >= smallestMagnitude {
                scale = UInt16(((largest / Float(128 - layout.dropped)).bitPattern + 0xFFFF) >> 16)
                let step = BrainCoding.decode(scale) * Float(layout.dropped)
                let most = Float(128 / layout.dropped - 1)
                for (index, weight) in elements.enumerated() {
                    let steps = max(-most, min(most, (weight / step).rounded(.toNearestOrEven)))
                    let byte = UInt8(bitPattern: Int8(steps * Float(layout.dropped)))
                    let top = layout.top(block, index)
                    bytes[top.byte] |= (byte >> 4) << top.bit
                    let further = layout.further(block, index)
                    bytes[further.byte] |= ((byte & 0xF) >> (8 - format.rawValue)) << further.bit
                }
            }
            bytes[layout.scale(block)] = UInt8(truncatingIfNeeded: scale)
            bytes[layout.scale(block) + 1] = UInt8(truncatingIfNeeded: scale >> 8)
        }
        return bytes
    }

    /// The d weights that a row stands for, exact in Double.
    public static func decode(_ bytes: [UInt8], _ format: ScreenFormat, hiddenSize d: Int) -> [Double] {
        let layout = Layout(format, hiddenSize: d)
        return (0..<d).map { column in
            let (block, index) = (column / blockSize, column % blockSize)
            let at = layout.scale(block)
            let scale = BrainCoding.decode(UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8)
            let top = layout.top(block, index)
            let further = layout.further(block, index)
            let furtherBits = bytes[further.byte] >> further.bit & UInt8(16 / layout.dropped - 1)
            let byte = (bytes[top.byte] >> top.bit) << 4 | furtherBits << (8 - format.rawValue)
            return Double(Int8(bitPattern: byte)) * Double(scale)
        }
    }

    /// Where the parts of an element lie in a row, as byte and bit.
    private struct Layout {
        let format: ScreenFormat
        let pairs: Int
        let byteCount: Int

        init(_ format: ScreenFormat, hiddenSize: Int) {
            precondition(format != .bits8, "8 bits have one scale a row")
            self.format = format
            pairs = ScreenFormat.blockPairs(hiddenSize: hiddenSize)
            byteCount = format.unitsPerRow(hiddenSize: hiddenSize) * HeadShape.bytesPerUnit
        }

        var blockCount: Int { pairs * 2 }
        /// Values of a byte that one step skips.
        var dropped: Int { 1 << (8 - format.rawValue) }

        func top(_ block: Int, _ index: Int) -> (byte: Int, bit: Int) {
            let vector = index / 4
            return (start(block) + block % 8 * 16 + vector / 2 * 4 + index % 4, vector % 2 == 0 ? 4 : 0)
        }

        func further(_ block: Int, _ index: Int) -> (byte: Int, bit: Int) {
            let vector = index / 4
            let plane = start(block) + groupPairs(block) * 32
            return format == .bits6
                ? (plane + block % 8 * 8 + vector / 4 * 4 + index % 4, vector % 4 * 2)
                : (plane + block % 8 * 4 + index % 4, vector)
        }

        func scale(_ block: Int) -> Int {
            let pairs = groupPairs(block)
            let furtherUnits = format == .bits6 ? pairs : (pairs + 1) / 2
            return start(block) + (pairs * 2 + furtherUnits) * HeadShape.bytesPerUnit + block % 8 * 2
        }

        /// Of the group of four pairs that a block belongs to: its first byte, and how many pairs it has.
        private func start(_ block: Int) -> Int { block / 8 * (format == .bits6 ? 13 : 11) * HeadShape.bytesPerUnit }
        private func groupPairs(_ block: Int) -> Int { min(4, pairs - block / 8 * 4) }
    }
}
