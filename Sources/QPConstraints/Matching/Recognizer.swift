/// Follows a text through a grammar, byte by byte, and remembers every state that it has met.
///
/// A state is the set of all ways to read the text so far (``Configuration``); it is what a subset construction would
/// make of the grammar's network, made as the text asks for it. Stacks and states are interned, so a state is a small
/// number, a step that was taken before is one look-up, and going back costs nothing.
///
/// One recognizer belongs to one thread at a time.
final class Recognizer {
    /// The state that no text leads out of.
    static let dead: Int32 = -1
    private static let unknown: Int32 = -2

    let program: GrammarProgram
    let limits: GrammarLimits
    // Never lent out while they are in use: the check of exclusive access would cost half of a walk.
    @exclusivity(unchecked) private(set) var stacks = StackTable()
    @exclusivity(unchecked) private(set) var states = StateTable()
    /// Transitions of the states that have a row, by byte class.
    @exclusivity(unchecked) private var rows = RowStore()
    let classOf: UnsafeMutablePointer<UInt8>
    let classCount: Int
    @exclusivity(unchecked) private var closure = Closure()
    /// What a waiting unit opens into.
    @exclusivity(unchecked) private var opened = Closure()
    private(set) var start: Int32 = 0
    /// The first classes of each unit, once they are asked for.
    private var firstOfUnit: [ByteSet?]

    /// - Throws: ``ConstraintError`` with code `limit` when too many readings begin at once.
    init(_ program: GrammarProgram, limits: GrammarLimits) throws(ConstraintError) {
        self.program = program
        self.limits = limits
        classCount = program.classes.count
        classOf = .allocate(capacity: 256)
        for byte in 0..<256 { classOf[byte] = program.classes.classOf[byte] }
        firstOfUnit = [ByteSet?](repeating: nil, count: program.unitCount)
        closure.begin()
        try close(program.start, 0)
        start = try intern()
    }

    deinit { classOf.deallocate() }

    /// How many states and stacks it has met, and the bytes that they and their transitions take.
    var stateCount: Int { states.count }
    var bytes: Int { stacks.bytes + states.bytes + rows.bytes }

    func isAccepting(_ state: Int32) -> Bool { states.configurations[Int(states.records[Int(state)].first)] == 0 }

    /// The state after `text` from the start, nil where no text of the grammar begins so.
    func state(after text: some Sequence<UInt8>) throws(ConstraintError) -> Int32? {
        var state = start
        for byte in text {
            state = try step(state, byte)
            if state == Self.dead { return nil }
        }
        return state
    }

    /// The state after `byte`, or ``dead``. O(1) when the step was taken before.
    @inline(__always)
    func step(_ state: Int32, _ byte: UInt8) throws(ConstraintError) -> Int32 {
        let record = states.records[Int(state)]
        if let row = record.row {
            let target = row[Int(classOf[Int(byte)])]
            if target != Self.unknown { return target }
        } else if record.only >= 0 {
            guard record.only == Int32(byte) else { return Self.dead }
            if record.target != Self.unknown { return record.target }
        }
        return try computeStep(state, byte)
    }

    /// The only byte that `state` reads; nil where it reads none or several.
    @inline(__always)
    func onlyByte(_ state: Int32) -> UInt8? {
        let only = states.records[Int(state)].only
        return only < 0 ? nil : UInt8(truncatingIfNeeded: only)
    }

    /// The transitions of `state` as far as they are known, by byte class; ``unknownTarget`` where they are not.
    @inline(__always)
    func row(_ state: Int32) -> UnsafeMutablePointer<Int32> {
        states.records[Int(state)].row ?? makeRow(state)
    }

    static var unknownTarget: Int32 { unknown }

    /// Gives `state` a row in which what it cannot read is dead already, so that a walk does not try it.
    private func makeRow(_ state: Int32) -> UnsafeMutablePointer<Int32> {
        if rows.bytes > limits.cacheBytes {
            rows.removeAll()
            for index in 0..<states.count { states.records.base[index].row = nil }
        }
        let row = rows.make(classCount, repeating: Self.dead)
        states.records.base[Int(state)].row = row
        possibleClasses(state).forEach { row[Int($0)] = Self.unknown }
        return row
    }

    func computeStep(_ state: Int32, _ byte: UInt8) throws(ConstraintError) -> Int32 {
        closure.begin()
        let record = states.records[Int(state)]
        for index in Int(record.first)..<Int(record.first) + Int(record.count) {
            try advance(Configuration(key: states.configurations[index]), byte)
        }
        let target = try intern()
        if record.only >= 0 {
            if record.only == Int32(byte) { states.records.base[Int(state)].target = target }
            return target
        }
        let row = row(state)
        row[Int(classOf[Int(byte)])] = target
        if record.count == 1 { shareStep(Configuration(key: states.configurations[Int(record.first)]), byte, row) }
        return target
    }

