/// An automaton's tables as the recognizer's inner loops read them.
struct AutomatonTables: BitwiseCopyable {
    let classOf: UnsafePointer<UInt8>
    let transitions: UnsafePointer<Int32>
    /// Bit 0: accepting; bit 1: between characters; bit 2: some byte leads on.
    let flags: UnsafePointer<UInt8>
    /// Of each class of the automaton, the program's classes of bytes that it holds.
    let members: UnsafePointer<ByteSet>
    let classCount: Int32

    @inline(__always)
    func next(_ state: Int32, _ byte: UInt8) -> Int32 {
        transitions[Int(state * classCount) + Int(classOf[Int(byte)])]
    }

    @inline(__always)
    func isAccepting(_ state: Int32) -> Bool { flags[Int(state)] & 1 != 0 }

    @inline(__always)
    func isBoundary(_ state: Int32) -> Bool { flags[Int(state)] & 2 != 0 }
}

extension AutomatonTables {
    static func flags(of automaton: ByteAutomaton) -> [UInt8] {
        (0..<automaton.stateCount).map { state in
            let row = automaton.transitions[state * automaton.classCount..<(state + 1) * automaton.classCount]
            return (automaton.isAccepting[state] ? 1 : 0) | (automaton.isBoundary[state] ? 2 : 0)
                | (row.contains { $0 != ByteAutomaton.dead } ? 4 : 0)
        }
    }

    /// The program's classes of bytes that each class of `automaton` holds.
    static func members(of automaton: ByteAutomaton, _ representatives: [UInt8]) -> [ByteSet] {
        var members = [ByteSet](repeating: ByteSet(), count: automaton.classCount)
        for (index, byte) in representatives.enumerated() {
            members[Int(automaton.classOf[Int(byte)])].insert(UInt8(index))
        }
        return members
    }

    /// The program's classes of bytes that lead out of `state`.
    func possibleClasses(_ state: Int32) -> ByteSet {
        var classes = ByteSet()
        let row = transitions + Int(state * classCount)
        for index in 0..<Int(classCount) where row[index] != ByteAutomaton.dead {
            classes = classes.union(members[index])
        }
        return classes
    }

    @inline(__always)
    func leadsOn(_ state: Int32) -> Bool { flags[Int(state)] & 4 != 0 }
}

/// A terminal as far as a step needs it.
struct TerminalStep: BitwiseCopyable {
    let start: Int32
    let next: Int32
    let minimum: Int32
    let isCounted: Bool
}

/// What a recognizer runs: the nodes of a grammar with their tables.
///
/// Immutable once made. The tables that every byte visits are plain memory of their own, without the checks of arrays.
final class GrammarProgram: @unchecked Sendable {
    /// Where matching begins; complete at its end with nothing left to return to.
    let start: Int32
    let instructions: UnsafeBufferPointer<Instruction>
    let targets: UnsafeBufferPointer<Int32>
    let sets: UnsafeBufferPointer<ByteSet>
    let loops: UnsafeBufferPointer<Loop>
    let terminals: [Terminal]
    let terminalSteps: UnsafeBufferPointer<TerminalStep>
    let automata: [ByteAutomaton]
    let automatonTables: UnsafeBufferPointer<AutomatonTables>
    let classes: ByteClasses
    let ruleCount: Int
    let unitCount: Int
    /// Of each set, the classes of bytes that it holds.
    let setClasses: UnsafeBufferPointer<ByteSet>

    init(
        start: Int32, instructions: [Instruction], targets: [Int32], sets: [ByteSet], loops: [Loop],
        terminals: [Terminal], automata: [ByteAutomaton], classes: ByteClasses, ruleCount: Int, unitCount: Int
    ) {
        self.start = start
        self.instructions = Self.copy(instructions)
        self.targets = Self.copy(targets)
        self.sets = Self.copy(sets)
        self.loops = Self.copy(loops)
        self.terminals = terminals
        terminalSteps = Self.copy(
            terminals.map {
                TerminalStep(start: $0.start, next: $0.next, minimum: Int32($0.minimum), isCounted: $0.isCounted)
            })
        self.automata = automata
        let representatives = classes.representatives
        automatonTables = Self.copy(
            automata.map { automaton in
                AutomatonTables(
                    classOf: Self.copy(automaton.classOf).baseAddress!,
                    transitions: Self.copy(automaton.transitions).baseAddress!,
                    flags: Self.copy(AutomatonTables.flags(of: automaton)).baseAddress!,
                    members: Self.copy(AutomatonTables.members(of: automaton, representatives)).baseAddress!,
                    classCount: Int32(automaton.classCount))
            })
        self.classes = classes
        self.ruleCount = ruleCount
        self.unitCount = unitCount
        setClasses = Self.copy(
            sets.map { set in
                var members = ByteSet()
                for (index, byte) in representatives.enumerated() where set.contains(byte) {
                    members.insert(UInt8(index))
                }
                return members
            })
    }

    deinit {
        instructions.deallocate()
        targets.deallocate()
        sets.deallocate()
        loops.deallocate()
        setClasses.deallocate()
        terminalSteps.deallocate()
        for tables in automatonTables {
            tables.classOf.deallocate()
            tables.transitions.deallocate()
            tables.flags.deallocate()
            tables.members.deallocate()
        }
        automatonTables.deallocate()
    }

    private static func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = memory.initialize(from: elements)
        return UnsafeBufferPointer(memory)
    }
}
