import QPConstraints
import QPFormats

/// Files `[{description, schema, tests: [{description, data, valid}]}]` of the JSON Schema Test Suite
/// (its README.md). Formats are annotations, but for the files under `optional/format` and
/// `optional/format-assertion.json`, which are about asserted ones.
enum SchemaSuiteLayout {
    /// The cases of a JSON document; nil when it has not the form.
    static func cases(_ document: JSONValue, file: String, documents: [String: JSONValue]) -> [ConformanceCase]? {
        guard let entries = document.arrayValue, !entries.isEmpty else { return nil }
        let isAboutFormats = file.contains("optional/format")
        let options = SchemaCases.options(
            formats: isAboutFormats ? .asserted : .annotations, documents: documents)
        var cases: [ConformanceCase] = []
        for entry in entries {
            guard let entry = entry.objectValue, let schema = entry["schema"],
                let tests = entry["tests"]?.arrayValue, let name = entry["description"]?.stringValue,
                let item = SchemaCases.make(schema, tests, file: file, name: name, options: options)
            else { return nil }
            cases.append(item)
        }
        return cases
    }
}
