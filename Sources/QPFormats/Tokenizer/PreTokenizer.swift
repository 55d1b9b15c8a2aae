/// How a byte-level tokenizer cuts a text into pieces before it merges within each.
///
/// Each is named as in `tokenizer.ggml.pre`, and cuts as llama.cpp does for that name (src/llama-vocab.cpp, where the
/// expressions that are quoted here stand). What a later expression does not match within a piece stays a piece.
enum PreTokenizer: String, CaseIterable {
    case gpt2 = "gpt-2"
    case llama3 = "llama-bpe"
    case qwen2
    case smollm
    /// The name that llama.cpp gives to byte-level BPE whose own rule its converter did not know: runs of punctuation,
    /// then GPT-2's rule, then runs of digits, then threes of them. A model may have been trained on other pieces; a
    /// file of this name is encoded as llama.cpp encodes it. A file without any name is refused.
    case `default`

    /// Other names of the same.
    private static let aliases: [String: PreTokenizer] = [
        "llama3": .llama3, "llama-v3": .llama3, "phi-2": .gpt2, "deepseek-r1-qwen": .qwen2,
    ]

    /// - Throws: ``FormatError`` with code `unsupported` for a name that is not known, listing those that are.
    init(named name: String) throws(FormatError) {
        guard let found = PreTokenizer(rawValue: name) ?? Self.aliases[name] else {
            let known = Self.allCases.map(\.rawValue) + Self.aliases.keys
            throw FormatError(
                .unsupported, "the pre-tokenizer '\(name)' is not known here",
                advice: "Known are \(known.sorted().joined(separator: ", ")).")
        }
        self = found
    }

    /// Whether a piece that is a token is that token, whatever the merges would make of it.
    var takesWholePieces: Bool { self == .llama3 }

    /// Says where a piece that begins at a scalar ends, within a text up to an end.
    private typealias Rule = (ScalarText, Int, Int) -> Int

    /// What is cut first, then what cuts the pieces of that, and so on.
    private var rules: [Rule] {
        switch self {
        case .gpt2: [Self.gpt2]
        case .llama3: [{ Self.llama3($0, $1, $2, longestNumber: 3) }]
        case .qwen2: [{ Self.llama3($0, $1, $2, longestNumber: 1) }]
        case .smollm: [Self.singleNumber, Self.gpt2]
        case .default: [Self.punctuation, Self.gpt2, Self.numbers, Self.threeDigits]
        }
    }

    /// The pieces of `text`, in order and without gaps, as ranges of its scalars. O(scalars).
    func pieces(_ text: ScalarText) -> [Range<Int>] {
        var pieces = text.count > 0 ? [0..<text.count] : []
        for rule in rules {
            var cut: [Range<Int>] = []
            for piece in pieces {
                var start = piece.lowerBound
                while start < piece.upperBound {
                    let end = rule(text, start, piece.upperBound)
                    cut.append(start..<end)
                    start = end
                }
            }
            pieces = cut
        }
        return pieces
    }
}

extension PreTokenizer {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    private static func gpt2(_ text: ScalarText, _ start: Int, _ end: Int) -> Int {
        if let contraction = contraction(text, start, end, ignoringCase: false) { return contraction }
        let first = text.scalars[start] == " " && start + 1 < end ? start + 1 : start
        let kind = text.classes[first]
        return kind == .space ? space(text, start, end) : run(text, first, end) { text.classes[$0] == kind }
    }

    /// `(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}`
    /// `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    private static func llama3(_ text: ScalarText, _ start: Int, _ end: Int, longestNumber: Int) -> Int {
        if let contraction = contraction(text, start, end, ignoringCase: true) { return contraction }
        let kind = text.classes[start]
        if kind == .number { return run(text, start, min(end, start + longestNumber)) { text.classes[$0] == .number } }
        let isPrefix = kind != .letter && !isLineEnd(text, start)
        let first = isPrefix ? start + 1 : start
        if first < end, text.classes[first] == .letter {
            return run(text, first, end) { text.classes[$0] == .letter }
        }
        let mark = text.scalars[start] == " " ? start + 1 : start
        if mark < end, text.classes[mark] == .other {
            let marksEnd = run(text, mark, end) { text.classes[$0] == .other }
            return run(text, marksEnd, end) { isLineEnd(text, $0) }
        }
        let spacesEnd = run(text, start, end) { text.classes[$0] == .space }
        if let last = (start..<spacesEnd).last(where: { isLineEnd(text, $0) }) { return last + 1 }
        return space(text, start, end)
    }

    /// `[\p{P}\$\+<=>\^~\|]+`
    private static func punctuation(_ text: ScalarText, _ start: Int, _ end: Int) -> Int {
        let symbols: Set<Unicode.Scalar> = ["$", "+", "<", "=", ">", "^", "~", "|"]
        func isMark(_ index: Int) -> Bool { symbols.contains(text.scalars[index]) || text.isPunctuation(index) }
        let kind = isMark(start)
        return run(text, start, end) { isMark($0) == kind }
    }

    /// `\p{N}`
    private static func singleNumber(_ text: ScalarText, _ start: Int, _ end: Int) -> Int {
        text.classes[start] == .number ? start + 1 : run(text, start, end) { text.classes[$0] != .number }
    }

    /// `\p{N}+`
    private static func numbers(_ text: ScalarText, _ start: Int, _ end: Int) -> Int {
        let kind = text.classes[start] == .number
        return run(text, start, end) { (text.classes[$0] == .number) == kind }
    }

    /// `[0-9][0-9][0-9]`
    private static func threeDigits(_ text: ScalarText, _ start: Int, _ end: Int) -> Int {
        func isMatch(_ index: Int) -> Bool {
            index + 3 <= end && text.scalars[index..<(index + 3)].allSatisfy { ("0"..."9").contains($0) }
        }
        return isMatch(start) ? start + 3 : run(text, start, end) { !isMatch($0) }
    }

    /// The end of the run of scalars from `start` on that satisfy `isIn`.
    private static func run(_ text: ScalarText, _ start: Int, _ end: Int, _ isIn: (Int) -> Bool) -> Int {
        var position = start
        while position < end, isIn(position) { position += 1 }
        return position
    }

    /// `\s+(?!\S)|\s+`: white space, but for the last of several that something follows.
    private static func space(_ text: ScalarText, _ start: Int, _ end: Int) -> Int {
        let spacesEnd = run(text, start, end) { text.classes[$0] == .space }
        return spacesEnd < end && spacesEnd > start + 1 ? spacesEnd - 1 : spacesEnd
    }

    private static func isLineEnd(_ text: ScalarText, _ index: Int) -> Bool {
        text.scalars[index] == "\r" || text.scalars[index] == "\n"
    }

    /// The end of an English contraction, 's 't 're 've 'm 'll 'd, that begins at `start`.
    private static func contraction(_ text: ScalarText, _ start: Int, _ end: Int, ignoringCase: Bool) -> Int? {
        guard text.scalars[start] == "'" else { return nil }
        func letter(_ index: Int) -> Unicode.Scalar? {
            guard index < end, text.scalars[index].isASCII, text.classes[index] == .letter else { return nil }
            return ignoringCase ? Unicode.Scalar(text.scalars[index].value | 0x20) : text.scalars[index]
        }
        switch (letter(start + 1), letter(start + 2)) {
        case ("s", _), ("t", _), ("m", _), ("d", _): return start + 2
        case ("r", "e"), ("v", "e"), ("l", "l"): return start + 3
        default: return nil
        }
    }
}
