/// Turns a builder's expressions into the instructions of a recursive transition network.
///
/// Works from a list of what is still to be written, never by recursion, so that the depth of a grammar is bounded by
/// memory alone. Only what the root reaches is written; alternatives without any text are left out.
struct GrammarCompiler {
    /// `expression`, then `next`, is to be written at `slot`.
    private struct Work {
        let expression: Expression
        let slot: Int32
        let next: Int32
    }

    private let builder: GrammarBuilder
    private let analysis: GrammarAnalysis
    private var terminalOf: [Int32: Terminal]
    private var instructions = [Instruction(operation: .end)]
    private var targets: [Int32] = []
    private var sets: [ByteSet] = []
    private var indexOfSet: [ByteSet: Int32] = [:]
    private var loops: [Loop] = []
    private var terminals: [Terminal] = []
    private var automata: [ByteAutomaton] = []
    private var automatonStart: [Int32: Int32] = [:]
    private var ruleStart: [Int32]
    private var ruleCount = 0
    private var unitCount: Int32 = 0
    private var literalBytes = ByteSet()
    private var work: [Work] = []
    private static let end: Int32 = 0

    init(_ builder: GrammarBuilder) throws(ConstraintError) {
        self.builder = builder
        terminalOf = [:]
        for (index, node) in builder.nodes.enumerated() {
            guard case .automaton(let automaton, let minimum, let maximum) = node else { continue }
            terminalOf[Int32(index)] = try Terminal(
                builder.automata[Int(automaton)], index: automaton, minimum: minimum, maximum: maximum,
                budget: builder.budget)
        }
        analysis = try GrammarAnalysis(builder, terminals: terminalOf)
        ruleStart = [Int32](repeating: -1, count: builder.rules.count)
    }

    /// - Throws: ``ConstraintError`` with code `unsatisfiable`, `unsupported` (left recursion) or `limit`.
    mutating func compile(_ root: RuleID) throws(ConstraintError) -> GrammarProgram {
        guard analysis.isProductive[Int(builder.rules[Int(root.index)].body!.index)] else {
            throw ConstraintError(
                .unsatisfiable, "no text satisfies the constraint",
                advice: "Look for requirements that contradict each other, or for a recursion without an end.")
        }
        try analysis.checkLeftRecursion()
        let start = try entry(of: root)
        while let item = work.popLast() {
            try builder.budget.tick()
            try write(item)
        }
        var classes = ByteClasses()
        classes.separate(literalBytes)
        for set in sets { classes.refine(by: set) }
        for automaton in automata { classes.refine(by: automaton.classOf) }
        return GrammarProgram(
            start: start, instructions: instructions, targets: targets, sets: sets, loops: loops,
            terminals: terminals, automata: automata, classes: classes, ruleCount: ruleCount,
            unitCount: Int(unitCount))
    }

    // MARK: Writing

    private mutating func slot() throws(ConstraintError) -> Int32 {
        try builder.budget.spend()
        instructions.append(Instruction(operation: .jump))
        return Int32(instructions.count - 1)
    }

    /// Has `expression` written somewhere, to lead to `next`, and gives where.
    private mutating func later(_ expression: Expression, next: Int32) throws(ConstraintError) -> Int32 {
        let slot = try slot()
        work.append(Work(expression: expression, slot: slot, next: next))
        return slot
    }

    private mutating func entry(of rule: RuleID) throws(ConstraintError) -> Int32 {
        if ruleStart[Int(rule.index)] < 0 {
            ruleStart[Int(rule.index)] = try later(builder.rules[Int(rule.index)].body!, next: Self.end)
            ruleCount += 1
        }
        return ruleStart[Int(rule.index)]
    }

    private func isProductive(_ expression: Expression) -> Bool { analysis.isProductive[Int(expression.index)] }

    private mutating func write(_ item: Work) throws(ConstraintError) {
        let slot = Int(item.slot)
        switch builder.node(item.expression) {
        case .nothing: preconditionFailure("an expression without texts is never written")
        case .empty: instructions[slot].first = item.next
        case .literal(let range): try writeLiteral(range, item)
        case .set(let index):
            instructions[slot] = Instruction(
                operation: .set, first: setIndex(builder.byteSets[Int(index)]), second: item.next)
        case .sequence(let range): try writeSequence(builder.operands(range), item)
        case .choice(let range): try writeSplit(builder.operands(range).filter(isProductive), item)
        case .repeated(let body, let minimum, let maximum): try writeLoop(body, minimum, maximum, item)
        case .unit(let body) where analysis.isNullable[Int(body.index)]:
            // The empty text begins every other one, and nothing may wait where nothing has to be read.
            instructions[slot].first = try later(body, next: item.next)
        case .unit(let body):
            let start = try later(body, next: item.next)
            instructions[slot] = Instruction(operation: .unit, first: start, second: nextUnit())
        case .call(let rule):
            // A call before an end needs no return: the callee's end is the caller's.
            let start = try entry(of: rule)
            instructions[slot] =
                item.next == Self.end
                ? Instruction(operation: .jump, first: start)
                : Instruction(operation: .call, first: start, second: item.next)
        case .automaton(let automaton, _, _):
            var terminal = terminalOf[item.expression.index]!
            terminal.next = item.next
            terminals.append(terminal)
            terminals[terminals.count - 1].start = try start(ofAutomaton: automaton)
            instructions[slot] = Instruction(operation: .terminal, first: Int32(terminals.count - 1))
        }
    }

