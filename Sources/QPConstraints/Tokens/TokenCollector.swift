import QPCore

/// Collects a set of tokens while a trie is walked, and hands it over in its smallest form.
struct TokenCollector: ~Copyable {
    private let vocabularySize: Int
    /// One bit a token; all clear between sets.
    private let words: UnsafeMutablePointer<UInt32>
    private let wordCount: Int
    /// The first ids collected, in the order they came: all of them while ``isListed``.
    private let list: UnsafeMutablePointer<UInt32>
    private var isListed = true
    private static let listCapacity = 96
    private(set) var count = 0

    init(vocabularySize: Int) {
        self.vocabularySize = vocabularySize
        wordCount = (vocabularySize + 31) / 32
        words = .allocate(capacity: wordCount)
        words.update(repeating: 0, count: wordCount)
        list = .allocate(capacity: Self.listCapacity)
    }

    deinit {
        words.deallocate()
        list.deallocate()
    }

    /// Adds `token`. O(1).
    @inline(__always)
    mutating func insert(_ token: UInt32) {
        let word = words[Int(token >> 5)]
        let bit: UInt32 = 1 << (token & 31)
        guard word & bit == 0 else { return }
        words[Int(token >> 5)] = word | bit
        if count < Self.listCapacity { list[count] = token } else { isListed = false }
        count += 1
    }

    /// Adds every token of `mask`, `⌈V/32⌉` words. O(V/32).
    mutating func insert(mask: UnsafePointer<UInt32>) {
        var total = 0
        for index in 0..<wordCount {
            let word = words[index] | mask[index]
            total += word.nonzeroBitCount
            words[index] = word
        }
        if total != count { isListed = false }
        count = total
    }

    /// Adds every token of `set`. O(V/32 + K).
    mutating func insert(_ set: AllowedTokens) {
        switch set.form {
        case .ids(let list): for id in list { insert(id) }
        case .mask(let mask): mask.withUnsafeBufferPointer { insert(mask: $0.baseAddress!) }
        case .complement:
            let mask = set.mask
            mask.words.withUnsafeBufferPointer { insert(mask: $0.baseAddress!) }
        }
    }

    /// Takes `token` out. O(1).
    @inline(__always)
    mutating func remove(_ token: UInt32) {
        let word = words[Int(token >> 5)]
        let bit: UInt32 = 1 << (token & 31)
        guard word & bit != 0 else { return }
        words[Int(token >> 5)] = word & ~bit
        count -= 1
        isListed = false
    }

    /// Forgets what was collected: an answer that was given up must not show in the next one. O(1) if it is empty.
    mutating func removeAll() {
        guard count > 0 || !isListed else { return }
        words.update(repeating: 0, count: wordCount)
        count = 0
        isListed = true
    }

    /// The set collected; the collector is empty afterwards. O(K log K) for a few tokens, O(V/32 + K) for more.
    mutating func finish() -> AllowedTokens {
        defer {
            count = 0
            isListed = true
        }
        let form: AllowedTokens.Form
        if isListed, count <= wordCount {
            var ids = Array(UnsafeBufferPointer(start: list, count: count))
            for id in ids { words[Int(id >> 5)] = 0 }
            ids.sort()
            form = .ids(ids)
        } else {
            form =
                if count <= wordCount {
                    .ids(ids(of: count, inverted: false))
                } else if vocabularySize - count <= wordCount {
                    .complement(ids(of: vocabularySize - count, inverted: true))
                } else {
                    .mask(Array(UnsafeBufferPointer(start: words, count: wordCount)))
                }
            words.update(repeating: 0, count: wordCount)
        }
        return AllowedTokens(form: form, count: count, vocabularySize: vocabularySize)
    }

    private func ids(of count: Int, inverted: Bool) -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<wordCount {
                var word = inverted ? ~words[index] : words[index]
                while word != 0 {
                    let id = index * 32 + word.trailingZeroBitCount
                    // Only the last word has bits beyond the vocabulary.
                    guard id < vocabularySize else { break }
                    buffer[initialized] = UInt32(id)
                    initialized += 1
                    word &= word - 1
                }
            }
        }
    }
}
