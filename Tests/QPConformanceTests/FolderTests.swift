import QPConformance
import QPTestInputs
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("Folders of suites")
struct FolderTests {
    @Test("The project's own cases of all layouts are judged rightly")
    func fixtures() throws {
        let report = try ConformanceReport(folders: [Folder.fixtures])
        #expect(report.suites.map(\.kind) == SuiteKind.allCases)
        #expect(report.skippedFiles == 0)
        #expect(report.suites.map(\.counts.files) == [2, 2, 1, 3])
        #expect(report.suites.map(\.counts.judged) == [2, 5, 5, 4])
        #expect(report.suites.map(\.counts.texts) == [10, 10, 6, 8])
        for suite in report.suites {
            #expect(suite.counts.compiled == suite.counts.judged, "\(suite.refusals)")
            #expect(suite.counts.passed == suite.counts.texts)
            #expect(suite.tooLoose.isEmpty, "\(suite.tooLoose)")
            #expect(suite.tooStrict.isEmpty, "\(suite.tooStrict)")
        }
    }

    @Test("A file may be given instead of a folder")
    func singleFile() throws {
        let report = try ConformanceReport(folders: [Folder.fixtures + "/gbnf/cases.json"])
        #expect(report.suites.map(\.kind) == [.gbnf])
        #expect(report.suites.map(\.parts.keys.first) == ["cases.json"])
    }

    @Test("What cannot be judged is listed, and the rest is judged", .timeLimit(.minutes(1)))
    func broken() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("qp-gpu-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "folder.json"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in [
            ("a.json", "{"), ("b.toml", "[["), ("c.gbnf", "root ::= \"a\""), ("d.gbnf", "root ::= a"),
            ("folder.json/e.gbnf", "root ::= \"e\""),
        ] {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "e.json"), withDestinationURL: folder.appending(path: "nowhere"))
        // A pipe that nobody writes to must not be waited for.
        #expect(mkfifo(folder.path + "/f.json", 0o600) == 0)
        let report = try ConformanceReport(folders: [folder.path])
        #expect(report.broken.map(\.file) == ["a.json", "b.toml", "e.json", "f.json"])
        #expect(report.broken.first?.reason.hasPrefix("not JSON: ") == true, "\(report.broken)")
        #expect(Set(report.broken.suffix(2).map(\.reason)) == ["it cannot be read, or is no regular file"])
        #expect(report.suites.map(\.kind) == [.gbnf])
        #expect(report.suites.first?.counts.judged == 3 && report.suites.first?.counts.compiled == 2)
    }

    @Test("A path that is missing is an error with its name")
    func missing() {
        let error = #expect(throws: SuiteError.self) { try ConformanceReport(folders: ["/no/such/folder"]) }
        #expect(error?.description == "/no/such/folder: there is no such file or folder")
    }

    @Test("The public suites come out no worse than the committed baseline")
    func sharedData() throws {
        guard let path = SharedData.folder else {
            print("note: the public test data is absent (shared/data, or QPGPU_SHARED_DATA), so it was not judged")
            return
        }
        let json = try #require(FileManager.default.contents(atPath: Folder.baseline))
        let baseline = try ConformanceBaseline(json: [UInt8](json), file: Folder.baseline)
        let report = try ConformanceReport(folders: [path])
        for line in baseline.regressions(in: report) { Issue.record("\(line)") }
        for suite in report.suites { #expect(suite.tooLoose.isEmpty, "\(suite.kind): \(suite.tooLoose)") }
        if baseline.isSurpassed(by: report) {
            print("note: the baseline is surpassed; write it anew with `qp-gpu grammar conformance --record`")
        }
    }
}
