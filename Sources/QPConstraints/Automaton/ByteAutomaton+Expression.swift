extension ByteAutomaton {
    /// The texts of `expression`, whose rules must not be recursive, as a minimal automaton with the boundaries of
    /// UTF-8. Counted repetitions are unrolled.
    /// - Throws: ``ConstraintError`` with code `limit`, or `unsupported` for a recursive rule.
    public init(of expression: Expression, in builder: GrammarBuilder) throws(ConstraintError) {
        var construction = ExpressionNFA(builder)
        let start = try construction.build(expression, before: 0)
        let classes = ByteClasses(construction.labels)
        var determinizer = Determinizer(
            construction.nfa, classesOfLabel: construction.labels.map { classes.classes(of: $0) },
            kindOfClass: [CharacterKind](repeating: [], count: classes.count))
        let table = try determinizer.table(from: start).minimized(builder.budget)
        self.init(table, classOf: classes.classOf)
    }
}

/// A nondeterministic automaton for an expression.
private struct ExpressionNFA: NFAConstruction {
    let builder: GrammarBuilder
    var nfa: SymbolNFA
    private(set) var labels: [ByteSet] = []
    private var labelOf: [ByteSet: Int32] = [:]
    private var edgesOfAutomaton: [Int32: [[(label: Int32, target: Int32)]]] = [:]
    /// The rules that are being followed.
    private var open: Set<RuleID> = []
    private var depth = 0

    init(_ builder: GrammarBuilder) {
        self.builder = builder
        nfa = SymbolNFA(budget: builder.budget)
    }

    private mutating func label(_ set: ByteSet) -> Int32 {
        if let known = labelOf[set] { return known }
        labelOf[set] = Int32(labels.count)
        labels.append(set)
        return Int32(labels.count - 1)
    }

    private mutating func symbol(_ set: ByteSet, before next: Int32) throws(ConstraintError) -> Int32 {
        try nfa.add(.symbol(label: label(set), next))
    }

    /// The state in which `expression` begins, so that `next` follows.
    mutating func build(_ expression: Expression, before next: Int32) throws(ConstraintError) -> Int32 {
        // Sources are nested less deeply than this; what is made from them may be nested a few times more.
        depth += 1
        defer { depth -= 1 }
        try builder.budget.checkNesting(depth / 8, of: "levels of nesting")
        try builder.budget.tick()
        switch builder.node(expression) {
        case .nothing: return try nfa.split([])
        case .empty: return next
        case .literal(let range):
            var entry = next
            for byte in builder.literals[Int(range.lowerBound)..<Int(range.upperBound)].reversed() {
                entry = try symbol(ByteSet(byte...byte), before: entry)
            }
            return entry
        case .set(let index): return try symbol(builder.byteSets[Int(index)], before: next)
        case .sequence(let range):
            var entry = next
            for part in builder.operands[Int(range.lowerBound)..<Int(range.upperBound)].reversed() {
                entry = try build(part, before: entry)
            }
            return entry
        case .choice(let range):
            var entries: [Int32] = []
            for alternative in builder.operands[Int(range.lowerBound)..<Int(range.upperBound)] {
                entries.append(try build(alternative, before: next))
            }
            return try nfa.split(entries)
        case .repeated(let inner, let minimum, let maximum):
            return try repeated(inner, minimum, maximum, before: next)
        case .unit(let inner): return try build(inner, before: next)
        case .call(let rule):
            let definition = builder.rules[Int(rule.index)]
            guard open.insert(rule).inserted, let body = definition.body else {
                throw ConstraintError(
                    .unsupported, "the rule \(definition.name) uses itself, so its texts are not regular")
            }
            defer { open.remove(rule) }
            return try build(body, before: next)
        case .automaton(let index, let minimum, let maximum):
            return try embed(index, minimum, maximum, before: next)
        }
    }

    /// The states of an automaton, once per number of characters that its bounds tell apart.
    private mutating func embed(
        _ index: Int32, _ minimum: Int, _ maximum: Int?, before next: Int32
    ) throws(ConstraintError) -> Int32 {
        let automaton = builder.automata[Int(index)]
        let edges = try edges(ofAutomaton: index)
        var indexOf: [SIMD2<Int>: Int32] = [:]
        var places: [SIMD2<Int>] = []
        var entries: [Int32] = []
        func entry(_ place: SIMD2<Int>, _ nfa: inout SymbolNFA) throws(ConstraintError) -> Int32 {
            if let known = indexOf[place] { return known }
            let made = try nfa.add(.split(-1, -1))
            indexOf[place] = made
            places.append(place)
            entries.append(made)
            return made
        }
        let start = try entry(SIMD2(ByteAutomaton.start, 0), &nfa)
        var done = 0
        while done < places.count {
            let (state, characters) = (places[done][0], places[done][1])
            var alternatives: [Int32] = []
            if automaton.isAccepting[state], characters >= minimum { alternatives.append(next) }
            // Beyond the minimum the count matters only up to a maximum.
            let count = characters + (automaton.isBoundary[state] ? 1 : 0)
            let counted = maximum == nil ? min(count, minimum) : count
            if counted <= maximum ?? .max {
                for edge in edges[state] {
                    let after = try entry(SIMD2(Int(edge.target), counted), &nfa)
                    alternatives.append(try nfa.add(.symbol(label: edge.label, after)))
                }
            }
            nfa.redirect(entries[done], to: .split(try nfa.split(alternatives), -1))
            done += 1
        }
        return start
    }

    /// Per state of an automaton, the labels that lead out of it and where to; worked out once, for all its uses.
    private mutating func edges(ofAutomaton index: Int32) throws(ConstraintError) -> [[(label: Int32, target: Int32)]] {
        if let known = edgesOfAutomaton[index] { return known }
        let automaton = builder.automata[Int(index)]
        var setOfClass = [ByteSet](repeating: ByteSet(), count: automaton.classCount)
        for byte in UInt8.min...UInt8.max { setOfClass[Int(automaton.classOf[Int(byte)])].insert(byte) }
        var edges: [[(label: Int32, target: Int32)]] = []
        for state in 0..<automaton.stateCount {
            var setOf: [Int32: ByteSet] = [:]
            for symbols in 0..<automaton.classCount {
                let target = automaton.transitions[state * automaton.classCount + symbols]
                guard target != ByteAutomaton.dead else { continue }
                setOf[target] = setOf[target, default: ByteSet()].union(setOfClass[symbols])
            }
            try builder.budget.tick(automaton.classCount)
            edges.append(setOf.sorted { $0.key < $1.key }.map { (label($0.value), $0.key) })
        }
        edgesOfAutomaton[index] = edges
        return edges
    }
}
