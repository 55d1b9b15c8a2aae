import Synchronization

/// What a vocabulary's tokens are to endless repetitions of one prefix-free code, such as the characters of a JSON
/// string: how many of them each token begins, and which tokens leave the repetition on the way.
///
/// A token lies *inside* when all of it is read by repetitions, the last of which may be incomplete. It *leaves* when,
/// after at least one repetition, its next byte cannot begin another one; what follows is its rest. Both hold whatever
/// stands around the repetition and whatever its bounds are, so they are worked out once for a vocabulary: between two
/// characters of a string, the allowed tokens are then those inside that do not exceed the bound, and those whose
/// rests the surroundings allow, of which there are few.
final class RunProfile: Sendable {
    /// A token that leaves after `count` repetitions.
    struct Leaver: BitwiseCopyable {
        let token: UInt32
        let count: Int32
    }

    /// Rests as a tree; children of a node lie side by side.
    struct Rest {
        var byte: UInt8
        var children: Range<Int32>
        var leavers: Range<Int32>
    }

    /// Ids inside, by the number of repetitions begun.
    let inside: [UInt32]
    /// Those that begin at most n repetitions are `inside[..<insideEnd[n]]`.
    let insideEnd: [Int]
    /// The same as packed masks, for n = 0, 1, … while there is one; the last one stands for all that follow.
    let masks: [[UInt32]]
    /// The first bytes of rests that were looked for; a rest that begins otherwise is not here.
    let exits: ByteSet
    let rests: [Rest]
    let leavers: [Leaver]
    /// Whether no text of the unit begins another one, as its maker promised, as far as tokens showed. Where it does
    /// not hold, repetitions are not what is counted here, and the profile is of no use.
    let isCode: Bool
    /// Which nodes of the trie lead to a token that is not inside within some bound, by that bound.
    private let remainders = Mutex<[Int: [UInt64]]>([:])

    var largestCount: Int { insideEnd.count - 1 }

    /// Bytes that it takes.
    var bytes: Int {
        let words = masks.reduce(0) { $0 + $1.count } + inside.count
        let kept = remainders.withLock { $0.values.reduce(0) { $0 + $1.count } }
        return words * 4 + (insideEnd.count + kept) * 8 + rests.count * MemoryLayout<Rest>.stride
            + leavers.count * MemoryLayout<Leaver>.stride
    }

    init(
        inside: [UInt32], insideEnd: [Int], masks: [[UInt32]], exits: ByteSet, rests: [Rest], leavers: [Leaver],
        isCode: Bool
    ) {
        self.isCode = isCode
        self.inside = inside
        self.insideEnd = insideEnd
        self.masks = masks
        self.exits = exits
        self.rests = rests
        self.leavers = leavers
    }

    /// The nodes of `trie`, one bit each, that lead to a token that is not inside within `room` repetitions: what is
    /// left to be walked once those inside are known. A few bounds stand for all; nil where `room` is below them.
    func remainder(room: Int, in trie: TokenTrie) -> [UInt64]? {
        guard let bound = [largestCount, 16, 6].first(where: { $0 <= min(room, largestCount) })
        else { return nil }
        let mask = bound == largestCount ? masks[masks.count - 1] : masks[bound]
        return remainders.withLock { known in
            if let nodes = known[bound] { return nodes }
            let nodes = mask.withUnsafeBufferPointer { trie.nodesLeading(outside: $0) }
            known[bound] = nodes
            return nodes
        }
    }
}

/// The profiles of one vocabulary, by what their code reads; those used last are kept.
final class RunProfileCache: Sendable {
    private struct Entry {
        var profile: RunProfile
        var lastUse: Int
    }

    private struct Contents {
        var entries: [[UInt64]: Entry] = [:]
        var uses = 0
    }

    /// Enough for the codes of many grammars at once.
    static let capacity = 64
    private let contents = Mutex(Contents())

    /// Bytes that the profiles take.
    var bytes: Int { contents.withLock { $0.entries.values.reduce(0) { $0 + $1.profile.bytes } } }

    func profile(_ code: [UInt64]) -> RunProfile? {
        contents.withLock {
            $0.uses += 1
            $0.entries[code]?.lastUse = $0.uses
            return $0.entries[code]?.profile
        }
    }

    /// Keeps `profile` in place of the one that was not used for the longest time, if there is no room.
    func keep(_ profile: RunProfile, for code: [UInt64]) {
        contents.withLock {
            $0.uses += 1
            $0.entries[code] = Entry(profile: profile, lastUse: $0.uses)
            guard $0.entries.count > Self.capacity else { return }
            if let oldest = $0.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) { $0.entries[oldest.key] = nil }
        }
    }
}
