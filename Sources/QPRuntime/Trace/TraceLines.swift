internal import QPCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The header as it stands in the file.
struct HeaderLine: Codable {
    struct Weights: Codable {
        var kind: String
        var seed: UInt64
        var preset: String?
    }

    var format: String
    var version: Int
    var vocabularySize: Int
    var hiddenSize: Int
    var elementType: ElementType
    var source: String
    var weights: Weights
}

/// A step as it stands in the file: ids or a packed mask, numbers or packed binary32.
struct StepLine: Codable {
    enum Packed<Element: Codable>: Codable {
        case values([Element])
        case base64(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .base64(text)
            } else {
                self = .values(try container.decode([Element].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .values(let values): try container.encode(values)
            case .base64(let text): try container.encode(text)
            }
        }
    }

    var K: Int
    var allowed: Packed<Int>?
    var hidden: Packed<Double>?
    var sequence: Int?
    var step: Int?
    var stateID: UInt64?
}

/// Numbers of 32 bits as base64 of their little-endian bytes.
enum PackedWords {
    static func encode(_ words: [UInt32]) -> String {
        words.map(\.littleEndian).withUnsafeBytes { Data($0) }.base64EncodedString()
    }

    /// Nil when it is no base64 of whole words.
    static func decode(_ text: String) -> [UInt32]? {
        guard let bytes = Data(base64Encoded: text).map({ [UInt8]($0) }), bytes.count % 4 == 0 else { return nil }
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<(start + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }
}
