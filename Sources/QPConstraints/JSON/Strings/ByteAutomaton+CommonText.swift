extension ByteAutomaton {
    /// Whether some text is accepted by all of `inside`, of which there is one at least, and by none of `outside`.
    ///
    /// Walks through the product of the automata only until it has found one: nothing is built or minimised.
    /// - Throws: ``ConstraintError`` with code `limit` for more than ``GrammarLimits/automatonStates`` states of it.
    static func haveText(
        in inside: [ByteAutomaton], outside: [ByteAutomaton], budget: CompileBudget
    ) throws(ConstraintError) -> Bool {
        let automata = inside + outside
        // One byte for all that no automaton tells apart.
        var kinds: Set<[UInt8]> = []
        let bytes = (0...255 as ClosedRange<UInt8>).filter { byte in
            kinds.insert(automata.map { $0.classOf[Int(byte)] }).inserted
        }
        let start = [Int32](repeating: 0, count: automata.count)
        var seen: Set<[Int32]> = [start]
        var pending = [start]
        while let states = pending.popLast() {
            try budget.tick(bytes.count)
            let isInside = inside.indices.allSatisfy { inside[$0].isAccepting[Int(states[$0])] }
            let isOutside = outside.indices.allSatisfy { index in
                let state = states[inside.count + index]
                return state == dead || !outside[index].isAccepting[Int(state)]
            }
            if isInside, isOutside { return true }
            for byte in bytes {
                var next = states
                for (index, automaton) in automata.enumerated() where states[index] != dead {
                    next[index] = automaton.next(states[index], byte)
                }
                if !next[..<inside.count].contains(dead), seen.insert(next).inserted { pending.append(next) }
            }
            guard seen.count <= budget.limits.automatonStates else {
                throw .limit("states of combined patterns", budget.limits.automatonStates, field: "automatonStates")
            }
        }
        return false
    }
}
