/// Tokens that look like a word, which most of a vocabulary do.
///
/// A pattern with a maximal length has a new state for every count of characters, and nearly the whole vocabulary is
/// allowed in each. Where any such word may follow, whichever it is, all of these tokens are allowed, and only the
/// rest of the vocabulary has to be walked.
struct PlainTokens: Sendable {
    /// What counts as a word, the widest first.
    enum Family: Int, CaseIterable {
        /// Characters that stand for themselves in a JSON string, of which the first may be a space.
        case spaced
        /// The same without a space.
        case unspaced
        /// ASCII letters and digits.
        case alphanumeric

        /// The place of ``steps`` that a word begins at, and that of its later characters.
        var places: (first: Int, rest: Int) {
            switch self {
            case .spaced: (0, 1)
            case .unspaced: (1, 1)
            case .alphanumeric: (11, 11)
            }
        }
    }

    /// Words of a family with at most ``bound`` characters.
    struct Level {
        let family: Family
        let bound: Int
        /// Packed.
        let mask: [UInt32]
        /// The nodes of the trie that lead to any other token.
        let remainder: [UInt64]
    }

    /// The most characters of a word, descending.
    static let bounds = [16, 7]

    /// By family, then by bound.
    let levels: [Level]

    /// Bytes that they take.
    var bytes: Int { levels.reduce(0) { $0 + $1.mask.count * 4 + $1.remainder.count * 8 } }

    init(_ trie: TokenTrie) {
        let wordCount = (trie.vocabularySize + 31) / 32
        var levels: [Level] = []
        for family in Family.allCases {
            var masks = Self.bounds.map { _ in [UInt32](repeating: 0, count: wordCount) }
            for token in trie.tokens {
                guard let count = Self.characterCount(trie.text(of: Int(token)), family) else { continue }
                for (level, bound) in Self.bounds.enumerated() where count <= bound {
                    masks[level][Int(token >> 5)] |= 1 << (token & 31)
                }
            }
            for (bound, mask) in zip(Self.bounds, masks) {
                let remainder = mask.withUnsafeBufferPointer { trie.nodesLeading(outside: $0) }
                levels.append(Level(family: family, bound: bound, mask: mask, remainder: remainder))
            }
        }
        self.levels = levels
    }

    /// A run of bytes and the place that it leads to.
    struct Step {
        let bytes: ClosedRange<UInt8>
        let next: Int
    }

    /// The UTF-8 of words as an automaton; see ``Family/places``. Characters that may be whitespace to somebody, and
    /// their whole neighbourhoods, are left out: they are rare.
    static let steps: [[Step]] = [
        first, rest, last, middle, afterE0, afterE2, afterED, outer, afterF0, afterF4, afterC2, alphanumeric,
    ]

    private static let rest = [
        Step(bytes: 0x21...0x21, next: 1), Step(bytes: 0x23...0x5B, next: 1), Step(bytes: 0x5D...0x7E, next: 1),
        Step(bytes: 0xC2...0xC2, next: 10), Step(bytes: 0xC3...0xDF, next: 2), Step(bytes: 0xE0...0xE0, next: 4),
        Step(bytes: 0xE2...0xE2, next: 5), Step(bytes: 0xE4...0xEC, next: 3), Step(bytes: 0xED...0xED, next: 6),
        Step(bytes: 0xF0...0xF0, next: 8), Step(bytes: 0xF1...0xF3, next: 7), Step(bytes: 0xF4...0xF4, next: 9),
    ]
    private static let first = [Step(bytes: 0x20...0x20, next: 1)] + rest
    private static let alphanumeric = [
        Step(bytes: 0x30...0x39, next: 11), Step(bytes: 0x41...0x5A, next: 11), Step(bytes: 0x61...0x7A, next: 11),
    ]
    private static let last = [Step(bytes: 0x80...0xBF, next: 1)]
    private static let middle = [Step(bytes: 0x80...0xBF, next: 2)]
    private static let outer = [Step(bytes: 0x80...0xBF, next: 3)]
    private static let afterE0 = [Step(bytes: 0xA0...0xBF, next: 2)]
    private static let afterE2 = [Step(bytes: 0x82...0xBF, next: 2)]
    private static let afterED = [Step(bytes: 0x80...0x9F, next: 2)]
    private static let afterF0 = [Step(bytes: 0x90...0xBF, next: 3)]
    private static let afterF4 = [Step(bytes: 0x80...0x8F, next: 3)]
    private static let afterC2 = [Step(bytes: 0xA1...0xBF, next: 1)]

