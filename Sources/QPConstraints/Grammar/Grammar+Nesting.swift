extension Grammar {
    /// Whether texts nest without bound: a rule comes back to itself with something left to do after it.
    ///
    /// Such a grammar has states without end, one for each depth. Without, states are finitely many, though they may be
    /// more than anybody wants. A rule that ends in itself only repeats. O(nodes).
    package var nestsWithoutBound: Bool {
        let component = program.components
        return program.instructions.indices.contains { node in
            program.pushed(by: node).map { component[$0] == component[node] } ?? false
        }
    }
}

extension GrammarProgram {
    /// Where the node enters a rule or a body that it has something left to do after.
    fileprivate func pushed(by node: Int) -> Int? {
        let instruction = instructions[node]
        return switch instruction.operation {
        case .call: Int(instruction.first)
        case .loop: Int(loops[Int(instruction.first)].body)
        default: nil
        }
    }

    /// The nodes that follow `node`, one after the other; nil after the last.
    private func successor(_ number: Int, of node: Int) -> Int? {
        let instruction = instructions[node]
        let (first, second) = (Int(instruction.first), Int(instruction.second))
        switch instruction.operation {
        case .end, .state: return nil
        case .byte, .jump, .unit: return number == 0 ? first : nil
        case .set: return number == 0 ? second : nil
        case .split: return number < second ? Int(targets[first + number]) : nil
        case .call: return number == 0 ? first : number == 1 ? second : nil
        case .loop: return number == 0 ? Int(loops[first].body) : number == 1 ? Int(loops[first].next) : nil
        case .terminal: return number == 0 ? Int(terminals[first].next) : nil
        }
    }

    /// Of each node, the number of its strongly connected component (R. Tarjan, Depth-first search and linear graph
    /// algorithms, 1972), without recursion.
    fileprivate var components: [Int] {
        let count = instructions.count
        var component = [Int](repeating: -1, count: count)
        var order = [Int](repeating: -1, count: count)
        var low = [Int](repeating: 0, count: count)
        var (visited, components) = (0, 0)
        var stack: [Int] = []
        for root in 0..<count where order[root] < 0 {
            var path = [(node: root, next: 0)]
            while let (node, next) = path.last {
                if next == 0 {
                    (order[node], low[node]) = (visited, visited)
                    visited += 1
                    stack.append(node)
                }
                if let target = successor(next, of: node) {
                    path[path.count - 1].next += 1
                    if order[target] < 0 {
                        path.append((target, 0))
                    } else if component[target] < 0 {
                        low[node] = min(low[node], order[target])
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last?.node { low[parent] = min(low[parent], low[node]) }
                guard low[node] == order[node] else { continue }
                while let member = stack.popLast() {
                    component[member] = components
                    if member == node { break }
                }
                components += 1
            }
        }
        return component
    }
}
