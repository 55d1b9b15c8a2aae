import QPConformance
import QPConstraints
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where the tests' files lie.
enum Folder {
    static let tests = #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
    static let fixtures = tests + "/Fixtures"
    static let baseline = tests + "/Baseline/shared-data.json"

    /// The public test data, which is no part of the repository: at QPGPU_SHARED_DATA, or in a folder `shared/data`
    /// beside the repository or above it.
    static var sharedData: String? {
        if let path = ProcessInfo.processInfo.environment["QPGPU_SHARED_DATA"] { return path }
        var parts = #filePath.split(separator: "/").dropLast()
        while !parts.isEmpty {
            let path = "/" + parts.joined(separator: "/") + "/shared/data"
            if FileManager.default.fileExists(atPath: path) { return path }
            parts.removeLast()
        }
        return nil
    }
}

/// Judges one file's text.
func judge(_ text: String, file: String) throws -> SuiteReport {
    let suite = try #require(try SuiteFile(Array(text.utf8), file: file))
    var run = ConformanceRun()
    for item in suite.cases { run.judge(item, of: suite.kind) }
    return try #require(run.report().suites.first)
}
