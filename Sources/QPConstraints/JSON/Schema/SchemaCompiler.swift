import QPFormats

/// Works out what the places of a schema allow, and lowers that to a grammar.
///
/// A schema is first a ``SchemaTerm``: a Boolean combination of places. Its ``ValueSet`` tells the types apart and is
/// worked out one level deep, so that recursion through properties and items never has to end here: each term becomes
/// one rule of the grammar when something that is lowered refers to it.
final class SchemaCompiler {
    let document: SchemaDocument
    let options: SchemaOptions
    let builder: GrammarBuilder
    let text: JSONText
    /// For the numbers of ``ValueSet/areNumbersWhole``.
    let wholeText: JSONText
    var budget: CompileBudget { builder.budget }
    var terms = SchemaTerms()

    /// Property names by handle. Handles compare by bytes, where strings would compare by canonical equivalence.
    private(set) var keys: [String] = []
    private var keyOf: [[UInt8]: Int32] = [:]
    /// The ways to a schema, as the resources with dynamic anchors that lead to it, outermost first.
    private var scopes: [[Int32]] = [[]]
    private var scopeOf: [[Int32]: Int32] = [[]: 0]

    var expansions: [SchemaTerm: SchemaTerm] = [:]
    /// The keywords read last: those of a schema are mostly asked for twice in a row.
    var lastTable: (node: Int32, table: KeywordTable)?
    /// What was worked out, without and with what was evaluated.
    private var known: [[SchemaTerm: ValueSet]] = [[:], [:]]
    /// What is being worked out, by its place on the stack.
    private var open: [[SchemaTerm: Int]] = [[:], [:]]
    private var depth = 0
    /// Terms opened below this place belong to somebody who only wants to know whether a set is empty.
    private var probeFloor = 0
    var emptiness: [SchemaTerm: Bool] = [:]
    /// Whether sets of strings have none, which may take automata to find out.
    var emptyKeys: [[StringTerm]: Bool] = [:]
    var probing: [SchemaTerm] = []
    var unfinishedProbes = 0

    var rules: [SchemaTerm: RuleID] = [:]
    var pending: [(term: SchemaTerm, rule: RuleID)] = []
    /// What is being lowered, for messages.
    var current = SchemaTerm.any
    var keyRules: [[Int32]: RuleID] = [:]
    var numberRules: [[NumberSet: RuleID]] = [[:], [:]]
    var progressing: [SchemaTerm: Bool] = [:]
    /// What was warned of already.
    var warned: Set<Warned> = []

    struct Warned: Hashable {
        let node: Int32
        let message: String
    }

    init(_ document: SchemaDocument) {
        self.document = document
        options = document.options
        builder = GrammarBuilder(budget: document.budget)
        text = JSONText(builder, whitespace: options.whitespace)
        wholeText = JSONText(builder, whitespace: options.whitespace, integersMayHaveFractions: false)
    }

    /// The grammar of `schema`.
    static func compile(
        _ schema: JSONValue, options: SchemaOptions, budget: CompileBudget
    ) throws(ConstraintError) -> Grammar {
        let document = try SchemaDocument(schema, options: options, budget: budget)
        do {
            return try SchemaCompiler(document).compile()
        } catch {
            guard error == unprepared else { throw error }
            try document.prepareDynamicReferences()
            return try SchemaCompiler(document).compile()
        }
    }

    /// Never leaves this type: the first dynamic reference was met, and the ways to schemas have not been recorded.
    static let unprepared = ConstraintError(.limit, "unprepared for dynamic references")

    // MARK: Names

    func key(_ name: String) -> Int32 {
        let bytes = Array(name.utf8)
        if let known = keyOf[bytes] { return known }
        keys.append(name)
        keyOf[bytes] = Int32(keys.count - 1)
        return Int32(keys.count - 1)
    }

    func name(_ key: Int32) -> String { keys[Int(key)] }

