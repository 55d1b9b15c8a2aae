/// Which byte ranges of one memory block are free: first fit, neighbours merged on release.
///
/// Pure bookkeeping; the block itself belongs to ``MemoryAllocator``. O(n) in the number of free ranges, which
/// stays small: a head makes tens of allocations, not thousands.
struct FreeList {
    let byteCount: Int
    /// Free ranges, ascending, never empty and never adjacent.
    private(set) var free: [Range<Int>]

    init(byteCount: Int) {
        self.byteCount = byteCount
        free = byteCount > 0 ? [0..<byteCount] : []
    }

    var isUnused: Bool { free == [0..<byteCount] }

    /// Takes `byteCount` bytes at a multiple of `alignment`; nil when no free range holds them.
    mutating func take(byteCount: Int, alignment: Int) -> Range<Int>? {
        for (index, range) in free.enumerated() {
            let start = (range.lowerBound + alignment - 1) / alignment * alignment
            guard start + byteCount <= range.upperBound else { continue }
            let taken = start..<(start + byteCount)
            let rest = [range.lowerBound..<start, taken.upperBound..<range.upperBound].filter { !$0.isEmpty }
            free.replaceSubrange(index...index, with: rest)
            return taken
        }
        return nil
    }

    /// Gives back a range that `take` returned.
    mutating func release(_ range: Range<Int>) {
        var merged = range
        let next = free.firstIndex { $0.lowerBound >= range.upperBound } ?? free.endIndex
        var replaced = next..<next
        if next > free.startIndex, free[next - 1].upperBound == merged.lowerBound {
            merged = free[next - 1].lowerBound..<merged.upperBound
            replaced = (next - 1)..<replaced.upperBound
        }
        if next < free.endIndex, free[next].lowerBound == merged.upperBound {
            merged = merged.lowerBound..<free[next].upperBound
            replaced = replaced.lowerBound..<(next + 1)
        }
        free.replaceSubrange(replaced, with: [merged])
    }
}
