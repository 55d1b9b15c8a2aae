import ArgumentParser
import QPConstraints
import QPReport

struct GrammarTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Hold texts against a constraint; exit with 1 when one is judged otherwise.",
        discussion: """
            A file holds one text. Its line ends are read as \\n even if they are \\r\\n, and the one at its end is \
            left out; a text with \\r\\n in it is given by --accept or --reject. Where a text is rejected, the place \
            is shown at which no continuation is left.

            EXAMPLES
              qp-gpu grammar test list.gbnf --accept "- a" --accept "- b" --reject ""
              qp-gpu grammar test schema.json --accept-file valid.json --reject '{}' --whitespace flexible=2
              qp-gpu grammar test number.regex --accept -1 --reject -
              qp-gpu grammar test word.regex --dialect ecma --search --case-insensitive --accept "A WORD"
              qp-gpu grammar test --json-object --accept '{"a":1}' --reject '[]'
              make-schema | qp-gpu grammar test - --kind schema --formats annotations --accept '{}'

            EXIT STATUS
              0  every text was judged as expected
              1  a text was judged otherwise; or a file or the constraint is refused,
                 with nothing on stdout and "qp-gpu: error:" on stderr
              2  the command line cannot be understood
            """)

    @OptionGroup var source: GrammarSource
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A text that must be accepted; may be repeated.", valueName: "text"))
    var accept: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A text that must be rejected; may be repeated.", valueName: "text"))
    var reject: [String] = []
    @Option(
        parsing: .unconditionalSingleValue, help: ArgumentHelp("A file whose text must be accepted.", valueName: "file")
    )
    var acceptFile: [String] = []
    @Option(
        parsing: .unconditionalSingleValue, help: ArgumentHelp("A file whose text must be rejected.", valueName: "file")
    )
    var rejectFile: [String] = []
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table

    func validate() throws {
        if accept.isEmpty, reject.isEmpty, acceptFile.isEmpty, rejectFile.isEmpty {
            throw ValidationError("give texts with --accept or --reject, or files with --accept-file or --reject-file")
        }
        try source.refuseSharedInput(acceptFile + rejectFile)
    }

    /// One text, and what came of it.
    private struct Verdict: Encodable {
        var text: String
        var expected: String
        var isAccepted: Bool
        var isRight: Bool
        /// Byte at which no continuation is left; the text's length where it is only incomplete.
        var stopsAtByte: Int?
    }

    func run() throws {
        let grammar = try source.grammar()
        var verdicts: [Verdict] = []
        func hold(_ text: [UInt8], _ name: String, _ isExpected: Bool) throws {
            do throws(ConstraintError) {
                let isAccepted = try grammar.accepts(text)
                verdicts.append(
                    Verdict(
                        text: name, expected: isExpected ? "accept" : "reject", isAccepted: isAccepted,
                        isRight: isAccepted == isExpected,
                        stopsAtByte: isAccepted ? nil : try grammar.longestPrefix(of: text)))
            } catch {
                throw GrammarSourceError(path: source.name, error)
            }
        }
        for text in accept { try hold(Array(text.utf8), text, true) }
        for path in acceptFile { try hold(try InputFile.text(path), path, true) }
        for text in reject { try hold(Array(text.utf8), text, false) }
        for path in rejectFile { try hold(try InputFile.text(path), path, false) }
        switch format {
        case .json: try Console.output(try JSONText.encode(verdicts))
        case .table: try Console.output(Self.table(verdicts))
        }
        if verdicts.contains(where: { !$0.isRight }) { throw ExitCode(1) }
    }

    private static func table(_ verdicts: [Verdict]) -> String {
        var table = TextTable([("text", .leading), ("expected", .leading), ("found", .leading), ("", .leading)])
        for verdict in verdicts {
            let found = verdict.isAccepted ? "accepted" : "rejected at byte \(verdict.stopsAtByte ?? 0)"
            let shown = String(shown: verdict.text.utf8)
            let text = shown.count > 60 ? "\(shown.prefix(59))…" : shown
            table.append([text, verdict.expected, found, verdict.isRight ? "" : "WRONG"])
        }
        let wrong = verdicts.count { !$0.isRight }
        return table.render()
            + (wrong == 0 ? "\nall \(verdicts.count) as expected\n" : "\n\(wrong) of \(verdicts.count) wrong\n")
    }
}

extension String {
    /// A text as a cell of a table shows it: line ends and tabs as escapes.
    init(shown text: some Collection<UInt8>) {
        // By scalars: `\r\n` is one character.
        self = String(decoding: text, as: UTF8.self).unicodeScalars.reduce(into: "") { shown, scalar in
            switch scalar {
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += "\\t"
            default: shown.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Grammar {
    /// How many bytes at the beginning of `text` some text of the grammar begins with. O(n log n).
    func longestPrefix(of text: [UInt8]) throws(ConstraintError) -> Int {
        var low = 0
        var high = text.count
        while low < high {
            let middle = (low + high + 1) / 2
            if try isPrefix(text[..<middle]) { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