    /// How many characters `text` has if it is a word of `family`; nil otherwise.
    static func characterCount(_ text: UnsafeBufferPointer<UInt8>, _ family: Family) -> Int? {
        let (first, rest) = family.places
        var place = first
        var count = 0
        for byte in text {
            if place == first || place == rest { count += 1 }
            guard let step = steps[place].first(where: { $0.bytes.contains(byte) }) else { return nil }
            place = step.next
        }
        return place == rest ? count : nil
    }
}

/// Which states allow any word of a few characters, whichever it is.
struct PlainSearch {
    private struct Key: Hashable {
        let state: Int32
        let place: Int
    }

    /// The states that one character of a word leads to; nil where one leads nowhere.
    private var successors: [Key: [Int32]?] = [:]
    /// Beyond so many, what is known is forgotten.
    private static let capacity = 100_000

    /// Bytes that it takes, about.
    var bytes: Int {
        successors.capacity * (MemoryLayout<Key>.stride + MemoryLayout<[Int32]?>.stride) + successors.count * 40
    }

    /// The first family, and the largest of its bounds, such that every word of so many characters can be read from
    /// `state`, as an index of ``PlainTokens/levels``; nil for none. O(states that they reach), each of which is looked
    /// at once.
    mutating func level(_ state: Int32, in recognizer: Recognizer) throws(ConstraintError) -> Int? {
        for family in PlainTokens.Family.allCases {
            if let bound = try bound(state, family, in: recognizer) {
                return family.rawValue * PlainTokens.bounds.count + bound
            }
        }
        return nil
    }

    private mutating func bound(
        _ state: Int32, _ family: PlainTokens.Family, in recognizer: Recognizer
    ) throws(ConstraintError) -> Int? {
        let (first, rest) = family.places
        var frontier = [state]
        var reached: Int?
        for count in 1...PlainTokens.bounds[0] {
            var next: [Int32] = []
            for state in frontier {
                let key = Key(state: state, place: count == 1 ? first : rest)
                guard let states = try successors(of: key, upTo: rest, in: recognizer) else { return reached }
                for state in states where !next.contains(state) { next.append(state) }
            }
            // A grammar that tells so many words apart is not worth the search.
            guard next.count <= 16 else { return reached }
            if let index = PlainTokens.bounds.firstIndex(of: count) { reached = index }
            if count > 1, next.allSatisfy(frontier.contains) { return 0 }
            frontier = next
        }
        return reached
    }

    private mutating func successors(
        of key: Key, upTo rest: Int, in recognizer: Recognizer
    ) throws(ConstraintError) -> [Int32]? {
        if let known = successors[key] { return known }
        if successors.count >= Self.capacity { successors.removeAll() }
        var found: [Int32] = []
        var open = [(place: key.place, state: key.state)]
        var index = 0
        while index < open.count {
            let (place, state) = open[index]
            index += 1
            for step in PlainTokens.steps[place] {
                // Most bytes lead where the one before led.
                var before = Recognizer.unknownTarget
                for byte in step.bytes {
                    let target = try recognizer.step(state, byte)
                    guard target != before else { continue }
                    before = target
                    guard target != Recognizer.dead else {
                        successors[key] = .some(nil)
                        return nil
                    }
                    if step.next == rest {
                        if !found.contains(target) { found.append(target) }
                    } else if !open.contains(where: { $0.place == step.next && $0.state == target }) {
                        open.append((step.next, target))
                    }
                }
            }
        }
        successors[key] = .some(found)
        return found
    }
}
