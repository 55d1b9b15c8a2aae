import QPFormats
import QPTestInputs
import Testing

/// No input may end the program or make it take memory by a number that the file cannot back.
@Suite("Malformed GGUF files")
struct GGUFMalformedTests {
    private func message(_ writer: GGUFWriter) -> String? { message(writer.bytes()) }

    private func message(_ bytes: [UInt8]) -> String? {
        #expect(throws: FormatError.self) { try GGUFFile(bytes: bytes) }?.message
    }

    @Test("Versions and byte orders other than those that are read are named")
    func versions() {
        var writer = GGUFWriter()
        for (version, expected) in [
            (1, "this GGUF file is of version 1, where 2 and 3 are read"),
            (4, "this GGUF file is of version 4, where 2 and 3 are read"),
            (0x0300_0000, "this GGUF file is big-endian, which is not read here"),
        ] as [(UInt32, String)] {
            writer.version = version
            #expect(message(writer) == expected)
        }
    }

    @Test("Counts that the file cannot hold are refused before anything is made for them")
    func lyingCounts() {
        var writer = GGUFWriter()
        writer.announcedEntries = .max
        #expect(
            message(writer) == "18446744073709551615 metadata entries are announced where 0 bytes are left")
        writer.announcedEntries = nil
        writer.announcedTensors = 1 << 40
        #expect(message(writer) == "1099511627776 tensors are announced where 8 bytes are left")

