public import QPFormats

/// The texts of a vocabulary's tokens as a prefix tree, in which a constraint is walked with all tokens at once.
///
/// Built once per vocabulary and shared by every constraint on it. Children of a node lie side by side, and nodes lie
/// in the order of a walk from left to right, so that a walk over everything reads memory in order.
///
/// Tokens without text (empty, control, unknown, unused) are in no node: a constraint never allows them. Tokens with
/// equal text share a node.
public final class TokenTrie: @unchecked Sendable {
    struct Node: BitwiseCopyable {
        var firstChild: Int32
        /// Its own tokens in ``tokens``; those of its descendants follow.
        var firstToken: Int32
        var childCount: Int32
        var tokenCount: Int32
    }

    public let vocabulary: Vocabulary
    /// V, padded rows of the head included.
    public var vocabularySize: Int { vocabulary.vocabularySize }
    /// Ids that end the text, ascending; allowed where a constraint is complete.
    public var endOfText: [Int] { vocabulary.endOfTextTokens }
    /// Tokens that have a text.
    public var textTokenCount: Int { tokens.count }
    /// Bytes of memory it takes, with what constraints have it remember.
    public var bytes: Int {
        nodes.count * (MemoryLayout<Node>.stride + 1) + tokens.count * 4 + text.count + offsets.count * 4
            + (plain?.bytes ?? 0) + profiles.bytes
    }

    let nodes: UnsafeBufferPointer<Node>
    /// The byte that leads to each node.
    let nodeBytes: UnsafeBufferPointer<UInt8>
    /// Ids in the order of their texts.
    let tokens: UnsafeBufferPointer<UInt32>
    /// Texts of all tokens, one after the other, and where each begins.
    private let text: UnsafeBufferPointer<UInt8>
    private let offsets: UnsafeBufferPointer<UInt32>
    let profiles = RunProfileCache()

    /// The tree of `vocabulary`. O(n log n) comparisons of texts; about 70 ms for 128,000 tokens.
    /// - Throws: ``ConstraintError`` with code `vocabulary` when no token has a text, or none ends the text: then a
    ///   constraint could never let a text end.
    public init(_ vocabulary: Vocabulary) throws(ConstraintError) {
        guard !vocabulary.textBytes.isEmpty else {
            throw ConstraintError(.vocabulary, "no token of the vocabulary has a text, so no constraint can be met")
        }
        guard !vocabulary.endOfTextTokens.isEmpty else {
            throw ConstraintError(
                .vocabulary, "the vocabulary has no end-of-text token, so a constrained text could never end",
                advice: "Name the token that ends a text (endOfText), or use the model's own tokenizer file.")
        }
        self.vocabulary = vocabulary
        text = Self.keep(vocabulary.textBytes)
        offsets = Self.keep(vocabulary.textOffsets)
        let order = Self.sorted(text: text, offsets: offsets)
        (nodes, nodeBytes) = Self.tree(of: order, text: text, offsets: offsets)
        tokens = Self.keep(order)
        try prepareStrings()
    }

    private(set) var plain: PlainTokens?

    /// Has what the vocabulary's tokens are to the characters of a JSON string worked out: nearly every schema needs
    /// it, and it takes longer than a step should.
    private func prepareStrings() throws(ConstraintError) {
        // Characters in any spelling, as free strings have them, and in canonical spelling, as patterns have them.
        for isFree in [true, false] {
            let builder = GrammarBuilder()
            let text = JSONText(builder)
            let character = try isFree ? text.freeCharacter() : text.character(of: .all)
            let string = try builder.sequence([
                builder.literal("\""), builder.repeated(character, 0, nil), builder.literal("\""),
            ])
            let matcher = try GrammarMatcher(builder.grammar(root: string), self)
            // A vocabulary that cannot write a quotation mark has no strings to prepare.
            if let state = try matcher.recognizer.state(after: "\"".utf8) { matcher.prepare(state) }
        }
        plain = PlainTokens(self)
    }

