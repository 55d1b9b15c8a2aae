public import QPCore

/// The tokens that may come next, in whichever of three forms is the smallest.
///
/// A view: copying it copies no list.
public struct AllowedTokens: Sendable {
    /// How the set is held. Ids are ascending, each once.
    public enum Form: Sendable {
        /// Exactly these ids.
        case ids([UInt32])
        /// All ids of the vocabulary but these.
        case complement([UInt32])
        /// `⌈V/32⌉` words, least significant bit first, 1 = allowed; bits at or above V are 0.
        case mask([UInt32])
    }

    public let form: Form
    /// K.
    public let count: Int
    /// V.
    public let vocabularySize: Int

    /// The set that another engine packed; see ``QPCore/TokenMask/init(words:vocabularySize:)``. O(V/32 + K).
    public init(_ mask: TokenMask) {
        var collector = TokenCollector(vocabularySize: mask.vocabularySize)
        mask.words.withUnsafeBufferPointer { words in
            guard let words = words.baseAddress else { return }
            collector.insert(mask: words)
        }
        self = collector.finish()
    }

    init(form: Form, count: Int, vocabularySize: Int) {
        self.form = form
        self.count = count
        self.vocabularySize = vocabularySize
    }

    /// K = 1: the token is decided.
    public var isForced: Bool { count == 1 }

    /// Bytes that the form takes.
    public var bytes: Int {
        switch form {
        case .ids(let list), .complement(let list), .mask(let list): list.count * 4
        }
    }

    /// Whether `token` is allowed; ids outside the vocabulary are not. O(log n) for lists, O(1) for a mask.
    public func contains(_ token: Int) -> Bool {
        guard (0..<vocabularySize).contains(token) else { return false }
        switch form {
        case .ids(let list): return Self.contains(list, UInt32(token))
        case .complement(let list): return !Self.contains(list, UInt32(token))
        case .mask(let words): return words[token >> 5] >> UInt32(token & 31) & 1 == 1
        }
    }

    /// Writes the set into `words`, as xgrammar, llguidance and vLLM exchange it: 32-bit words, least significant bit
    /// first, 1 = allowed. Words beyond `⌈V/32⌉`, if there are any, are cleared: what the vocabulary does not have is
    /// not allowed. O(V/32 + K).
    /// - Precondition: `words` holds at least V bits.
    public func fill(_ words: UnsafeMutableBufferPointer<UInt32>) {
        let needed = (vocabularySize + 31) / 32
        precondition(words.count >= needed, "\(words.count) words cannot hold \(vocabularySize) bits")
        switch form {
        case .ids(let list):
            words.update(repeating: 0)
            for id in list { words[Int(id >> 5)] |= 1 << (id & 31) }
        case .complement(let list):
            words.update(repeating: 0)
            for index in 0..<needed { words[index] = .max }
            if vocabularySize % 32 != 0 { words[needed - 1] = (1 << UInt32(vocabularySize % 32)) - 1 }
            for id in list { words[Int(id >> 5)] &= ~(1 << (id & 31)) }
        case .mask(let mask):
            mask.withUnsafeBufferPointer { words.baseAddress!.update(from: $0.baseAddress!, count: needed) }
            for index in needed..<words.count { words[index] = 0 }
        }
    }

    /// The same for engines whose words are signed.
    public func fill(_ words: UnsafeMutableBufferPointer<Int32>) {
        words.withMemoryRebound(to: UInt32.self) { fill($0) }
    }

    /// The set as the planner takes it. O(V/32 + K).
    public var mask: TokenMask {
        var words = [UInt32](repeating: 0, count: (vocabularySize + 31) / 32)
        words.withUnsafeMutableBufferPointer { fill($0) }
        // Cannot throw: the word count is right by construction.
        return (try? TokenMask(words: words, vocabularySize: vocabularySize))!
    }

    /// The allowed ids, ascending. O(V/32 + K) unless they are held as a list.
    public var tokens: [UInt32] { if case .ids(let list) = form { list } else { mask.tokens } }

    private static func contains(_ list: [UInt32], _ id: UInt32) -> Bool {
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < list.count && list[low] == id
    }
}
