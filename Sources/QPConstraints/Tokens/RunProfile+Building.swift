extension RunProfile {
    /// Masks are kept for at most so many bounds; tokens of more repetitions are few.
    private static let maskCount = 24

    /// The profile of the loop whose endless form begins at `node`, with those leaving tokens whose rests begin with a
    /// byte of `exits`. O(tokens inside and leaving).
    convenience init(
        endless node: Int32, of recognizer: Recognizer, exits: ByteSet, in trie: TokenTrie
    ) throws(ConstraintError) {
        var builder = Builder(trie: trie, exits: exits)
        try builder.walk(recognizer, from: recognizer.state(at: node, 0))
        var ends = [Int](repeating: 0, count: builder.largestCount + 1)
        for index in 0..<builder.inside.count { ends[Int(builder.inside[index] >> 32)] += 1 }
        for count in ends.indices.dropFirst() { ends[count] += ends[count - 1] }
        // A counting sort by repetitions.
        var places = [0] + ends.dropLast()
        var inside = [UInt32](repeating: 0, count: builder.inside.count)
        for index in 0..<builder.inside.count {
            let count = Int(builder.inside[index] >> 32)
            inside[places[count]] = UInt32(truncatingIfNeeded: builder.inside[index])
            places[count] += 1
        }
        var masks: [[UInt32]] = []
        var mask = [UInt32](repeating: 0, count: (trie.vocabularySize + 31) / 32)
        for count in ends.indices {
            for token in inside[(count == 0 ? 0 : ends[count - 1])..<ends[count]] {
                mask[Int(token >> 5)] |= 1 << (token & 31)
            }
            if count < Self.maskCount - 1 || count == ends.count - 1 { masks.append(mask) }
        }
        let (rests, leavers) = builder.flattened()
        self.init(
            inside: inside, insideEnd: ends, masks: masks, exits: exits, rests: rests, leavers: leavers,
            isCode: builder.isCode)
    }

    private struct Builder: ~Copyable {
        struct Node {
            var children: [(byte: UInt8, node: Int)] = []
            var leavers: [Leaver] = []
        }

        let trie: TokenTrie
        let exits: ByteSet
        /// Repetitions begun (upper half) and token.
        var inside = Arena<UInt64>(capacity: 4096)
        var largestCount = 0
        var nodes = [Node()]
        /// No state met was between two repetitions and within one at once.
        var isCode = true
        private var checked: Set<Int32> = []

        init(trie: TokenTrie, exits: ByteSet) {
            self.trie = trie
            self.exits = exits
        }

        mutating func walk(_ recognizer: Recognizer, from start: Int32) throws(ConstraintError) {
            var open: [(node: Int32, state: Int32, count: Int32)] = [(0, start, 0)]
            while let (node, state, count) = open.popLast() {
                let parent = trie.nodes[Int(node)]
                for child in (parent.firstChild..<parent.firstChild + Int32(parent.childCount)).reversed() {
                    let next = try recognizer.step(state, trie.nodeBytes[Int(child)])
                    if next == Recognizer.dead {
                        // Only between two repetitions, and after one: what begins otherwise is no concern of a run.
                        if state == start, count > 0, exits.contains(trie.nodeBytes[Int(child)]) {
                            leave(child, count)
                        }
                        continue
                    }
                    if next != start, checked.insert(next).inserted {
                        let between = recognizer.configurations(start)
                        isCode = isCode && recognizer.configurations(next).allSatisfy { !between.contains($0) }
                    }
                    let begun = state == start ? count + 1 : count
                    largestCount = max(largestCount, Int(begun))
                    let reached = trie.nodes[Int(child)]
                    for index in Int(reached.firstToken)..<Int(reached.firstToken) + Int(reached.tokenCount) {
                        inside.append(UInt64(begun) << 32 | UInt64(trie.tokens[index]))
                    }
                    if reached.childCount > 0 { open.append((child, next, begun)) }
                }
            }
        }
        /// Adds the rests of all tokens below `node`, which is the first byte of each.
        private mutating func leave(_ node: Int32, _ count: Int32) {
            var open = [(node: node, parent: 0)]
            while let (node, parent) = open.popLast() {
                let rest = child(of: parent, trie.nodeBytes[Int(node)])
                let reached = trie.nodes[Int(node)]
                for index in Int(reached.firstToken)..<Int(reached.firstToken) + Int(reached.tokenCount) {
                    nodes[rest].leavers.append(Leaver(token: trie.tokens[index], count: count))
                }
                for child in reached.firstChild..<reached.firstChild + Int32(reached.childCount) {
                    open.append((child, rest))
                }
            }
        }

        private mutating func child(of parent: Int, _ byte: UInt8) -> Int {
            for (known, node) in nodes[parent].children where known == byte { return node }
            nodes.append(Node())
            nodes[parent].children.append((byte, nodes.count - 1))
            return nodes.count - 1
        }

        borrowing func flattened() -> ([Rest], [Leaver]) {
            var rests = [Rest(byte: 0, children: 0..<0, leavers: 0..<0)]
            var leavers: [Leaver] = []
            // In the order of `rests`: which node each one is.
            var source = [0]
            var index = 0
            while index < source.count {
                let node = nodes[source[index]]
                rests[index].children = Int32(rests.count)..<Int32(rests.count + node.children.count)
                for (byte, child) in node.children {
                    rests.append(Rest(byte: byte, children: 0..<0, leavers: 0..<0))
                    source.append(child)
                }
                rests[index].leavers = Int32(leavers.count)..<Int32(leavers.count + node.leavers.count)
                leavers += node.leavers
                index += 1
            }
            return (rests, leavers)
        }
    }
}

extension TokenTrie {
    /// One bit a node: whether it or a node below it has a token that is not in `mask`. O(nodes).
    func nodesLeading(outside mask: UnsafeBufferPointer<UInt32>) -> [UInt64] {
        var bits = [UInt64](repeating: 0, count: (nodes.count + 63) / 64)
        // Children lie behind their parents.
        for index in nodes.indices.reversed() {
            let node = nodes[index]
            var leads = false
            for place in Int(node.firstToken)..<Int(node.firstToken) + Int(node.tokenCount) {
                leads = leads || mask[Int(tokens[place] >> 5)] >> (tokens[place] & 31) & 1 == 0
            }
            for child in Int(node.firstChild)..<Int(node.firstChild) + Int(node.childCount) where !leads {
                leads = bits[child >> 6] >> UInt64(child & 63) & 1 == 1
            }
            if leads { bits[index >> 6] |= 1 << UInt64(index & 63) }
        }
        return bits
    }
}

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
