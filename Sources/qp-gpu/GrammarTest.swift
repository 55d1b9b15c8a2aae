import ArgumentParser
import QPConstraints
import QPReport

struct GrammarTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Hold texts against a constraint; exit with 1 when one is judged otherwise.",
        discussion: """
            A text from a file is the file's content but for one line end at its end. Where a text is rejected, the place
            is shown at which no continuation is left.

            EXAMPLES
              qp-gpu grammar test list.gbnf --accept "- a" --accept "- b" --reject ""
              qp-gpu grammar test schema.json --accept-file valid.json --reject '{}' --whitespace flexible=2
              qp-gpu grammar test number.regex --accept -1 --reject -
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
                throw GrammarSourceError(path: source.file, error)
            }
        }
        func content(_ path: String) throws -> [UInt8] {
            let bytes = try GrammarSource.bytes(path)
            return bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes
        }
        for text in accept { try hold(Array(text.utf8), text, true) }
        for path in acceptFile { try hold(try content(path), path, true) }
        for text in reject { try hold(Array(text.utf8), text, false) }
        for path in rejectFile { try hold(try content(path), path, false) }
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
            let text = verdict.text.count > 60 ? "\(verdict.text.prefix(59))…" : verdict.text
            table.append([text, verdict.expected, found, verdict.isRight ? "" : "WRONG"])
        }
        let wrong = verdicts.count { !$0.isRight }
        return table.render()
            + (wrong == 0 ? "\nall \(verdicts.count) as expected\n" : "\n\(wrong) of \(verdicts.count) wrong\n")
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