    /// `scope` after entering the resource of `node`.
    func entering(_ node: Int32, _ scope: Int32) -> Int32 {
        guard document.hasDynamicReferences else { return 0 }
        let resource = document.nodes[Int(node)].resource
        let way = scopes[Int(scope)]
        guard !document.resources[Int(resource)].dynamicAnchors.isEmpty, !way.contains(resource) else { return scope }
        let longer = way + [resource]
        if let known = scopeOf[longer] { return known }
        scopes.append(longer)
        scopeOf[longer] = Int32(scopes.count - 1)
        return Int32(scopes.count - 1)
    }

    /// The place that the outermost resource on the way names `anchor` dynamically.
    func dynamicTarget(_ anchor: String, _ scope: Int32) -> Int32? {
        for resource in scopes[Int(scope)] {
            if let node = document.resources[Int(resource)].dynamicAnchors[anchor] { return node }
        }
        return nil
    }

    // MARK: Sets

    /// The values of `term`, one level deep.
    /// - Parameter evaluated: whether the shapes have to say what was evaluated.
    /// - Throws: ``ConstraintError``: `syntax`, `unsupported`, `limit`.
    func values(of term: SchemaTerm, evaluated: Bool = false) throws(ConstraintError) -> ValueSet {
        if term == .any { return .any }
        if term == .none { return .none }
        let mode = evaluated ? 1 : 0
        if let set = known[mode][term] { return set }
        try budget.spend()
        try budget.tick(terms.takeWork())
        if let place = open[mode][term] {
            throw place < probeFloor ? Self.undecided : circle(term)
        }
        try budget.checkNesting(depth + 1, of: "schemas within each other")
        open[mode][term] = depth
        depth += 1
        defer {
            depth -= 1
            open[mode][term] = nil
        }
        let set = try work(term, evaluated)
        known[mode][term] = set
        return set
    }

    private func work(_ term: SchemaTerm, _ evaluated: Bool) throws(ConstraintError) -> ValueSet {
        switch terms.kind(term) {
        case .any: return .any
        case .none: return .none
        case .schema: return try values(of: expansion(of: term), evaluated: evaluated)
        case .own(let node, _): return try own(term, node, evaluated)
        case .evaluated(let node, let scope): return try unevaluated(node, scope, evaluated)
        case .list(let node): return try list(node)
        case .value(let node): return try value(node)
        case .has(let key):
            var set = ValueSet.none
            set.objects = [ObjectShape(named: [ObjectShape.Property(key: key, term: .any, isRequired: true)])]
            return set
        case .all(let parts):
            var set = try values(of: parts[0], evaluated: evaluated)
            for part in parts.dropFirst() {
                set = try intersection(set, values(of: part, evaluated: evaluated))
            }
            return set
        case .some(let parts):
            if !evaluated, parts.contains(.any) { return .any }
            var set = try values(of: parts[0], evaluated: evaluated)
            for part in parts.dropFirst() {
                let other = try values(of: part, evaluated: evaluated)
                if evaluated { set = try joined(set, other) } else { try formUnion(&set, other) }
            }
            return set
        case .exactlyOne(let parts): return try exactlyOne(parts, evaluated)
        case .conditional(let condition, let then, let otherwise):
            return try values(of: alternatives(condition, then, otherwise, evaluated), evaluated: evaluated)
        case .not(let inner): return try complement(of: inner)
        }
    }

    /// A condition as alternatives. When nobody asks what it evaluates, half of it may not matter.
    func alternatives(
        _ condition: SchemaTerm, _ then: SchemaTerm, _ otherwise: SchemaTerm, _ evaluated: Bool
    ) -> SchemaTerm {
        if !evaluated {
            if then == .any { return otherwise == .any ? .any : terms.some([condition, otherwise]) }
            if otherwise == .any { return terms.some([terms.not(condition), then]) }
        }
        return terms.some([terms.all(condition, then), terms.all(terms.not(condition), otherwise)])
    }

