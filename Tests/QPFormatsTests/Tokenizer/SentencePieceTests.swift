import QPFormats
import QPTestInputs
import Testing

@Suite("SentencePiece tokenizers")
struct SentencePieceTests {
    /// <unk>, <s>, </s>, the bytes as 3…258, then `pieces`.
    private static func file(
        _ pieces: [(text: String, score: Float, kind: Int32)], changes: [(key: String, value: GGUFWriter.Value)] = []
    ) throws -> GGUFFile {
        let bytes = (0...255).map { (byte: Int) -> String in
            let digits = String(byte, radix: 16, uppercase: true)
            return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
        }
        var writer = GGUFWriter(entries: [
            ("tokenizer.ggml.model", .string("llama")),
            ("tokenizer.ggml.tokens", .strings(["<unk>", "<s>", "</s>"] + bytes + pieces.map(\.text))),
            ("tokenizer.ggml.scores", .scores(Array(repeating: 0, count: 259) + pieces.map(\.score))),
            (
                "tokenizer.ggml.token_type",
                .types([2, 3, 3] + Array(repeating: 6, count: 256) + pieces.map(\.kind))
            ),
        ])
        for change in changes {
            writer.entries.removeAll { $0.key == change.key }
            writer.entries.append(change)
        }
        return try GGUFFile(bytes: writer.bytes())
    }

    private static let plain = [(key: "tokenizer.ggml.add_space_prefix", value: GGUFWriter.Value.bool(0))]

    private func spelling(_ tokenizer: Tokenizer, _ text: String, parsing: Bool = false) throws -> [String] {
        try tokenizer.encode(text, parsingSpecials: parsing).map {
            tokenizer.vocabulary.specialName(of: $0)
                ?? String(decoding: tokenizer.vocabulary.text(of: $0), as: UTF8.self)
        }
    }

    @Test("The highest score goes first, the leftmost of equal ones; a space comes before the text")
    func order() throws {
        let letters: [(text: String, score: Float, kind: Int32)] = ["a", "b", "c", "▁"].map { ($0, -100, 1) }
        let tokenizer = try Tokenizer(
            Self.file(letters + [("ab", -2, 1), ("bc", -1, 1), ("▁a", -3, 1), ("aa", -1, 1), ("▁▁", -9, 1)]))
        #expect(try spelling(tokenizer, "abc") == [" a", "bc"])
        #expect(try spelling(tokenizer, "bab") == [" ", "b", "ab"])
        #expect(try spelling(tokenizer, "baaa") == [" ", "b", "aa", "a"])
        #expect(try spelling(tokenizer, " c▁c") == ["  ", "c", " ", "c"])
        #expect(try tokenizer.encode("") == [])
        #expect(tokenizer.decode(try tokenizer.encode(" ab a")) == Array(" ab a".utf8))
    }

    @Test("Scores are compared as numbers: negative, zero of either sign, positive")
    func scores() throws {
        let letters: [(text: String, score: Float, kind: Int32)] = ["a", "b", "c"].map { ($0, 0, 1) }
        let pairs: [(Float, Float)] = [(-1, -2), (0, -1), (2, 1), (1, -1), (0, -0.0), (-0.0, 0)]
        for (ab, bc) in pairs {
            let tokenizer = try Tokenizer(
                Self.file(letters + [("ab", ab, 1), ("bc", bc, 1)], changes: Self.plain))
            #expect(try spelling(tokenizer, "abc") == ["ab", "c"], "\(ab) \(bc)")
            let swapped = try Tokenizer(
                Self.file(letters + [("ab", bc, 1), ("bc", ab, 1)], changes: Self.plain))
            #expect(try spelling(swapped, "abc") == (ab == bc ? ["ab", "c"] : ["a", "bc"]), "\(bc) \(ab)")
        }
    }

