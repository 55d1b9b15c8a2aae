/// The subset construction, over classes of symbols that no label tells apart.
///
/// With assertions, a state is a set of states and the kind of the character before it; what an assertion opens is
/// found when the character after it is known, so one character of context is exact.
struct Determinizer {
    private let states: [SymbolNFA.State]
    private let classesOfLabel: [[Int32]]
    private let kindOfClass: [CharacterKind]
    private let budget: CompileBudget

    private var indexOf: [[Int32]: Int32] = [:]
    /// Per state: its members, ascending, and last the kind of the character before it where that matters.
    private var keys: [[Int32]] = []
    private var memberCount = 0
    private var marks: [Int32]
    private var mark: Int32 = 0
    private var pending: [Int32] = []
    private let universal: Int32?

    /// - Parameters:
    ///   - classesOfLabel: the classes of each label of `nfa`.
    ///   - kindOfClass: what assertions can tell of each class's symbols.
    init(_ nfa: SymbolNFA, classesOfLabel: [[Int32]], kindOfClass: [CharacterKind]) {
        states = nfa.states
        self.classesOfLabel = classesOfLabel
        self.kindOfClass = kindOfClass
        budget = nfa.budget
        universal = nfa.universal
        marks = [Int32](repeating: 0, count: nfa.states.count)
    }

    /// The deterministic automaton that begins at `start`, neither trimmed nor minimal.
    /// - Throws: ``ConstraintError`` with code `limit`.
    mutating func table(from start: Int32) throws(ConstraintError) -> TransitionTable {
        let classCount = kindOfClass.count
        let kinds = Set(kindOfClass)
        var table = TransitionTable(classCount: classCount)
        var buckets = [[Int32]](repeating: [], count: classCount)
        _ = try state(of: [start], before: .edge)
        var current = 0
        while current < keys.count {
            let key = keys[current]
            let before = CharacterKind(rawValue: UInt8(key[key.count - 1]))
            let members = key.dropLast()
            var row = [Int32](repeating: ByteAutomaton.dead, count: classCount)
            let isConditional = members.contains { isAssertion($0) }
            for kind in isConditional ? kinds : [[]] {
                let reached = isConditional ? try opened(members, before, kind) : Array(members)
                for member in reached {
                    guard case .symbol(let label, let target) = states[Int(member)] else { continue }
                    for symbols in classesOfLabel[Int(label)] where !isConditional || kindOfClass[Int(symbols)] == kind
                    {
                        buckets[Int(symbols)].append(target)
                    }
                }
                try budget.tick(reached.count + classCount)
            }
            for symbols in 0..<classCount where !buckets[symbols].isEmpty {
                row[symbols] = try state(of: buckets[symbols], before: kindOfClass[symbols])
                buckets[symbols].removeAll(keepingCapacity: true)
            }
            let last = isConditional ? try opened(members, before, .edge) : Array(members)
            table.append(row, color: last.contains(0) ? 1 : 0)
            current += 1
        }
        return table
    }

    private func isAssertion(_ state: Int32) -> Bool {
        if case .assertion = states[Int(state)] { true } else { false }
    }

    /// The number of the state that holds what `targets` lead to without consuming anything.
    private mutating func state(of targets: [Int32], before: CharacterKind) throws(ConstraintError) -> Int32 {
        mark += 1
        var key: [Int32] = []
        pending.append(contentsOf: targets)
        close(into: &key)
        if let universal, marks[Int(universal)] == mark, targets != [universal] {
            return try state(of: [universal], before: [])
        }
        key.sort()
        key.append(Int32(key.contains { isAssertion($0) } ? before.rawValue : 0))
        if let known = indexOf[key] { return known }
        memberCount += key.count
        guard keys.count < budget.limits.automatonStates, memberCount / 400 < budget.limits.automatonStates else {
            throw .automatonStates(budget)
        }
        try budget.tick(key.count)
        let index = Int32(keys.count)
        indexOf[key] = index
        keys.append(key)
        return index
    }

    /// Appends to `found` the states not yet marked that `pending` leads to, splits left out.
    private mutating func close(into found: inout [Int32]) {
        while let state = pending.popLast() {
            guard state >= 0, marks[Int(state)] != mark else { continue }
            marks[Int(state)] = mark
            if case .split(let first, let second) = states[Int(state)] {
                pending.append(second)
                pending.append(first)
            } else {
                found.append(state)
            }
        }
    }

    /// `members` and what their assertions lead to, between characters of the kinds `before` and `after`.
    private mutating func opened(
        _ members: ArraySlice<Int32>, _ before: CharacterKind, _ after: CharacterKind
    ) throws(ConstraintError) -> [Int32] {
        mark += 1
        var found = Array(members)
        for member in members { marks[Int(member)] = mark }
        var next = 0
        while next < found.count {
            if case .assertion(let assertion, let target) = states[Int(found[next])], assertion.holds(before, after) {
                pending.append(target)
                close(into: &found)
            }
            next += 1
        }
        try budget.tick(found.count)
        return found
    }
}