    deinit {
        nodes.deallocate()
        nodeBytes.deallocate()
        tokens.deallocate()
        text.deallocate()
        offsets.deallocate()
    }

    /// The text of `token`; empty for one that is never allowed or lies outside the vocabulary.
    public func text(of token: Int) -> UnsafeBufferPointer<UInt8> {
        guard token >= 0, token < offsets.count - 1 else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(rebasing: text[Int(offsets[token])..<Int(offsets[token + 1])])
    }

    /// The child of `node` that `byte` leads to. O(log n).
    @inline(__always)
    func child(of node: Node, _ byte: UInt8) -> Int? {
        var low = Int(node.firstChild)
        let end = low + Int(node.childCount)
        var high = end
        while low < high {
            let middle = (low + high) / 2
            if nodeBytes[middle] < byte { low = middle + 1 } else { high = middle }
        }
        return low < end && nodeBytes[low] == byte ? low : nil
    }

    private static func keep<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = memory.initialize(from: elements)
        return UnsafeBufferPointer(memory)
    }

    /// Ids with a text, in the order of their texts; equal texts by id.
    private static func sorted(
        text: UnsafeBufferPointer<UInt8>, offsets: UnsafeBufferPointer<UInt32>
    ) -> [UInt32] {
        // The first eight bytes decide nearly always; read them once.
        var keyed: [(key: UInt64, id: UInt32)] = []
        keyed.reserveCapacity(offsets.count)
        for id in 0..<offsets.count - 1 where offsets[id + 1] > offsets[id] {
            var key: UInt64 = 0
            for index in 0..<8 {
                let place = Int(offsets[id]) + index
                key = key << 8 | (place < Int(offsets[id + 1]) ? UInt64(text[place]) : 0)
            }
            keyed.append((key, UInt32(id)))
        }
        keyed.sort { left, right in
            if left.key != right.key { return left.key < right.key }
            let a = text[Int(offsets[Int(left.id)])..<Int(offsets[Int(left.id) + 1])]
            let b = text[Int(offsets[Int(right.id)])..<Int(offsets[Int(right.id) + 1])]
            if a.elementsEqual(b) { return left.id < right.id }
            return a.lexicographicallyPrecedes(b)
        }
        return keyed.map(\.id)
    }

    private static func tree(
        of order: [UInt32], text: UnsafeBufferPointer<UInt8>, offsets: UnsafeBufferPointer<UInt32>
    ) -> (UnsafeBufferPointer<Node>, UnsafeBufferPointer<UInt8>) {
        var nodes = [Node(firstChild: 0, firstToken: 0, childCount: 0, tokenCount: 0)]
        var bytes: [UInt8] = [0]
        // Nodes whose children are still to be made, with the tokens that pass through them.
        var open: [(node: Int, tokens: Range<Int>, depth: Int)] = [(0, 0..<order.count, 0)]
        while let (node, range, depth) = open.popLast() {
            var next = range.lowerBound
            func length(_ index: Int) -> Int { Int(offsets[Int(order[index]) + 1] - offsets[Int(order[index])]) }
            func byte(_ index: Int) -> UInt8 { text[Int(offsets[Int(order[index])]) + depth] }
            while next < range.upperBound, length(next) == depth { next += 1 }
            nodes[node].firstToken = Int32(range.lowerBound)
            nodes[node].tokenCount = Int32(next - range.lowerBound)
            nodes[node].firstChild = Int32(nodes.count)
            var children: [Range<Int>] = []
            while next < range.upperBound {
                let start = next
                let value = byte(start)
                while next < range.upperBound, byte(next) == value { next += 1 }
                children.append(start..<next)
                nodes.append(Node(firstChild: 0, firstToken: 0, childCount: 0, tokenCount: 0))
                bytes.append(value)
            }
            nodes[node].childCount = Int32(children.count)
            for (index, child) in children.enumerated().reversed() {
                open.append((Int(nodes[node].firstChild) + index, child, depth + 1))
            }
        }
        return (keep(nodes), keep(bytes))
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
