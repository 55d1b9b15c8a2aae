public import ArgumentParser
public import QPConstraints

/// How JSON is written, and how a JSON Schema is read.
struct SchemaOptionGroup: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where JSON may hold whitespace: compact, spaced, or flexible=N for up to N characters between tokens, "
                + "as in --whitespace flexible=2 (default: compact)."))
    var whitespace: WhitespaceOption?
    @Option(
        help: ArgumentHelp(
            "Whether strings have to be of their `format`: asserted or annotations, as in --formats annotations "
                + "(default: asserted)."))
    var formats: SchemaOptions.Formats?
    @Option(
        help: ArgumentHelp(
            "The draft where $schema says nothing, as in --draft draft-07 (default: 2020-12)."))
    var draft: SchemaDraft?

    /// The options that were given and say something of schemas alone.
    var given: [String] {
        [(formats != nil, "--formats"), (draft != nil, "--draft")].compactMap { $0 ? $1 : nil }
    }
}

/// How a regular expression is read.
struct RegexOptionGroup: ParsableArguments {
    @Option(help: "Whose syntax: rust (the regex crate) or ecma (JavaScript), as in --dialect ecma (default: rust).")
    var dialect: RegexOptions.Dialect?
    @Flag(help: "Allow texts that hold a match, as JSON Schema's `pattern` does, instead of those that are one.")
    var search = false
    @Flag(help: "Letters also stand for their other case, as with (?i).")
    var caseInsensitive = false
    @Flag(help: "^ and $ also match at the lines' ends, as with (?m).")
    var multiLine = false
    @Flag(help: "A dot also matches a line end, as with (?s).")
    var dotMatchesNewline = false
    @Flag(help: "Classes, word boundaries and cases are those of ASCII, as with (?-u).")
    var ascii = false
    @Flag(help: "Where Unicode is off, a dot and a negated class are any byte: texts need not be UTF-8. Not with ecma.")
    var invalidUTF8 = false
    @Option(
        help: ArgumentHelp(
            "The byte that ends a line for ^, $ and the dot, as in --line-terminator 0 (default: 10). Not with ecma.",
            valueName: "byte"))
    var lineTerminator: UInt8?

    func validate() throws {
        guard dialect == .ecma else { return }
        for (isGiven, name) in [(invalidUTF8, "--invalid-utf8"), (lineTerminator != nil, "--line-terminator")]
        where isGiven {
            throw ValidationError("\(name) says nothing with --dialect ecma; leave one out")
        }
    }

    var options: RegexOptions {
        var options = RegexOptions(dialect: dialect ?? .rust, extent: search ? .search : .whole)
        options.isCaseInsensitive = caseInsensitive
        options.isMultiLine = multiLine
        options.dotMatchesNewline = dotMatchesNewline
        options.isUnicode = !ascii
        options.matchesInvalidUTF8 = invalidUTF8
        options.lineTerminator = lineTerminator ?? options.lineTerminator
        return options
    }

    /// The options that were given.
    var given: [String] {
        [
            (dialect != nil, "--dialect"), (search, "--search"), (caseInsensitive, "--case-insensitive"),
            (multiLine, "--multi-line"), (dotMatchesNewline, "--dot-matches-newline"), (ascii, "--ascii"),
            (invalidUTF8, "--invalid-utf8"), (lineTerminator != nil, "--line-terminator"),
        ].compactMap { $0 ? $1 : nil }
    }
}

extension SchemaOptions.Formats: ExpressibleByArgument {}
extension RegexOptions.Dialect: ExpressibleByArgument {}

extension SchemaDraft: ExpressibleByArgument {
    /// The draft by the name that messages give it: `draft-07`, `2020-12`.
    public init?(argument: String) {
        guard let draft = Self.allCases.first(where: { $0.description == argument }) else { return nil }
        self = draft
    }

    public static var allValueStrings: [String] { allCases.map(\.description) }
}

/// Whitespace as the command line spells it.
struct WhitespaceOption: ExpressibleByArgument {
    let value: JSONWhitespace

    init?(argument: String) {
        switch argument {
        case "compact": value = .compact
        case "spaced": value = .spaced
        default:
            let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "flexible", let maximum = Int(parts[1]), (0...1000).contains(maximum)
            else { return nil }
            value = .flexible(maximum: maximum)
        }
    }
}
