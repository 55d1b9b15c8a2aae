import QPFormats

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension ConformanceReport {
    /// Judges every suite's file at or under `paths`, in the order of their names.
    ///
    /// Which layout a file is of, its content says; files of none are counted and passed over. Files are named by their
    /// path under the folder that was given.
    ///
    /// - Parameter progress: is told the share of files that are done, and which comes next.
    /// - Throws: ``SuiteError`` for a path that does not exist, and for JSON or TOML that is none.
    public init(
        folders paths: [String], progress: (Double, String) -> Void = { _, _ in }
    ) throws(SuiteError) {
        var files: [(path: String, name: String)] = []
        for path in paths { files += try Self.files(at: path) }
        var run = ConformanceRun()
        var skipped = 0
        var remotes = RemoteDocuments()
        for (index, file) in files.enumerated() {
            progress(Double(index) / Double(files.count), file.name)
            guard let data = FileManager.default.contents(atPath: file.path) else {
                throw SuiteError(file: file.path, reason: "it cannot be read")
            }
            let suite = try SuiteFile(
                [UInt8](data), file: file.name, documents: remotes.documents(beside: file.path))
            guard let suite, !suite.cases.isEmpty else {
                skipped += 1
                continue
            }
            for item in suite.cases { run.judge(item, of: suite.kind) }
        }
        self = run.report(skippedFiles: skipped)
    }

    private static func files(at path: String) throws(SuiteError) -> [(path: String, name: String)] {
        guard FileManager.default.fileExists(atPath: path) else {
            throw SuiteError(file: path, reason: "there is no such file or folder")
        }
        // Only a folder has itself in it; a link to one counts.
        guard FileManager.default.fileExists(atPath: path + "/.") else {
            return [(path, path.split(separator: "/").last.map(String.init) ?? path)]
        }
        guard let names = try? FileManager.default.subpathsOfDirectory(atPath: path + "/.") else {
            throw SuiteError(file: path, reason: "the folder cannot be read")
        }
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        // Documents that schemas refer to are of no suite, though they may look like one.
        return names.sorted().filter { name in
            !name.split(separator: "/").contains("remotes")
                && [".json", ".toml", ".gbnf"].contains { name.hasSuffix($0) }
        }.map { ("\(folder)/\($0)", $0) }
    }
}

/// The folders `remotes` beside folders `tests`, whose files the JSON Schema Test Suite knows under
/// http://localhost:1234 (its README.md, Additional Assumptions).
private struct RemoteDocuments {
    private var known: [String: [String: JSONValue]] = [:]

    /// The documents for the test file at `path`, by their addresses.
    mutating func documents(beside path: String) -> [String: JSONValue] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let tests = parts.lastIndex(of: "tests") else { return [:] }
        let folder = (parts[..<tests] + ["remotes"]).joined(separator: "/")
        if let documents = known[folder] { return documents }
        var documents: [String: JSONValue] = [:]
        for name in (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".json") {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            // One that is no JSON is missed by the schema that refers to it.
            documents["http://localhost:1234/\(name)"] = try? JSONValue(parsing: [UInt8](data))
        }
        known[folder] = documents
        return documents
    }
}
