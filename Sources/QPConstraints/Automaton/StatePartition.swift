/// A partition of an automaton's states into blocks, refined until no block's states differ in what they lead to
/// (Hopcroft, "An n log n algorithm for minimizing states in a finite automaton", 1971).
///
/// Missing transitions need no state of their own: every first block is used to split, which tells states that lead
/// anywhere from states that do not.
struct StatePartition {
    /// -1 for a state that is in no block.
    private(set) var blockOf: [Int32]
    /// The states, those of a block together.
    private var elements: [Int32] = []
    private var placeOf: [Int32]
    private var blocks: [(start: Int, end: Int, marked: Int)] = []
    private var pending: [Int] = []
    private var isPending: [Bool] = []

    /// Blocks by colour; states that are not alive are left out.
    init(_ table: TransitionTable, _ isAlive: [Bool]) {
        blockOf = [Int32](repeating: -1, count: table.stateCount)
        placeOf = blockOf
        for color in Set(table.colors).sorted() {
            let start = elements.count
            for state in 0..<table.stateCount where isAlive[state] && table.colors[state] == color {
                blockOf[state] = Int32(blocks.count)
                placeOf[state] = Int32(elements.count)
                elements.append(Int32(state))
            }
            if elements.count > start { addBlock(start, elements.count) }
        }
    }

    private mutating func addBlock(_ start: Int, _ end: Int) {
        pending.append(blocks.count)
        isPending.append(true)
        blocks.append((start, end, 0))
    }

    mutating func refine(
        _ predecessors: Predecessors, classCount: Int, _ budget: CompileBudget
    ) throws(ConstraintError) {
        var sources = [[Int32]](repeating: [], count: classCount)
        var touched: [Int] = []
        while let splitter = pending.popLast() {
            isPending[splitter] = false
            var used: [Int] = []
            for element in elements[blocks[splitter].start..<blocks[splitter].end] {
                let edges = predecessors.edges(to: Int(element))
                try budget.tick(edges.count + 1)
                for edge in edges where blockOf[Int(edge.source)] >= 0 {
                    if sources[Int(edge.symbols)].isEmpty { used.append(Int(edge.symbols)) }
                    sources[Int(edge.symbols)].append(edge.source)
                }
            }
            for symbols in used {
                for source in sources[symbols] {
                    let block = Int(blockOf[Int(source)])
                    if blocks[block].marked == 0 { touched.append(block) }
                    moveToFront(source, block)
                }
                sources[symbols].removeAll(keepingCapacity: true)
                for block in touched { split(block) }
                touched.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Puts `state`, which is met once per class, among the marked ones at the front of its block.
    private mutating func moveToFront(_ state: Int32, _ block: Int) {
        let place = Int(placeOf[Int(state)])
        let front = blocks[block].start + blocks[block].marked
        blocks[block].marked += 1
        elements.swapAt(place, front)
        placeOf[Int(elements[place])] = Int32(place)
        placeOf[Int(elements[front])] = Int32(front)
    }

    /// Parts the marked states of `block` from the others; the smaller part becomes a new block.
    private mutating func split(_ block: Int) {
        let (start, end, marked) = blocks[block]
        blocks[block].marked = 0
        guard marked < end - start else { return }
        let middle = start + marked
        let isFrontSmaller = marked <= end - middle
        let new = isFrontSmaller ? (start, middle) : (middle, end)
        (blocks[block].start, blocks[block].end) = isFrontSmaller ? (middle, end) : (start, middle)
        for place in new.0..<new.1 { blockOf[Int(elements[place])] = Int32(blocks.count) }
        // If the old block still waits, both parts have to; if not, the smaller part is enough.
        addBlock(new.0, new.1)
    }
}
