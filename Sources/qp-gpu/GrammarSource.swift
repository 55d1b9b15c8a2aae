import ArgumentParser
import QPConstraints
import QPFormats

/// In which language a constraint is written.
enum GrammarKind: String, ExpressibleByArgument, CaseIterable, Encodable {
    case gbnf
    case schema
    case regex

    /// The language that a file's name promises.
    init?(path: String) {
        switch path.split(separator: "/").last?.split(separator: ".").last {
        case "gbnf": self = .gbnf
        case "json": self = .schema
        case "regex", "re": self = .regex
        default: return nil
        }
    }
}

/// A constraint's file, and how it is read.
struct GrammarSource: ParsableArguments {
    @Argument(help: "The constraint: .gbnf, .json (JSON Schema), .regex or .re. With --kind any file, or - for stdin.")
    var file: String?
    @Flag(help: "Any JSON object, in place of a file: the json_object mode of inference servers.")
    var jsonObject = false
    @Option(help: "The file's language, as in --kind regex (default: by its name).")
    var kind: GrammarKind?
    @Option(
        help: ArgumentHelp(
            "The rule that a GBNF text begins with, as in --root list (default: root).", valueName: "rule"))
    var root: String?
    @Option(
        help: ArgumentHelp(
            """
            Raise or lower a limit, as in --limit seconds=60; may be repeated. There are sourceBytes, expressions, \
            nestingDepth (at most 1000), repetition, alternatives, automatonStates, configurations, states, \
            stateBytes, cacheBytes and seconds.
            """, valueName: "name=value"))
    var limit: [String] = []
    @OptionGroup(title: "JSON OPTIONS") var schema: SchemaOptionGroup
    @OptionGroup(title: "REGULAR EXPRESSION OPTIONS") var regex: RegexOptionGroup

    func validate() throws {
        _ = try limits()
        guard let file else {
            guard jsonObject else { throw ValidationError("give a constraint's file, or --json-object") }
            if kind != nil { throw ValidationError("--kind says nothing with --json-object; leave one out") }
            return try refuse(all, besides: [], "--json-object is given")
        }
        if jsonObject { throw ValidationError("\(file) and --json-object are two constraints; give one") }
        guard let kind = kind ?? GrammarKind(path: file) else {
            // That there is no such file is said when it is read, and comes before what it is.
            guard InputFile.exists(file) else { return }
            let name = file == "-" ? "standard input" : "the name of \(file)"
            throw ValidationError("\(name) does not say the language; add --kind gbnf, schema or regex")
        }
        try refuse(all, besides: [kind], "\(file) is read as \(kind)")
    }

    /// The options that were given and are for one language.
    private var all: [(name: String, kind: GrammarKind)] {
        (root == nil ? [] : [("--root", .gbnf)])
            + (schema.whitespace == nil || jsonObject ? [] : [("--whitespace", .schema)])
            + schema.given.map { ($0, .schema) } + regex.given.map { ($0, .regex) }
    }

    private func refuse(
        _ options: [(name: String, kind: GrammarKind)], besides kinds: [GrammarKind], _ reason: String
    ) throws {
        guard let option = options.first(where: { !kinds.contains($0.kind) }) else { return }
        let language =
            switch option.kind {
            case .gbnf: "GBNF"
            case .schema: "JSON Schemas"
            case .regex: "regular expressions"
            }
        throw ValidationError("\(option.name) is for \(language), and \(reason)")
    }

    /// Standard input can be read once.
    func refuseSharedInput(_ files: [String]) throws {
        guard ([file].compactMap(\.self) + files).count(where: { $0 == "-" }) > 1 else { return }
        throw ValidationError("standard input, -, is given twice, and can be read once; give a file for one")
    }

    /// What messages call it.
    var name: String { file ?? "--json-object" }

    /// The file's grammar.
    /// - Throws: ``GrammarSourceError`` for a file that cannot be read or compiled.
    func grammar() throws -> Grammar {
        let limits = try limits()
        guard let file else {
            return try compiled { () throws(ConstraintError) in
                try .jsonObject(whitespace: whitespace, limits: limits)
            }
        }
        let text = try Self.text(file, limits)
        guard let kind = kind ?? GrammarKind(path: file) else {
            throw GrammarSourceError(path: file, reason: "its name does not say the language. Add --kind")
        }
        return try compiled { () throws(ConstraintError) in
            switch kind {
            case .gbnf: try Grammar(gbnf: text, root: root ?? "root", limits: limits)
            case .regex: try Grammar(regex: Self.pattern(text), options: regex.options, limits: limits)
            case .schema: try Grammar(jsonSchema: text, options: schemaOptions(text), limits: limits)
            }
        }
    }

