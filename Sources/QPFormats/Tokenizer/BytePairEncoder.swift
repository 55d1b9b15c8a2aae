/// Byte-level BPE: within each piece of the text, the pair of neighbours that stands first in the list of merges
/// becomes one token, until no pair stands in it (Sennrich, Haddow and Birch, 2016; over bytes, Radford and others,
/// 2019).
struct BytePairEncoder: Sendable {
    private let preTokenizer: PreTokenizer
    private let index: TokenIndex
    /// The token of each single byte, −1 where there is none.
    private let byteTokens: [Int32]
    /// By the tokens of the left and right half, in one word.
    private let merges: [UInt64: MergeList.Merge]

    /// The encoder of `file`, whose vocabulary is `vocabulary`.
    init(_ file: GGUFFile, _ vocabulary: Vocabulary) throws(FormatError) {
        preTokenizer = try PreTokenizer(named: file.string("tokenizer.ggml.pre"))
        var index = TokenIndex(capacity: vocabulary.tokenCount)
        for token in 0..<vocabulary.tokenCount where vocabulary.kinds[token] == .normal {
            index.insert(Array(vocabulary.text(of: token)), token)
        }
        var byteTokens = [Int32](repeating: -1, count: 256)
        for byte in 0...255 as ClosedRange<UInt8> {
            [byte].withUnsafeBufferPointer { byteTokens[Int(byte)] = index.token($0) ?? -1 }
        }
        self.index = index
        self.byteTokens = byteTokens
        merges = try Self.merges(file.strings("tokenizer.ggml.merges"), index)
    }

    /// Reads merges, each "left right", the earliest in the list first.
    private static func merges(
        _ list: GGUFArray, _ index: TokenIndex
    ) throws(FormatError) -> [UInt64: MergeList.Merge] {
        var merges: [UInt64: MergeList.Merge] = [:]
        merges.reserveCapacity(list.count)
        var rank: UInt32 = 0
        var text: [UInt8] = []
        try list.forEachString { merge throws(FormatError) in
            func failure(_ problem: String) -> FormatError {
                FormatError(.malformed, "the merge \(rank), '\(String(decoding: merge, as: UTF8.self))', \(problem)")
            }
            // No character of a token is a space.
            guard let space = merge.firstIndex(of: UInt8(ascii: " ")) else { throw failure("has no two halves") }
            text.removeAll(keepingCapacity: true)
            guard ByteAlphabet.decode(UnsafeRawBufferPointer(rebasing: merge[..<space]), into: &text),
                case let middle = text.count,
                ByteAlphabet.decode(UnsafeRawBufferPointer(rebasing: merge[(space + 1)...]), into: &text)
            else { throw failure("has a character that stands for no byte") }
            let found = text.withUnsafeBufferPointer { text in
                (
                    index.token(UnsafeBufferPointer(rebasing: text[..<middle])),
                    index.token(UnsafeBufferPointer(rebasing: text[middle...])), index.token(text)
                )
            }
            guard let left = found.0, let right = found.1, let token = found.2 else {
                throw failure("has a part that is no token")
            }
            let key = UInt64(left) << 32 | UInt64(right)
            if merges[key] == nil { merges[key] = MergeList.Merge(priority: rank, token: token) }
            rank += 1
        }
        return merges
    }

    /// Appends the tokens of `text`, which is UTF-8.
    /// - Throws: ``FormatError`` with code `missing` where no token writes a byte that is left alone.
    func encode(_ text: UnsafeBufferPointer<UInt8>, into tokens: inout [Int]) throws(FormatError) {
        let scalars = ScalarText(text)
        var list = MergeList()
        for piece in preTokenizer.pieces(scalars) {
            let range = scalars.offsets[piece.lowerBound]..<scalars.offsets[piece.upperBound]
            let bytes = UnsafeBufferPointer(rebasing: text[range])
            if preTokenizer.takesWholePieces, let token = index.token(bytes) {
                tokens.append(Int(token))
                continue
            }
            list.removeAll()
            for (position, byte) in bytes.enumerated() { list.append(end: position + 1, token: byteTokens[Int(byte)]) }
            list.run { left, right in
                left.token < 0 || right.token < 0 ? nil : merges[UInt64(left.token) << 32 | UInt64(right.token)]
            }
            for symbol in list {
                guard symbol.token >= 0 else {
                    let byte = String(bytes[Int(symbol.start)], radix: 16, uppercase: true)
                    throw FormatError(
                        .missing, "no token writes the byte 0x\(byte.count < 2 ? "0" : "")\(byte) of the text")
                }
                tokens.append(Int(symbol.token))
            }
        }
    }
}
