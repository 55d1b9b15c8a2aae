import ArgumentParser
import QPConformance
import QPReport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct GrammarConformance: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance", abstract: "Judge suites of schemas, regular expressions and grammars.",
        discussion: """
            Four layouts are told apart by content: jsonschemabench, the JSON Schema Test Suite, the TOML suites of the
            regex crate, and GBNF grammars with cases of llama.cpp's. Exit status 1: a text was accepted that should not
            have been, or the baseline is not reached.

            judged    sources that should compile           accepted  valid texts that were accepted
            compiled  those that did                        rejected  invalid texts that were rejected
            refused   those that did not                    loose     invalid texts that were accepted
                                                            strict    valid texts that were rejected

            EXAMPLES
              qp-gpu grammar conformance ../shared/data
              qp-gpu grammar conformance ../shared/data/regex --format json
              qp-gpu grammar conformance ../shared/data --baseline Tests/QPConformanceTests/Baseline/shared-data.json
            """)

    @Argument(help: ArgumentHelp("Folders, or files.", valueName: "folder"))
    var folders: [String]
    @Option(help: ArgumentHelp("What has to be reached.", valueName: "file"))
    var baseline: String?
    @Option(help: ArgumentHelp("Write what was reached, as a baseline.", valueName: "file"))
    var record: String?
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table
    @Flag(help: "List every part and every refused source, not only the most frequent.")
    var all = false

    func run() throws {
        let expected = try baseline.map { path in
            guard let data = FileManager.default.contents(atPath: path) else {
                throw SuiteError(file: path, reason: "there is no such file, or it cannot be read")
            }
            return try ConformanceBaseline(json: [UInt8](data), file: path)
        }
        let progress = Console.Phase("judging suites")
        let report = try ConformanceReport(folders: folders) { share, _ in progress.show(share) }
        Console.endProgress()
        guard !report.suites.isEmpty else {
            throw SuiteError(
                file: folders.joined(separator: ", "),
                reason: "none of \(report.skippedFiles) files is of a known layout")
        }
        switch format {
        case .json: try Console.output(try JSONText.encode(report))
        case .table: try Console.output(ConformanceText.render(report, all: all))
        }
        if let record {
            do {
                try Data(ConformanceBaseline(report).encoded().utf8).write(to: URL(filePath: record))
            } catch { throw FileError(path: record, reason: "it cannot be written") }
        }
        let regressions = expected?.regressions(in: report) ?? []
        for line in regressions { Console.error("qp-gpu: error: \(line)") }
        if expected?.isSurpassed(by: report) == true {
            Console.error("note: more is reached than the baseline asks for")
        }
        // A baseline has its own list of what is known to be loose.
        let isLoose = expected == nil && report.suites.contains { !$0.tooLoose.isEmpty }
        if isLoose || !regressions.isEmpty { throw ExitCode(1) }
    }
}

/// A report of conformance as tables.
enum ConformanceText {
    static func render(_ report: ConformanceReport, all: Bool) -> String {
        var text = counts(report.suites.map { ($0.kind.rawValue, $0.counts) }, heading: "suite")
        if report.skippedFiles > 0 { text += "\(Format.count(report.skippedFiles)) files are of no layout\n" }
        for suite in report.suites {
            if all {
                let parts = suite.parts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
                text += "\n\(suite.kind.rawValue)\n" + counts(parts, heading: "file")
            }
            text += findings(suite)
            text += refusals(suite, all: all)
        }
        return text
    }

    private static func counts(_ rows: [(String, Counts)], heading: String) -> String {
        var table = TextTable([
            (heading, .leading), ("files", .trailing), ("judged", .trailing), ("compiled", .trailing),
            ("refused", .trailing), ("texts", .trailing), ("accepted", .trailing), ("rejected", .trailing),
        ])
        for (name, counts) in rows {
            let cells = [
                counts.files, counts.judged, counts.compiled, counts.refused, counts.texts, counts.accepted,
                counts.rejected,
            ]
            table.append([name] + cells.map(Format.count))
        }
        return table.render()
    }

    private static func findings(_ suite: SuiteReport) -> String {
        var text = ""
        for (title, list) in [("too loose", suite.tooLoose), ("too strict", suite.tooStrict)] where !list.isEmpty {
            text += "\n\(suite.kind.rawValue): \(list.count) \(title)\n"
            for finding in list {
                let remark = finding.remark.map { " (\($0.split(separator: "\n").joined(separator: ". ")))" } ?? ""
                text += "  \(finding.label)\(remark)\n"
            }
        }
        return text
    }

    private static func refusals(_ suite: SuiteReport, all: Bool) -> String {
        guard !suite.refusals.isEmpty else { return "" }
        var table = TextTable([("refused", .trailing), ("kind", .leading), ("keyword", .leading), ("reason", .leading)])
        let shown = all ? suite.refusals : Array(suite.refusals.prefix(12))
        for group in shown {
            table.append([
                Format.count(group.cases.count), group.code, group.keyword ?? "", group.reason,
            ])
        }
        var text = "\n\(suite.kind.rawValue): refused, by reason\n" + table.render()
        let hidden = suite.refusals.count - shown.count
        if hidden > 0 { text += "and \(hidden) more reasons; --all lists them\n" }
        if all {
            for group in suite.refusals {
                text += "\n\(group.reason)\n" + group.cases.map { "  \($0)\n" }.joined()
            }
        }
        return text
    }
}
