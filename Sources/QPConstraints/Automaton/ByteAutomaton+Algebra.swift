extension ByteAutomaton {
    /// Every text in UTF-8 (Unicode, table 3-7): the universe for complements.
    public static let utf8: ByteAutomaton = {
        // States: 0 between characters, 1 to 3 that many trailing bytes to go, 4 to 7 after E0, ED, F0, F4.
        var table = TransitionTable(classCount: 256)
        func row(_ state: Int) -> [Int32] {
            (0..<256).map { byte in
                switch (state, byte) {
                case (0, 0...0x7F), (1, 0x80...0xBF): 0
                case (0, 0xC2...0xDF), (2, 0x80...0xBF), (4, 0xA0...0xBF), (5, 0x80...0x9F): 1
                case (0, 0xE0): 4
                case (0, 0xED): 5
                case (0, 0xE1...0xEF), (3, 0x80...0xBF), (6, 0x90...0xBF), (7, 0x80...0x8F): 2
                case (0, 0xF0): 6
                case (0, 0xF4): 7
                case (0, 0xF1...0xF3): 3
                default: ByteAutomaton.dead
                }
            }
        }
        for state in 0...7 { table.append(row(state), color: state == 0 ? 3 : 0) }
        return ByteAutomaton(table, classOf: (0...255).map { UInt8($0) }, hasBoundaries: true)
    }()

    /// The texts of both, as a minimal automaton.
    ///
    /// As all set operations here it costs O(states · states · classes) at worst, and takes the boundaries of
    /// characters from the operands, which have to agree on them.
    /// - Throws: ``ConstraintError`` with code `limit`.
    public func intersection(_ other: ByteAutomaton, budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        try combined(other, .intersection, budget)
    }

    /// The texts of either, as a minimal automaton.
    /// - Throws: ``ConstraintError`` with code `limit`.
    public func union(_ other: ByteAutomaton, budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        try combined(other, .union, budget)
    }

    /// The texts of this that `other` does not have, as a minimal automaton. `utf8.subtracting(x)` is the complement.
    /// - Throws: ``ConstraintError`` with code `limit`.
    public func subtracting(_ other: ByteAutomaton, budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        try combined(other, .difference, budget)
    }

    /// Whether `other` has all the texts of this.
    /// - Throws: ``ConstraintError`` with code `limit`.
    public func isSubset(of other: ByteAutomaton, budget: CompileBudget) throws(ConstraintError) -> Bool {
        var product = AutomatonProduct(self, other, .difference, budget)
        return try !product.explore(untilAccepting: true)
    }

    /// Whether no text is in both.
    /// - Throws: ``ConstraintError`` with code `limit`.
    public func isDisjoint(with other: ByteAutomaton, budget: CompileBudget) throws(ConstraintError) -> Bool {
        var product = AutomatonProduct(self, other, .intersection, budget)
        return try !product.explore(untilAccepting: true)
    }

    /// Whether both have the same texts.
    /// - Throws: ``ConstraintError`` with code `limit`.
    public func hasSameTexts(as other: ByteAutomaton, budget: CompileBudget) throws(ConstraintError) -> Bool {
        var product = AutomatonProduct(self, other, .symmetricDifference, budget)
        return try !product.explore(untilAccepting: true)
    }

    /// The same texts and boundaries with as few states and classes as can be; equal for equal texts and boundaries.
    /// - Throws: ``ConstraintError`` with code `limit`.
    public func minimized(budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        var table = TransitionTable(classCount: classCount)
        for state in 0..<stateCount {
            table.append(
                Array(transitions[state * classCount..<(state + 1) * classCount]),
                color: (isAccepting[state] ? 1 : 0) | (isBoundary[state] ? 2 : 0))
        }
        return ByteAutomaton(try table.minimized(budget), classOf: classOf, hasBoundaries: true)
    }

    private func combined(
        _ other: ByteAutomaton, _ operation: AutomatonProduct.Operation, _ budget: CompileBudget
    ) throws(ConstraintError) -> ByteAutomaton {
        var product = AutomatonProduct(self, other, operation, budget)
        _ = try product.explore(untilAccepting: false)
        return ByteAutomaton(
            try product.table.minimized(budget), classOf: product.classOf, hasBoundaries: true)
    }
}

