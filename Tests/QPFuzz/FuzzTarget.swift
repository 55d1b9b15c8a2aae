import QPFormats

/// A parser or matcher to be given any bytes at all.
///
/// A target returns for every input, good or bad; what it must hold beyond that, it checks, and dies where it does not
/// hold, so that a fuzzer sees a crash. `Fuzz/` gives it inputs by coverage; the tests replay seeds, past crashes and
/// seeded mutations of both.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case json
    case regex
    /// Patterns as JSON Schema reads them: ECMA-262, found anywhere in the text.
    case search
    case schema
    case gbnf
    case gguf
    case safetensors
    case tiktoken

    public func run(_ input: [UInt8]) {
        switch self {
        case .json: Self.readJSON(input)
        case .regex: Self.followRegex(input)
        case .search: Self.followSearch(input)
        case .schema: Self.followSchema(input)
        case .gbnf: Self.followGBNF(input)
        case .gguf: Self.readGGUF(input)
        case .safetensors: Self.readSafetensors(input)
        case .tiktoken: Self.readTiktoken(input)
        }
    }

    /// A precondition whose message is printed in optimised builds as well.
    static func require(_ holds: Bool, _ message: @autoclosure () -> String) {
        if !holds { fatalError(message()) }
    }

    private static func readJSON(_ input: [UInt8]) {
        guard let value = try? JSONValue(parsing: input) else { return }
        guard let again = try? JSONValue(parsing: Array(value.serialized().utf8)) else {
            fatalError("what was written cannot be read")
        }
        require(again == value, "what was read is not what was written")
    }
}
