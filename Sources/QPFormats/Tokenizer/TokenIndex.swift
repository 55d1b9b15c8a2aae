/// Finds tokens by their bytes. Open addressing with a seeded hash, so that no choice of tokens makes it slow.
struct TokenIndex: Sendable {
    private struct Entry {
        var offset: Int
        var count: Int
        var token: Int32
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    /// The number of an entry plus one, or 0 where free; a power of two of them, at most half taken.
    private var slots: [UInt32]
    /// The bytes of the longest token.
    private(set) var longestByteCount = 0

    /// An index for at most `capacity` tokens.
    init(capacity: Int) {
        var slotCount = 2
        while slotCount < capacity * 2 { slotCount *= 2 }
        slots = Array(repeating: 0, count: slotCount)
    }

    /// Adds `token`; the last of those with the same bytes is the one that is found.
    mutating func insert(_ key: [UInt8], _ token: Int) {
        key.withUnsafeBufferPointer { key in
            let slot = slot(of: key)
            if slots[slot] > 0 {
                entries[Int(slots[slot]) - 1].token = Int32(token)
                return
            }
            entries.append(Entry(offset: bytes.count, count: key.count, token: Int32(token)))
            bytes.append(contentsOf: key)
            slots[slot] = UInt32(entries.count)
            longestByteCount = max(longestByteCount, key.count)
        }
    }

    /// The token of the bytes `key`.
    func token(_ key: UnsafeBufferPointer<UInt8>) -> Int32? {
        guard key.count <= longestByteCount, case let entry = slots[slot(of: key)], entry > 0 else { return nil }
        return entries[Int(entry) - 1].token
    }

    /// The slot that holds `key`, or the free one where it belongs.
    private func slot(of key: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(key))
        var slot = hasher.finalize() & (slots.count - 1)
        while slots[slot] > 0 {
            let entry = entries[Int(slots[slot]) - 1]
            if entry.count == key.count, bytes[entry.offset..<(entry.offset + entry.count)].elementsEqual(key) { break }
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }
}
