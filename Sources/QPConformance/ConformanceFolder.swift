import QPFormats

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension ConformanceReport {
    /// Judges every suite's file at or under `paths`, in the order of their names.
    ///
    /// Which layout a file is of, its content says; files of none are counted and passed over. What cannot be read, and
    /// JSON or TOML that is none, is listed in ``broken`` and stops nothing. Files are named by their path under the
    /// folder that was given.
    ///
    /// - Parameter progress: is told the share of files that are done, and which comes next.
    /// - Throws: ``SuiteError`` for a path that does not exist, and for a folder that cannot be listed.
    public init(
        folders paths: [String], progress: (Double, String) -> Void = { _, _ in }
    ) throws(SuiteError) {
        var files: [(path: String, name: String)] = []
        for path in paths { files += try Self.files(at: path) }
        var run = ConformanceRun()
        var skipped = 0
        var broken: [BrokenFile] = []
        var remotes = RemoteDocuments()
        for (index, file) in files.enumerated() {
            progress(Double(index) / Double(files.count), file.name)
            do throws(SuiteError) {
                let suite = try SuiteFile(
                    try Self.bytes(of: file), file: file.name, documents: remotes.documents(beside: file.path))
                guard let suite, !suite.cases.isEmpty else {
                    skipped += 1
                    continue
                }
                for item in suite.cases { run.judge(item, of: suite.kind) }
            } catch {
                broken.append(BrokenFile(file: file.name, reason: error.reason))
            }
        }
        self = run.report(skippedFiles: skipped, broken: broken)
    }

    /// - Throws: ``SuiteError`` for what is no regular file, too: opening a pipe would wait for its writer.
    private static func bytes(of file: (path: String, name: String)) throws(SuiteError) -> [UInt8] {
        let path = URL(filePath: file.path).resolvingSymlinksInPath().path
        let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
        guard type == .typeRegular, let data = FileManager.default.contents(atPath: path) else {
            throw SuiteError(file: file.name, reason: "it cannot be read, or is no regular file")
        }
        return [UInt8](data)
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
                && !FileManager.default.fileExists(atPath: "\(folder)/\(name)/.")
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