    /// Enters the step of a state of one configuration for all classes of bytes that this configuration does not tell
    /// from `byte`: other parts of a grammar may have split one class of an automaton into dozens.
    private func shareStep(_ configuration: Configuration, _ byte: UInt8, _ row: UnsafeMutablePointer<Int32>) {
        let target = row[Int(classOf[Int(byte)])]
        let instruction = program.instructions[Int(configuration.node)]
        switch instruction.operation {
        case .state:
            let automaton = program.automatonTables[Int(instruction.first)]
            for index in automaton.members[Int(automaton.classOf[Int(byte)])] { row[Int(index)] = target }
        case .set where program.sets[Int(instruction.first)].contains(byte):
            for index in program.setClasses[Int(instruction.first)] { row[Int(index)] = target }
        default: break
        }
    }

    // MARK: Steps of single configurations

    /// Adds what `configuration` becomes after `byte`.
    private func advance(_ configuration: Configuration, _ byte: UInt8) throws(ConstraintError) {
        let instruction = program.instructions[Int(configuration.node)]
        switch instruction.operation {
        case .byte:
            if instruction.byte == byte { try close(instruction.first, configuration.stack) }
        case .set:
            if program.sets[Int(instruction.first)].contains(byte) {
                try close(instruction.second, configuration.stack)
            }
        case .unit:
            swap(&opened, &closure)
            closure.begin()
            try close(instruction.first, configuration.stack, opensUnits: true)
            swap(&opened, &closure)
            for index in 0..<opened.found.count {
                try advance(Configuration(key: opened.found[index]), byte)
            }
        case .state:
            let automaton = program.automatonTables[Int(instruction.first)]
            let to = automaton.next(instruction.second, byte)
            guard to != ByteAutomaton.dead else { return }
            var frame = stacks[configuration.stack]
            var stack = configuration.stack
            let number = Int(program.instructions[Int(frame.node)].first)
            let terminal = program.terminalSteps[number]
            if terminal.isCounted {
                if automaton.isBoundary(instruction.second) {
                    frame.count = Int32(program.terminals[number].counted(Int(frame.count) + 1))
                    stack = stacks.push(frame)
                }
                guard program.terminals[number].isAlive(Int(to), count: Int(frame.count)) else { return }
            }
            try close(terminal.start + to, stack)
        case .end, .jump, .split, .call, .loop, .terminal: break
        }
    }

    /// Adds every configuration that waits for a byte and is reached from `node` upon `stack` without one.
    private func close(_ node: Int32, _ stack: Int32, opensUnits: Bool = false) throws(ConstraintError) {
        closure.visit(node, stack)
        while let item = closure.next() {
            let instruction = program.instructions[Int(item.node)]
            switch instruction.operation {
            case .byte, .set: closure.find(item)
            case .unit:
                if opensUnits { closure.visit(instruction.first, item.stack) } else { closure.find(item) }
            case .jump: closure.visit(instruction.first, item.stack)
            case .split:
                for index in Int(instruction.first)..<Int(instruction.first + instruction.second) {
                    closure.visit(program.targets[index], item.stack)
                }
            case .call:
                let stack = stacks.push(Frame(node: instruction.second, count: 0, parent: item.stack))
                closure.visit(instruction.first, stack)
            case .loop: iterate(item.node, count: 0, item.stack)
            case .terminal:
                let stack = stacks.push(Frame(node: item.node, count: 0, parent: item.stack))
                closure.visit(program.terminalSteps[Int(instruction.first)].start, stack)
            case .state:
                let frame = stacks[item.stack]
                let terminal = program.terminalSteps[Int(program.instructions[Int(frame.node)].first)]
                let automaton = program.automatonTables[Int(instruction.first)]
                // What leads nowhere would only make equal states look different.
                if automaton.leadsOn(instruction.second) { closure.find(item) }
                if automaton.isAccepting(instruction.second),
                    automaton.isBoundary(instruction.second) || !terminal.isCounted, frame.count >= terminal.minimum
                {
                    closure.visit(terminal.next, frame.parent)
                }
            case .end:
                guard item.stack != 0 else {
                    closure.find(.complete)
                    continue
                }
                let frame = stacks[item.stack]
                if program.instructions[Int(frame.node)].operation == .loop {
                    if closure.isFresh(item.stack) { continue }
                    iterate(frame.node, count: frame.count, frame.parent)
                } else {
                    closure.visit(frame.node, frame.parent)
                }
            }
            // What is passed on the way counts as well: it may multiply where nothing is found.
            guard closure.found.count <= limits.configurations, closure.seenCount <= 16 * limits.configurations else {
                throw .limit("ways to read the text at once", limits.configurations, field: "configurations")
            }
        }
    }

    /// Goes on at the loop of `node` after `count` iterations: with one more, behind it, or both.
    private func iterate(_ node: Int32, count: Int32, _ stack: Int32) {
        let loop = program.loops[Int(program.instructions[Int(node)].first)]
        if count >= loop.minimum { closure.visit(loop.next, stack) }
        guard loop.maximum < 0 || count < loop.maximum else { return }
        // Without an end, iterations beyond the minimum need not be told apart.
        let next = loop.maximum < 0 ? min(count + 1, loop.minimum) : count + 1
        let inside = stacks.push(Frame(node: node, count: next, parent: stack))
        // An iteration that reads nothing changes nothing: its end is not followed.
        if loop.isNullable { closure.markFresh(inside) }
        closure.visit(loop.body, inside)
    }

