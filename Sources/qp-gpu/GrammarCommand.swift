import ArgumentParser

struct GrammarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grammar",
        abstract: "Compile constraints, and see what they allow.",
        discussion: """
            A constraint is a file: GBNF (.gbnf), a JSON Schema (.json) or a regular expression (.regex, .re) that \
            describes the whole text; or, with --kind, a file of any name, a pipe, or - for standard input. With \
            --json-object it is any JSON object, without a file. What cannot be enforced exactly is refused, with \
            keyword or feature and place.

            EXAMPLES
              qp-gpu grammar check schema.json --vocabulary model.gguf
              qp-gpu grammar test list.gbnf --accept "- a" --reject ""
              qp-gpu grammar trace schema.json --vocabulary model.gguf --text '{"a":1}' --output trace.jsonl
              qp-gpu grammar conformance Tests/QPConformanceTests/Fixtures
            """,
        subcommands: [
            GrammarCheck.self, GrammarTest.self, GrammarTrace.self, GrammarConformance.self, GrammarServe.self,
        ])
}
