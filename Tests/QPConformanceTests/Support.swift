import QPConformance
import QPConstraints
import Testing

/// Where the tests' files lie.
enum Folder {
    static let tests = #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
    static let fixtures = tests + "/Fixtures"
    static let baseline = tests + "/Baseline/shared-data.json"
}

/// Judges one file's text.
func judge(_ text: String, file: String) throws -> SuiteReport {
    let suite = try #require(try SuiteFile(Array(text.utf8), file: file))
    var run = ConformanceRun()
    for item in suite.cases { run.judge(item, of: suite.kind) }
    return try #require(run.report().suites.first)
}
