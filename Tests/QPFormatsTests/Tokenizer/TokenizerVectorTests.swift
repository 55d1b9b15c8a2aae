import QPFormats
import QPTestInputs
import Testing

@Suite("Tokenizers against published vectors")
struct TokenizerVectorTests {
    static let files: [(vocabulary: String, vectors: String)] = [
        ("ggml-vocab-gpt-2", "ggml-vocab-gpt-2"), ("ggml-vocab-llama-spm", "ggml-vocab-llama-spm"),
        ("derived-vocab-llama-bpe", "ggml-vocab-llama-bpe"),
    ]

    @Test("All 47 texts have llama.cpp's tokens, and those give the texts back", arguments: files)
    func published(vocabulary: String, vectors: String) throws {
        guard let path = SharedData.path("vocab/\(vocabulary).gguf"),
            let input = SharedData.path("vocab/\(vectors).gguf.inp"),
            let output = SharedData.path("vocab/\(vectors).gguf.out")
        else { return }
        let vectors = try TokenizerVectors(inputPath: input, outputPath: output)
        #expect(vectors.cases.count == 47)
        let failures = try vectors.failures(of: Tokenizer(GGUFFile(path: path)))
        #expect(failures.isEmpty, "\(failures)")
    }

    private static let input = Array("a\n__ggml_vocab_test__\n\n__ggml_vocab_test__\nb\n\n__ggml_vocab_test__\n".utf8)

    @Test("Texts are what stands between the separators, lines may end the file or not")
    func parsed() throws {
        for output in ["1\n\n 2 3\n4", "1\n\n 2 3\n4\n"] {
            let vectors = try TokenizerVectors(input: Self.input, output: Array(output.utf8))
            #expect(vectors.cases.map(\.text) == ["a", "", "b\n", ""])
            #expect(vectors.cases.map(\.tokens) == [[1], [], [2, 3], [4]])
        }
    }

    @Test("A text with other tokens, or with tokens that do not write it, fails")
    func failures() throws {
        let file = try GGUFFile(
            bytes: GGUFWriter(entries: [
                ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("gpt-2")),
                ("tokenizer.ggml.tokens", .strings(["a", "b", "Ċ", "<t>"])),
                ("tokenizer.ggml.token_type", .types([1, 1, 1, 3])), ("tokenizer.ggml.merges", .strings([])),
            ]).bytes())
        let vectors = try TokenizerVectors(input: Self.input, output: Array("1\n\n1 2\n".utf8))
        let failures = try vectors.failures(of: Tokenizer(file))
        #expect(failures.map(\.number) == [1])
        #expect(failures.first?.expected == [1])
        #expect(failures.first?.tokens == [0])
        #expect(failures.first?.isRestored == true)
    }

    static let refusals: [(input: [UInt8], output: String, error: String)] = [
        (input, "1\n2", "there are 4 texts and 2 lines of tokens"),
        (input, "1\n2\n3\n4\n5", "there are 4 texts and 5 lines of tokens"),
        (input, "1\n2\n3\n4\n5\n", "there are 4 texts and 5 lines of tokens"),
        (input, "1\n2\n3 x\n4", "line 3 of the tokens is no list of ids"),
        ([], "", "both files are empty"),
        ([0xFF], "1", "text 1 is not UTF-8 (at byte 0)"),
    ]

    @Test("Files that do not belong together are refused", arguments: refusals)
    func refused(input: [UInt8], output: String, error: String) {
        let thrown = #expect(throws: FormatError.self) {
            try TokenizerVectors(input: input, output: Array(output.utf8))
        }
        #expect(thrown?.description == error)
    }
}
