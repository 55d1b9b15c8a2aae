/// A model's tokenizer: the tokens of a text, and the text of tokens.
///
/// It gives llama.cpp's tokens for the same file, without the begin- and end-of-text tokens that an engine may add.
public struct Tokenizer: Sendable {
    /// The bytes of text that are encoded at once, at most: 64 MiB, for which a SentencePiece tokenizer takes 4 GiB.
    public static let maximumTextBytes = 64 << 20

    /// What the tokens are and write.
    public let vocabulary: Vocabulary
    private let encoder: Encoder
    private let specials: SpecialTokens

    private enum Encoder {
        case bytePair(BytePairEncoder)
        case sentencePiece(SentencePieceEncoder)
    }

    /// The tokenizer of a model's file.
    ///
    /// Cost: O(bytes of tokens and merges), about 0.1 s for 128 thousand of each.
    /// - Parameter vocabularySize: V, as for ``Vocabulary/init(_:vocabularySize:)``.
    /// - Throws: ``FormatError``: what ``Vocabulary/init(_:vocabularySize:)`` throws; `unsupported` for a pre-tokenizer
    ///   that is not known, with the list of those that are; `missing` or `malformed` for merges or scores that do not
    ///   fit the tokens.
    public init(_ file: GGUFFile, vocabularySize: Int? = nil) throws(FormatError) {
        let vocabulary = try Vocabulary(file, vocabularySize: vocabularySize)
        encoder =
            switch try TokenizerModel(file) {
            case .bytePair: .bytePair(try BytePairEncoder(file, vocabulary))
            case .sentencePiece: .sentencePiece(try SentencePieceEncoder(file, vocabulary))
            }
        specials = SpecialTokens(vocabulary)
        self.vocabulary = vocabulary
    }

    /// The tokens of `text`. O(n log n) in its bytes.
    ///
    /// User-defined tokens are found in the text first, then the rest is encoded piece by piece. A SentencePiece
    /// tokenizer that puts a space before a text does so after such a token, too.
    /// - Parameter parsingSpecials: Whether the names of control tokens stand for them; else they are text like other.
    /// - Throws: ``FormatError``: `missing` where no token writes a byte of the text, `unsupported` for a text of more
    ///   than ``maximumTextBytes``.
    public func encode(_ text: String, parsingSpecials: Bool = false) throws(FormatError) -> [Int] {
        guard text.utf8.count <= Self.maximumTextBytes else {
            throw FormatError(
                .unsupported, "a text of \(text.utf8.count) bytes is more than \(Self.maximumTextBytes)",
                advice: "Encode it in parts.")
        }
        return try Array(text.utf8).withUnsafeBufferPointer { text throws(FormatError) in
            var tokens: [Int] = []
            var start = 0
            var position = 0
            while position < text.count {
                guard let match = specials.match(text, at: position, parsingSpecials: parsingSpecials) else {
                    position += 1
                    continue
                }
                try encodePlain(UnsafeBufferPointer(rebasing: text[start..<position]), into: &tokens)
                tokens.append(match.token)
                position += match.byteCount
                start = position
            }
            try encodePlain(UnsafeBufferPointer(rebasing: text[start...]), into: &tokens)
            return tokens
        }
    }

    private func encodePlain(_ text: UnsafeBufferPointer<UInt8>, into tokens: inout [Int]) throws(FormatError) {
        guard !text.isEmpty else { return }
        switch encoder {
        case .bytePair(let encoder): try encoder.encode(text, into: &tokens)
        case .sentencePiece(let encoder): encoder.encode(text, into: &tokens)
        }
    }

    /// The text of `tokens`; special ones have none. The space that the tokenizer puts before a text is taken away.
    /// - Precondition: each is in 0 ..< V.
    public func decode(_ tokens: some Sequence<Int>) -> [UInt8] {
        let text = vocabulary.text(of: tokens)
        return vocabulary.addsSpacePrefix && text.first == UInt8(ascii: " ") ? Array(text.dropFirst()) : text
    }
}
