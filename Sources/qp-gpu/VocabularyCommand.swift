import ArgumentParser
import QPFormats

struct VocabularyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vocabulary",
        abstract: "Look into the vocabulary of a model's file, and test its tokenizer.",
        discussion: """
            EXAMPLES
              qp-gpu vocabulary show model.gguf
              qp-gpu vocabulary test ggml-vocab-gpt-2.gguf ggml-vocab-gpt-2.gguf.inp ggml-vocab-gpt-2.gguf.out
            """,
        subcommands: [VocabularyShow.self, VocabularyTest.self])
}

/// A model's file that cannot be used, with its path, in one line.
struct ModelFileError: Error, CustomStringConvertible {
    let path: String
    let error: FormatError
    // A file that cannot be read is named by its error.
    var description: String {
        let line = error.description.split(separator: "\n").joined(separator: ". ")
        return error.code == .unreadable ? line : "\(path): \(line)"
    }

    /// Calls `body`, and adds `path` to what it throws.
    static func naming<Result>(
        _ path: String, _ body: () throws(FormatError) -> Result
    ) throws(ModelFileError) -> Result {
        do { return try body() } catch { throw ModelFileError(path: path, error: error) }
    }
}
