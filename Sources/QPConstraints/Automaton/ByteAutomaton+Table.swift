extension ByteAutomaton {
    /// The automaton of a minimal `table` whose class of each byte is `classOf`. Bytes that no state tells apart get
    /// one class, and classes are numbered by their first byte, so that equal texts give equal values.
    ///
    /// - Parameter hasBoundaries: whether bit 1 of the colours says which states are boundaries; else they are those of
    ///   UTF-8: accepting, or left by a byte that begins a character.
    init(_ table: TransitionTable, classOf: [UInt8], hasBoundaries: Bool = false) {
        let (newClassOf, representatives) = Self.merged(table, classOf)
        // Reordered classes reach the states in another order.
        var numberOf = [Int32](repeating: -1, count: table.stateCount)
        var order = [0]
        numberOf[0] = 0
        var transitions: [Int32] = []
        transitions.reserveCapacity(table.stateCount * representatives.count)
        var next = 0
        while next < order.count {
            for symbols in representatives {
                let target = Int(table.transitions[order[next] * table.classCount + symbols])
                guard target >= 0 else {
                    transitions.append(Self.dead)
                    continue
                }
                if numberOf[target] < 0 {
                    numberOf[target] = Int32(order.count)
                    order.append(target)
                }
                transitions.append(numberOf[target])
            }
            next += 1
        }
        let leads = representatives.indices.map { symbols in
            newClassOf.indices.contains { newClassOf[$0] == UInt8(symbols) && $0 & 0xC0 != 0x80 }
        }
        let isBoundary = order.indices.map { state in
            if hasBoundaries { return table.colors[order[state]] & 2 == 2 }
            return state == 0 || table.isAccepting(order[state])
                || leads.indices.contains { leads[$0] && transitions[state * leads.count + $0] >= 0 }
        }
        self.init(
            classOf: newClassOf, classCount: representatives.count, transitions: transitions,
            isAccepting: order.map { table.isAccepting($0) }, isBoundary: isBoundary)
    }

    /// Classes by column: the new class of each byte, and an old class that stands for each new one.
    private static func merged(_ table: TransitionTable, _ classOf: [UInt8]) -> ([UInt8], [Int]) {
        let count = table.classCount
        var hashes = [UInt64](repeating: 0, count: count)
        var index = 0
        for state in 0..<table.stateCount {
            for symbols in 0..<count {
                let target = table.transitions[index]
                index += 1
                guard target >= 0 else { continue }
                hashes[symbols] &+= mixed(UInt64(state) << 32 | UInt64(target) + 1)
            }
        }
        var newOf = [Int](repeating: -1, count: count)
        var representatives: [Int] = []
        var known: [UInt64: Int] = [:]
        let newClassOf = classOf.map { symbols in
            let old = Int(symbols)
            if newOf[old] < 0 {
                let same = known[hashes[old]].flatMap { new in
                    (0..<table.stateCount).allSatisfy {
                        table.transitions[$0 * count + old] == table.transitions[$0 * count + representatives[new]]
                    } ? new : nil
                }
                newOf[old] = same ?? representatives.count
                if same == nil {
                    known[hashes[old]] = representatives.count
                    representatives.append(old)
                }
            }
            return UInt8(newOf[old])
        }
        return (newClassOf, representatives)
    }
}
