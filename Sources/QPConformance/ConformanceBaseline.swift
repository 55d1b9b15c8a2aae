#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a run has to reach: counts of an earlier one, and the texts that it judged too strictly.
///
/// Holds nothing of a suite's own content but the names of those texts.
public struct ConformanceBaseline: Codable, Hashable, Sendable {
    struct Suite: Codable, Hashable, Sendable {
        var counts: Counts
        /// Labels of texts known to be accepted wrongly; to stay empty.
        var tooLoose: [String]
        /// Labels of texts known to be rejected wrongly.
        var tooStrict: [String]
    }

    /// By layout.
    var suites: [String: Suite]

    /// The baseline that `report` would just reach.
    public init(_ report: ConformanceReport) {
        suites = [:]
        for suite in report.suites {
            suites[suite.kind.rawValue] = Suite(
                counts: suite.counts, tooLoose: suite.tooLoose.map(\.label).sorted(),
                tooStrict: suite.tooStrict.map(\.label).sorted())
        }
    }

    /// Reads what ``encoded()`` wrote.
    /// - Throws: ``SuiteError``.
    public init(json: [UInt8], file: String) throws(SuiteError) {
        do { self = try JSONDecoder().decode(Self.self, from: Data(json)) } catch {
            throw SuiteError(file: file, reason: "not a baseline of conformance: \(error)")
        }
    }

    /// As JSON: keys sorted, indented, a newline at the end.
    public func encoded() -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Cannot fail: numbers and strings.
        return String(decoding: (try? encoder.encode(self)) ?? Data(), as: UTF8.self) + "\n"
    }

    /// What is worse in `report`, one line each; empty where nothing is.
    public func regressions(in report: ConformanceReport) -> [String] {
        var lines: [String] = []
        for (name, expected) in suites.sorted(by: { $0.key < $1.key }) {
            guard let suite = report.suites.first(where: { $0.kind.rawValue == name }) else {
                lines.append("\(name): no file of this layout was found")
                continue
            }
            let fields: [(String, KeyPath<Counts, Int>)] = [
                ("judged", \.judged), ("compiled", \.compiled), ("texts", \.texts), ("accepted", \.accepted),
                ("rejected", \.rejected),
            ]
            for (field, path) in fields where suite.counts[keyPath: path] < expected.counts[keyPath: path] {
                lines.append(
                    "\(name): \(field) fell from \(expected.counts[keyPath: path]) to \(suite.counts[keyPath: path])")
            }
            let lists = [
                ("too loose", suite.tooLoose, expected.tooLoose), ("too strict", suite.tooStrict, expected.tooStrict),
            ]
            for (title, found, known) in lists {
                let known = Set(known)
                lines += found.filter { !known.contains($0.label) }.map { "\(name): newly \(title): \($0.label)" }
            }
        }
        // What a layout that is new here is not known to be loose about.
        for suite in report.suites where suites[suite.kind.rawValue] == nil {
            lines += suite.tooLoose.map { "\(suite.kind.rawValue): newly too loose: \($0.label)" }
        }
        return lines
    }

    /// Whether `report` reaches more than this, so that the baseline can be raised.
    public func isSurpassed(by report: ConformanceReport) -> Bool {
        regressions(in: report).isEmpty && ConformanceBaseline(report) != self
    }
}
