/// SentencePiece's BPE: of all neighbours whose bytes together are a token, those with the highest score become it,
/// until none are left; a character that is no token is written by tokens of its bytes (Kudo and Richardson, 2018).
struct SentencePieceEncoder: Sendable {
    private let addsSpacePrefix: Bool
    /// Normal and unused tokens, by what they write. Unused ones are steps on the way only.
    private let index: TokenIndex
    private let isUnused: [Bool]
    private let byteTokens: [Int32]
    /// Of each token, low for a high score.
    private let priorities: [UInt32]

    /// The encoder of `file`, whose vocabulary is `vocabulary`.
    init(_ file: GGUFFile, _ vocabulary: Vocabulary) throws(FormatError) {
        addsSpacePrefix = vocabulary.addsSpacePrefix
        priorities = try Self.priorities(file, count: vocabulary.tokenCount)
        isUnused = vocabulary.kinds.map { $0 == .unused }
        var index = TokenIndex(capacity: vocabulary.tokenCount)
        var byteTokens = [Int32](repeating: -1, count: 256)
        for token in 0..<vocabulary.tokenCount {
            switch vocabulary.kinds[token] {
            case .normal: index.insert(Array(vocabulary.text(of: token)), token)
            case .unused: index.insert(Self.spaced(vocabulary.specialNames[token] ?? []), token)
            case .byte: byteTokens[Int(vocabulary.text(of: token).first!)] = Int32(token)
            case .unknown, .control, .userDefined: break
            }
        }
        if let byte = byteTokens.firstIndex(of: -1) {
            throw FormatError(
                .missing, "the vocabulary has no byte token for \(byte), so not every text can be written",
                advice: "Tokenizers without byte tokens are not read here.")
        }
        self.index = index
        self.byteTokens = byteTokens
    }

    private static func priorities(_ file: GGUFFile, count: Int) throws(FormatError) -> [UInt32] {
        let key = "tokenizer.ggml.scores"
        guard let scores = file[key]?.arrayValue, scores.type == .float32, scores.count == count else {
            throw FormatError(.missing, "'\(key)' is no array of \(count) 32-bit numbers, one for each token")
        }
        var priorities: [UInt32] = []
        priorities.reserveCapacity(count)
        try scores.forEach { score throws(FormatError) in
            // The order of floating-point numbers is that of their bits, once the sign is seen to. −0 + 0 is +0.
            let bits = (Float(score.doubleValue ?? 0) + 0).bitPattern
            priorities.append(bits >> 31 == 0 ? ~(bits | 1 << 31) : bits)
        }
        return priorities
    }

    /// `text` with a space for each U+2581, as the tokens have it here.
    private static func spaced(_ text: some Collection<UInt8>) -> [UInt8] {
        var spaced: [UInt8] = []
        spaced.reserveCapacity(text.count)
        for byte in text {
            spaced.append(byte)
            if byte == 0x81, spaced.suffix(3) == [0xE2, 0x96, 0x81] {
                spaced.removeLast(3)
                spaced.append(UInt8(ascii: " "))
            }
        }
        return spaced
    }

    /// Appends the tokens of `text`, which is UTF-8 and not empty.
    func encode(_ text: UnsafeBufferPointer<UInt8>, into tokens: inout [Int]) {
        let spaced = (addsSpacePrefix ? [UInt8(ascii: " ")] : []) + Self.spaced(text)
        spaced.withUnsafeBufferPointer { encode(spaced: $0, into: &tokens) }
    }

    private func encode(spaced text: UnsafeBufferPointer<UInt8>, into tokens: inout [Int]) {
        func token(_ start: Int32, _ end: Int32) -> Int32? {
            index.token(UnsafeBufferPointer(rebasing: text[Int(start)..<Int(end)]))
        }
        var list = MergeList()
        var start = 0
        for end in 1...text.count where end == text.count || text[end] & 0xC0 != 0x80 {
            list.append(end: end, token: token(Int32(start), Int32(end)) ?? -1)
            start = end
        }
        // Where the parts of an unused token met, so that it can be taken apart again.
        var middles: [Span: Int32] = [:]
        list.run { left, right in
            token(left.start, right.end).map { MergeList.Merge(priority: priorities[Int($0)], token: $0) }
        } didMerge: { start, middle, end in
            if let token = token(start, end), isUnused[Int(token)] { middles[Span(start: start, end: end)] = middle }
        }

        var open: [Span] = []
        for symbol in list {
            open.append(Span(start: symbol.start, end: symbol.end))
            while let span = open.popLast() {
                if let token = token(span.start, span.end), !isUnused[Int(token)] {
                    tokens.append(Int(token))
                } else if let middle = middles[span] {
                    open.append(Span(start: middle, end: span.end))
                    open.append(Span(start: span.start, end: middle))
                } else {
                    for byte in text[Int(span.start)..<Int(span.end)] { tokens.append(Int(byteTokens[Int(byte)])) }
                }
            }
        }
    }

    private struct Span: Hashable {
        var start: Int32
        var end: Int32
    }
}
