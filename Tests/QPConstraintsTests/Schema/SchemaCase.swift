import QPConstraints
import QPFormats
import Testing

/// A schema with texts that it allows and texts that it does not.
struct SchemaCase: CustomTestStringConvertible, Sendable {
    let schema: String
    let accepted: [String]
    let rejected: [String]

    init(_ schema: String, accepts accepted: [String], rejects rejected: [String]) {
        self.schema = schema
        self.accepted = accepted
        self.rejected = rejected
    }

    var testDescription: String { schema }

    func check(_ options: SchemaOptions = SchemaOptions()) throws {
        let grammar = try Grammar(jsonSchema: schema, options: options)
        for text in accepted { #expect(try grammar.accepts(text.utf8), "\(schema) should allow \(text)") }
        for text in rejected { #expect(try !grammar.accepts(text.utf8), "\(schema) should not allow \(text)") }
    }
}

/// The error of compiling `schema`, nil when there is none.
func schemaError(
    _ schema: String, options: SchemaOptions = SchemaOptions(), limits: GrammarLimits = GrammarLimits()
) -> ConstraintError? {
    do {
        _ = try Grammar(jsonSchema: schema, options: options, limits: limits)
        return nil
    } catch {
        return error
    }
}
