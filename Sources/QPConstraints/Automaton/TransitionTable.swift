/// A deterministic automaton over numbered classes of symbols, beginning at state 0.
struct TransitionTable {
    let classCount: Int
    /// Row-major, ``ByteAutomaton/dead`` where no text continues.
    private(set) var transitions: [Int32] = []
    /// What tells states apart besides their texts: bit 0 for accepting, others as the maker of the table likes.
    private(set) var colors: [UInt8] = []

    init(classCount: Int) { self.classCount = classCount }

    init(classCount: Int, transitions: [Int32], colors: [UInt8]) {
        self.classCount = classCount
        self.transitions = transitions
        self.colors = colors
    }

    var stateCount: Int { colors.count }

    mutating func append(_ row: [Int32], color: UInt8) {
        transitions += row
        colors.append(color)
    }

    func isAccepting(_ state: Int) -> Bool { colors[state] & 1 == 1 }

    /// The least automaton with the same texts and colours: states in the order in which they are first reached, by
    /// class. States from which nothing is accepted are left out; if that is all of them, one without transitions
    /// stays. O(n · classes · log n), by Hopcroft's partition refinement.
    func minimized(_ budget: CompileBudget) throws(ConstraintError) -> TransitionTable {
        let predecessors = Predecessors(self)
        let isAlive = try alive(predecessors, budget)
        guard stateCount > 0, isAlive[0] else {
            var table = TransitionTable(classCount: classCount)
            table.append([Int32](repeating: ByteAutomaton.dead, count: classCount), color: 2)
            return table
        }
        var partition = StatePartition(self, isAlive)
        try partition.refine(predecessors, classCount: classCount, budget)
        return quotient(partition.blockOf)
    }

    /// Whether each state can still accept.
    private func alive(_ predecessors: Predecessors, _ budget: CompileBudget) throws(ConstraintError) -> [Bool] {
        var isAlive = colors.map { $0 & 1 == 1 }
        var pending = (0..<stateCount).filter { isAlive[$0] }
        while let state = pending.popLast() {
            let edges = predecessors.edges(to: state)
            try budget.tick(edges.count)
            for edge in edges where !isAlive[Int(edge.source)] {
                isAlive[Int(edge.source)] = true
                pending.append(Int(edge.source))
            }
        }
        return isAlive
    }

    /// One state per block, -1 being no block, numbered as they are first reached.
    private func quotient(_ blockOf: [Int32]) -> TransitionTable {
        var table = TransitionTable(classCount: classCount)
        var numberOf: [Int32: Int32] = [blockOf[0]: 0]
        var members = [0]
        var next = 0
        while next < members.count {
            let state = members[next]
            var row = [Int32](repeating: ByteAutomaton.dead, count: classCount)
            for symbols in 0..<classCount {
                let target = transitions[state * classCount + symbols]
                guard target >= 0, blockOf[Int(target)] >= 0 else { continue }
                let block = blockOf[Int(target)]
                if let number = numberOf[block] {
                    row[symbols] = number
                } else {
                    row[symbols] = Int32(members.count)
                    numberOf[block] = Int32(members.count)
                    members.append(Int(target))
                }
            }
            table.append(row, color: colors[state])
            next += 1
        }
        return table
    }
}

/// The transitions of a table, by target.
struct Predecessors {
    private let starts: [Int32]
    private let all: [(symbols: Int32, source: Int32)]

    init(_ table: TransitionTable) {
        var starts = [Int32](repeating: 0, count: table.stateCount + 1)
        for target in table.transitions where target >= 0 { starts[Int(target) + 1] += 1 }
        for state in 0..<table.stateCount { starts[state + 1] += starts[state] }
        var next = starts
        var all = [(symbols: Int32, source: Int32)](repeating: (0, 0), count: Int(starts[table.stateCount]))
        var index = 0
        for source in 0..<table.stateCount {
            for symbols in 0..<table.classCount {
                let target = Int(table.transitions[index])
                index += 1
                guard target >= 0 else { continue }
                all[Int(next[target])] = (Int32(symbols), Int32(source))
                next[target] += 1
            }
        }
        self.starts = starts
        self.all = all
    }

    func edges(to state: Int) -> ArraySlice<(symbols: Int32, source: Int32)> {
        all[Int(starts[state])..<Int(starts[state + 1])]
    }
}
