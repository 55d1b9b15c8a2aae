/// Turns an automaton over classes of scalars into one over the bytes of their UTF-8.
///
/// What follows a leading byte depends only on the targets that the trailing bytes lead to, so equal tails share their
/// states, and the result is minimal where the table was.
struct UTF8Expansion {
    private let table: TransitionTable
    private let classes: ScalarClasses
    private let budget: CompileBudget
    /// Per state 256 targets.
    private var rows: [Int32]
    private var tails: [Tail: Int32] = [:]
    /// States whose every continuation of so many bytes leads to one target, by target.
    private var full: [[Int32: Int32]] = [[:], [:], [:], [:]]
    private var runs: [(range: ClosedRange<UInt32>, target: Int32)] = []
    private var run = 0

    init(_ table: TransitionTable, _ classes: ScalarClasses, _ budget: CompileBudget) {
        self.table = table
        self.classes = classes
        self.budget = budget
        rows = [Int32](repeating: ByteAutomaton.dead, count: 256 * table.stateCount)
    }

    /// - Throws: ``ConstraintError`` with code `limit`.
    mutating func expanded() throws(ConstraintError) -> ByteAutomaton {
        for state in 0..<table.stateCount {
            collectRuns(state)
            run = 0
            for scalar in 0..<UInt32(0x80) { rows[state * 256 + Int(scalar)] = target(scalar) }
            for lead in UInt32(0xC2)...0xF4 {
                let trailing: UInt32 = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1
                let first = (lead & (0x3F >> trailing)) << (6 * trailing)
                // E0 and F0 begin with scalars that have a shorter encoding.
                let least: UInt32 = lead == 0xE0 ? 0x800 : lead == 0xF0 ? 0x10000 : first
                rows[state * 256 + Int(lead)] = try tail(first, Int(trailing), least: least)
            }
            try budget.tick(256 + runs.count)
        }
        let colors: [UInt8] = (0..<rows.count / 256).map { state in
            state >= table.stateCount ? 0 : table.isAccepting(state) ? 3 : 2
        }
        return ByteAutomaton(
            TransitionTable(classCount: 256, transitions: rows, colors: colors),
            classOf: (0...255).map { UInt8($0) }, hasBoundaries: true)
    }

    /// Where `state` leads, as ranges of scalars with one target each.
    private mutating func collectRuns(_ state: Int) {
        runs.removeAll(keepingCapacity: true)
        for (range, symbols) in classes.intervals {
            let target = table.transitions[state * table.classCount + Int(symbols)]
            guard target >= 0 else { continue }
            if let last = runs.last, last.target == target, last.range.upperBound + 1 == range.lowerBound {
                runs[runs.count - 1].range = last.range.lowerBound...range.upperBound
            } else {
                runs.append((range, target))
            }
        }
    }

    /// Where a scalar leads; scalars have to be asked for in ascending order.
    private mutating func target(_ scalar: UInt32) -> Int32 {
        while run < runs.count, runs[run].range.upperBound < scalar { run += 1 }
        return run < runs.count && runs[run].range.contains(scalar) ? runs[run].target : ByteAutomaton.dead
    }

    /// The state in which `trailing` bytes are left of the scalars from `first` on; those below `least` are no texts.
    private mutating func tail(_ first: UInt32, _ trailing: Int, least: UInt32) throws(ConstraintError) -> Int32 {
        let last = first + (1 << UInt32(6 * trailing)) - 1
        guard last >= least else { return ByteAutomaton.dead }
        while run < runs.count, runs[run].range.upperBound < max(first, least) { run += 1 }
        guard run < runs.count, runs[run].range.lowerBound <= last else { return ByteAutomaton.dead }
        if first >= least, runs[run].range.lowerBound <= first, runs[run].range.upperBound >= last {
            return try allTails(runs[run].target, trailing)
        }
        var targets = [Int32](repeating: ByteAutomaton.dead, count: 64)
        if trailing == 1 {
            for (range, target) in runs[run...].prefix(while: { $0.range.lowerBound <= last }) {
                for scalar in max(range.lowerBound, first)...min(range.upperBound, last) {
                    targets[Int(scalar - first)] = target
                }
            }
        } else {
            let step = UInt32(1) << UInt32(6 * (trailing - 1))
            for index in 0..<64 {
                targets[index] = try tail(first + UInt32(index) * step, trailing - 1, least: least)
            }
        }
        return try state(Tail(targets: targets))
    }

    private mutating func allTails(_ target: Int32, _ trailing: Int) throws(ConstraintError) -> Int32 {
        if trailing == 0 { return target }
        if let known = full[trailing][target] { return known }
        let next = try allTails(target, trailing - 1)
        let made = try state(Tail(targets: [Int32](repeating: next, count: 64)))
        full[trailing][target] = made
        return made
    }

    /// The state whose trailing bytes lead to the targets of `tail`.
    private mutating func state(_ tail: Tail) throws(ConstraintError) -> Int32 {
        if let known = tails[tail] { return known }
        guard rows.count / 256 < budget.limits.automatonStates else { throw .automatonStates(budget) }
        try budget.tick(64)
        let made = Int32(rows.count / 256)
        rows.append(contentsOf: repeatElement(ByteAutomaton.dead, count: 128))
        rows.append(contentsOf: tail.targets)
        rows.append(contentsOf: repeatElement(ByteAutomaton.dead, count: 64))
        tails[tail] = made
        return made
    }

    /// Where the 64 trailing bytes lead.
    private struct Tail: Hashable {
        let targets: [Int32]

        // All at once, which is several times as fast as one after the other.
        func hash(into hasher: inout Hasher) { targets.withUnsafeBytes { hasher.combine(bytes: $0) } }
    }
}

extension ByteAutomaton {
    /// One character of `set`, in UTF-8. O(ranges), but for the class `\w`, which is kept.
    /// - Throws: ``ConstraintError`` with code `limit`.
    public static func character(_ set: ScalarSet, budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        // The count first: the class need not be decoded to know that a small one is another.
        if set.ranges.count > 500, set == RegexClasses.unicodeWord, let word { return word }
        return try made(character: set, budget: budget)
    }

    /// The one large class that is in patterns so often that it pays to keep it.
    private static let word = try? made(character: RegexClasses.unicodeWord, budget: CompileBudget(GrammarLimits()))

    private static func made(character set: ScalarSet, budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        let classes = try ScalarClasses([set], budget)
        var table = TransitionTable(classCount: classes.count)
        if set.isEmpty {
            table.append([], color: 2)
        } else {
            table.append([1], color: 2)
            table.append([dead], color: 3)
        }
        var expansion = UTF8Expansion(table, classes, budget)
        return try expansion.expanded()
    }
}
