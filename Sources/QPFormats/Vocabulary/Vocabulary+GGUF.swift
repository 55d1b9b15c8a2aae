/// The kinds of tokenizers in GGUF files that are read here, by `tokenizer.ggml.model`.
enum TokenizerModel: String, CaseIterable {
    /// Byte-level BPE.
    case bytePair = "gpt2"
    /// SentencePiece BPE with scores and byte tokens.
    case sentencePiece = "llama"

    /// The kind that `file` names.
    /// - Throws: ``FormatError``: `missing` where it names none, `unsupported` where it is another.
    init(_ file: GGUFFile) throws(FormatError) {
        let name = try file.string("tokenizer.ggml.model")
        guard let model = TokenizerModel(rawValue: name) else {
            throw FormatError(
                .unsupported, "the tokenizer model '\(name)' is not read here",
                advice: "Known are \(Self.allCases.map { "'\($0.rawValue)'" }.joined(separator: " and ")).")
        }
        self = model
    }
}

extension Vocabulary {
    /// The names under which models have a token that ends a text or a turn, whatever their files say of its kind.
    static let endOfTextNames: Set<String> = [
        "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<end_of_turn>",
    ]

    /// The vocabulary of a model's file.
    ///
    /// End-of-text tokens are those of the keys `tokenizer.ggml.eos_token_id`, `eot_token_id` and `eom_token_id`, and
    /// those with a well-known name: `<|endoftext|>`, `<|end_of_text|>`, `<|eot_id|>`, `<|eom_id|>`, `<|im_end|>`,
    /// `<end_of_turn>`. A token whose text cannot be told becomes `unused`: one of the undefined type 0, or a normal
    /// one of a byte-level tokenizer with a character that stands for no byte.
    ///
    /// Cost: O(bytes of the tokens), about 10 ms for 128 thousand tokens.
    /// - Parameter vocabularySize: V, the rows of the head; where nil the rows of the file's `output.weight` or
    ///   `token_embd.weight`, or as many as there are tokens where it holds neither.
    /// - Throws: ``FormatError``: `missing` for a key that has to be there, `unsupported` for a tokenizer other than
    ///   byte-level BPE (`gpt2`) and SentencePiece (`llama`), `malformed` for arrays and ids that do not fit together.
    public init(_ file: GGUFFile, vocabularySize: Int? = nil) throws(FormatError) {
        let model = try TokenizerModel(file)
        let tokens = try file.strings("tokenizer.ggml.tokens")
        let types = try file.tokenTypes(count: tokens.count)

        var endOfText: [Int] = []
        for name in ["eos", "eot", "eom"] {
            if let token = try file.tokenID("tokenizer.ggml.\(name)_token_id") { endOfText.append(token) }
        }
        var builder = VocabularyBuilder(endOfText: endOfText)
        var text: [UInt8] = []
        var id = 0
        try tokens.forEachString { token throws(FormatError) in
            var kind = types?[id] ?? .normal
            text.removeAll(keepingCapacity: true)
            if !(try model.appendText(of: token, id: id, kind, to: &text)) {
                kind = .unused
                text = Array(token)
            }
            // All the names begin with "<"; few tokens do.
            let isEnd =
                token.first == UInt8(ascii: "<")
                && Self.endOfTextNames.contains(String(decoding: token, as: UTF8.self))
            try builder.append(text, kind, endsText: isEnd)
            id += 1
        }

        // Byte-level tokenizers put no space before a text, whatever a file says.
        let prefixes = model == .sentencePiece && file["tokenizer.ggml.add_space_prefix"]?.boolValue ?? true
        self = try builder.vocabulary(
            beginOfText: try file.tokenID("tokenizer.ggml.bos_token_id"),
            vocabularySize: vocabularySize ?? file.headRowCount ?? tokens.count, addsSpacePrefix: prefixes)
    }
}

