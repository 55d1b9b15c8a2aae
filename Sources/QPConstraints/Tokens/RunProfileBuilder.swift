/// Works out the profile of one unit, a part at a time, so that no step of a decode loop waits for all of it.
final class RunProfileBuilder {
    private struct Node {
        var children: [(byte: UInt8, node: Int)] = []
        var leavers: [RunProfile.Leaver] = []
    }

    private let recognizer: Recognizer
    private let trie: TokenTrie
    /// The first bytes of rests that are looked for.
    let exits: ByteSet
    /// The state between two repetitions of the endless form.
    private let start: Int32
    /// Nodes whose children are still to be looked at, with their states and the repetitions begun.
    @exclusivity(unchecked) private var open: [(node: Int32, state: Int32, count: Int32)]
    /// Repetitions begun (upper half) and token.
    @exclusivity(unchecked) private var inside = Arena<UInt64>(capacity: 4096)
    private var largestCount = 0
    private var nodes = [Node()]
    /// No state met was between two repetitions and within one at once.
    private var isCode = true
    private var checked: Set<Int32> = []

    /// Masks are kept for at most so many bounds; tokens of more repetitions are few.
    private static let maskCount = 24

    /// Of the loop whose endless form begins at `node`, with those leaving tokens whose rests begin with a byte of
    /// `exits`.
    init(
        endless node: Int32, of recognizer: Recognizer, exits: ByteSet, in trie: TokenTrie
    ) throws(ConstraintError) {
        self.recognizer = recognizer
        self.trie = trie
        self.exits = exits
        start = try recognizer.state(at: node, 0)
        open = [(0, start, 0)]
    }

    /// Looks at `count` further nodes of the trie, and makes the profile when none is left. O(count); the last part
    /// O(tokens inside and leaving).
    func profile(afterNodes count: Int) throws(ConstraintError) -> RunProfile? {
        try walk(nodes: count)
        return open.isEmpty ? finish() : nil
    }

    private func walk(nodes limit: Int) throws(ConstraintError) {
        var left = limit
        while left > 0, let (node, state, count) = open.popLast() {
            let parent = trie.nodes[Int(node)]
            left -= Int(parent.childCount)
            for child in (parent.firstChild..<parent.firstChild + Int32(parent.childCount)).reversed() {
                let next = try recognizer.step(state, trie.nodeBytes[Int(child)])
                if next == Recognizer.dead {
                    // Only between two repetitions, and after one: what begins otherwise is no concern of a run.
                    if state == start, count > 0, exits.contains(trie.nodeBytes[Int(child)]) { leave(child, count) }
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

    private func finish() -> RunProfile {
        var ends = [Int](repeating: 0, count: largestCount + 1)
        for index in 0..<inside.count { ends[Int(inside[index] >> 32)] += 1 }
        for count in ends.indices.dropFirst() { ends[count] += ends[count - 1] }
        // A counting sort by repetitions.
        var places = [0] + ends.dropLast()
        var sorted = [UInt32](repeating: 0, count: inside.count)
        for index in 0..<inside.count {
            let count = Int(inside[index] >> 32)
            sorted[places[count]] = UInt32(truncatingIfNeeded: inside[index])
            places[count] += 1
        }
        var masks: [[UInt32]] = []
        var mask = [UInt32](repeating: 0, count: (trie.vocabularySize + 31) / 32)
        for count in ends.indices {
            for token in sorted[(count == 0 ? 0 : ends[count - 1])..<ends[count]] {
                mask[Int(token >> 5)] |= 1 << (token & 31)
            }
            if count < Self.maskCount - 1 || count == ends.count - 1 { masks.append(mask) }
        }
        let (rests, leavers) = flattened()
        return RunProfile(
            inside: sorted, insideEnd: ends, masks: masks, exits: exits, rests: rests, leavers: leavers,
            isCode: isCode)
    }

    /// Adds the rests of all tokens below `node`, which is the first byte of each.
    private func leave(_ node: Int32, _ count: Int32) {
        var open = [(node: node, parent: 0)]
        while let (node, parent) = open.popLast() {
            let rest = child(of: parent, trie.nodeBytes[Int(node)])
            let reached = trie.nodes[Int(node)]
            for index in Int(reached.firstToken)..<Int(reached.firstToken) + Int(reached.tokenCount) {
                nodes[rest].leavers.append(RunProfile.Leaver(token: trie.tokens[index], count: count))
            }
            for child in reached.firstChild..<reached.firstChild + Int32(reached.childCount) {
                open.append((child, rest))
            }
        }
    }

    private func child(of parent: Int, _ byte: UInt8) -> Int {
        for (known, node) in nodes[parent].children where known == byte { return node }
        nodes.append(Node())
        nodes[parent].children.append((byte, nodes.count - 1))
        return nodes.count - 1
    }

    private func flattened() -> ([RunProfile.Rest], [RunProfile.Leaver]) {
        var rests = [RunProfile.Rest(byte: 0, children: 0..<0, leavers: 0..<0)]
        var leavers: [RunProfile.Leaver] = []
        // In the order of `rests`: which node each one is.
        var source = [0]
        var index = 0
        while index < source.count {
            let node = nodes[source[index]]
            rests[index].children = Int32(rests.count)..<Int32(rests.count + node.children.count)
            for (byte, child) in node.children {
                rests.append(RunProfile.Rest(byte: byte, children: 0..<0, leavers: 0..<0))
                source.append(child)
            }
            rests[index].leavers = Int32(leavers.count)..<Int32(leavers.count + node.leavers.count)
            leavers += node.leavers
            index += 1
        }
        return (rests, leavers)
    }
}
