/// Texts and the tokens that a tokenizer must make of them, in the two files that llama.cpp keeps beside a vocabulary.
///
/// The `.inp` file holds the texts, with a line `__ggml_vocab_test__` between; the `.out` file has a line of token ids
/// for each.
public struct TokenizerVectors: Sendable {
    /// A text for which a tokenizer fails.
    public struct Failure: Sendable {
        /// From 1.
        public let number: Int
        /// What was encoded.
        public let text: String
        /// What the vectors have for it.
        public let expected: [Int]
        /// What the tokenizer made of the text.
        public let tokens: [Int]
        /// Whether ``tokens`` write the text.
        public let isRestored: Bool
    }

    private static let separator = Array("\n__ggml_vocab_test__\n".utf8)

    /// The texts, each with its tokens.
    public let cases: [(text: String, tokens: [Int])]

    /// Reads both files.
    /// - Throws: ``FormatError``: `unreadable` where there is no such file, `malformed` where both are empty, texts
    ///   and lines are not of one number, a text is not UTF-8 or a line no list of ids.
    public init(inputPath: String, outputPath: String) throws(FormatError) {
        try self.init(
            input: FileBytes(path: inputPath).withBytes { Array($0) },
            output: FileBytes(path: outputPath).withBytes { Array($0) })
    }

    /// The vectors of files whose contents are `input` and `output`.
    public init(input: [UInt8], output: [UInt8]) throws(FormatError) {
        guard !input.isEmpty || !output.isEmpty else { throw FormatError(.malformed, "both files are empty") }
        let texts = Self.split(input)
        var lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // The last line may have an end or not.
        if lines.count > texts.count, lines.last!.isEmpty { lines.removeLast() }
        guard lines.count == texts.count else {
            throw FormatError(.malformed, "there are \(texts.count) texts and \(lines.count) lines of tokens")
        }
        var cases: [(text: String, tokens: [Int])] = []
        for (text, line) in zip(texts, lines) {
            guard let text = String(validating: text, as: UTF8.self) else {
                throw FormatError(.malformed, "text \(cases.count + 1) is not UTF-8", offset: text.startIndex)
            }
            let words = line.split(separator: UInt8(ascii: " "))
            let tokens = words.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            guard tokens.count == words.count else {
                throw FormatError(.malformed, "line \(cases.count + 1) of the tokens is no list of ids")
            }
            cases.append((text, tokens))
        }
        self.cases = cases
    }

    private static func split(_ input: [UInt8]) -> [ArraySlice<UInt8>] {
        var texts: [ArraySlice<UInt8>] = []
        var start = 0
        var position = 0
        while position < input.count {
            if input[position] == separator[0], input[position...].starts(with: separator) {
                texts.append(input[start..<position])
                position += separator.count
                start = position
            } else {
                position += 1
            }
        }
        return texts + [input[start...]]
    }

    /// The texts of which `tokenizer` makes other tokens, or tokens that do not write the text.
    /// - Throws: what ``Tokenizer/encode(_:parsingSpecials:)`` throws.
    public func failures(of tokenizer: Tokenizer) throws(FormatError) -> [Failure] {
        var failures: [Failure] = []
        for (index, (text, expected)) in cases.enumerated() {
            let tokens = try tokenizer.encode(text)
            let isRestored = tokenizer.decode(tokens) == Array(text.utf8)
            if tokens != expected || !isRestored {
                failures.append(
                    Failure(
                        number: index + 1, text: text, expected: expected, tokens: tokens, isRestored: isRestored))
            }
        }
        return failures
    }
}
