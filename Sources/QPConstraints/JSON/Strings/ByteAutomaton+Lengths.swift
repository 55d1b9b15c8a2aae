extension ByteAutomaton {
    /// Whether a text of `minimum` to `maximum` characters is accepted; nil is without end.
    ///
    /// A longer text passes some state twice after its first `minimum` characters, so that a shorter one is accepted
    /// too, unless it has less than `minimum` + states. O(states · classes · that many).
    /// - Throws: ``ConstraintError`` with code `limit`, also for a minimum above ``GrammarLimits/repetition``.
    func hasText(ofLength minimum: Int, _ maximum: Int?, budget: CompileBudget) throws(ConstraintError) -> Bool {
        guard minimum <= budget.limits.repetition else {
            throw .limit("characters to count", budget.limits.repetition, field: "repetition")
        }
        let last = min(maximum ?? .max, minimum + stateCount)
        var current: Set<Int32> = [0]
        var seen: Set<Set<Int32>> = []
        for length in 0...max(0, last) {
            if length >= minimum, current.contains(where: { isAccepting[Int($0)] }) { return true }
            if current.isEmpty { return false }
            // What comes round again goes on for ever.
            if length >= minimum, !seen.insert(current).inserted { return false }
            current = try afterOneCharacter(current, budget: budget)
        }
        return false
    }

    /// The boundary states that one character leads to from `states`.
    private func afterOneCharacter(
        _ states: Set<Int32>, budget: CompileBudget
    ) throws(ConstraintError) -> Set<Int32> {
        var result: Set<Int32> = []
        var pending = Array(states)
        var inside: Set<Int32> = []
        while let state = pending.popLast() {
            try budget.tick(classCount)
            for target in transitions[Int(state) * classCount..<(Int(state) + 1) * classCount] where target != Self.dead
            {
                if isBoundary[Int(target)] {
                    result.insert(target)
                } else if inside.insert(target).inserted {
                    pending.append(target)
                }
            }
        }
        return result
    }
}
