import QPFormats
import QPTestInputs
import Testing

@Suite("Vocabularies of GGUF files")
struct VocabularyGGUFTests {
    private func vocabulary(_ entries: [(key: String, value: GGUFWriter.Value)], size: Int? = nil) throws -> Vocabulary
    {
        try Vocabulary(GGUFFile(bytes: GGUFWriter(entries: entries).bytes()), vocabularySize: size)
    }

    private func texts(_ vocabulary: Vocabulary) -> [String] {
        (0..<vocabulary.tokenCount).map { String(decoding: vocabulary.text(of: $0), as: UTF8.self) }
    }

    @Test("Byte-level tokens are written back to bytes, added ones stand as they are")
    func byteLevel() throws {
        let vocabulary = try vocabulary([
            ("tokenizer.ggml.model", .string("gpt2")),
            ("tokenizer.ggml.tokens", .strings(["a", "Ġthe", "Ċ", "Ã©", "<|end|>", "Ġ x", "漢", "ð", "Ł", "", "Āł"])),
            ("tokenizer.ggml.token_type", .types([1, 1, 1, 1, 3, 4, 1, 1, 1, 1, 1])),
            ("tokenizer.ggml.bos_token_id", .uint32(4)),
            // Means nothing here.
            ("tokenizer.ggml.add_space_prefix", .bool(1)),
        ])
        #expect(texts(vocabulary)[..<7] == ["a", " the", "\n", "é", "", "Ġ x", ""])
        #expect((7..<11).map { Array(vocabulary.text(of: $0)) } == [[0xF0], [0x9F], [], [0x00, 0xA0]])
        // Engines disagree on what such a token writes, so no constraint may count on it.
        #expect(vocabulary.kinds[6] == .unused)
        #expect(vocabulary.specialName(of: 6) == "漢")
        #expect(vocabulary.specialName(of: 4) == "<|end|>")
        #expect(vocabulary.beginOfTextToken == 4)
        #expect(vocabulary.endOfTextTokens == [])
        #expect(!vocabulary.addsSpacePrefix)
    }

    @Test("All 256 bytes have a character in byte-level tokens")
    func allBytes() throws {
        let vocabulary = try vocabulary([
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.tokens", .strings(byteCharacters)),
        ])
        #expect((0...255).map { Array(vocabulary.text(of: $0)) } == (0...255).map { [UInt8($0)] })
    }

    @Test("SentencePiece tokens have spaces for their marks, and byte tokens one byte")
    func sentencePiece() throws {
        let entries: [(key: String, value: GGUFWriter.Value)] = [
            ("tokenizer.ggml.model", .string("llama")),
            (
                "tokenizer.ggml.tokens",
                .strings(["<unk>", "<s>", "</s>", "<0x0A>", "<0xfF>", "▁▁a▁", "▁", "x▁y", "▁▁"])
            ),
            ("tokenizer.ggml.token_type", .types([2, 3, 3, 6, 6, 1, 1, 1, 4])),
            ("tokenizer.ggml.eos_token_id", .int32(2)), ("tokenizer.ggml.bos_token_id", .int32(-1)),
        ]
        let vocabulary = try vocabulary(entries)
        #expect(texts(vocabulary)[5...] == ["  a ", " ", "x y", "▁▁"])
        #expect((0...4).map { Array(vocabulary.text(of: $0)) } == [[], [], [], [0x0A], [0xFF]])
        #expect(vocabulary.endOfTextTokens == [2])
        #expect(vocabulary.beginOfTextToken == nil)
        #expect(vocabulary.addsSpacePrefix)
        #expect(try !self.vocabulary(entries + [("tokenizer.ggml.add_space_prefix", .bool(0))]).addsSpacePrefix)
    }

    @Test("Ends of text are those of the keys and those of well-known names")
    func ends() throws {
        let names = [
            "a", "<|eot_id|>", "<|im_end|>", "b", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>", "<|end_of_text|>",
            "c",
        ]
        let vocabulary = try vocabulary([
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.tokens", .strings(names)),
            ("tokenizer.ggml.eos_token_id", .uint32(0)), ("tokenizer.ggml.eot_token_id", .uint32(3)),
            ("tokenizer.ggml.eom_token_id", .uint32(3)),
        ])
        #expect(vocabulary.endOfTextTokens == Array(0...7))
        #expect(vocabulary.textBytes == Array("c".utf8))
        #expect(vocabulary.specialName(of: 3) == "b")
    }

