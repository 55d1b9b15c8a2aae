public import QPCore
public import QPPlanner

extension IndexPattern {
    /// Neighbours in one run of a clustered set.
    static let clusterLength = 32

    /// K distinct ids of 0..<V in this pattern. O(V/32 + K).
    public func tokens(
        _ K: Int, vocabularySize V: Int, using generator: inout PhiloxGenerator
    ) -> TokenMask {
        precondition((1...V).contains(K), "K lies in 1…V")
        var words = [UInt32](repeating: 0, count: (V + 31) / 32)
        func take(_ id: Int) -> Bool {
            let bit: UInt32 = 1 << UInt32(id & 31)
            defer { words[id >> 5] |= bit }
            return words[id >> 5] & bit == 0
        }
        switch self {
        case .contiguous:
            let first = Int.random(in: 0...(V - K), using: &generator)
            for id in first..<(first + K) { _ = take(id) }
        case .uniform:
            // Above half it is quicker to draw the ids that stay out.
            let drawn = min(K, V - K)
            var count = 0
            while count < drawn { count += take(Int.random(in: 0..<V, using: &generator)) ? 1 : 0 }
            if K > V / 2 { for index in words.indices { words[index] = ~words[index] } }
        case .clustered:
            var count = 0
            while count < K {
                // Runs begin anywhere; one that meets taken ids goes on behind them.
                var id = Int.random(in: 0..<V, using: &generator)
                var left = min(Self.clusterLength, K - count)
                while left > 0 {
                    if take(id) {
                        left -= 1
                        count += 1
                    }
                    id = id + 1 == V ? 0 : id + 1
                }
            }
        }
        // Cannot throw: the word count fits by construction.
        return (try? TokenMask(words: words, vocabularySize: V))!
    }
}