    /// The state of what was found since `closure.begin()`.
    private func intern() throws(ConstraintError) -> Int32 {
        guard closure.found.count > 0 else { return Self.dead }
        closure.sortFound()
        return try name(closure.found.base, closure.found.count)
    }

    private func name(_ keys: UnsafePointer<UInt64>, _ count: Int) throws(ConstraintError) -> Int32 {
        let known = states.count
        guard let name = states.name(of: keys, count: count, limit: limits.states) else {
            throw .limit("states of the matcher", limits.states, field: "states")
        }
        if states.count > known, count == 1 {
            let instruction = program.instructions[Int(Configuration(key: keys[0]).node)]
            if instruction.operation == .byte { states.records.base[Int(name)].only = Int32(instruction.byte) }
        }
        guard stacks.bytes + states.bytes <= limits.stateBytes else {
            throw .limit("bytes of the matcher's states", limits.stateBytes, field: "stateBytes")
        }
        return name
    }

    // MARK: What tokens need to know

    /// The configurations of `state`.
    func configurations(_ state: Int32) -> UnsafeBufferPointer<UInt64> {
        let record = states.records[Int(state)]
        return UnsafeBufferPointer(
            start: states.configurations.base + Int(record.first), count: Int(record.count))
    }

    /// The state of exactly `keys`, ascending; nil for none.
    func state(of keys: [UInt64]) throws(ConstraintError) -> Int32? {
        guard !keys.isEmpty else { return nil }
        let copy = UnsafeMutablePointer<UInt64>.allocate(capacity: keys.count)
        defer { copy.deallocate() }
        copy.initialize(from: keys, count: keys.count)
        return try name(copy, keys.count)
    }

    /// The state reached at `node` upon `stack` without a byte.
    func state(at node: Int32, _ stack: Int32) throws(ConstraintError) -> Int32 {
        closure.begin()
        try close(node, stack)
        return try intern()
    }

    /// The classes of bytes that some configuration of `state` may read: all that lead anywhere, and perhaps some of
    /// an automaton's that its bounds rule out.
    func possibleClasses(_ state: Int32) -> ByteSet {
        var classes = ByteSet()
        for key in configurations(state) { addClasses(Configuration(key: key).node, to: &classes) }
        return classes
    }

    private func addClasses(_ node: Int32, to classes: inout ByteSet) {
        let instruction = program.instructions[Int(node)]
        switch instruction.operation {
        case .byte: classes.insert(classOf[Int(instruction.byte)])
        case .set: classes = classes.union(program.setClasses[Int(instruction.first)])
        case .unit: classes = classes.union(unitClasses(node))
        case .state:
            classes = classes.union(
                program.automatonTables[Int(instruction.first)].possibleClasses(instruction.second))
        case .end, .jump, .split, .call, .loop, .terminal: break
        }
    }

    /// The classes of bytes that the unit at `node` may begin with.
    func unitClasses(_ node: Int32) -> ByteSet {
        let number = Int(program.instructions[Int(node)].second)
        if let known = firstOfUnit[number] { return known }
        var classes = ByteSet()
        // What a unit opens into does not depend on the stack beneath.
        opened.begin()
        swap(&opened, &closure)
        let isWhole = (try? close(program.instructions[Int(node)].first, 0, opensUnits: true)) != nil
        swap(&opened, &closure)
        // Beyond a limit every byte is possible, so that its step is tried and says so.
        guard isWhole else { return .all }
        for index in 0..<opened.found.count { addClasses(Configuration(key: opened.found[index]).node, to: &classes) }
        firstOfUnit[number] = classes
        return classes
    }

    /// The bytes of `classes`.
    func bytes(ofClasses classes: ByteSet) -> ByteSet {
        var bytes = ByteSet()
        for byte in 0..<256 where classes.contains(classOf[byte]) { bytes.insert(UInt8(byte)) }
        return bytes
    }

    /// The classes whose bytes all lie in `bytes`.
    func classes(within bytes: ByteSet) -> ByteSet {
        var outside = ByteSet()
        for byte in 0..<256 where !bytes.contains(UInt8(byte)) { outside.insert(classOf[byte]) }
        return outside.complement
    }

    /// The only byte that leads out of `state` to another one that lives; nil where none or several do.
    func forcedByte(_ state: Int32) throws(ConstraintError) -> UInt8? {
        if let byte = onlyByte(state) { return try step(state, byte) == Self.dead ? nil : byte }
        var forced: UInt8?
        for byte in UInt8(0)...255 where try step(state, byte) != Self.dead {
            if forced != nil { return nil }
            forced = byte
        }
        return forced
    }
}
