import QPCore

/// Collects tokens in the order of their ids.
struct VocabularyBuilder {
    private let announcedEnds: Set<Int>
    private var ends: [Int] = []
    private var bytes: [UInt8] = []
    private var offsets: [UInt32] = [0]
    private var kinds: [Vocabulary.TokenKind] = []
    private var specialNames: [Int: [UInt8]] = [:]

    /// A vocabulary in which the tokens `endOfText` end a text.
    init(endOfText: [Int]) { announcedEnds = Set(endOfText) }

    /// Adds the next token: what it writes, or its name where its kind writes nothing. One that ends a text becomes
    /// `control`, whatever it was.
    /// - Throws: ``FormatError`` with code `malformed` where the tokens exceed 4 GiB altogether.
    mutating func append(
        _ token: some Collection<UInt8>, _ kind: Vocabulary.TokenKind, endsText: Bool = false
    ) throws(FormatError) {
        let id = kinds.count
        let endsText = endsText || announcedEnds.contains(id)
        let kind = endsText ? .control : kind
        if endsText { ends.append(id) }
        if kind.writesText {
            bytes.append(contentsOf: token)
        } else if !token.isEmpty {
            specialNames[id] = Array(token)
        }
        guard let end = UInt32(exactly: bytes.count) else {
            throw FormatError(.malformed, "the tokens are longer than 4 GiB altogether")
        }
        kinds.append(kind)
        offsets.append(end)
    }

    /// The vocabulary of the tokens so far.
    /// - Throws: ``FormatError`` with code `malformed` where an announced id is no token, or V does not fit.
    consuming func vocabulary(
        beginOfText: Int?, vocabularySize: Int?, addsSpacePrefix: Bool
    ) throws(FormatError) -> Vocabulary {
        guard !kinds.isEmpty else { throw FormatError(.malformed, "a vocabulary without tokens") }
        if let wrong = announcedEnds.filter({ !kinds.indices.contains($0) }).min() {
            throw FormatError(.malformed, "the end-of-text token \(wrong) is none of the \(kinds.count) tokens")
        }
        if let beginOfText, !kinds.indices.contains(beginOfText) {
            throw FormatError(.malformed, "the begin-of-text token \(beginOfText) is none of the \(kinds.count) tokens")
        }
        let rows = vocabularySize ?? kinds.count
        guard rows >= kinds.count, rows <= HeadShape.maximumVocabularySize else {
            throw FormatError(
                .malformed, "a head of \(rows) rows for \(kinds.count) tokens",
                advice: "Give the rows of the model's head: at least one for each token.")
        }
        return Vocabulary(
            vocabularySize: rows, textBytes: bytes, textOffsets: offsets, kinds: kinds, endOfTextTokens: ends,
            beginOfTextToken: beginOfText, addsSpacePrefix: addsSpacePrefix, specialNames: specialNames)
    }
}
