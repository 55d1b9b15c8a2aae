public import QPCore

/// IEEE binary16 by its bits, for hosts whose compiler has no half type, and as the reference of the shaders.
public enum HalfCoding {
    /// The value, exact; subnormals included.
    public static func decode(_ bits: UInt16) -> Float {
        let magnitude = UInt32(bits & 0x7FFF)
        let value =
            magnitude < 0x400
            ? Float(magnitude) * 0x1p-24
            : Float(bitPattern: (magnitude << 13) + (magnitude >= 0x7C00 ? 0x7000_0000 : 0x3800_0000))
        return bits & 0x8000 != 0 ? -value : value
    }

    /// The nearest half, ties to even; overflows to infinity, NaN stays NaN.
    public static func encode(_ value: Float) -> UInt16 {
        let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
        guard !value.isNaN else { return sign | 0x7E00 }
        let magnitude = value.magnitude
        // 65520 is halfway between the largest half and the next power of two.
        guard magnitude < 65520 else { return sign | 0x7C00 }
        if magnitude < 0x1p-14 {
            return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
        }
        let bits = magnitude.bitPattern
        let rounded = bits + 0xFFF + (bits >> 13 & 1)
        return sign | UInt16((rounded - 0x3800_0000) >> 13)
    }
}

/// bfloat16 by its bits.
public enum BrainCoding {
    public static func decode(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// The nearest bfloat16, ties to even; NaN stays NaN.
    public static func encode(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        guard !value.isNaN else { return UInt16(bits >> 16) | 0x40 }
        return UInt16((bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }
}

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
