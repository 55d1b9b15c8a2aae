import ArgumentParser
import QPFormats
import QPReport

struct VocabularyShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a model's file says of its vocabulary.",
        discussion: """
            EXAMPLES
              qp-gpu vocabulary show model.gguf
            """)

    @Argument(help: "The model's file, in GGUF.")
    var file: String

    func run() throws {
        let (gguf, vocabulary) = try ModelFileError.naming(file) { () throws(FormatError) in
            let gguf = try GGUFFile(path: file)
            return (gguf, try Vocabulary(gguf))
        }
        let model = gguf["tokenizer.ggml.model"]?.stringValue ?? "none"
        let pre = gguf["tokenizer.ggml.pre"]?.stringValue.map { ", pre-tokenizer \($0)" } ?? ""
        let kinds = Vocabulary.TokenKind.allCases.compactMap { kind in
            let count = vocabulary.kinds.count { $0 == kind }
            return count > 0 ? "\(Format.count(count)) \(kind)" : nil
        }
        let padded = vocabulary.vocabularySize - vocabulary.tokenCount
        let ends = vocabulary.endOfTextTokens.map { Self.name($0, vocabulary) }.joined(separator: ", ")
        let longest = (0..<vocabulary.tokenCount).max {
            vocabulary.text(of: $0).count < vocabulary.text(of: $1).count
        }!
        let lines = [
            ("format", "GGUF version \(gguf.version), \(Format.count(gguf.tensors.count)) tensors"),
            ("tokenizer", model + pre),
            ("rows V", Format.count(vocabulary.vocabularySize) + (padded > 0 ? ", \(padded) of them padded" : "")),
            ("tokens", "\(Format.count(vocabulary.tokenCount)): \(kinds.joined(separator: ", "))"),
            ("end of text", ends.isEmpty ? "none" : ends),
            ("begin of text", vocabulary.beginOfTextToken.map { Self.name($0, vocabulary) } ?? "none"),
            ("space prefix", vocabulary.addsSpacePrefix ? "yes" : "no"),
            ("longest token", "\(Self.name(longest, vocabulary)), \(vocabulary.text(of: longest).count) bytes"),
        ]
        for (label, value) in lines {
            try Console.output(label + String(repeating: " ", count: 15 - label.count) + value)
        }
    }

    /// The token's number and what it writes, or its name.
    private static func name(_ token: Int, _ vocabulary: Vocabulary) -> String {
        let text = String(decoding: vocabulary.text(of: token), as: UTF8.self)
        return "\(token) \((vocabulary.specialName(of: token) ?? text).debugDescription)"
    }
}
