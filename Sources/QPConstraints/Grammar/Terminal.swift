/// One use of an automaton in a grammar: its bounds in characters, and which of its states can still meet them.
struct Terminal {
    let automaton: Int32
    /// The node of the automaton's start.
    var start: Int32 = 0
    let minimum: Int
    /// nil is without end.
    let maximum: Int?
    /// Where to go on after it.
    var next: Int32 = 0
    /// `alive[i][state]` for `maximum − i` characters begun; the last row holds for all that follow it.
    private var fromMaximum: [[Bool]] = []
    /// `alive[i][state]` for `minimum − 1 − i` characters begun; the last row holds for all that follow it.
    private var fromMinimum: [[Bool]] = []

    var isCounted: Bool { minimum > 0 || maximum != nil }

    /// Characters to record once `count` have begun: beyond the minimum only a maximum makes them matter.
    func counted(_ count: Int) -> Int { maximum == nil ? min(count, minimum) : count }

    /// Whether a text within bounds can be completed from `state` after `count` characters have begun.
    func isAlive(_ state: Int, count: Int) -> Bool {
        if let maximum, count > maximum { return false }
        if count < minimum {
            return fromMinimum[min(minimum - 1 - count, fromMinimum.count - 1)][state]
        }
        guard let maximum else { return true }
        return fromMaximum[min(maximum - count, fromMaximum.count - 1)][state]
    }

    /// Rows are worked out from the bounds downwards, until one repeats the one before it: from then on all are
    /// alike, so that a bound of 65,536 costs no more than the automaton's longest way to a cycle.
    /// - Throws: ``ConstraintError`` with code `limit` where rows never repeat and exceed the budget.
    init(
        _ automaton: ByteAutomaton, index: Int32, minimum: Int, maximum: Int?, budget: CompileBudget
    ) throws(ConstraintError) {
        self.automaton = index
        self.minimum = minimum
        self.maximum = maximum
        guard minimum > 0 || maximum != nil else { return }
        let targets = (0..<automaton.stateCount).map { state in
            Set(automaton.transitions[state * automaton.classCount..<(state + 1) * automaton.classCount])
                .filter { $0 != ByteAutomaton.dead }.map(Int.init)
        }
        // One row from the row of one character more.
        func row(accepts: Bool, above: [Bool]) throws(ConstraintError) -> [Bool] {
            try budget.spend(automaton.stateCount)
            var alive = (0..<automaton.stateCount).map { state in
                accepts && automaton.isAccepting[state] && automaton.isBoundary[state]
                    || automaton.isBoundary[state] && targets[state].contains { above[$0] }
            }
            // Within a character no count changes: follow its bytes until nothing more is reached.
            var changed = true
            while changed {
                changed = false
                for state in 0..<automaton.stateCount where !alive[state] && !automaton.isBoundary[state] {
                    if targets[state].contains(where: { alive[$0] }) {
                        alive[state] = true
                        changed = true
                    }
                }
            }
            return alive
        }
        var above: [Bool]
        if let maximum {
            above = [Bool](repeating: false, count: automaton.stateCount)
            for _ in minimum...maximum {
                let next = try row(accepts: true, above: above)
                fromMaximum.append(next)
                if next == above, fromMaximum.count > 1 { break }
                above = next
            }
            above = fromMaximum[min(maximum - minimum, fromMaximum.count - 1)]
        } else {
            above = [Bool](repeating: true, count: automaton.stateCount)
        }
        for _ in 0..<minimum {
            let next = try row(accepts: false, above: above)
            fromMinimum.append(next)
            if next == above, fromMinimum.count > 1 { break }
            above = next
        }
    }
}
