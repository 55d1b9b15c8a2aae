import QPConstraints
import QPReport

/// A constraint worked out ahead over a vocabulary: what it comes to, or why it is not made.
struct GrammarGraph: Encodable {
    private(set) var states: Int?
    private(set) var tokenClasses: Int?
    /// Bytes of its tables.
    private(set) var bytes: Int?
    /// States by the form in which their allowed tokens are held.
    private(set) var rows: Rows?
    /// States at which one token alone is allowed.
    private(set) var forcedStates: Int?
    private(set) var buildMicroseconds: Double?
    /// Why there is none.
    private(set) var missing: String?

    struct Rows: Encodable {
        var ids: Int
        var complement: Int
        var bitmask: Int
    }

    /// - Throws: ``ConstraintError`` as the graph does, but for its limits.
    init(_ grammar: Grammar, _ trie: TokenTrie, limits: GraphLimits) throws(ConstraintError) {
        guard !grammar.nestsWithoutBound else {
            missing = "texts nest without bound (pushdown), so states are worked out as they are met"
            return
        }
        let start = ContinuousClock.now
        do throws(ConstraintError) {
            let graph = try ConstraintGraph(grammar, trie, limits: limits)
            buildMicroseconds = (ContinuousClock.now - start) / .microseconds(1)
            let tables = graph.tables
            func count(_ form: GraphTables.Form) -> Int { tables.forms.count { $0 == form.rawValue } }
            states = graph.stateCount
            tokenClasses = graph.tokenClassCount
            bytes = graph.bytes
            rows = Rows(ids: count(.ids), complement: count(.complement), bitmask: count(.mask))
            forcedStates = tables.allowedCounts.count { $0 == 1 }
        } catch {
            guard error.code == .limit else { throw error }
            missing = error.description.split(separator: "\n").joined(separator: ". ")
        }
    }

    var text: String {
        guard let states, let tokenClasses, let bytes, let rows, let forcedStates, let buildMicroseconds else {
            return "graph: none; \(missing ?? "")\n"
        }
        var table = TextTable([("graph", .leading), ("", .trailing), ("share", .trailing)])
        func share(_ count: Int) -> String { Format.percent(Double(count) / Double(states)) }
        table.append(["states", Format.count(states)])
        for (name, count) in [
            ("  allowed ids listed", rows.ids), ("  complement listed", rows.complement), ("  bitmask", rows.bitmask),
            ("  forced, K = 1", forcedStates),
        ] {
            table.append([name, Format.count(count), share(count)])
        }
        table.append(["classes of tokens", Format.count(tokenClasses)])
        table.append(["bytes of the tables", Format.bytes(Double(bytes))])
        table.append(["made in", Format.duration(microseconds: buildMicroseconds)])
        return table.render()
    }
}
