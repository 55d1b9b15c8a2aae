import QPConstraints

/// Judges cases one after another, and counts what comes of them.
public struct ConformanceRun {
    private var suites: [SuiteKind: SuiteReport] = [:]
    private var refusals: [SuiteKind: [Reason: [String]]] = [:]
    private var files: [SuiteKind: Set<String>] = [:]

    private struct Reason: Hashable {
        let code: String
        let keyword: String?
        let text: String
    }

    public init() {}

    /// Compiles a case's source and matches its texts.
    public mutating func judge(_ item: ConformanceCase, of kind: SuiteKind) {
        var suite = suites[kind] ?? SuiteReport(kind: kind)
        var counts = Counts()
        if files[kind, default: []].insert(item.file).inserted { counts.files = 1 }
        switch item.expectation {
        case .compiles: judge(item, kind, &counts, &suite)
        case .isRefused:
            counts.texts = 1
            do throws(ConstraintError) {
                _ = try item.compile()
                suite.tooLoose.append(Finding(file: item.file, name: item.name, text: ""))
            } catch {
                counts.rejected = 1
            }
        }
        suite.counts += counts
        suite.parts[item.file, default: Counts()] += counts
        suites[kind] = suite
    }

    /// What has been judged so far.
    public func report(skippedFiles: Int = 0, broken: [BrokenFile] = []) -> ConformanceReport {
        var report = ConformanceReport()
        report.broken = broken
        report.skippedFiles = skippedFiles
        for kind in SuiteKind.allCases {
            guard var suite = suites[kind] else { continue }
            suite.refusals = (refusals[kind] ?? [:]).map { reason, cases in
                Refusals(code: reason.code, keyword: reason.keyword, reason: reason.text, cases: cases)
            }.sorted { ($1.cases.count, $0.reason) < ($0.cases.count, $1.reason) }
            report.suites.append(suite)
        }
        return report
    }

    private mutating func judge(
        _ item: ConformanceCase, _ kind: SuiteKind, _ counts: inout Counts, _ suite: inout SuiteReport
    ) {
        counts.judged = 1
        counts.texts = item.texts.count
        let grammar: Grammar?
        do throws(ConstraintError) { grammar = try item.compile() } catch {
            guard error.code == .unsatisfiable else {
                counts.refused = 1
                let reason = Reason(code: error.code.rawValue, keyword: error.keyword, text: error.message)
                refusals[kind, default: [:]][reason, default: []].append("\(item.file): \(item.name)")
                return
            }
            // To say that no text satisfies a source is to know its language.
            grammar = nil
        }
        counts.compiled = 1
        for text in item.texts {
            var finding = Finding(file: item.file, name: item.name, text: text.name)
            var isAccepted = false
            do throws(ConstraintError) {
                for spelling in text.spellings where !isAccepted {
                    isAccepted = try grammar?.accepts(spelling) ?? false
                }
            } catch {
                finding.remark = error.description
                suite.tooStrict.append(finding)
                continue
            }
            switch (text.isValid, isAccepted) {
            case (true, true): counts.accepted += 1
            case (false, false): counts.rejected += 1
            case (true, false): suite.tooStrict.append(finding)
            case (false, true): suite.tooLoose.append(finding)
            }
        }
    }
}

extension ConstraintError {
    /// The last name of a pointer that is no index: the schema's keyword at fault.
    var keyword: String? {
        guard case .pointer(let pointer) = place else { return nil }
        return pointer.split(separator: "/").last { Int($0) == nil }.map(String.init)
    }
}
