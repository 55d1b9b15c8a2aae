public import QPFormats

/// A file of a suite, with its cases.
public struct SuiteFile: Sendable {
    public let kind: SuiteKind
    public let cases: [ConformanceCase]
}

/// Why a file that looks like a suite's cannot be judged.
public struct SuiteError: Error, CustomStringConvertible, Sendable {
    public let file: String
    public let reason: String

    public init(file: String, reason: String) {
        self.file = file
        self.reason = reason
    }

    public var description: String { "\(file): \(reason)" }
}

extension SuiteFile {
    /// Reads `bytes`, the content of the file called `file`; nil when it is of no layout.
    ///
    /// - Parameter documents: documents that schemas may refer to, by their URI.
    /// - Throws: ``SuiteError`` for a file whose name promises JSON or TOML and whose bytes are none.
    public init?(
        _ bytes: [UInt8], file: String, documents: [String: JSONValue] = [:]
    ) throws(SuiteError) {
        switch file.split(separator: ".").last {
        case "json":
            let value: JSONValue
            do throws(JSONError) { value = try JSONValue(parsing: bytes) } catch {
                throw SuiteError(file: file, reason: error.description)
            }
            if let cases = SchemaBenchLayout.cases(value, file: file) {
                (kind, self.cases) = (.schemaBench, cases)
            } else if let cases = SchemaSuiteLayout.cases(value, file: file, documents: documents) {
                (kind, self.cases) = (.schemaSuite, cases)
            } else if let cases = GBNFLayout.cases(value, file: file) {
                (kind, self.cases) = (.gbnf, cases)
            } else {
                return nil
            }
        case "toml":
            guard let cases = try RegexLayout.cases(bytes, file: file) else { return nil }
            (kind, self.cases) = (.regex, cases)
        case "gbnf":
            (kind, cases) = (.gbnf, [try GBNFLayout.grammar(bytes, file: file)])
        default:
            return nil
        }
    }
}
