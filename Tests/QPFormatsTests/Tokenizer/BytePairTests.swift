import QPFormats
import QPTestInputs
import Testing

@Suite("Byte-level tokenizers")
struct BytePairTests {
    /// A token for each byte, then one for each merge, then `added` ones of a kind.
    private static func file(
        merges: [(String, String)], pre: String = "gpt-2", added: [(text: String, kind: Int32)] = []
    ) throws -> GGUFFile {
        let tokens = byteCharacters + merges.map { byteLevel($0 + $1) } + added.map(\.text)
        let types = Array(repeating: 1 as Int32, count: 256 + merges.count) + added.map(\.kind)
        return try GGUFFile(
            bytes: GGUFWriter(entries: [
                ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string(pre)),
                ("tokenizer.ggml.tokens", .strings(tokens)), ("tokenizer.ggml.token_type", .types(types)),
                ("tokenizer.ggml.merges", .strings(merges.map { "\(byteLevel($0)) \(byteLevel($1))" })),
            ]).bytes())
    }

    private func texts(_ tokenizer: Tokenizer, _ tokens: [Int]) -> [String] {
        tokens.map { String(decoding: tokenizer.vocabulary.text(of: $0), as: UTF8.self) }
    }

    @Test("The earliest merge in the list goes first, the leftmost of equal ones")
    func order() throws {
        let tokenizer = try Tokenizer(Self.file(merges: [("b", "c"), ("a", "b"), ("a", "a"), ("aa", "a")]))
        #expect(texts(tokenizer, try tokenizer.encode("abc")) == ["a", "bc"])
        #expect(texts(tokenizer, try tokenizer.encode("abab")) == ["ab", "ab"])
        #expect(texts(tokenizer, try tokenizer.encode("aaaaa")) == ["aa", "aaa"])
        // Of a merge that stands twice, the first counts.
        let twice = try Tokenizer(Self.file(merges: [("b", "c"), ("a", "b"), ("b", "c")]))
        #expect(texts(twice, try twice.encode("abc")) == ["a", "bc"])
        #expect(try tokenizer.encode("") == [])
        #expect(try tokenizer.encode("é") == [0xC3, 0xA9])
    }

    @Test("A piece that is a token is taken whole where the model says so, else only by merges")
    func wholePieces() throws {
        let added: [(text: String, kind: Int32)] = [(text: "abc", kind: 1)]
        let merging = try Tokenizer(Self.file(merges: [("b", "c")], added: added))
        #expect(texts(merging, try merging.encode("abc")) == ["a", "bc"])
        let whole = try Tokenizer(Self.file(merges: [("b", "c")], pre: "llama-bpe", added: added))
        #expect(texts(whole, try whole.encode("abc abc")) == ["abc", " ", "a", "bc"])
    }

    @Test("Random texts have the tokens of merging by the letter of the algorithm")
    func reference() throws {
        for seed in 1...60 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            var parts = ["a", "b", "c", "é"]
            var merges: [(String, String)] = []
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                let pair = (parts.randomElement(using: &random)!, parts.randomElement(using: &random)!)
                // The first merges make é of its bytes, if at all.
                if parts.contains(pair.0 + pair.1) || (pair.0 + pair.1).contains("é") { continue }
                parts.append(pair.0 + pair.1)
                merges.append(pair)
            }
            let tokenizer = try Tokenizer(Self.file(merges: merges))
            for _ in 0..<20 {
                let text = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    ["a", "b", "c"].randomElement(using: &random)!
                }
                var symbols = text
                while true {
                    let ranks = zip(symbols, symbols.dropFirst()).map { pair in merges.firstIndex { $0 == pair } }
                    guard let best = ranks.compactMap({ $0 }).min(), let place = ranks.firstIndex(of: best) else {
                        break
                    }
                    symbols.replaceSubrange(place...(place + 1), with: [symbols[place] + symbols[place + 1]])
                }
                let tokens = try tokenizer.encode(text.joined())
                #expect(texts(tokenizer, tokens) == symbols, "seed \(seed), \(text.joined())")
            }
        }
    }

    @Test("Added tokens are found in the text first; control tokens only when asked for")
    func specials() throws {
        let tokenizer = try Tokenizer(
            Self.file(
                merges: [("a", "b")],
                added: [("<|x|>", 3), ("<t>", 4), ("<t>>", 4), ("  ", 4), ("", 4), ("<u>", 5), ("<n>", 2)]))
        func tokens(_ text: String, _ parsing: Bool) throws -> [Int] {
            try tokenizer.encode(text, parsingSpecials: parsing)
        }
        #expect(try tokens("ab<t>ab", false) == [256, 258, 256])
        #expect(try tokens("<t>><t>", false) == [259, 258])
        #expect(try tokens("   a", false) == [260, 0x20, 0x61])
        #expect(try tokens("<|x|>ab", true) == [257, 256])
        #expect(try tokens("<n>", true) == [263])
        #expect(try tokens("<|x|>", false) == "<|x|>".utf8.map { Int($0) })
        #expect(try tokens("<u>", true) == "<u>".utf8.map { Int($0) })
        #expect(tokenizer.decode([257, 256, 258]) == Array("ab<t>".utf8))
    }

    @Test("A long text without a seam is encoded in time that grows little faster than it")
    func long() throws {
        let merges = (0..<12).map { (String(repeating: "a", count: 1 << $0), String(repeating: "a", count: 1 << $0)) }
        let tokenizer = try Tokenizer(Self.file(merges: merges))
        let tokens = try tokenizer.encode(String(repeating: "a", count: 1_000_000))
        // 2¹² letters are the longest token.
        #expect(tokens.count(where: { $0 == 256 + 11 }) == 1_000_000 >> 12)
    }

    @Test("A text above the limit is refused by its size")
    func tooLong() throws {
        let tokenizer = try Tokenizer(Self.file(merges: []))
        let text = String(repeating: "a", count: Tokenizer.maximumTextBytes + 1)
        let thrown = #expect(throws: FormatError.self) { try tokenizer.encode(text) }
        #expect(thrown?.description == "a text of 67108865 bytes is more than 67108864\nEncode it in parts.")
    }

    static let refusals: [(merges: [String], pre: String?, error: String)] = [
        (["ab"], "gpt-2", "the merge 0, 'ab', has no two halves"),
        (["a b", "a c"], "gpt-2", "the merge 1, 'a c', has a part that is no token"),
        (["a b", "ab b"], "gpt-2", "the merge 1, 'ab b', has a part that is no token"),
        (["a 漢"], "gpt-2", "the merge 0, 'a 漢', has a character that stands for no byte"),
        (["a b"], nil, "the file has no 'tokenizer.ggml.pre'"),
        (
            ["a b"], "olmo",
            "the pre-tokenizer 'olmo' is not known here\n"
                + "Known are deepseek-r1-qwen, default, gpt-2, llama-bpe, llama-v3, llama3, phi-2, qwen2, smollm."
        ),
    ]

    @Test("What does not fit is refused", arguments: refusals)
    func refused(merges: [String], pre: String?, error: String) {
        var writer = GGUFWriter(entries: [
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.tokens", .strings(byteCharacters + ["ab"])),
            ("tokenizer.ggml.merges", .strings(merges)),
        ])
        if let pre { writer.entries.append(("tokenizer.ggml.pre", .string(pre))) }
        let thrown = #expect(throws: FormatError.self) { try Tokenizer(GGUFFile(bytes: writer.bytes())) }
        #expect(thrown?.description == error)
    }

    @Test("A byte that no token writes is refused when a text has it")
    func missingByte() throws {
        let tokenizer = try Tokenizer(
            GGUFFile(
                bytes: GGUFWriter(entries: [
                    ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("gpt-2")),
                    ("tokenizer.ggml.tokens", .strings(["a"])), ("tokenizer.ggml.merges", .strings([])),
                ]).bytes()))
        #expect(try tokenizer.encode("aa") == [0, 0])
        let thrown = #expect(throws: FormatError.self) { try tokenizer.encode("a\n") }
        #expect(thrown?.description == "no token writes the byte 0x0A of the text")
    }
}
