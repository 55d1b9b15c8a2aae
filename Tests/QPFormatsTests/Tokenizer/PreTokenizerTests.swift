import QPTestInputs
import Testing

@testable import QPFormats

@Suite("Pre-tokenizers")
struct PreTokenizerTests {
    private func pieces(_ name: String, _ text: String) throws -> [String] {
        try Array(text.utf8).withUnsafeBufferPointer { bytes in
            let scalars = ScalarText(bytes)
            return try PreTokenizer(named: name).pieces(scalars).map { piece in
                let range = scalars.offsets[piece.lowerBound]..<scalars.offsets[piece.upperBound]
                return String(decoding: bytes[range], as: UTF8.self)
            }
        }
    }

    /// Pieces that Python's `regex` finds for the expressions of llama.cpp, one after another.
    static let cuts: [(name: String, text: String, pieces: [String])] = [
        ("gpt-2", "I'll don'T 're'x", ["I", "'ll", " don", "'", "T", " '", "re", "'", "x"]),
        ("gpt-2", "a  b   \n c \t", ["a", " ", " b", "   \n", " c", " \t"]),
        ("gpt-2", " 漢字12é٣ ²", [" 漢字", "12", "é", "٣", " ²"]),
        ("gpt-2", "a\n\nb \u{3000}c", ["a", "\n", "\n", "b", " ", "\u{3000}", "c"]),
        ("gpt-2", "x!! ?y e\u{301}", ["x", "!!", " ?", "y", " e", "\u{301}"]),
        ("llama-bpe", "I'LL 'Re'x !a", ["I", "'LL", " '", "Re", "'x", " !", "a"]),
        ("llama-bpe", "I'Sa'LLx'rEy", ["I", "'S", "a", "'LL", "x", "'rE", "y"]),
        ("llama-bpe", "12345 678", ["123", "45", " ", "678"]),
        ("llama-bpe", "a!\r\n\nb  \n \n  c", ["a", "!\r\n\n", "b", "  \n \n", " ", " c"]),
        ("llama-bpe", "(漢字) \tx\n", ["(漢字", ")", " ", "\tx", "\n"]),
        ("llama-bpe", "   ", ["   "]),
        ("qwen2", "1234 5'S", ["1", "2", "3", "4", " ", "5", "'S"]),
        ("smollm", "a 12  b'll", ["a", " ", "1", "2", " ", " b", "'ll"]),
        ("smollm", "x²Ⅷ!", ["x", "²", "Ⅷ", "!"]),
        ("default", "a+b=$1234.5  it's", ["a", "+", "b", "=$", "123", "4", ".", "5", " ", " it", "'", "s"]),
        ("default", "٣٣٣٣ 12٣45", ["٣٣٣٣", " ", "12٣45"]),
        ("default", "«x» 1234567", ["«", "x", "»", " ", "123", "456", "7"]),
        ("llama3", "1234", ["123", "4"]), ("llama-v3", "1234", ["123", "4"]), ("phi-2", "1234", ["1234"]),
        ("deepseek-r1-qwen", "12", ["1", "2"]),
    ]

    @Test("A text is cut as the expressions of its name cut it", arguments: cuts)
    func cut(name: String, text: String, pieces: [String]) throws {
        #expect(try self.pieces(name, text) == pieces)
    }

    @Test("Pieces make up the text, for any text and name", arguments: PreTokenizer.allCases.map(\.rawValue))
    func complete(name: String) throws {
        let alphabet = Array(" \t\n\r'sltrevdSLa9é漢²٣!.$\u{301}\u{3000}🦙").map(String.init)
        #expect(try pieces(name, "").isEmpty)
        for seed in 1...3000 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            let text = (0..<Int.random(in: 1...16, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            let pieces = try self.pieces(name, text.joined())
            #expect(pieces.joined() == text.joined(), "seed \(seed)")
            #expect(!pieces.contains(""), "seed \(seed)")
        }
    }

    @Test("A name that is not known is refused with those that are")
    func unknown() {
        let error = #expect(throws: FormatError.self) { try PreTokenizer(named: "tekken") }
        #expect(
            error?.description == """
                the pre-tokenizer 'tekken' is not known here
                Known are deepseek-r1-qwen, default, gpt-2, llama-bpe, llama-v3, llama3, phi-2, qwen2, smollm.
                """)
    }
}
