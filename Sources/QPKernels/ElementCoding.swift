public import QPCore

/// One row of W as the device stores it.
public struct EncodedRow: Equatable, Sendable {
    /// `unitsPerRow · 16` bytes, zero beyond d.
    public var bytes: [UInt8]
    /// The row's scale; 1 for types without one.
    public var scale: Float

    /// Rounds `weights` to `shape`'s element type. `weights` has d values.
    ///
    /// int8 takes the scale max|w| / 127, so that the largest weight is exact to half a step; a row with a NaN or
    /// an infinity gets a NaN scale, which makes its score NaN.
    public init(_ weights: [Float], shape: HeadShape) {
        precondition(weights.count == shape.hiddenSize, "a row has d weights")
        scale = 1
        bytes = []
        bytes.reserveCapacity(shape.bytesPerRow)
        switch shape.elementType {
        case .f32:
            for weight in weights {
                withUnsafeBytes(of: weight.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            }
        case .f16:
            for weight in weights {
                withUnsafeBytes(of: HalfCoding.encode(weight).littleEndian) { bytes.append(contentsOf: $0) }
            }
        case .bf16:
            for weight in weights {
                withUnsafeBytes(of: BrainCoding.encode(weight).littleEndian) { bytes.append(contentsOf: $0) }
            }
        case .int8:
            let largest = weights.reduce(Float(0)) { $1.isNaN || $0.isNaN ? .nan : max($0, $1.magnitude) }
            scale = largest.isFinite ? (largest > 0 ? largest / 127 : 1) : .nan
            let step = largest.isFinite ? scale : 1
            for weight in weights {
                let quotient = weight.isFinite ? max(-127, min(127, (weight / step).rounded())) : 0
                bytes.append(UInt8(bitPattern: Int8(quotient)))
            }
        }
        bytes.append(contentsOf: repeatElement(0, count: shape.bytesPerRow - bytes.count))
    }

    init(bytes: [UInt8], scale: Float) {
        self.bytes = bytes
        self.scale = scale
    }

    /// The d weights as the kernels see them, scale included, exact in Double.
    public func weights(shape: HeadShape) -> [Double] {
        bytes.withUnsafeBytes { bytes in
            (0..<shape.hiddenSize).map { column in
                switch shape.elementType {
                case .f32:
                    Double(
                        Float(
                            bitPattern: UInt32(
                                littleEndian: bytes.loadUnaligned(fromByteOffset: column * 4, as: UInt32.self))))
                case .f16:
                    Double(
                        HalfCoding.decode(
                            UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: column * 2, as: UInt16.self))))
                case .bf16:
                    Double(
                        BrainCoding.decode(
                            UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: column * 2, as: UInt16.self))))
                case .int8:
                    Double(Int8(bitPattern: bytes[column])) * Double(scale)
                }
            }
        }
    }
}

/// Synthetic weights: each row a function of (seed, row) alone, so that the device can fill a head of any size and
/// the host can recompute any row of it. Weights are uniform small integers times a power of two, exact in their
/// type. `Shaders/fill_weights.comp` is the same function.
public struct SyntheticRows: Sendable {
    public let shape: HeadShape
    public let seed: UInt64
    private let philox: Philox

    public init(shape: HeadShape, seed: UInt64) {
        self.shape = shape
        self.seed = seed
        philox = Philox(seed: seed)
    }

    /// Row `row` as the device stores it.
    public func row(_ row: Int) -> EncodedRow {
        let perUnit = shape.elementType.elementsPerUnit
        var bytes = [UInt8](repeating: 0, count: shape.bytesPerRow)
        for unit in 0..<shape.unitsPerRow {
            let random = philox(SIMD4(UInt32(row), UInt32(unit), 0, 0))
            for index in 0..<perUnit where unit * perUnit + index < shape.hiddenSize {
                let word = random[index * 4 / perUnit]
                let place = unit * HeadShape.bytesPerUnit + index * shape.elementType.bytesPerElement
                switch shape.elementType {
                case .f32:
                    Self.put((Float(Int32(word & 0x7FF) - 1024) * 0x1p-15).bitPattern, 4, &bytes, place)
                case .f16:
                    let part = word >> UInt32(16 * (index % 2)) & 0x7FF
                    Self.put(UInt32(HalfCoding.encode(Float(Int32(part) - 1024) * 0x1p-15)), 2, &bytes, place)
                case .bf16:
                    let part = word >> UInt32(16 * (index % 2)) & 0xFF
                    Self.put(UInt32(BrainCoding.encode(Float(Int32(part) - 128) * 0x1p-12)), 2, &bytes, place)
                case .int8:
                    let part = UInt8(truncatingIfNeeded: word >> UInt32(8 * (index % 4)))
                    bytes[place] = part == 0x80 ? 0x81 : part
                }
            }
        }
        guard shape.elementType.hasRowScale else { return EncodedRow(bytes: bytes, scale: 1) }
        let random = philox(SIMD4(UInt32(row), 0, 1, 0)).x
        return EncodedRow(bytes: bytes, scale: Float(0x8000 + (random & 0x7FFF)) * 0x1p-27)
    }

    private static func put(_ value: UInt32, _ count: Int, _ bytes: inout [UInt8], _ place: Int) {
        for index in 0..<count { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
    }
}
