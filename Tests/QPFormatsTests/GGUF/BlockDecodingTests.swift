import Foundation
import QPFormats
import QPTestInputs
import Testing

/// Elements packed into blocks, beside what the package gguf makes of them (scripts/ggml-golden.py).
@Suite("Blocks of ggml's types")
struct BlockDecodingTests {
    private struct Fixture: Decodable {
        struct Case: Decodable {
            let bytes: String
            let values: String
        }
        let gguf: String
        let cases: [String: Case]
    }

    private static func bytes(hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)!
        }
    }

    private static func decoded(_ type: GGMLType, _ bytes: [UInt8]) throws -> [Float] {
        try bytes.withUnsafeBytes { bytes in try type.decoded(bytes) }
    }

    static let types: [GGMLType] = [.q8_0, .q4_0, .q4_K, .q6_K]

    @Test("Every element has the bits that the package gguf gives it", arguments: types)
    func golden(type: GGMLType) throws {
        let fixture = try JSONDecoder().decode(Fixture.self, from: Data(PackageResources.ggml_blocks_json))
        let example = try #require(fixture.cases["\(type)"])
        let bits = Self.bytes(hex: example.values)
        let expected = stride(from: 0, to: bits.count, by: 4).map { place in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bits[place + $1]) << UInt32(8 * $1) }
        }
        let values = try Self.decoded(type, Self.bytes(hex: example.bytes))
        #expect(values.map(\.bitPattern) == expected, "gguf \(fixture.gguf)")
        #expect(Set(values.map(\.bitPattern)).count > 50)
    }

    @Test("Floats are themselves, halves and bfloat16 exact", arguments: 1...4)
    func floats(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let words = (0..<300).map { _ in UInt16(truncatingIfNeeded: random.next()) }
        let bytes = words.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let halves = try Self.decoded(.f16, bytes)
        for (word, value) in zip(words, halves) {
            let exponent = Int(word >> 10 & 31)
            let fraction = Double(word & 1023)
            let magnitude: Double =
                switch exponent {
                case 0: fraction * 0x1p-24
                case 31: fraction == 0 ? .infinity : .nan
                default: (1024 + fraction) * exp2(Double(exponent - 25))
                }
            let expected = word >> 15 == 1 ? -magnitude : magnitude
            #expect(Double(value) == expected || value.isNaN && expected.isNaN, "seed \(seed), half \(word)")
        }
        #expect(
            try Self.decoded(.bf16, bytes).map(\.bitPattern) == words.map { UInt32($0) << 16 }, "seed \(seed)")
        let floats = try Self.decoded(.f32, bytes).map(\.bitPattern)
        #expect(floats == (0..<150).map { UInt32(words[2 * $0]) | UInt32(words[2 * $0 + 1]) << 16 }, "seed \(seed)")
    }

    static let refusals: [(type: GGMLType, count: Int, error: String)] = [
        (.q8_0, 33, "33 bytes of q8_0 end within a block, which takes 34"),
        (.q6_K, 211, "211 bytes of q6_K end within a block, which takes 210"),
        (
            .q5_K, 176,
            "elements of q5_K are not decoded here\nConvert the model to f32, f16, bf16, q8_0, q4_0, q4_K or q6_K."
        ),
        (
            GGMLType(rawValue: 99), 4,
            "elements of type 99 are not decoded here\nConvert the model to f32, f16, bf16, q8_0, q4_0, q4_K or q6_K."
        ),
    ]

    @Test("Parts of blocks and other types are refused by name", arguments: refusals)
    func refused(type: GGMLType, count: Int, error: String) throws {
        let thrown = #expect(throws: FormatError.self) {
            try Self.decoded(type, [UInt8](repeating: 0, count: count))
        }
        #expect(thrown?.description == error)
    }
}