    @Test("Padded rows are those of the head's weights, or as many as are asked for")
    func padding() throws {
        var writer = GGUFWriter(entries: [
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.tokens", .strings(["a", "b"])),
        ])
        func size(_ asked: Int? = nil) throws -> Int {
            try Vocabulary(GGUFFile(bytes: writer.bytes()), vocabularySize: asked).vocabularySize
        }
        #expect(try size() == 2)
        #expect(try size(7) == 7)
        #expect(throws: FormatError.self) { try size(1) }
        writer.tensors = [("token_embd.weight", [1, 4], 0, 0)]
        writer.data = Array(repeating: 0, count: 64)
        #expect(try size() == 4)
        #expect(try size(3) == 3)
        writer.tensors.append(("output.weight", [1, 5], 0, 32))
        #expect(try size() == 5)
    }

    static let refusals: [(change: String, value: GGUFWriter.Value?, error: String)] = [
        ("model", nil, "the file has no 'tokenizer.ggml.model'"),
        ("model", .uint32(1), "'tokenizer.ggml.model' is no string of UTF-8"),
        (
            "model", .string("bert"),
            "the tokenizer model 'bert' is not read here\nKnown are 'gpt2' and 'llama'."
        ),
        (
            "tokens", nil,
            "the file has no 'tokenizer.ggml.tokens'\nGive a file that holds the model's vocabulary."
        ),
        ("tokens", .types([1]), "'tokenizer.ggml.tokens' is no array of strings"),
        ("tokens", .strings([]), "'tokenizer.ggml.token_type' is no array of 0 numbers, one for each token"),
        ("token_type", .types([1, 9]), "the token 1 has the type int32(9), not 0 to 6"),
        ("token_type", .types([1, -1]), "the token 1 has the type int32(-1), not 0 to 6"),
        ("token_type", .types([1, 6]), "the byte token 1 is spelt 'b', not like <0x0A>"),
        ("token_type", .strings(["", ""]), "the token 0 has the type string([]), not 0 to 6"),
        ("eos_token_id", .uint32(2), "the end-of-text token 2 is none of the 2 tokens"),
        ("eos_token_id", .string("a"), "'tokenizer.ggml.eos_token_id' is no token"),
        ("bos_token_id", .uint64(1 << 40), "the begin-of-text token 1099511627776 is none of the 2 tokens"),
    ]

    @Test("What does not fit is refused with the key and the token", arguments: refusals)
    func refused(change: String, value: GGUFWriter.Value?, error: String) {
        var entries: [(key: String, value: GGUFWriter.Value)] = [
            ("tokenizer.ggml.model", .string("llama")), ("tokenizer.ggml.tokens", .strings(["a", "b"])),
            ("tokenizer.ggml.token_type", .types([1, 1])),
        ]
        entries.removeAll { $0.key == "tokenizer.ggml.\(change)" }
        if let value { entries.append(("tokenizer.ggml.\(change)", value)) }
        let thrown = #expect(throws: FormatError.self) { try vocabulary(entries) }
        #expect(thrown?.description == error)
    }

    static let files: [(name: String, count: Int, ends: [Int], token: Int, text: String)] = [
        ("ggml-vocab-gpt-2", 50257, [50256], 50255, " gazed"),
        ("ggml-vocab-llama-spm", 32000, [2], 31999, "给"),
        ("derived-vocab-llama-bpe", 128256, [128001, 128009], 127999, "锦"),
    ]

    @Test("Real vocabularies are read whole", arguments: files)
    func real(name: String, count: Int, ends: [Int], token: Int, text: String) throws {
        guard let path = SharedData.path("vocab/\(name).gguf") else { return }
        let vocabulary = try Vocabulary(GGUFFile(path: path))
        #expect(vocabulary.tokenCount == count)
        #expect(vocabulary.endOfTextTokens == ends)
        #expect(String(decoding: vocabulary.text(of: token), as: UTF8.self) == text)
        // Every byte can be written: as a token of its own.
        let single = Set((0..<count).map { vocabulary.text(of: $0) }.filter { $0.count == 1 }.map { $0.first! })
        #expect(single.count == 256)
    }
}
