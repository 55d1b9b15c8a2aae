/// The scalars in classes that none of some sets tells apart; scalars in none of them belong to no class.
struct ScalarClasses {
    /// Ascending and disjoint, each within one class.
    private(set) var intervals: [(range: ClosedRange<UInt32>, symbols: Int32)] = []
    private(set) var count = 0
    /// Per set, the classes that make it up.
    private(set) var classesOfSet: [[Int32]]

    /// - Complexity: O(n · (log n + sets / 64)) for n ranges in all.
    init(_ sets: [ScalarSet], _ budget: CompileBudget) throws(ConstraintError) {
        var events: [(scalar: UInt32, set: Int)] = []
        for (index, set) in sets.enumerated() {
            try budget.tick(set.ranges.count)
            for range in set.ranges {
                events.append((range.lowerBound, index))
                events.append((range.upperBound + 1, index))
            }
        }
        events.sort { $0.scalar < $1.scalar }
        // Bit s of the signature says whether the scalars from here on are in set s.
        var signature = [UInt64](repeating: 0, count: (sets.count + 63) / 64)
        let outside = signature
        var classOf: [[UInt64]: Int32] = [:]
        classesOfSet = [[Int32]](repeating: [], count: sets.count)
        var next = 0
        while next < events.count {
            let low = events[next].scalar
            while next < events.count, events[next].scalar == low {
                signature[events[next].set / 64] ^= 1 << UInt64(events[next].set % 64)
                next += 1
            }
            guard next < events.count, signature != outside else { continue }
            try budget.tick(signature.count)
            let symbols: Int32
            if let known = classOf[signature] {
                symbols = known
            } else {
                symbols = Int32(count)
                classOf[signature] = symbols
                count += 1
                for set in sets.indices where signature[set / 64] >> UInt64(set % 64) & 1 == 1 {
                    classesOfSet[set].append(symbols)
                }
            }
            intervals.append((low...(events[next].scalar - 1), symbols))
        }
    }
}