    private mutating func writeLiteral(_ range: Range<Int32>, _ item: Work) throws(ConstraintError) {
        var slot = item.slot
        for position in range {
            let byte = builder.literals[Int(position)]
            literalBytes.insert(byte)
            let isLast = position == range.upperBound - 1
            let next = isLast ? item.next : try self.slot()
            instructions[Int(slot)] = Instruction(operation: .byte, byte: byte, first: next)
            slot = next
        }
    }

    private mutating func writeSequence(_ parts: ArraySlice<Expression>, _ item: Work) throws(ConstraintError) {
        var slot = item.slot
        for part in parts.dropLast() {
            let next = try self.slot()
            work.append(Work(expression: part, slot: slot, next: next))
            slot = next
        }
        work.append(Work(expression: parts.last!, slot: slot, next: item.next))
    }

    private mutating func writeSplit(_ alternatives: [Expression], _ item: Work) throws(ConstraintError) {
        var places: [Int32] = []
        for alternative in alternatives { places.append(try later(alternative, next: item.next)) }
        writeSplit(to: places, at: item.slot)
    }

    private mutating func writeSplit(to places: [Int32], at slot: Int32) {
        instructions[Int(slot)] = Instruction(
            operation: .split, first: Int32(targets.count), second: Int32(places.count))
        targets += places
    }

    private mutating func writeLoop(
        _ body: Expression, _ minimum: Int, _ maximum: Int?, _ item: Work
    ) throws(ConstraintError) {
        guard isProductive(body) else {
            // None is the only count that is possible.
            instructions[Int(item.slot)].first = item.next
            return
        }
        let isRun = isCode(body)
        if minimum == 0, maximum == 1 {
            let start = try later(body, next: item.next)
            return writeSplit(to: [start, item.next], at: item.slot)
        }
        if !isRun, maximum == nil, minimum <= 1 {
            let start = try later(body, next: item.slot)
            if minimum == 0 { return writeSplit(to: [start, item.next], at: item.slot) }
            // Once, and then as often as one likes: the body leads to a split of its own.
            let again = try slot()
            writeSplit(to: [start, item.next], at: again)
            work[work.count - 1] = Work(expression: body, slot: start, next: again)
            instructions[Int(item.slot)].first = start
            return
        }
        var start = try later(body, next: Self.end)
        if isRun {
            let unit = try slot()
            instructions[Int(unit)] = Instruction(operation: .unit, first: start, second: nextUnit())
            start = unit
        }
        let isNullable = analysis.isNullable[Int(body.index)]
        var loop = Loop(
            body: start, next: Self.end, minimum: 0, maximum: -1, isRun: isRun, isNullable: isNullable, endless: -1)
        if isRun {
            loop.endless = try slot()
            instructions[Int(loop.endless)] = Instruction(operation: .loop, first: Int32(loops.count))
            loops.append(loop)
        }
        loop.next = item.next
        loop.minimum = isNullable ? 0 : Int32(minimum)
        loop.maximum = maximum.map(Int32.init) ?? -1
        instructions[Int(item.slot)] = Instruction(operation: .loop, first: Int32(loops.count))
        loops.append(loop)
    }

    private mutating func nextUnit() -> Int32 {
        defer { unitCount += 1 }
        return unitCount
    }

    private mutating func setIndex(_ set: ByteSet) -> Int32 {
        if let known = indexOfSet[set] { return known }
        sets.append(set)
        indexOfSet[set] = Int32(sets.count - 1)
        return Int32(sets.count - 1)
    }

    /// The node of an automaton's start; gives every state of it a node of its own, once.
    private mutating func start(ofAutomaton index: Int32) throws(ConstraintError) -> Int32 {
        if let known = automatonStart[index] { return known }
        let automaton = builder.automata[Int(index)]
        try builder.budget.spend(automaton.stateCount)
        let base = Int32(instructions.count)
        for state in 0..<automaton.stateCount {
            instructions.append(
                Instruction(operation: .state, first: Int32(automata.count), second: Int32(state)))
        }
        automata.append(automaton)
        automatonStart[index] = base
        return base
    }

    /// Whether `expression` is known to be a prefix-free code: a unit, one byte of a set, or a rule that is one.
    private func isCode(_ expression: Expression) -> Bool {
        guard !analysis.isNullable[Int(expression.index)] else { return false }
        var expression = expression
        for _ in 0..<8 {
            switch builder.node(expression) {
            case .unit, .set: return true
            case .call(let rule): expression = builder.rules[Int(rule.index)].body!
            default: return false
            }
        }
        return false
    }
}
