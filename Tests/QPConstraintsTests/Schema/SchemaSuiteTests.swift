import Foundation
import QPConstraints
import QPFormats
import Testing

/// The public suites where they are at hand, counted as a floor: the conformance runner has the details.
@Suite struct SchemaSuiteTests {
    private static func json(_ url: URL) throws -> JSONValue { try JSONValue(parsing: Array(Data(contentsOf: url))) }

    private static func files(_ folder: URL) -> [URL] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (found?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "json" }.sorted {
            $0.path < $1.path
        }
    }

    private static func folder(_ name: String) -> URL? {
        guard let data = SharedData.folder?.appending(path: name), FileManager.default.fileExists(atPath: data.path)
        else {
            print("\(name) is not at hand; set QPGPU_SHARED_DATA to the folder that holds it")
            return nil
        }
        return data
    }

    private static func allows(_ grammar: Grammar, _ instance: JSONValue) throws -> Bool {
        for order in instance.orders(atMost: 2000) where try grammar.accepts(order.serializedBytes()) { return true }
        return false
    }

    @Test("The JSON Schema Test Suite finds nothing loose, and most of it exact")
    func testSuite() throws {
        guard let suite = Self.folder("json-schema-test-suite") else { return }
        var documents: [String: JSONValue] = [:]
        let remotes = suite.appending(path: "remotes")
        for file in Self.files(remotes) {
            documents["http://localhost:1234/" + file.path.dropFirst(remotes.path.count + 1)] = try Self.json(file)
        }
        let options = SchemaOptions(formats: .annotations, documents: documents)
        var passed = 0
        for file in Self.files(suite.appending(path: "tests/draft2020-12")) where !file.path.contains("/optional/") {
            for group in try Self.json(file).arrayValue ?? [] {
                let group = try #require(group.objectValue)
                let tests = group["tests"]?.arrayValue ?? []
                var grammar: Grammar?
                do {
                    grammar = try Grammar(jsonSchema: try #require(group["schema"]), options: options)
                } catch let error as ConstraintError {
                    guard error.code == .unsatisfiable else { continue }
                }
                for test in tests {
                    let test = try #require(test.objectValue)
                    let isAllowed = try grammar.map { try Self.allows($0, test["data"]!) } ?? false
                    #expect(isAllowed == (test["valid"] == .bool(true)), "\(file.lastPathComponent): \(test)")
                    passed += isAllowed == (test["valid"] == .bool(true)) ? 1 : 0
                }
            }
        }
        #expect(passed >= 1254)
    }

    @Test("Schemas from practice compile, and none of them is loose")
    func practice() throws {
        guard let schemas = Self.folder("jsonschemabench/schemas") else { return }
        var compiled = 0
        for file in Self.files(schemas) {
            let object = try #require(try Self.json(file).objectValue)
            guard let grammar = try? Grammar(jsonSchema: try #require(object["schema"])) else { continue }
            compiled += 1
            for test in object["tests"]?.arrayValue ?? [] where test.objectValue?["valid"] == .bool(false) {
                let instance = try #require(test.objectValue?["data"])
                for order in instance.orders(atMost: 50) {
                    #expect(try !grammar.accepts(order.serializedBytes()), "\(file.lastPathComponent): \(instance)")
                }
            }
        }
        #expect(compiled >= 112)
    }
}

/// Where public test data may be: named by QPGPU_SHARED_DATA, or beside the repository.
enum SharedData {
    static let folder: URL? = {
        if let named = ProcessInfo.processInfo.environment["QPGPU_SHARED_DATA"] { return URL(filePath: named) }
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appending(path: "../shared/data").standardized
            if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
                return FileManager.default.fileExists(atPath: candidate.path) ? candidate : nil
            }
            folder = folder.deletingLastPathComponent()
        }
        return nil
    }()
}
