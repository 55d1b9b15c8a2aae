/// Finds tokens that a text is cut at before anything else: those that a tokenizer's maker added as text, always, and
/// control tokens, on request.
struct SpecialTokens: Sendable {
    private struct Entry {
        var name: [UInt8]
        var token: Int
        var isText: Bool
    }

    /// By their first byte, the longest first.
    private let entries: [[Entry]]

    init(_ vocabulary: Vocabulary) {
        var entries = [[Entry]](repeating: [], count: 256)
        for token in 0..<vocabulary.tokenCount {
            let name: [UInt8]
            switch vocabulary.kinds[token] {
            case .userDefined: name = Array(vocabulary.text(of: token))
            case .control, .unknown: name = vocabulary.specialNames[token] ?? []
            case .normal, .unused, .byte: continue
            }
            // A name that ends inside a character would cut the text there.
            guard let first = name.first, String(validating: name, as: UTF8.self) != nil else { continue }
            entries[Int(first)].append(
                Entry(name: name, token: token, isText: vocabulary.kinds[token] == .userDefined))
        }
        self.entries = entries.map { $0.sorted { $0.name.count > $1.name.count } }
    }

    /// The longest such token that `text` has at `position`.
    func match(
        _ text: UnsafeBufferPointer<UInt8>, at position: Int, parsingSpecials: Bool
    ) -> (token: Int, byteCount: Int)? {
        for entry in entries[Int(text[position])]
        where (entry.isText || parsingSpecials) && text[position...].starts(with: entry.name) {
            return (entry.token, entry.name.count)
        }
        return nil
    }
}
