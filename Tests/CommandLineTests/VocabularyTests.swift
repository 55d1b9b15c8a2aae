import Foundation
import Testing

extension CommandLineTests {
    /// `vocabulary show` and `vocabulary test`, on a file of seven tokens.
    @Suite struct VocabularyTests {
        /// A GGUF file of a byte-level tokenizer.
        private static func gguf(tokens: [String], types: [UInt32], merges: [String], pre: String = "gpt-2") -> Data {
            func number<Value: FixedWidthInteger>(_ value: Value) -> Data {
                withUnsafeBytes(of: value.littleEndian) { Data($0) }
            }
            func text(_ text: String) -> Data { number(UInt64(text.utf8.count)) + Data(text.utf8) }
            func array(_ type: UInt32, _ elements: [Data]) -> Data {
                number(9 as UInt32) + number(type) + number(UInt64(elements.count)) + elements.reduce(Data(), +)
            }
            let string: UInt32 = 8
            let uint32: UInt32 = 4
            let entries = [
                text("tokenizer.ggml.model") + number(string) + text("gpt2"),
                text("tokenizer.ggml.pre") + number(string) + text(pre),
                text("tokenizer.ggml.tokens") + array(string, tokens.map(text)),
                text("tokenizer.ggml.token_type") + array(uint32, types.map(number)),
                text("tokenizer.ggml.merges") + array(string, merges.map(text)),
                text("tokenizer.ggml.bos_token_id") + number(uint32) + number(4 as UInt32),
            ]
            return Data("GGUF".utf8) + number(3 as UInt32) + number(0 as UInt64) + number(UInt64(entries.count))
                + entries.reduce(Data(), +)
        }

        private static let tokens = ["a", "b", "Ġ", "ab", "<s>", "<|im_end|>", "Ċ"]
        private static let types: [UInt32] = [1, 1, 1, 1, 3, 4, 1]
        private static let valid = gguf(tokens: tokens, types: types, merges: ["a b"])

        private func write(_ contents: some DataProtocol, _ name: String, _ folder: String) throws -> String {
            try Data(contents).write(to: URL(filePath: "\(folder)/\(name)"))
            return "\(folder)/\(name)"
        }

        @Test func showTellsWhatTheFileSays() throws {
            try inFolder { folder in
                let file = try write(Self.valid, "m.gguf", folder)
                let outcome = try Tool.run(["vocabulary", "show", file], in: folder)
                #expect(outcome.status == 0)
                #expect(outcome.err == "")
                #expect(
                    outcome.out == """
                        format         GGUF version 3, 0 tensors
                        tokenizer      gpt2, pre-tokenizer gpt-2
                        rows V         7
                        tokens         7: 5 normal, 2 control
                        end of text    5 "<|im_end|>"
                        begin of text  4 "<s>"
                        space prefix   no
                        longest token  3 "ab", 2 bytes

                        """)
            }
        }

        private static let texts = Data("ab a\n__ggml_vocab_test__\nb\na".utf8)

        @Test func testComparesTokens() throws {
            try inFolder { folder in
                let file = try write(Self.valid, "m.gguf", folder)
                let input = try write(Self.texts, "m.inp", folder)
                let output = try write(Data(" 3 2 0\n 1 6 0\n".utf8), "m.out", folder)
                let outcome = try Tool.run(["vocabulary", "test", file, input, output], in: folder)
                #expect(outcome.status == 0)
                #expect(outcome.err == "")
                #expect(outcome.out == "2 of 2 texts have the tokens that are expected\n")

                _ = try write(Data(" 0 1 2 0\n 1 6 0\n".utf8), "m.out", folder)
                let failed = try Tool.run(["vocabulary", "test", file, input, output], in: folder)
                #expect(failed.status == 1)
                #expect(failed.out == "1 of 2 texts have the tokens that are expected\n")
                #expect(failed.err == "text 1, \"ab a\": expected 0 1 2 0, got 3 2 0\n")
            }
        }

        @Test func filesThatCannotBeUsedAreNamed() throws {
            try inFolder { folder in
                let file = try write(Self.valid, "m.gguf", folder)
                let input = try write(Self.texts, "m.inp", folder)
                let output = try write(Data("0\n1\n2\n".utf8), "m.out", folder)
                func error(_ arguments: [String]) throws -> String {
                    let outcome = try Tool.run(["vocabulary"] + arguments, in: folder)
                    #expect(outcome.status == 1)
                    #expect(outcome.out == "")
                    return outcome.err
                }
                let missing = "qp-gpu: error: cannot read '/nonexistent': No such file or directory\n"
                #expect(try error(["show", "/nonexistent"]) == missing)
                #expect(try error(["test", "/nonexistent", input, output]).hasPrefix("qp-gpu: error: "))
                #expect(try error(["test", file, "/nonexistent", output]) == missing)
                #expect(
                    try error(["test", file, input, output])
                        == "qp-gpu: error: \(input), \(output): there are 2 texts and 3 lines of tokens\n")
                #expect(
                    try error(["show", input]) == """
                        qp-gpu: error: \(input): this is no GGUF file: it does not begin with 'GGUF' (at byte 0). \
                        Give a .gguf file, as llama.cpp's converters write them.

                        """)
                let cut = try write(Self.valid.dropLast(1), "cut.gguf", folder)
                #expect(
                    try error(["show", cut])
                        == "qp-gpu: error: \(cut): the file ends inside 'tokenizer.ggml.bos_token_id' "
                        + "(at byte \(Self.valid.count - 4))\n")

                let matching = try write(Data("0\n1\n".utf8), "two.out", folder)
                let unknown = try write(
                    Self.gguf(tokens: Self.tokens, types: Self.types, merges: [], pre: "bloom"), "bloom.gguf", folder)
                #expect(
                    try error(["test", unknown, input, matching]).hasPrefix(
                        "qp-gpu: error: \(unknown): the pre-tokenizer 'bloom' is not known here. Known are "))
            }
        }
    }
}
