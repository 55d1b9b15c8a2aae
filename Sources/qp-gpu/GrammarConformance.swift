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
            Four layouts are told apart by content: jsonschemabench, the JSON Schema Test Suite, the TOML suites of \
            the regex crate, and GBNF grammars with cases of llama.cpp's. A file that is not what its name promises is \
            listed as broken, and the others are judged all the same.

            --record overwrites no baseline that asks for more than was reached, and nothing that is no baseline: to \
            begin again, delete the file by hand.

            COUNTS
              judged    sources that should compile
              compiled  those that did, or that no text satisfies
              refused   those that did not
              texts     of all judged sources, and sources that should be refused
              accepted  valid texts that were accepted
              rejected  invalid texts that were rejected, and wrong sources that were refused

            EXAMPLES
              qp-gpu grammar conformance suites/
              qp-gpu grammar conformance suites/regex --format json
              qp-gpu grammar conformance suites/ --record baseline.json
              qp-gpu grammar conformance suites/ --baseline baseline.json

            EXIT STATUS
              0  no text was accepted wrongly, and the baseline is reached
              1  one was, the baseline is not reached or not recorded, or a file is
                 broken
              2  the command line cannot be understood
            """)

    @Argument(help: ArgumentHelp("Folders, or files.", valueName: "folder"))
    var folders: [String]
    @Option(help: ArgumentHelp("What has to be reached.", valueName: "file"))
    var baseline: String?
    @Option(
        help: ArgumentHelp("Write what was reached, as a baseline that is no worse than it was.", valueName: "file"))
    var record: String?
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table
    @Flag(help: "List every part and every refused source, not only the most frequent.")
    var all = false

    func run() throws {
        let expected = try baseline.map(Self.baseline)
        // Before the suites are judged, which takes a while: it says whether the file is a baseline at all.
        let recorded = try record.flatMap { path in
            FileManager.default.fileExists(atPath: path) ? try Self.baseline(path) : nil
        }
        let progress = Console.Phase("judging suites")
        let report = try ConformanceReport(folders: folders) { share, _ in progress.show(share) }
        Console.endProgress()
        guard !report.suites.isEmpty || !report.broken.isEmpty else {
            throw SuiteError(
                file: folders.joined(separator: ", "),
                reason: "none of \(report.skippedFiles) files is of a known layout")
        }
        switch format {
        case .json: try Console.output(try JSONText.encode(report))
        case .table: try Console.output(ConformanceText.render(report, all: all))
        }
        var failures = expected?.regressions(in: report) ?? []
        if !report.broken.isEmpty {
            failures.append("broken files: \(report.broken.map(\.file).joined(separator: ", "))")
        }
        if let record { failures += try Self.record(report, over: recorded, at: record) }
        for line in failures { Console.error("qp-gpu: error: \(line)") }
        if expected?.isSurpassed(by: report) == true {
            Console.error("note: more is reached than the baseline asks for")
        }
        // A baseline has its own list of what is known to be loose.
        let isLoose = expected == nil && report.suites.contains { !$0.tooLoose.isEmpty }
        if isLoose || !failures.isEmpty { throw ExitCode(1) }
    }

    private static func baseline(_ path: String) throws -> ConformanceBaseline {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SuiteError(file: path, reason: "there is no such file, or it cannot be read")
        }
        return try ConformanceBaseline(json: [UInt8](data), file: path)
    }

    /// Writes `report` as a baseline at `path`, unless it is worse than the one there or holds broken files: why not.
    private static func record(
        _ report: ConformanceReport, over known: ConformanceBaseline?, at path: String
    ) throws -> [String] {
        guard report.broken.isEmpty else { return ["\(path) was not written, since there are broken files"] }
        let worse = known?.regressions(in: report) ?? []
        guard worse.isEmpty else {
            return worse.map { "\(path) would get worse: \($0)" }
                + ["\(path) was kept; to begin again, delete it by hand"]
        }
        do {
            try Data(ConformanceBaseline(report).encoded().utf8).write(to: URL(filePath: path))
        } catch { throw FileError(path: path, reason: "it cannot be written") }
        return []
    }
}

/// A report of conformance as tables.
enum ConformanceText {
    static func render(_ report: ConformanceReport, all: Bool) -> String {
        var text = counts(report.suites.map { ($0.kind.rawValue, $0.counts) }, heading: "suite")
        if report.skippedFiles > 0 { text += "files of no layout: \(Format.count(report.skippedFiles))\n" }
        if !report.broken.isEmpty {
            text += "\nbroken: \(Format.count(report.broken.count))\n"
            text += report.broken.map { "  \($0.file): \($0.reason)\n" }.joined()
        }
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