/// Two automata that read the same text, of whose states an operation says whether they accept together.
private struct AutomatonProduct {
    enum Operation {
        case intersection
        case union
        case difference
        case symmetricDifference

        func holds(_ left: Bool, _ right: Bool) -> Bool {
            switch self {
            case .intersection: left && right
            case .union: left || right
            case .difference: left && !right
            case .symmetricDifference: left != right
            }
        }
    }

    let left: ByteAutomaton
    let right: ByteAutomaton
    let operation: Operation
    let budget: CompileBudget
    private(set) var classOf = [UInt8](repeating: 0, count: 256)
    private(set) var table: TransitionTable
    /// Of each class, the classes of the operands.
    private var classes: [(left: Int, right: Int)] = []

    init(_ left: ByteAutomaton, _ right: ByteAutomaton, _ operation: Operation, _ budget: CompileBudget) {
        self.left = left
        self.right = right
        self.operation = operation
        self.budget = budget
        var numberOf = [Int](repeating: -1, count: left.classCount * right.classCount)
        for byte in 0..<256 {
            let pair = (left: Int(left.classOf[byte]), right: Int(right.classOf[byte]))
            let key = pair.left * right.classCount + pair.right
            if numberOf[key] < 0 {
                numberOf[key] = classes.count
                classes.append(pair)
            }
            classOf[byte] = UInt8(numberOf[key])
        }
        table = TransitionTable(classCount: classes.count)
    }

    /// Makes the table of all pairs that are reached; or, with `untilAccepting`, of as many as show that some text is
    /// accepted. Returns whether one is.
    mutating func explore(untilAccepting: Bool) throws(ConstraintError) -> Bool {
        var indexOf: [SIMD2<Int32>: Int32] = [SIMD2(0, 0): 0]
        var pairs: [SIMD2<Int32>] = [SIMD2(0, 0)]
        var isAnyAccepting = false
        var next = 0
        while next < pairs.count {
            let pair = pairs[next]
            next += 1
            let accepts = operation.holds(
                pair.x >= 0 && left.isAccepting[Int(pair.x)], pair.y >= 0 && right.isAccepting[Int(pair.y)])
            isAnyAccepting = isAnyAccepting || accepts
            if accepts && untilAccepting { return true }
            let isBoundary = pair.x >= 0 ? left.isBoundary[Int(pair.x)] : right.isBoundary[Int(pair.y)]
            var row = [Int32](repeating: ByteAutomaton.dead, count: classes.count)
            for (symbols, both) in classes.enumerated() {
                let target = SIMD2(
                    pair.x < 0 ? -1 : left.transitions[Int(pair.x) * left.classCount + both.left],
                    pair.y < 0 ? -1 : right.transitions[Int(pair.y) * right.classCount + both.right])
                guard canAccept(target) else { continue }
                if let known = indexOf[target] {
                    row[symbols] = known
                } else {
                    // A product has more states than what is left of it; the limit is for both.
                    guard pairs.count / 10 < budget.limits.automatonStates else { throw .automatonStates(budget) }
                    row[symbols] = Int32(pairs.count)
                    indexOf[target] = row[symbols]
                    pairs.append(target)
                }
            }
            table.append(row, color: (accepts ? 1 : 0) | (isBoundary ? 2 : 0))
            try budget.tick(classes.count)
        }
        return isAnyAccepting
    }

    /// Whether a pair, -1 being where no text continues, may lead to acceptance.
    private func canAccept(_ pair: SIMD2<Int32>) -> Bool {
        switch operation {
        case .intersection: pair.x >= 0 && pair.y >= 0
        case .difference: pair.x >= 0
        case .union, .symmetricDifference: pair.x >= 0 || pair.y >= 0
        }
    }
}