        let huge: [UInt8] = Array(repeating: 0xFF, count: 8)
        for type in 0...12 as ClosedRange<UInt8> {
            var bytes = GGUFWriter(entries: [("a", .array(UInt32(type), []))]).bytes()
            bytes.replaceSubrange((bytes.count - 8)..., with: huge)
            #expect(
                message(bytes) == "18446744073709551615 elements of 'a' are announced where 0 bytes are left")
        }
        var bytes = GGUFWriter(entries: [("a", .string(""))]).bytes()
        bytes.replaceSubrange((bytes.count - 8)..., with: huge)
        #expect(message(bytes) == "'a' of 18446744073709551615 bytes is announced where 0 are left")
    }

    @Test("Keys and names that stand twice, unknown types and deep arrays are refused")
    func metadata() {
        var writer = GGUFWriter(entries: [("a", .uint8(0)), ("b", .uint8(0)), ("a", .uint8(0))])
        #expect(message(writer) == "the key 'a' stands twice in the metadata")
        writer.entries = [("a", .array(13, []))]
        #expect(message(writer) == "the elements of 'a' has the type 13, which GGUF has not")
        writer.entries = [("a", .bool(2))]
        #expect(message(writer) == "'a' is a truth value of 2, not 0 or 1")
        writer.entries = [("a", .array(7, [.bool(0), .bool(3)]))]
        #expect(message(writer) == "an element of 'a' is a truth value of 3, not 0 or 1")
        var value = GGUFWriter.Value.array(0, [])
        for _ in 0..<3 { value = .array(9, [value]) }
        writer.entries = [("a", value)]
        #expect(throws: Never.self) { try GGUFFile(bytes: writer.bytes()) }
        for _ in 0..<1000 { value = .array(9, [value]) }
        writer.entries = [("a", value)]
        #expect(message(writer)?.hasSuffix("nests arrays more than 4 deep") == true)
        for alignment in [GGUFWriter.Value.uint32(0), .uint32(12), .uint64(32), .string("32")] {
            writer.entries = [("general.alignment", alignment)]
            #expect(message(writer)?.hasPrefix("general.alignment is no multiple of 8") == true)
        }
    }

    @Test("Tensors that reach beyond the file, overflow, or stand askew are refused")
    func tensors() {
        func message(_ dimensions: [UInt64], type: UInt32 = 0, offset: UInt64 = 0, dataCount: Int = 64) -> String? {
            var writer = GGUFWriter()
            writer.tensors = [("t", dimensions, type, offset)]
            writer.data = Array(repeating: 0, count: dataCount)
            return self.message(writer)
        }
        #expect(message([17]) == "the tensor 't' takes 68 bytes from byte 0 of the data, of which there are 64")
        #expect(
            message([1], offset: 64) == "the tensor 't' takes 4 bytes from byte 64 of the data, of which there are 64")
        #expect(message([1], offset: 1 << 62)?.contains("of which there are 64") == true)
        #expect(message([1], type: 99, offset: 96)?.contains("takes some bytes from byte 96") == true)
        #expect(message([1], offset: 16) == "the tensor 't' begins at byte 16 of the data, no multiple of 32")
        #expect(message([1], offset: .max) == "the tensor 't' begins at byte 18446744073709551615 of the data")
        #expect(message([1 << 32, 1 << 32]) == "the tensor 't' has more than 2⁶³ elements")
        #expect(message([.max]) == "the tensor 't' has more than 2⁶³ elements")
        #expect(message([1 << 62]) == "the tensor 't' is longer than 2⁶³ bytes")
        #expect(message([1, 1, 1, 1, 1]) == "the tensor 't' has 5 dimensions, more than ggml's 4")

        var writer = GGUFWriter(entries: [("general.alignment", .uint32(4_294_967_288))])
        writer.tensors = [("t", [0], 0, 9_223_372_032_559_808_512)]
        #expect(self.message(writer) == "the file ends before its tensors' data begin")
        writer.entries = []
        writer.tensors = [("t", [1], 0, 0), ("t", [1], 0, 0)]
        writer.data = [0, 0, 0, 0]
        #expect(self.message(writer) == "there are two tensors 't'")
    }

    /// Asks for everything that a file can be asked for; any outcome but an end of the program is right.
    private func useEverything(_ bytes: [UInt8]) -> Bool {
        guard let file = try? GGUFFile(bytes: bytes) else { return false }
        var sum = 0
        for (_, value) in file.metadata {
            for element in (try? value.arrayValue?.elements()) ?? [] { sum &+= element.intValue ?? 1 }
        }
        for tensor in file.tensors {
            sum &+= (try? file.withBytes(of: tensor) { $0.reduce(0) { $0 &+ Int($1) } }) ?? 0
        }
        if let tokenizer = try? Tokenizer(file) { _ = try? tokenizer.encode(" a\n", parsingSpecials: true) }
        return true
    }

    private static let sentencePiece: [UInt8] = {
        var writer = GGUFFileTests.everything
        writer.tensors[0].name = "no.head"
        let bytes = (0...255).map { "<0x\($0 < 16 ? "0" : "")\(String($0, radix: 16))>" }
        writer.entries += [
            ("tokenizer.ggml.model", .string("llama")),
            ("tokenizer.ggml.tokens", .strings(["<unk>", "▁", "a", "▁a"] + bytes)),
            ("tokenizer.ggml.scores", .scores([0, -1, -2, -3] + Array(repeating: 0, count: 256))),
            ("tokenizer.ggml.token_type", .types([2, 1, 1, 5] + Array(repeating: 6, count: 256))),
            ("tokenizer.ggml.eos_token_id", .uint32(0)),
        ]
        return writer.bytes()
    }()

    private static let byteLevel: [UInt8] = {
        var writer = GGUFFileTests.everything
        writer.tensors[0].name = "no.head"
        writer.entries += [
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("llama-bpe")),
            ("tokenizer.ggml.tokens", .strings(["<s>", "Ġ", "a", "Ġa", "Ċ"])),
            ("tokenizer.ggml.token_type", .types([3, 1, 1, 1, 1])),
            ("tokenizer.ggml.merges", .strings(["Ġ a"])), ("tokenizer.ggml.eos_token_id", .uint32(0)),
        ]
        return writer.bytes()
    }()

    @Test("A file that is cut off anywhere is refused, except within what no tensor needs")
    func truncated() throws {
        for valid in [Self.sentencePiece, Self.byteLevel] {
            #expect(useEverything(valid))
            #expect(try Tokenizer(GGUFFile(bytes: valid)).encode(" a\n").isEmpty == false)
            let needed = try GGUFFile(bytes: valid).dataOffset + 320
            for count in 0..<valid.count {
                #expect(useEverything(Array(valid[..<count])) == (count >= needed), "\(count) bytes")
            }
        }
    }

    @Test("Files with bytes changed end in an error or in values")
    func flipped() {
        for seed in 1...20_000 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            var bytes = seed % 8 == 0 ? Self.sentencePiece : Self.byteLevel
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // Mostly numbers: what matters are lengths, counts and offsets.
                let position = Int.random(in: 4..<bytes.count, using: &random)
                bytes[position] = [0, 1, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &random)]
                    .randomElement(using: &random)!
            }
            _ = useEverything(bytes)
        }
    }
}
