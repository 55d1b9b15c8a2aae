import ArgumentParser
import QPFormats

struct VocabularyTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Compare a tokenizer's tokens with published ones.",
        discussion: """
            The texts stand in one file, with a line __ggml_vocab_test__ between; the other has a line of token ids \
            for each, as llama.cpp keeps them beside its vocabularies. The tokens have to write the text again, too. \
            Exits with 1 where a text fails.

            EXAMPLES
              qp-gpu vocabulary test ggml-vocab-gpt-2.gguf ggml-vocab-gpt-2.gguf.inp ggml-vocab-gpt-2.gguf.out
            """)

    /// Failures that are told in full.
    private static let shownFailures = 10

    @Argument(help: "The model's file, in GGUF.")
    var file: String
    @Argument(help: "The texts.")
    var input: String
    @Argument(help: "The token ids of each text.")
    var output: String

    func run() throws {
        let vectors = try ModelFileError.naming("\(input), \(output)") { () throws(FormatError) in
            try TokenizerVectors(inputPath: input, outputPath: output)
        }
        let failures = try ModelFileError.naming(file) { () throws(FormatError) in
            try vectors.failures(of: Tokenizer(GGUFFile(path: file)))
        }
        let count = vectors.cases.count
        try Console.output("\(count - failures.count) of \(count) texts have the tokens that are expected")
        guard !failures.isEmpty else { return }
        for failure in failures.prefix(Self.shownFailures) { Console.error(Self.text(failure)) }
        if failures.count > Self.shownFailures {
            Console.error("and \(failures.count - Self.shownFailures) more")
        }
        throw ExitCode(1)
    }

    private static func text(_ failure: TokenizerVectors.Failure) -> String {
        func list(_ tokens: [Int]) -> String { tokens.map(String.init).joined(separator: " ") }
        let head = "text \(failure.number), \(failure.text.debugDescription): "
        return failure.tokens == failure.expected
            ? head + "the tokens \(list(failure.tokens)) write another text"
            : head + "expected \(list(failure.expected)), got \(list(failure.tokens))"
    }
}
