/// A tiktoken rank file: on each line the bytes of a token in base64, a space, and its rank, which is its id.
///
/// Source: `load_tiktoken_bpe` of github.com/openai/tiktoken, tiktoken/load.py.
public struct TiktokenRanks: Sendable {
    /// Ids above this are taken for a broken file, not for a vocabulary with as many empty rows: the largest known have
    /// a quarter of it.
    public static let maximumRank = 1 << 20

    /// Each token and its rank, in the order of ranks. Ranks may be left out: special tokens have them.
    public let tokens: [(bytes: [UInt8], rank: Int)]

    /// Reads the file at `path`. O(bytes, n log n in tokens).
    /// - Throws: ``FormatError``: `unreadable` where there is no such file, `malformed` for a line that is no token and
    ///   rank, with its number, and for bytes or ranks that stand twice.
    public init(path: String) throws(FormatError) {
        self = try FileBytes(path: path).withBytes { bytes throws(FormatError) in try Self(bytes) }
    }

    /// The ranks of a file whose contents are `bytes`.
    public init(bytes: [UInt8]) throws(FormatError) {
        self = try FileBytes(bytes).withBytes { bytes throws(FormatError) in try Self(bytes) }
    }

    private init(_ text: UnsafeRawBufferPointer) throws(FormatError) {
        var tokens: [(bytes: [UInt8], rank: Int)] = []
        var lineByBytes: [[UInt8]: Int] = [:]
        var lineByRank: [Int: Int] = [:]
        var start = 0
        var line = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            defer { start = end + 1 }
            line += 1
            if start == end { continue }
            func failure(_ problem: String) -> FormatError {
                FormatError(.malformed, "line \(line) of the ranks \(problem)", offset: start)
            }
            let parts = text[start..<end].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard parts.count == 2, let bytes = Base64.decode(parts[0]), let rank = Self.rank(parts[1]) else {
                throw failure("is not a token in base64, a space, and a rank of at most \(Self.maximumRank)")
            }
            if let first = lineByBytes.updateValue(line, forKey: bytes) {
                throw failure("has the token of line \(first)")
            }
            if let first = lineByRank.updateValue(line, forKey: rank) { throw failure("has the rank of line \(first)") }
            tokens.append((bytes, rank))
        }
        guard !tokens.isEmpty else { throw FormatError(.malformed, "the file of ranks is empty") }
        self.tokens = tokens.sorted { $0.rank < $1.rank }
    }

    private static func rank(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard (1...8).contains(digits.count) else { return nil }
        var rank = 0
        for digit in digits {
            guard case let value = digit &- UInt8(ascii: "0"), value < 10 else { return nil }
            rank = rank * 10 + Int(value)
        }
        return rank <= maximumRank ? rank : nil
    }
}

extension Vocabulary {
    /// The vocabulary of `ranks` and of the special tokens that belong to them, which stand in no file.
    ///
    /// Ids between that neither has are `unused`.
    /// - Parameters:
    ///   - specials: Special tokens with their ids; those with a well-known name, `<|endoftext|>` and others as for
    ///     ``init(_:vocabularySize:)``, end a text.
    ///   - vocabularySize: V, the rows of the head; one more than the highest id where nil.
    /// - Throws: ``FormatError`` with code `malformed` where a special token has the id of another token or one that no
    ///   vocabulary can have, or V does not fit.
    public init(
        _ ranks: TiktokenRanks, specials: [(name: String, token: Int)] = [], vocabularySize: Int? = nil
    ) throws(FormatError) {
        var tokens: [Int: (bytes: [UInt8], kind: TokenKind)] = [:]
        for (bytes, rank) in ranks.tokens { tokens[rank] = (bytes, .normal) }
        for (name, token) in specials {
            guard (0...TiktokenRanks.maximumRank).contains(token), tokens[token] == nil else {
                throw FormatError(
                    .malformed, "the special token '\(name)' has the id \(token), which is another's or none")
            }
            tokens[token] = (Array(name.utf8), .control)
        }
        var builder = VocabularyBuilder(
            endOfText: specials.filter { Self.endOfTextNames.contains($0.name) }.map(\.token))
        for id in 0...(tokens.keys.max() ?? 0) {
            let token = tokens[id] ?? ([], .unused)
            try builder.append(token.bytes, token.kind)
        }
        self = try builder.vocabulary(beginOfText: nil, vocabularySize: vocabularySize, addsSpacePrefix: false)
    }
}
