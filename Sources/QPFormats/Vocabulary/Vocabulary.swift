/// The tokens of a model: the bytes that each one writes, and those that end a text.
///
/// Token ids are 0 ..< ``tokenCount``; the head may have more rows, V = ``vocabularySize``, and a padded row is no
/// token: it writes nothing, and a constraint never allows it. Of the tokens, unknown, control and unused ones write
/// nothing either, so a constraint allows of them only those in ``endOfTextTokens``.
///
/// Tokens may be empty: such a token would let a text grow for ever without a byte, so a constraint does not allow it.
/// Several tokens may write the same bytes: a constraint allows all or none of them. There may be no end-of-text token:
/// who needs one says so.
public struct Vocabulary: Sendable {
    /// What a token is for. The raw values are those of GGUF's `tokenizer.ggml.token_type`.
    public enum TokenKind: UInt8, Hashable, Sendable, CaseIterable {
        /// Writes its text.
        case normal = 1
        /// Stands for text that the tokenizer cannot express; writes nothing.
        case unknown
        /// Steers the model: begin and end of text, roles, tools; writes nothing.
        case control
        /// Added to the tokenizer by its maker as text; writes it.
        case userDefined
        /// A place held free; writes nothing.
        case unused
        /// Writes one byte, where no other token has the character.
        case byte

        /// Whether tokens of the kind write their text.
        public var writesText: Bool {
            switch self {
            case .normal, .userDefined, .byte: true
            case .unknown, .control, .unused: false
            }
        }
    }

    /// V, the rows of the head: at least ``tokenCount``.
    public let vocabularySize: Int
    /// The bytes of all tokens, one after another; token t writes `textBytes[textOffsets[t]..<textOffsets[t + 1]]`.
    public let textBytes: [UInt8]
    /// Where each token's bytes begin in ``textBytes``, and the end of the last: ``tokenCount`` + 1 offsets.
    public let textOffsets: [UInt32]
    /// What each token is for.
    public let kinds: [TokenKind]
    /// The tokens that end a text, ascending; all are of the kind `control`.
    public let endOfTextTokens: [Int]
    /// The token that a text begins with, where the model has one.
    public let beginOfTextToken: Int?
    /// Whether the tokenizer puts a space before a text, and so takes it from the front of what tokens write.
    public let addsSpacePrefix: Bool
    /// How tokens that write nothing are spelt, `<|eot_id|>` for one.
    let specialNames: [Int: [UInt8]]

    /// The count of tokens, which is the count of ids that a tokenizer gives.
    public var tokenCount: Int { kinds.count }

    /// The bytes that `token` writes: none for a special token or a padded row.
    /// - Precondition: 0 ≤ token < V.
    public func text(of token: Int) -> ArraySlice<UInt8> {
        precondition((0..<vocabularySize).contains(token), "token \(token) of a vocabulary of \(vocabularySize)")
        guard token < tokenCount else { return [] }
        return textBytes[Int(textOffsets[token])..<Int(textOffsets[token + 1])]
    }

    /// How a token that writes nothing is spelt; nil for one that writes text or has no name, and for a padded row.
    public func specialName(of token: Int) -> String? {
        specialNames[token].map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether `token` ends a text. O(their count).
    public func isEndOfText(_ token: Int) -> Bool { endOfTextTokens.contains(token) }

    /// The bytes that `tokens` write one after another, as a constraint sees them.
    public func text(of tokens: some Sequence<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        for token in tokens { bytes += text(of: token) }
        return bytes
    }
}

extension Vocabulary {
    /// A vocabulary of `tokens`, each with the bytes that it writes, or with its name where its kind writes nothing.
    ///
    /// Cost: O(bytes).
    /// - Parameters:
    ///   - kinds: What each is for; all are `normal` where nil.
    ///   - endOfText: Ids of the tokens that end a text; they become `control`, whatever they were.
    ///   - vocabularySize: V, the rows of the head; the count of tokens where nil.
    /// - Throws: ``FormatError`` with code `malformed` where the counts do not fit, an id is no token, there is no
    ///   token at all, or their bytes exceed 4 GiB.
    public init(
        tokens: [[UInt8]], kinds: [TokenKind]? = nil, endOfText: [Int] = [], beginOfText: Int? = nil,
        vocabularySize: Int? = nil, addsSpacePrefix: Bool = false
    ) throws(FormatError) {
        if let kinds, kinds.count != tokens.count {
            throw FormatError(.malformed, "\(kinds.count) kinds for \(tokens.count) tokens")
        }
        var builder = VocabularyBuilder(endOfText: endOfText)
        for (token, bytes) in tokens.enumerated() { try builder.append(bytes, kinds?[token] ?? .normal) }
        self = try builder.vocabulary(
            beginOfText: beginOfText, vocabularySize: vocabularySize, addsSpacePrefix: addsSpacePrefix)
    }

    /// A vocabulary of one token for each byte, ids 0…255, and an end-of-text token, id 256, for tests and examples.
    public static let bytes256: Vocabulary = {
        let tokens = (0...255).map { [UInt8($0)] } + [Array("<|endoftext|>".utf8)]
        // The arguments fit by their making.
        return try! Vocabulary(tokens: tokens, endOfText: [256])
    }()
}
