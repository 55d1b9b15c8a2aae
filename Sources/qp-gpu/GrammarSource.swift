import ArgumentParser
import QPConstraints
import QPFormats

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
    @Argument(help: "The constraint: .gbnf, .json (JSON Schema), .regex or .re.")
    var file: String
    @Option(help: "Its language: gbnf, schema or regex (default: by the file's name).")
    var kind: GrammarKind?
    @Option(help: ArgumentHelp("The rule that a GBNF text begins with (default: root).", valueName: "rule"))
    var root: String?
    @Option(help: "Whitespace in JSON: compact, spaced, or flexible=N for up to N characters between tokens.")
    var whitespace: WhitespaceOption?
    @Option(help: ArgumentHelp("Raise or lower a limit; may be repeated.", valueName: "name=value"))
    var limit: [String] = []

    func validate() throws { _ = try limits() }

    /// The file's grammar.
    /// - Throws: ``GrammarSourceError`` for a file that cannot be read or compiled.
    func grammar() throws -> Grammar {
        guard let kind = kind ?? GrammarKind(path: file) else {
            throw GrammarSourceError(
                path: file, reason: "its name does not say the language. Give --kind gbnf, schema or regex")
        }
        if root != nil, kind != .gbnf { throw ValidationError("--root is for GBNF, and \(file) is read as \(kind)") }
        if whitespace != nil, kind != .schema {
            throw ValidationError("--whitespace is for JSON Schemas, and \(file) is read as \(kind)")
        }
        let text = try Self.text(file)
        let limits = try limits()
        do throws(ConstraintError) {
            switch kind {
            case .gbnf:
                return try Grammar(gbnf: text, root: root ?? "root", limits: limits)
            case .regex:
                return try Grammar(regex: Self.pattern(text), options: RegexOptions(), limits: limits)
            case .schema:
                return try Grammar(
                    jsonSchema: text, options: SchemaOptions(whitespace: whitespace?.value ?? .compact), limits: limits)
            }
        } catch {
            throw GrammarSourceError(path: file, error)
        }
    }

    /// A file's pattern: without the line end that editors put at a file's end.
    private static func pattern(_ text: String) -> String {
        text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static func text(_ path: String) throws -> String {
        let bytes = try bytes(path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let offset = bytes.firstInvalidUTF8 ?? 0
            throw GrammarSourceError(path: path, reason: "not UTF-8 at byte \(offset)")
        }
        return text
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw GrammarSourceError(path: path, reason: "there is no such file, or it cannot be read")
        }
        return [UInt8](data)
    }

    // MARK: Limits

    private static let counts: [(name: String, path: any WritableKeyPath<GrammarLimits, Int> & Sendable)] = [
        ("sourceBytes", \.sourceBytes), ("expressions", \.expressions), ("nestingDepth", \.nestingDepth),
        ("repetition", \.repetition), ("automatonStates", \.automatonStates), ("configurations", \.configurations),
        ("states", \.states), ("cacheBytes", \.cacheBytes), ("alternatives", \.alternatives),
    ]

    private func limits() throws -> GrammarLimits {
        var limits = GrammarLimits()
        for text in limit {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ValidationError("--limit \(text): write name=value") }
            if parts[0] == "seconds" {
                guard let seconds = Double(parts[1]), seconds > 0, seconds <= 86_400 else {
                    throw ValidationError("--limit \(text): seconds must lie above 0 and up to 86400")
                }
                limits.seconds = seconds
                continue
            }
            guard let known = Self.counts.first(where: { $0.name == parts[0] }) else {
                let names = (Self.counts.map(\.name) + ["seconds"]).joined(separator: ", ")
                throw ValidationError("--limit \(text): no limit is called \"\(parts[0])\"; there are \(names)")
            }
            guard let value = Int(parts[1]), (1...1 << 40).contains(value) else {
                throw ValidationError("--limit \(text): the value must be a whole number, 1 to \(1 << 40)")
            }
            limits[keyPath: known.path] = value
        }
        return limits
    }
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
