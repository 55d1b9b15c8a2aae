/// A set of allowed tokens, packed as grammar engines exchange it.
///
/// 32-bit words, least significant bit first, 1 = allowed: the layout of xgrammar, llguidance and vLLM. Bits at
/// or above V are not part of the set: every initialiser clears them, so a count is a count of real tokens.
///
/// ```swift
/// let mask = try TokenMask(allowing: [3, 40], vocabularySize: 64)
/// mask.words        // [8, 256]
/// mask.count        // 2
/// ```
public struct TokenMask: Hashable, Sendable {
    /// V.
    public let vocabularySize: Int
    /// `⌈V/32⌉` words.
    public private(set) var words: [UInt32]

    /// The set of `tokens`, in any order; duplicates count once. O(V/32 + n).
    /// - Throws: ``TokenSetError/outOfRange(token:vocabularySize:)`` for an id outside `0..<V`.
    public init(allowing tokens: some Sequence<Int>, vocabularySize: Int) throws(TokenSetError) {
        self.vocabularySize = vocabularySize
        words = [UInt32](repeating: 0, count: (vocabularySize + 31) / 32)
        for token in tokens {
            guard (0..<vocabularySize).contains(token) else {
                throw .outOfRange(token: token, vocabularySize: vocabularySize)
            }
            words[token >> 5] |= 1 << UInt32(token & 31)
        }
    }

    /// The set in `words`, which another engine packed. Bits at or above V are ignored.
    /// - Throws: ``TokenSetError/tooFewWords(given:needed:vocabularySize:)`` when `words` cannot hold V bits: a mask
    ///   narrower than the vocabulary would leave the remaining tokens unconstrained.
    public init(words: some Sequence<UInt32>, vocabularySize: Int) throws(TokenSetError) {
        let needed = (vocabularySize + 31) / 32
        var kept = Array(words)
        guard kept.count >= needed else {
            throw .tooFewWords(given: kept.count, needed: needed, vocabularySize: vocabularySize)
        }
        kept.removeSubrange(needed...)
        if vocabularySize % 32 != 0 { kept[needed - 1] &= (1 << UInt32(vocabularySize % 32)) - 1 }
        self.vocabularySize = vocabularySize
        self.words = kept
    }

    /// The set of a list that must be what plans take: ascending, each id once, all in `0..<V`. O(V/32 + n).
    /// - Throws: ``TokenSetError`` `tooMany`, `outOfRange`, `duplicate` or `unsorted`, for the first id at fault.
    public init(ascending tokens: [Int], vocabularySize: Int) throws(TokenSetError) {
        guard tokens.count <= vocabularySize else {
            throw .tooMany(count: tokens.count, vocabularySize: vocabularySize)
        }
        var previous = -1
        for token in tokens {
            guard (0..<vocabularySize).contains(token) else {
                throw .outOfRange(token: token, vocabularySize: vocabularySize)
            }
            guard token != previous else { throw .duplicate(token: token) }
            guard token > previous else { throw .unsorted(token: token, after: previous) }
            previous = token
        }
        try self.init(allowing: tokens, vocabularySize: vocabularySize)
    }

    /// Every token of the vocabulary.
    public static func all(vocabularySize: Int) -> TokenMask {
        let words = repeatElement(UInt32.max, count: (vocabularySize + 31) / 32)
        // Cannot throw: the word count is right by construction.
        return (try? TokenMask(words: words, vocabularySize: vocabularySize))!
    }

    /// K, the number of allowed tokens. O(V/32).
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether `token` is allowed; ids outside the vocabulary are not.
    public func contains(_ token: Int) -> Bool {
        (0..<vocabularySize).contains(token) && words[token >> 5] >> UInt32(token & 31) & 1 == 1
    }

    /// The allowed ids, ascending. O(V/32 + K).
    public var tokens: [UInt32] {
        var ids: [UInt32] = []
        ids.reserveCapacity(count)
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                ids.append(UInt32(index * 32 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return ids
    }
}

/// An allowed set that cannot be served as given.
public enum TokenSetError: Error, Equatable, CustomStringConvertible {
    /// An id does not name a row of W.
    case outOfRange(token: Int, vocabularySize: Int)
    /// The packed mask is narrower than the vocabulary.
    case tooFewWords(given: Int, needed: Int, vocabularySize: Int)
    /// More ids than rows: K > V.
    case tooMany(count: Int, vocabularySize: Int)
    /// An id stands twice in a list; the runner-up of a step would be the winner itself.
    case duplicate(token: Int)
    /// A list is not ascending, the order in which every plan visits rows.
    case unsorted(token: Int, after: Int)
    /// Nothing is allowed, so there is no token to give.
    case empty(batchRow: Int)

    /// What failed, with which values, and what to try.
    public var description: String {
        switch self {
        case .outOfRange(let token, let vocabularySize):
            "allowed token \(token) is outside the vocabulary 0..<\(vocabularySize); "
                + "check that mask and head belong to the same model"
        case .tooFewWords(let given, let needed, let vocabularySize):
            "the packed mask has \(given) words but a vocabulary of \(vocabularySize) needs \(needed); "
                + "a narrower mask would leave the rest unconstrained, so it is refused"
        case .tooMany(let count, let vocabularySize):
            "\(count) allowed tokens are given for a vocabulary of \(vocabularySize); give each id once"
        case .duplicate(let token):
            "allowed token \(token) is given twice; give each id once"
        case .unsorted(let token, let after):
            "allowed token \(token) follows \(after); sort the ids ascending, or give a mask"
        case .empty(let batchRow):
            "no token is allowed in batch row \(batchRow); the constraint has reached a dead end before the head runs"
        }
    }
}