    private func compiled(_ body: () throws(ConstraintError) -> Grammar) throws(GrammarSourceError) -> Grammar {
        do { return try body() } catch { throw GrammarSourceError(path: name, error) }
    }

    private var whitespace: JSONWhitespace { schema.whitespace?.value ?? .compact }

    private func schemaOptions(_ text: String) -> SchemaOptions {
        // A schema that says its draft is read by it; one that is no JSON will be refused as such.
        let isSaid =
            schema.draft != nil && (try? JSONValue(parsing: Array(text.utf8)))?.objectValue?["$schema"] != nil
        return SchemaOptions(
            whitespace: whitespace, formats: schema.formats ?? .asserted, draft: isSaid ? nil : schema.draft)
    }

    /// A file's pattern: without the line end that editors put at a file's end.
    private static func pattern(_ text: String) -> String {
        text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static func text(_ path: String, _ limits: GrammarLimits) throws(GrammarSourceError) -> String {
        let bytes = try InputFile.bytes(
            path, maximumCount: limits.sourceBytes, advice: "Raise the limit (--limit sourceBytes=N)")
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let offset = bytes.firstInvalidUTF8 ?? 0
            throw GrammarSourceError(path: path, reason: "not UTF-8 at byte \(offset)")
        }
        return text
    }

    // MARK: Limits

    private static let counts: [(name: String, path: any WritableKeyPath<GrammarLimits, Int> & Sendable)] = [
        ("sourceBytes", \.sourceBytes), ("expressions", \.expressions), ("nestingDepth", \.nestingDepth),
        ("repetition", \.repetition), ("automatonStates", \.automatonStates), ("configurations", \.configurations),
        ("states", \.states), ("stateBytes", \.stateBytes), ("cacheBytes", \.cacheBytes),
        ("alternatives", \.alternatives),
    ]

    private func limits() throws -> GrammarLimits {
        var limits = GrammarLimits()
        for text in limit {
            try Self.set(text, option: "--limit", of: Self.counts, seconds: \.seconds, in: &limits)
        }
        return limits
    }

    /// Sets the one of `counts`, or the seconds, that `text`, name=value, names.
    static func set<Limits>(
        _ text: String, option: String,
        of counts: [(name: String, path: any WritableKeyPath<Limits, Int> & Sendable)],
        seconds path: WritableKeyPath<Limits, Double>, in limits: inout Limits
    ) throws {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw ValidationError("\(option) \(text): write name=value") }
        if parts[0] == "seconds" {
            guard let seconds = Double(parts[1]), seconds > 0, seconds <= 86_400 else {
                throw ValidationError("\(option) \(text): seconds must lie above 0 and up to 86400")
            }
            limits[keyPath: path] = seconds
            return
        }
        guard let known = counts.first(where: { $0.name == parts[0] }) else {
            let names = (counts.map(\.name) + ["seconds"]).joined(separator: ", ")
            throw ValidationError("\(option) \(text): no limit is called \"\(parts[0])\"; there are \(names)")
        }
        guard let value = Int(parts[1]), (1...1 << 40).contains(value) else {
            throw ValidationError("\(option) \(text): the value must be a whole number, 1 to \(1 << 40)")
        }
        limits[keyPath: known.path] = value
    }
}

/// A constraint's file that cannot be used, in one line.
struct GrammarSourceError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    init(path: String, _ error: ConstraintError) {
        self.init(path: path, reason: error.description.split(separator: "\n").joined(separator: ". "))
    }

    var description: String { "\(path): \(reason)" }
}

extension [UInt8] {
    /// Where the first byte stands that is not part of well-formed UTF-8; nil where all are.
    fileprivate var firstInvalidUTF8: Int? {
        var offset = 0
        var decoder = UTF8()
        var bytes = makeIterator()
        while true {
            switch decoder.decode(&bytes) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }
}
