public import QPConstraints

/// One source of a suite, and what it should allow.
public struct ConformanceCase: Sendable {
    /// A text to hold against the source.
    public struct Text: Sendable {
        public let name: String
        /// Its spellings. It is accepted when any of them is: members of an object may stand in several orders.
        public let spellings: [[UInt8]]
        /// Whether the source should allow it.
        public let isValid: Bool

        public init(name: String, spellings: [[UInt8]], isValid: Bool) {
            self.name = name
            self.spellings = spellings
            self.isValid = isValid
        }
    }

    /// What the suite says about the source itself.
    public enum Expectation: Hashable, Sendable {
        /// It is right: refusing it is a gap.
        case compiles
        /// It is wrong: compiling it is too loose.
        case isRefused
    }

    /// The file's path under the folder.
    public let file: String
    public let name: String
    public let expectation: Expectation
    public let texts: [Text]
    /// Makes the source's grammar.
    public let compile: @Sendable () throws(ConstraintError) -> Grammar

    public init(
        file: String, name: String, expectation: Expectation = .compiles, texts: [Text] = [],
        compile: @escaping @Sendable () throws(ConstraintError) -> Grammar
    ) {
        self.file = file
        self.name = name
        self.expectation = expectation
        self.texts = texts
        self.compile = compile
    }
}

/// The four layouts of suites.
public enum SuiteKind: String, Codable, CaseIterable, Sendable {
    /// Files `{schema, tests: [{valid, data}]}`, as in jsonschemabench.
    case schemaBench = "jsonschemabench"
    /// Files `[{description, schema, tests: [{description, data, valid}]}]` of the JSON Schema Test Suite.
    case schemaSuite = "json-schema-test-suite"
    /// Files of `[[test]]` tables, as the `regex` crate keeps them.
    case regex
    /// Grammars `*.gbnf`, and files of cases taken from llama.cpp's tests.
    case gbnf
}