    private func complement(of term: SchemaTerm) throws(ConstraintError) -> ValueSet {
        switch terms.kind(term) {
        case .schema: return try values(of: terms.not(expansion(of: term)))
        // What is not in all of them misses one; what is not in some of them misses every one.
        case .all(let parts): return try values(of: terms.some(parts.map { terms.not($0) }))
        case .some(let parts): return try values(of: terms.all(parts.map { terms.not($0) }))
        case .exactlyOne(let parts):
            var alternatives = [terms.all(parts.map { terms.not($0) })]
            for (index, left) in parts.enumerated() {
                for right in parts[(index + 1)...] { alternatives.append(terms.all(left, right)) }
            }
            return try values(of: terms.some(alternatives))
        case .conditional(let condition, let then, let otherwise):
            return try values(of: alternatives(condition, terms.not(then), terms.not(otherwise), false))
        default: return try complement(values(of: term), of: term)
        }
    }

    /// The values that exactly one of `parts` has.
    private func exactlyOne(_ parts: [SchemaTerm], _ evaluated: Bool) throws(ConstraintError) -> ValueSet {
        var once = ValueSet.none
        var twice = ValueSet.none
        var sets: [ValueSet] = []
        for part in parts {
            var set = try values(of: part, evaluated: evaluated)
            sets.append(set)
            set.arrays = []
            set.objects = []
            try formUnion(&twice, intersection(once, set))
            try formUnion(&once, set)
        }
        var result = try subtracting(once, twice, of: parts[0])
        for (index, set) in sets.enumerated() where !set.arrays.isEmpty || !set.objects.isEmpty {
            var shapes = ValueSet.none
            shapes.arrays = set.arrays
            shapes.objects = set.objects
            for (other, term) in parts.enumerated() where other != index {
                try budget.tick()
                var rest = try values(of: term)
                if shapes.arrays.isEmpty { rest.arrays = [] }
                if shapes.objects.isEmpty { rest.objects = [] }
                if rest.arrays.isEmpty, rest.objects.isEmpty { continue }
                shapes = try subtracting(shapes, rest, of: term)
            }
            try formUnion(&result, shapes)
        }
        return result
    }

    // MARK: Circles and probes

    /// Never leaves this type: a probe met what is still being worked out.
    private static let undecided = ConstraintError(.limit, "undecided")

    /// The answer of `question`, or false when that depends on something that is being worked out, or cannot be
    /// represented. Only for questions whose answer changes how a set is written, not which set it is.
    func probe(_ question: () throws(ConstraintError) -> Bool) throws(ConstraintError) -> Bool {
        let floor = probeFloor
        probeFloor = depth
        defer { probeFloor = floor }
        do {
            return try question()
        } catch {
            guard error == Self.undecided || error.code == .unsupported else { throw error }
            unfinishedProbes += 1
            return false
        }
    }

    private func circle(_ term: SchemaTerm) -> ConstraintError {
        var node: Int32 = 0
        if case .schema(let place, _) = terms.kind(term) { node = place }
        return ConstraintError(
            .syntax, "the schema refers to itself without a property or an item between", at: place(node),
            advice:
                "Such a schema says nothing that could be checked. Let the reference stand below properties or items.")
    }

    /// Throws where `term` leads back to itself without a property or an item between.
    func checkProgress(_ term: SchemaTerm, depth: Int = 0) throws(ConstraintError) {
        if let isDone = progressing[term] {
            guard isDone else { throw circle(term) }
            return
        }
        try budget.checkNesting(depth + 1, of: "schemas within each other")
        progressing[term] = false
        switch terms.kind(term) {
        case .schema: try checkProgress(expansion(of: term), depth: depth + 1)
        case .not(let inner): try checkProgress(inner, depth: depth + 1)
        case .all(let parts), .some(let parts), .exactlyOne(let parts):
            for part in parts { try checkProgress(part, depth: depth + 1) }
        case .conditional(let condition, let then, let otherwise):
            for part in [condition, then, otherwise] { try checkProgress(part, depth: depth + 1) }
        default: break
        }
        progressing[term] = true
    }
}
