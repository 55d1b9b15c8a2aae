/// Memory for the rows of a transition table. A row never moves, and no other one is copied to make it.
struct RowStore: ~Copyable {
    private var blocks: [UnsafeMutablePointer<Int32>] = []
    private var free: UnsafeMutablePointer<Int32>?
    private var room = 0
    /// Entries of the next block; small grammars need little.
    private var size = Self.first
    private static let first = 1024
    private static let largest = 1 << 16

    /// Bytes that all rows take.
    private(set) var bytes = 0

    deinit { for block in blocks { block.deallocate() } }

    /// A row of `count` entries, all `value`. O(count).
    mutating func make(_ count: Int, repeating value: Int32) -> UnsafeMutablePointer<Int32> {
        if room < count || free == nil {
            let block = UnsafeMutablePointer<Int32>.allocate(capacity: max(size, count))
            blocks.append(block)
            free = block
            room = max(size, count)
            bytes += room * MemoryLayout<Int32>.stride
            size = min(size * 2, Self.largest)
        }
        let row = free!
        row.update(repeating: value, count: count)
        free = row + count
        room -= count
        return row
    }

    /// Gives all rows up.
    mutating func removeAll() {
        for block in blocks { block.deallocate() }
        blocks.removeAll()
        free = nil
        room = 0
        bytes = 0
        size = Self.first
    }
}