    @Test("Characters that are no token are written byte by byte")
    func fallback() throws {
        let tokenizer = try Tokenizer(Self.file([("a", 0, 1), ("漢字", 1, 1)], changes: Self.plain))
        #expect(try tokenizer.encode("aé") == [259, 3 + 0xC3, 3 + 0xA9])
        // Together they are one, though neither is.
        #expect(try tokenizer.encode("漢字") == [260])
        #expect(try tokenizer.encode(" ") == [3 + 0x20])
        #expect(tokenizer.decode(try tokenizer.encode("漢字é 🦙")) == Array("漢字é 🦙".utf8))
    }

    @Test("An unused token is a step on the way, and is taken apart where the way ends there")
    func unused() throws {
        let tokenizer = try Tokenizer(
            Self.file(
                [("a", 0, 1), ("b", 0, 1), ("c", 0, 1), ("ab", 3, 5), ("abc", 2, 1), ("abab", 1, 5)],
                changes: Self.plain))
        #expect(try spelling(tokenizer, "abc") == ["abc"])
        #expect(try spelling(tokenizer, "ab") == ["a", "b"])
        #expect(try spelling(tokenizer, "abab") == ["a", "b", "a", "b"])
        #expect(try spelling(tokenizer, "cabb") == ["c", "a", "b", "b"])
    }

    @Test("Names of control and byte tokens are text, unless control tokens are asked for")
    func specials() throws {
        let letters: [(text: String, score: Float, kind: Int32)] = "<s>/0xA".map { ("\($0)", 0, 1) }
        let tokenizer = try Tokenizer(Self.file(letters + [("<s", 1, 1), ("<tool>", 0, 4)]))
        #expect(try tokenizer.encode("<s>").last != 1)
        #expect(try tokenizer.encode("<0x0A>").contains(3 + 0x0A) == false)
        #expect(try tokenizer.encode("<s>", parsingSpecials: true) == [1])
        // The text after such a token has a space before it again, as llama.cpp does it.
        #expect(try spelling(tokenizer, "A<tool>A") == [" ", "A", "<tool>", " ", "A"])
    }

    @Test("Random texts have the tokens of merging by the letter of the algorithm")
    func reference() throws {
        for seed in 1...60 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            var pieces: [(text: String, score: Float, kind: Int32)] = [("a", 0, 1), ("b", 0, 1), ("é", 0, 1)]
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                let text = (0..<Int.random(in: 2...5, using: &random)).map { _ in
                    ["a", "b", "é"].randomElement(using: &random)!
                }.joined()
                if pieces.contains(where: { $0.text == text }) { continue }
                pieces.append((text, Float(Int.random(in: -9...9, using: &random)), 1))
            }
            let tokenizer = try Tokenizer(Self.file(pieces, changes: Self.plain))
            let scores = Dictionary(uniqueKeysWithValues: pieces.map { ($0.text, $0.score) })
            for _ in 0..<20 {
                let text = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    ["a", "b", "é"].randomElement(using: &random)!
                }
                var symbols = text
                while true {
                    let found = zip(symbols, symbols.dropFirst()).map { scores[$0 + $1] }
                    guard let best = found.compactMap({ $0 }).max(), let place = found.firstIndex(of: best) else {
                        break
                    }
                    symbols.replaceSubrange(place...(place + 1), with: [symbols[place] + symbols[place + 1]])
                }
                #expect(try spelling(tokenizer, text.joined()) == symbols, "seed \(seed), \(text.joined())")
            }
        }
    }

    @Test("Scores and byte tokens have to be there")
    func refused() {
        func message(_ change: (key: String, value: GGUFWriter.Value)) -> String? {
            #expect(throws: FormatError.self) { try Tokenizer(Self.file([], changes: [change])) }?.description
        }
        let scores = "'tokenizer.ggml.scores' is no array of 259 32-bit numbers, one for each token"
        #expect(message(("tokenizer.ggml.scores", .scores([1]))) == scores)
        #expect(message(("tokenizer.ggml.scores", .types(Array(repeating: 0, count: 259)))) == scores)
        #expect(
            message(("tokenizer.ggml.eos_token_id", .uint32(3 + 0x7F))) == """
                the vocabulary has no byte token for 127, so not every text can be written
                Tokenizers without byte tokens are not read here.
                """)
    }
}
