/// A text as a list of symbols, of which neighbours are merged, the best pair first and the leftmost of equals.
///
/// A heap of candidates makes it O(n log n) for n symbols; a candidate whose symbols have changed since is dropped
/// when its turn comes.
struct MergeList {
    /// A run of the text's bytes, with the token that writes it, −1 where there is none.
    struct Symbol {
        var start: Int32
        var end: Int32
        var token: Int32
        fileprivate var previous: Int32
        fileprivate var next: Int32
    }

    /// What two neighbours become, and how early: the lowest priority first.
    struct Merge {
        var priority: UInt32
        var token: Int32
    }

    private struct Candidate {
        /// The priority, then the left symbol's number, in one word.
        var key: UInt64
        var right: Int32
        /// Where the left and the right symbol ended when the candidate was made.
        var middle: Int32
        var end: Int32
        var token: Int32

        var left: Int { Int(UInt32(truncatingIfNeeded: key)) }
    }

    private(set) var symbols: [Symbol] = []
    private var queue: [Candidate] = []

    /// Makes the list empty, and keeps its memory.
    mutating func removeAll() {
        symbols.removeAll(keepingCapacity: true)
        queue.removeAll(keepingCapacity: true)
    }

    /// Adds a symbol at the end, up to byte `end`.
    mutating func append(end: Int, token: Int32) {
        let start = symbols.last?.end ?? 0
        if !symbols.isEmpty { symbols[symbols.count - 1].next = Int32(symbols.count) }
        symbols.append(
            Symbol(start: start, end: Int32(end), token: token, previous: Int32(symbols.count - 1), next: -1))
    }

    /// Merges until no two neighbours can be. `merge` says what two become, if anything; `didMerge` is told of each
    /// merge, by the bytes' start, middle and end.
    mutating func run(
        _ merge: (Symbol, Symbol) -> Merge?, didMerge: (Int32, Int32, Int32) -> Void = { _, _, _ in }
    ) {
        for left in symbols.indices.dropLast() { consider(Int32(left), Int32(left + 1), merge) }
        while let candidate = pop() {
            let left = candidate.left
            let right = Int(candidate.right)
            guard symbols[left].next == candidate.right, symbols[left].end == candidate.middle,
                symbols[right].end == candidate.end
            else { continue }
            let next = symbols[right].next
            symbols[left].end = candidate.end
            symbols[left].token = candidate.token
            symbols[left].next = next
            // An end of −1 fits no candidate.
            symbols[right].end = -1
            didMerge(symbols[left].start, candidate.middle, candidate.end)
            if next >= 0 {
                symbols[Int(next)].previous = Int32(left)
                consider(Int32(left), next, merge)
            }
            if symbols[left].previous >= 0 { consider(symbols[left].previous, Int32(left), merge) }
        }
    }

    private mutating func consider(_ left: Int32, _ right: Int32, _ merge: (Symbol, Symbol) -> Merge?) {
        let (leftSymbol, rightSymbol) = (symbols[Int(left)], symbols[Int(right)])
        guard let merge = merge(leftSymbol, rightSymbol) else { return }
        push(
            Candidate(
                key: UInt64(merge.priority) << 32 | UInt64(left), right: right, middle: leftSymbol.end,
                end: rightSymbol.end, token: merge.token))
    }

    private mutating func push(_ candidate: Candidate) {
        var child = queue.count
        queue.append(candidate)
        while child > 0, case let parent = (child - 1) / 2, candidate.key < queue[parent].key {
            queue[child] = queue[parent]
            child = parent
        }
        queue[child] = candidate
    }

    private mutating func pop() -> Candidate? {
        guard let first = queue.first, let last = queue.popLast() else { return nil }
        guard !queue.isEmpty else { return first }
        var parent = 0
        while true {
            var child = parent * 2 + 1
            guard child < queue.count else { break }
            if child + 1 < queue.count, queue[child + 1].key < queue[child].key { child += 1 }
            guard queue[child].key < last.key else { break }
            queue[parent] = queue[child]
            parent = child
        }
        queue[parent] = last
        return first
    }
}

extension MergeList: Sequence {
    /// The symbols that are left, in order.
    func makeIterator() -> AnyIterator<Symbol> {
        var position = symbols.isEmpty ? -1 : 0
        return AnyIterator {
            guard position >= 0 else { return nil }
            defer { position = Int(symbols[position].next) }
            return symbols[position]
        }
    }
}
