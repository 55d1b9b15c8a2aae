import Synchronization

/// The values of `format` that are asserted.
enum StringFormat: String, CaseIterable, Sendable {
    case date, time
    case dateTime = "date-time"
    case duration
    case email, hostname, ipv4, ipv6, uuid
    case uri
    case uriReference = "uri-reference"
    case uriTemplate = "uri-template"
    case iri
    case iriReference = "iri-reference"
    case jsonPointer = "json-pointer"
    case relativeJSONPointer = "relative-json-pointer"

    /// Names in the specification that are not enforced here, and why.
    private static let refused = [
        "idn-email": "internationalised host names have rules beyond a grammar (RFC 5891)",
        "idn-hostname": "internationalised host names have rules beyond a grammar (RFC 5891)",
        "regex": "regular expressions nest without bound",
    ]

    /// The format `name` (JSON Schema validation 2020-12, section 7.3); nil for a name outside the specification, which
    /// is an annotation.
    /// - Throws: ``ConstraintError`` with code `unsupported` for a name in the specification that is not enforced.
    init?(named name: String) throws(ConstraintError) {
        if let reason = Self.refused[name] {
            throw ConstraintError(
                .unsupported, "format \"\(name)\" is not enforced: \(reason)",
                advice: "Remove the format, or give a pattern instead.")
        }
        self.init(rawValue: name)
    }

    /// What the members' length is at most, beside what the definition says.
    var maximumLength: Int? { self == .hostname ? Hostname.maximumLength : nil }

    /// The strings of a format.
    fileprivate enum Definition {
        /// Those that a regular expression (ECMA-262) matches as a whole.
        case expression(String)
        case automaton(ByteAutomaton)
    }

    fileprivate var definition: Definition {
        switch self {
        case .date: .expression(Calendar.date)
        case .time: .expression(Calendar.time)
        case .dateTime: .expression(Calendar.dateTime)
        case .duration: .expression(Calendar.duration)
        case .email: .expression(Address.mailbox)
        case .hostname: .automaton(Hostname.automaton)
        case .ipv4: .expression(Address.ipv4)
        case .ipv6: .expression(Address.ipv6)
        case .uuid: .expression(Address.uuid)
        case .uri: .expression(ResourceIdentifier.uri.absolute)
        case .uriReference: .expression(ResourceIdentifier.uri.reference)
        case .uriTemplate: .expression(ResourceIdentifier.template)
        case .iri: .expression(ResourceIdentifier.iri.absolute)
        case .iriReference: .expression(ResourceIdentifier.iri.reference)
        case .jsonPointer: .expression(Pointer.absolute)
        case .relativeJSONPointer: .expression(Pointer.relative)
        }
    }
}

extension StringFormat {
    typealias Automata = (plain: ByteAutomaton?, spelled: ByteAutomaton?)

    private static let madeAutomata = Mutex<[StringFormat: Automata]>([:])

    /// The strings in UTF-8, and as they are spelled inside a JSON string. Made at the first use in a process, which
    /// takes up to some milliseconds, and kept: each is small, and what a schema pays for a format is next to nothing.
    var automata: Automata {
        Self.madeAutomata.withLock { made in
            if let known = made[self] { return known }
            let plain = automaton
            let automata: Automata = (plain, plain.spelledInJSON())
            made[self] = automata
            return automata
        }
    }

    private var automaton: ByteAutomaton {
        switch definition {
        case .automaton(let automaton): return automaton
        case .expression(let pattern):
            do {
                let budget = CompileBudget(GrammarLimits())
                let options = RegexOptions(dialect: .ecma, extent: .whole)
                return try RegexPattern(pattern, options: options, budget: budget).automaton(budget: budget)
            } catch {
                preconditionFailure("the expression of format \(rawValue): \(error)")
            }
        }
    }
}

/// JSON pointers.
enum Pointer {
    /// RFC 6901, section 3. Any character may stand in a token but `/`, and `~` only in `~0` and `~1`.
    static let absolute = #"(?:/(?:[^/~]|~[01])*)*"#
    /// draft-bhutton-relative-json-pointer-00, section 3, without its index manipulation, which the formats of JSON
    /// Schema's earlier drafts do not have.
    static let relative = #"(?:0|[1-9][0-9]*)(?:#|"# + absolute + ")"
}
