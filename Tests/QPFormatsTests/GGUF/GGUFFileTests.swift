import Foundation
import QPFormats
import Testing

@Suite("GGUF files")
struct GGUFFileTests {
    static let everything: GGUFWriter = {
        var writer = GGUFWriter()
        writer.entries = [
            ("u8", .uint8(200)), ("i8", .int8(-5)), ("u16", .uint16(60_000)), ("i16", .int16(-300)),
            ("u32", .uint32(4_000_000_000)), ("i32", .int32(-70_000)), ("f32", .float32(0.5)), ("bool", .bool(1)),
            ("string", .string("é🦙")), ("u64", .uint64(.max)), ("i64", .int64(.min)), ("f64", .float64(-0.1)),
            ("general.alignment", .uint32(64)), ("strings", .strings(["", "a", "bc"])), ("types", .types([1, -2])),
            ("bools", .array(7, [.bool(0), .bool(1)])), ("empty", .array(12, [])),
            ("nested", .array(9, [.array(0, [.uint8(1)]), .array(9, [.strings(["x"])])])),
        ]
        writer.alignment = 64
        writer.tensors = [
            ("token_embd.weight", [64, 3], GGMLType.q8_0.rawValue, 0), ("bias", [5], GGMLType.f32.rawValue, 256),
            ("odd", [7], 99, 320),
        ]
        writer.data = (0..<400).map { UInt8(truncatingIfNeeded: $0) }
        return writer
    }()

    @Test("Values of every type are read as they were written, in both versions", arguments: [2, 3] as [UInt32])
    func values(version: UInt32) throws {
        var writer = Self.everything
        writer.version = version
        let file = try GGUFFile(bytes: writer.bytes())
        #expect(file.version == Int(version))
        #expect(file.metadata.map(\.key) == writer.entries.map(\.key))
        #expect(file["u8"]?.intValue == 200)
        #expect(file["i8"]?.intValue == -5)
        #expect(file["u16"]?.intValue == 60_000)
        #expect(file["i16"]?.intValue == -300)
        #expect(file["u32"]?.intValue == 4_000_000_000)
        #expect(file["i32"]?.intValue == -70_000)
        #expect(file["f32"]?.doubleValue == 0.5)
        #expect(file["bool"]?.boolValue == true)
        #expect(file["string"]?.stringValue == "é🦙")
        // Does not fit an Int, and is there all the same.
        #expect(file["u64"]?.intValue == nil)
        guard case .uint64(.max) = file["u64"] else { throw FormatError(.missing, "u64") }
        #expect(file["i64"]?.intValue == .min)
        #expect(file["f64"]?.doubleValue == -0.1)
        #expect(try file["strings"]?.arrayValue?.elements().map(\.stringValue) == ["", "a", "bc"])
        #expect(try file["types"]?.arrayValue?.elements().map(\.intValue) == [1, -2])
        #expect(try file["bools"]?.arrayValue?.elements().map(\.boolValue) == [false, true])
        #expect(file["empty"]?.arrayValue?.count == 0)
        let nested = try #require(try file["nested"]?.arrayValue?.elements())
        #expect(try nested[0].arrayValue?.elements().map(\.intValue) == [1])
        #expect(try nested[1].arrayValue?.elements()[0].arrayValue?.elements().map(\.stringValue) == ["x"])
        #expect(file["absent"] == nil)
        #expect(file["string"]?.intValue == nil)
        #expect(file["u8"]?.stringValue == nil)
    }

    @Test("Tensors lie in the data at their offsets, and one of an unknown type has no size")
    func tensors() throws {
        let file = try GGUFFile(bytes: Self.everything.bytes())
        #expect(file.alignment == 64)
        #expect(file.dataOffset % 64 == 0)
        #expect(file.tensors.map(\.name) == ["token_embd.weight", "bias", "odd"])
        #expect(file.tensors.map(\.dimensions) == [[64, 3], [5], [7]])
        #expect(file.tensors.map(\.byteCount) == [204, 20, nil])
        #expect(try file.withBytes(of: file.tensors[0]) { Array($0) } == (0..<204).map { UInt8($0) })
        #expect(try file.withBytes(of: file.tensors[1]) { Array($0) } == (0..<20).map { UInt8($0) })
        let error = #expect(throws: FormatError.self) { try file.withBytes(of: file.tensors[2]) { $0.count } }
        #expect(error?.code == .unsupported)
        #expect(error?.message == "the tensor 'odd' is of type 99, whose layout is not known here")
    }

    /// ggml's own sizes: `ggml_blck_size` and `ggml_type_size`.
    static let layouts: [(type: UInt32, name: String, elements: Int, bytes: Int)] = [
        (0, "f32", 1, 4), (1, "f16", 1, 2), (2, "q4_0", 32, 18), (3, "q4_1", 32, 20), (6, "q5_0", 32, 22),
        (7, "q5_1", 32, 24), (8, "q8_0", 32, 34), (10, "q2_K", 256, 84), (11, "q3_K", 256, 110),
        (12, "q4_K", 256, 144), (13, "q5_K", 256, 176), (14, "q6_K", 256, 210), (30, "bf16", 1, 2),
    ]

    @Test("A block has ggml's size", arguments: layouts)
    func layout(type: UInt32, name: String, elements: Int, bytes: Int) throws {
        var writer = GGUFWriter()
        writer.tensors = [("t", [UInt64(elements) * 2, 3], type, 0)]
        writer.data = Array(repeating: 0, count: bytes * 6)
        let file = try GGUFFile(bytes: writer.bytes())
        #expect(file.tensors[0].byteCount == bytes * 6)
        #expect("\(file.tensors[0].type)" == name)
        // One byte less, and a row that is no whole number of blocks.
        writer.data.removeLast()
        #expect(throws: FormatError.self) { try GGUFFile(bytes: writer.bytes()) }
        writer.data = Array(repeating: 0, count: bytes * 6)
        if elements > 1 {
            writer.tensors[0].dimensions[0] -= 1
            let error = #expect(throws: FormatError.self) { try GGUFFile(bytes: writer.bytes()) }
            #expect(error?.message.contains("where \(name) takes multiples of \(elements)") == true)
        }
    }

    @Test("A file on disk is mapped; what is no file or no GGUF is refused by name")
    func paths() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "m.gguf")
        try Data(Self.everything.bytes()).write(to: path)
        #expect(try GGUFFile(path: path.path)["string"]?.stringValue == "é🦙")
        try Data().write(to: path)
        func message(_ path: String) -> String? {
            #expect(throws: FormatError.self) { try GGUFFile(path: path) }?.description
        }
        let notGGUF = """
            this is no GGUF file: it does not begin with 'GGUF' (at byte 0)
            Give a .gguf file, as llama.cpp's converters write them.
            """
        #expect(message(path.path) == notGGUF)
        try Data("PK".utf8).write(to: path)
        #expect(message(path.path) == notGGUF)
        #expect(message(folder.path) == "cannot read '\(folder.path)': it is no regular file")
        #expect(message("/nonexistent") == "cannot read '/nonexistent': No such file or directory")
        #expect(message("/dev/zero") == "cannot read '/dev/zero': it is no regular file")
    }
}