extension TokenizerModel {
    /// Appends what `token` writes, or its name where its kind writes nothing; false where that cannot be told.
    fileprivate func appendText(
        of token: UnsafeRawBufferPointer, id: Int, _ kind: Vocabulary.TokenKind, to text: inout [UInt8]
    ) throws(FormatError) -> Bool {
        switch (kind, self) {
        case (.byte, _):
            guard let byte = Self.byte(named: token) else {
                throw FormatError(
                    .malformed,
                    "the byte token \(id) is spelt '\(String(decoding: token, as: UTF8.self))', not like <0x0A>")
            }
            text.append(byte)
        case (.normal, .bytePair): return ByteAlphabet.decode(token, into: &text)
        case (.normal, .sentencePiece): Self.appendSpaced(token, to: &text)
        // The text of added tokens stands in the file as it is.
        case (.userDefined, _), (.unknown, _), (.control, _), (.unused, _): text.append(contentsOf: token)
        }
        return true
    }

    /// The byte of a SentencePiece byte token, `<0x0A>`.
    private static func byte(named token: UnsafeRawBufferPointer) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">"),
            let high = Character(Unicode.Scalar(token[3])).hexDigitValue,
            let low = Character(Unicode.Scalar(token[4])).hexDigitValue
        else { return nil }
        return UInt8(high << 4 | low)
    }

    /// Appends a SentencePiece token, in which U+2581 stands for a space.
    private static func appendSpaced(_ token: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        var position = 0
        while position < token.count {
            if token[position] == 0xE2, token.count - position >= 3, token[position + 1] == 0x96,
                token[position + 2] == 0x81
            {
                text.append(UInt8(ascii: " "))
                position += 3
            } else {
                text.append(token[position])
                position += 1
            }
        }
    }
}

extension GGUFFile {
    /// The string of a key that has to be there.
    func string(_ key: String) throws(FormatError) -> String {
        guard let value = self[key] else { throw FormatError(.missing, "the file has no '\(key)'") }
        guard let string = value.stringValue else { throw FormatError(.missing, "'\(key)' is no string of UTF-8") }
        return string
    }

    /// The array of strings of a key that has to be there.
    func strings(_ key: String) throws(FormatError) -> GGUFArray {
        guard let value = self[key] else {
            throw FormatError(
                .missing, "the file has no '\(key)'", advice: "Give a file that holds the model's vocabulary.")
        }
        guard let array = value.arrayValue, array.type == .string else {
            throw FormatError(.missing, "'\(key)' is no array of strings")
        }
        return array
    }

    /// The token of a key, nil where it is absent; −1 and the largest number stand for none, too.
    func tokenID(_ key: String) throws(FormatError) -> Int? {
        guard let value = self[key] else { return nil }
        guard let token = value.intValue else { throw FormatError(.missing, "'\(key)' is no token") }
        return token == -1 || token == UInt32.max ? nil : token
    }

    /// The kind of each token; nil where the file has none.
    fileprivate func tokenTypes(count: Int) throws(FormatError) -> [Vocabulary.TokenKind]? {
        let key = "tokenizer.ggml.token_type"
        guard let value = self[key] else { return nil }
        guard let array = value.arrayValue, array.count == count else {
            throw FormatError(.malformed, "'\(key)' is no array of \(count) numbers, one for each token")
        }
        var kinds: [Vocabulary.TokenKind] = []
        kinds.reserveCapacity(count)
        try array.forEach { value throws(FormatError) in
            // 0 is llama.cpp's "undefined".
            let number = value.intValue == 0 ? Int(Vocabulary.TokenKind.unused.rawValue) : value.intValue
            guard let number = number.flatMap(UInt8.init(exactly:)), let kind = Vocabulary.TokenKind(rawValue: number)
            else { throw FormatError(.unsupported, "the token \(kinds.count) has the type \(value), not 0 to 6") }
            kinds.append(kind)
        }
        return kinds
    }

    /// The rows of the head, from its weights; nil where the file does not hold them.
    fileprivate var headRowCount: Int? {
        let head = tensors.first { $0.name == "output.weight" } ?? tensors.first { $0.name == "token_embd.weight" }
        return head.flatMap { $0.dimensions.count == 2 ? $0.dimensions[1] : nil }
    }
}
