extension GrammarProgram {
    /// What the unit at `node` reads, in words that are equal for equal units of any grammar. O(its nodes and the
    /// tables of automata in it).
    func code(ofUnit node: Int32) -> [UInt64] {
        var numbers: [Int32: UInt64] = [0: 0]
        var order: [Int32] = []
        func number(_ node: Int32) -> UInt64 {
            if let known = numbers[node] { return known }
            numbers[node] = UInt64(numbers.count)
            order.append(node)
            return numbers[node]!
        }
        var words: [UInt64] = []
        _ = number(node)
        var index = 0
        while index < order.count {
            let instruction = instructions[Int(order[index])]
            index += 1
            words.append(UInt64(instruction.operation.rawValue) << 8 | UInt64(instruction.byte))
            switch instruction.operation {
            case .end: break
            case .byte, .jump, .unit: words.append(number(instruction.first))
            case .set:
                let set = sets[Int(instruction.first)].words
                words += [set.0, set.1, set.2, set.3, number(instruction.second)]
            case .split:
                words.append(UInt64(instruction.second))
                for place in Int(instruction.first)..<Int(instruction.first + instruction.second) {
                    words.append(number(targets[place]))
                }
            case .call: words += [number(instruction.first), number(instruction.second)]
            case .loop:
                let loop = loops[Int(instruction.first)]
                words += [
                    number(loop.body), number(loop.next), UInt64(loop.minimum), UInt64(bitPattern: Int64(loop.maximum)),
                ]
            case .terminal:
                let terminal = terminals[Int(instruction.first)]
                words += [
                    number(terminal.next), UInt64(terminal.minimum), UInt64(bitPattern: Int64(terminal.maximum ?? -1)),
                ]
                words += code(of: automata[Int(instructions[Int(terminal.start)].first)])
            case .state: preconditionFailure("the states of an automaton are reached through its terminal alone")
            }
        }
        return words
    }

    private func code(of automaton: ByteAutomaton) -> [UInt64] {
        var words = [UInt64(automaton.classCount), UInt64(automaton.stateCount)]
        words += automaton.classOf.map(UInt64.init)
        words += automaton.transitions.map { UInt64(bitPattern: Int64($0)) }
        words += zip(automaton.isAccepting, automaton.isBoundary).map { ($0 ? 1 : 0) | ($1 ? 2 : 0) }
        return words
    }
}
