/// Finds names by the hash of what they stand for: an open-addressing table of plain words.
///
/// Growing moves words without a look at what they stand for: a few nanoseconds a name.
struct NameIndex: ~Copyable {
    /// Names whose hashes agree with one that is looked for, as far as the table keeps them.
    struct Probe {
        fileprivate let tag: UInt32
        fileprivate var slot: Int
    }

    /// The upper half of the hash and the name plus one; 0 for an empty place.
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask: Int
    private var count = 0

    init(capacity: Int = 512) {
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.update(repeating: 0, count: capacity)
    }

    deinit { slots.deallocate() }

    var bytes: Int { (mask + 1) * MemoryLayout<UInt64>.stride }

    @inline(__always)
    func probe(_ hash: UInt64) -> Probe {
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        return Probe(tag: tag, slot: Int(tag) & mask)
    }

    /// The next name that may be the one; nil when there is none left.
    @inline(__always)
    func next(_ probe: inout Probe) -> Int32? {
        while true {
            let entry = slots[probe.slot]
            if entry == 0 { return nil }
            probe.slot = (probe.slot + 1) & mask
            if UInt32(truncatingIfNeeded: entry >> 32) == probe.tag {
                return Int32(truncatingIfNeeded: entry & 0xFFFF_FFFF) - 1
            }
        }
    }

    /// Adds `name`, not negative, which no probe of `hash` has found. O(1), a pass over the table now and then.
    mutating func insert(_ name: Int32, _ hash: UInt64) {
        count += 1
        if count * 4 > mask * 3 { grow() }
        put(hash & 0xFFFF_FFFF_0000_0000 | UInt64(name + 1))
    }

    private func put(_ entry: UInt64) {
        var slot = Int(entry >> 32) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = entry
    }

    private mutating func grow() {
        let old = slots
        let oldCount = mask + 1
        mask = mask * 2 + 1
        slots = .allocate(capacity: mask + 1)
        slots.update(repeating: 0, count: mask + 1)
        for slot in 0..<oldCount where old[slot] != 0 { put(old[slot]) }
        old.deallocate()
    }
}
