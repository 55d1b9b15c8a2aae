import QPConstraints
import QPFormats

/// Files `{schema, tests: [{valid, data}]}`, as jsonschemabench keeps them (maskbench/data). Formats are asserted.
enum SchemaBenchLayout {
    /// The one case of a JSON document; nil when it has not the form.
    static func cases(_ document: JSONValue, file: String) -> [ConformanceCase]? {
        guard let object = document.objectValue, let schema = object["schema"],
            let tests = object["tests"]?.arrayValue
        else { return nil }
        return SchemaCases.make(
            schema, tests, file: file, name: "the schema", options: SchemaCases.options(formats: .asserted)
        ).map { [$0] }
    }
}

/// What both layouts of schemas have in common.
enum SchemaCases {
    static func options(
        formats: SchemaOptions.Formats, documents: [String: JSONValue] = [:]
    ) -> SchemaOptions {
        var options = SchemaOptions()
        options.formats = formats
        options.documents = documents
        return options
    }

    /// A case of `schema` with `tests`; nil when one of them lacks `data` or `valid`.
    static func make(
        _ schema: JSONValue, _ tests: [JSONValue], file: String, name: String, options: SchemaOptions
    ) -> ConformanceCase? {
        let order = DeclaredOrder(schema, documents: options.documents)
        var texts: [ConformanceCase.Text] = []
        for (index, test) in tests.enumerated() {
            guard let test = test.objectValue, let data = test["data"], let isValid = test["valid"]?.boolValue else {
                return nil
            }
            texts.append(
                .init(
                    name: test["description"]?.stringValue ?? "test \(index)", spellings: order.spellings(of: data),
                    isValid: isValid))
        }
        return ConformanceCase(file: file, name: name, texts: texts) {
            () throws(ConstraintError) in try Grammar(jsonSchema: schema, options: options)
        }
    }
}
