import QPConstraints
import QPFormats

/// Grammars `*.gbnf`, which should compile, and cases taken from llama.cpp's tests: either
/// `[{kind, name, source, accept, reject}]`, of which those of kind `gbnf` are judged (the others follow llama.cpp's
/// own reading of JSON Schema), or `{must_parse: [source], must_fail_to_parse: [source]}`.
enum GBNFLayout {
    static func grammar(_ bytes: [UInt8], file: String) throws(SuiteError) -> ConformanceCase {
        guard let source = String(validating: bytes, as: UTF8.self) else {
            throw SuiteError(file: file, reason: "the grammar is not UTF-8")
        }
        return item(file, "the grammar", source)
    }

    /// The cases of a JSON document; nil when it is of neither form.
    static func cases(_ document: JSONValue, file: String) -> [ConformanceCase]? {
        if let object = document.objectValue {
            guard let right = strings(object["must_parse"]), let wrong = strings(object["must_fail_to_parse"]) else {
                return nil
            }
            return right.enumerated().map { item(file, "must_parse \($0)", $1) }
                + wrong.enumerated().map { item(file, "must_fail_to_parse \($0)", $1, .isRefused) }
        }
        guard let entries = document.arrayValue, !entries.isEmpty else { return nil }
        var cases: [ConformanceCase] = []
        for entry in entries {
            guard let entry = entry.objectValue, let kind = entry["kind"]?.stringValue,
                let name = entry["name"]?.stringValue
            else { return nil }
            guard kind == "gbnf" else { continue }
            guard let source = entry["source"]?.stringValue, let accepted = strings(entry["accept"]),
                let rejected = strings(entry["reject"])
            else { return nil }
            let texts = [(accepted, true), (rejected, false)].flatMap { texts, isValid in
                texts.map {
                    ConformanceCase.Text(
                        name: JSONValue.string($0).serialized(), spellings: [Array($0.utf8)], isValid: isValid)
                }
            }
            cases.append(item(file, name, source, texts: texts))
        }
        return cases
    }

    private static func item(
        _ file: String, _ name: String, _ source: String, _ expectation: ConformanceCase.Expectation = .compiles,
        texts: [ConformanceCase.Text] = []
    ) -> ConformanceCase {
        ConformanceCase(file: file, name: name, expectation: expectation, texts: texts) {
            () throws(ConstraintError) in try Grammar(gbnf: source)
        }
    }

    private static func strings(_ value: JSONValue?) -> [String]? {
        guard let values = value?.arrayValue else { return nil }
        let strings = values.compactMap(\.stringValue)
        return strings.count == values.count ? strings : nil
    }
}
