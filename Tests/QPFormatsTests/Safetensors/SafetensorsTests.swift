import Foundation
import QPFormats
import QPTestInputs
import Testing

@Suite("Safetensors headers")
struct SafetensorsTests {
    private static func file(_ header: String, dataByteCount: Int, announced: UInt64? = nil) -> [UInt8] {
        let count = announced ?? UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) } + Array(header.utf8)
            + Array(repeating: 0, count: dataByteCount)
    }

    private static func entry(_ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        #"{"dtype":"\#(type)","shape":[\#(shape)],"data_offsets":[\#(begin),\#(end)]}"#
    }

    @Test("Tensors are given in the order of their bytes, with their place in the file")
    func tensors() throws {
        let header = """
            {"b":\(Self.entry("F16", "2,3", 4, 16)),"__metadata__":{"format":"pt","x":""},\
            "scalar":\(Self.entry("F32", "", 0, 4)),"empty":\(Self.entry("I64", "0,9", 4, 4))}   \("\n")
            """
        let parsed = try SafetensorsHeader(bytes: Self.file(header, dataByteCount: 12 + 4))
        let offset = 8 + header.utf8.count
        #expect(parsed.dataOffset == offset)
        #expect(parsed.tensors.map(\.name) == ["scalar", "empty", "b"])
        #expect(parsed.tensors.map(\.shape) == [[], [0, 9], [2, 3]])
        #expect(parsed.tensors.map(\.type) == [.f32, .i64, .f16])
        #expect(
            parsed.tensors.map(\.byteRange)
                == [0..<4, 4..<4, 4..<16].map { ($0.lowerBound + offset)..<($0.upperBound + offset) })
        #expect(parsed.metadata.map(\.key) == ["format", "x"])
        #expect(parsed.metadata.map(\.value) == ["pt", ""])
        #expect(try SafetensorsHeader(bytes: Self.file("{}", dataByteCount: 0)).tensors.isEmpty)
    }

    @Test("A file is read by its path")
    func path() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: path) }
        try Data(Self.file("{\"t\":\(Self.entry("U8", "3", 0, 3))}", dataByteCount: 3)).write(to: path)
        #expect(try SafetensorsHeader(path: path.path).tensors.map(\.name) == ["t"])
        #expect(throws: FormatError.self) { try SafetensorsHeader(path: "/nonexistent") }
    }

    static let sizes: [(type: String, bytes: Int)] = [
        ("BOOL", 1), ("U8", 1), ("I8", 1), ("F8_E5M2", 1), ("F8_E4M3", 1), ("I16", 2), ("U16", 2), ("F16", 2),
        ("BF16", 2), ("I32", 4), ("U32", 4), ("F32", 4), ("F64", 8), ("I64", 8), ("U64", 8),
    ]

    @Test("Every type has its size", arguments: sizes)
    func size(type: String, bytes: Int) throws {
        let header = "{\"t\":\(Self.entry(type, "3", 0, 3 * bytes))}"
        #expect(try SafetensorsHeader(bytes: Self.file(header, dataByteCount: 3 * bytes)).tensors.count == 1)
    }

    static let refusals: [(header: String, dataByteCount: Int, error: String)] = [
        ("[]", 0, "this is no safetensors file: its header does not begin with '{' (at byte 8)"),
        ("{\"a\":1]", 0, "the header is ']' where ',' or '}' is expected in an object (at byte 14)"),
        ("{\"a\":1}", 0, "the tensor 'a' has not a dtype, a shape and two data_offsets, and nothing else"),
        (
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4,
            "the tensor 'a' has not a dtype, a shape and two data_offsets, and nothing else"
        ),
        (
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4,
            "the tensor 'a' has not a dtype, a shape and two data_offsets, and nothing else"
        ),
        (
            "{\"a\":\(entry("F31", "1", 0, 4))}", 4,
            "the tensor 'a' is of the type 'F31'\nKnown are BOOL, U8, I8, F8_E5M2, F8_E4M3, I16, U16, F16, BF16, I32, "
                + "U32, F32, F64, I64, U64."
        ),
        ("{\"a\":\(entry("F32", "1", 0, 4))}", 3, "the tensor 'a' takes bytes 0..<4 of the data, of which there are 3"),
        ("{\"a\":\(entry("F32", "1", 4, 0))}", 8, "the tensor 'a' takes bytes 4..<0 of the data, of which there are 8"),
        ("{\"a\":\(entry("F32", "1", 0, 8))}", 8, "the tensor 'a' has 4 bytes by its shape and 8 by its offsets"),
        ("{\"a\":\(entry("F32", "2", 0, 4))}", 4, "the tensor 'a' has 8 bytes by its shape and 4 by its offsets"),
        (
            "{\"a\":\(entry("F32", "4294967296,4294967296", 0, 4))}", 4,
            "the tensor 'a' has more than 2⁶³ bytes by its shape"
        ),
        (
            "{\"a\":\(entry("U8", "2", 0, 2)),\"b\":\(entry("U8", "2", 3, 5))}", 5,
            "the tensor 'b' leaves a gap before it (at byte 116)"
        ),
        (
            "{\"a\":\(entry("U8", "2", 0, 2)),\"b\":\(entry("U8", "2", 1, 3))}", 3,
            "the tensor 'b' overlaps another (at byte 114)"
        ),
        ("{\"a\":\(entry("U8", "2", 0, 2))}", 5, "the last 3 bytes belong to no tensor (at byte 63)"),
        ("{\"__metadata__\":[]}", 0, "__metadata__ is no object"),
        ("{\"__metadata__\":{\"a\":1}}", 0, "'a' of __metadata__ is no string"),
    ]

    @Test("What does not describe the file is refused", arguments: refusals)
    func refused(header: String, dataByteCount: Int, error: String) {
        let thrown = #expect(throws: FormatError.self) {
            try SafetensorsHeader(bytes: Self.file(header, dataByteCount: dataByteCount))
        }
        #expect(thrown?.description == error)
    }

    @Test("A header that is longer than the file, or than any may be, is refused before it is read")
    func lyingLength() {
        func message(_ announced: UInt64) -> String? {
            #expect(throws: FormatError.self) {
                try SafetensorsHeader(bytes: Self.file("{}", dataByteCount: 0, announced: announced))
            }?.message
        }
        #expect(message(3) == "a header of 3 bytes is announced where 2 are left")
        #expect(message(100_000_000) == "a header of 100000000 bytes is announced where 2 are left")
        #expect(
            message(.max)
                == "this is no safetensors file: its header would have 18446744073709551615 bytes, more than 100000000")
        #expect(throws: FormatError.self) { try SafetensorsHeader(bytes: [1, 2, 3]) }
    }

    @Test("Files cut off or with bytes changed end in a header or an error")
    func damaged() {
        let header = "{\"a\":\(Self.entry("U8", "2", 0, 2)),\"b\":\(Self.entry("F16", "2", 2, 6))}"
        let valid = Self.file(header, dataByteCount: 6)
        #expect(throws: Never.self) { try SafetensorsHeader(bytes: valid) }
        for count in 0..<valid.count {
            #expect(throws: FormatError.self, "\(count) bytes") { try SafetensorsHeader(bytes: Array(valid[..<count])) }
        }
        for seed in 1...5000 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            var bytes = valid
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            _ = try? SafetensorsHeader(bytes: bytes)
        }
    }
}
