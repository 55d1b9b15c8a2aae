/// How one weight of the head W is stored. Scores are always accumulated in 32-bit floats.
public enum ElementType: String, Codable, CaseIterable, Sendable {
    /// IEEE 754 binary32.
    case f32
    /// IEEE 754 binary16; subnormals keep their value.
    case f16
    /// The upper half of a binary32.
    case bf16
    /// Signed 8-bit integers with one binary32 scale a row: `w = scale[v] · q`, q in −127…127.
    case int8

    /// Size of one weight in bytes.
    public var bytesPerElement: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .int8: 1
        }
    }

    /// Weights in one 16-byte unit, the granule in which every kernel loads W.
    public var elementsPerUnit: Int { HeadShape.bytesPerUnit / bytesPerElement }

    /// Whether each row carries a binary32 scale beside its weights.
    public var hasRowScale: Bool { self == .int8 }
}
