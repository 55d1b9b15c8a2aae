/// A nondeterministic automaton over an alphabet that is not yet divided into classes: bytes or scalars.
///
/// Built from the end to the beginning (Thompson's construction): each expression is entered at one state and leads to
/// the state that was made before it. State 0 accepts.
struct SymbolNFA {
    enum State {
        case accept
        /// To one state or another without consuming anything; -1 for none.
        case split(Int32, Int32)
        /// One symbol of the set `label`.
        case symbol(label: Int32, Int32)
        /// On, where the assertion holds.
        case assertion(RegexAssertion, Int32)
    }

    private(set) var states: [State] = [.accept]
    /// A state from which every text is accepted, if its maker knows one: with it, others do not matter.
    var universal: Int32?
    let budget: CompileBudget

    init(budget: CompileBudget) { self.budget = budget }

    /// - Throws: ``ConstraintError`` with code `limit`, at 20 states per deterministic one that may be made.
    mutating func add(_ state: State) throws(ConstraintError) -> Int32 {
        guard states.count / 20 < budget.limits.automatonStates else { throw .automatonStates(budget) }
        try budget.tick()
        states.append(state)
        return Int32(states.count - 1)
    }

    mutating func split(_ entries: [Int32]) throws(ConstraintError) -> Int32 {
        guard var result = entries.last else { return try add(.split(-1, -1)) }
        for entry in entries.dropLast().reversed() { result = try add(.split(entry, result)) }
        return result
    }

    /// Makes `state`, whose targets were not known when it was added, what it has to be.
    mutating func redirect(_ state: Int32, to new: State) { states[Int(state)] = new }
}

/// Something that adds expressions of its own kind to a nondeterministic automaton.
protocol NFAConstruction {
    associatedtype Source
    var nfa: SymbolNFA { get set }

    /// The state in which `source` begins, so that `next` follows.
    mutating func build(_ source: Source, before next: Int32) throws(ConstraintError) -> Int32
}

extension NFAConstruction {
    /// `minimum` to `maximum` times `source`, unrolled; nil is without end.
    mutating func repeated(
        _ source: Source, _ minimum: Int, _ maximum: Int?, before next: Int32
    ) throws(ConstraintError) -> Int32 {
        var entry = next
        var needed = minimum
        if let maximum {
            for _ in minimum..<max(minimum, maximum) {
                let once = try build(source, before: entry)
                entry = try nfa.add(.split(once, next))
            }
        } else {
            let loop = try nfa.add(.split(-1, next))
            let once = try build(source, before: loop)
            nfa.redirect(loop, to: .split(once, next))
            entry = needed == 0 ? loop : once
            needed = max(0, needed - 1)
        }
        for _ in 0..<needed { entry = try build(source, before: entry) }
        return entry
    }
}

extension ConstraintError {
    static func automatonStates(_ budget: CompileBudget) -> ConstraintError {
        .limit("states of one automaton", budget.limits.automatonStates, field: "automatonStates")
    }
}
