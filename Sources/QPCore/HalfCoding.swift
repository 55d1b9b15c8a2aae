/// IEEE binary16 by its bits, for hosts whose compiler has no half type, and as the reference of shaders and file formats.
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
