/// The type of a tensor's elements, by its number in GGUF files; numbers without a name here are kept as they are.
///
/// Numbers, and bytes per block, are those of ggml's `enum ggml_type` and its block structures.
public struct GGMLType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let f32 = GGMLType(rawValue: 0)
    public static let f16 = GGMLType(rawValue: 1)
    public static let q4_0 = GGMLType(rawValue: 2)
    public static let q4_1 = GGMLType(rawValue: 3)
    public static let q5_0 = GGMLType(rawValue: 6)
    public static let q5_1 = GGMLType(rawValue: 7)
    public static let q8_0 = GGMLType(rawValue: 8)
    public static let q2_K = GGMLType(rawValue: 10)
    public static let q3_K = GGMLType(rawValue: 11)
    public static let q4_K = GGMLType(rawValue: 12)
    public static let q5_K = GGMLType(rawValue: 13)
    public static let q6_K = GGMLType(rawValue: 14)
    public static let bf16 = GGMLType(rawValue: 30)

    /// Elements per block and bytes per block; nil for a type whose layout is not known here.
    public var block: (elements: Int, bytes: Int)? {
        // Each block of the q types holds one or two 16-bit scales, packed sub-scales, and the elements' bits.
        switch self {
        case .f32: (1, 4)
        case .f16, .bf16: (1, 2)
        case .q4_0: (32, 2 + 16)
        case .q4_1: (32, 4 + 16)
        case .q5_0: (32, 2 + 4 + 16)
        case .q5_1: (32, 4 + 4 + 16)
        case .q8_0: (32, 2 + 32)
        case .q2_K: (256, 4 + 16 + 64)
        case .q3_K: (256, 2 + 12 + 32 + 64)
        case .q4_K: (256, 4 + 12 + 128)
        case .q5_K: (256, 4 + 12 + 32 + 128)
        case .q6_K: (256, 2 + 16 + 64 + 128)
        default: nil
        }
    }
}

extension GGMLType: CustomStringConvertible {
    private static let names: [UInt32: String] = [
        0: "f32", 1: "f16", 2: "q4_0", 3: "q4_1", 6: "q5_0", 7: "q5_1", 8: "q8_0", 9: "q8_1", 10: "q2_K", 11: "q3_K",
        12: "q4_K", 13: "q5_K", 14: "q6_K", 15: "q8_K", 16: "iq2_xxs", 17: "iq2_xs", 18: "iq3_xxs", 19: "iq1_s",
        20: "iq4_nl", 21: "iq3_s", 22: "iq2_s", 23: "iq4_xs", 24: "i8", 25: "i16", 26: "i32", 27: "i64", 28: "f64",
        29: "iq1_m", 30: "bf16", 34: "tq1_0", 35: "tq2_0", 39: "mxfp4",
    ]

    /// ggml's name of the type, or its number.
    public var description: String { Self.names[rawValue] ?? "type \(rawValue)" }
}
