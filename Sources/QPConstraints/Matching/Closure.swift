/// The work of one step: what is still to be followed, and what has been found.
struct Closure: ~Copyable {
    /// Keys of the configurations found, unordered until ``sortFound()``.
    private(set) var found = Arena<UInt64>(capacity: 32)
    private var open = Arena<UInt64>(capacity: 32)
    /// Everything met since ``begin()``: a table of keys, valid where the stamp is the current one.
    private var seen: UnsafeMutablePointer<UInt64>
    private var stamps: UnsafeMutablePointer<UInt32>
    private var stamp: UInt32 = 0
    private var mask = 63
    /// How much has been followed since ``begin()``.
    private(set) var seenCount = 0

    init() {
        seen = .allocate(capacity: mask + 1)
        stamps = .allocate(capacity: mask + 1)
        stamps.update(repeating: 0, count: mask + 1)
    }

    deinit {
        seen.deallocate()
        stamps.deallocate()
    }

    mutating func begin() {
        found.removeAll()
        open.removeAll()
        seenCount = 0
        stamp &+= 1
        if stamp == 0 {
            stamps.update(repeating: 0, count: mask + 1)
            stamp = 1
        }
    }

    /// Has `node` upon `stack` followed, unless it was.
    @inline(__always)
    mutating func visit(_ node: Int32, _ stack: Int32) {
        let key = Configuration(node: node, stack: stack).key
        if insert(key) { open.append(key) }
    }

    @inline(__always)
    mutating func next() -> Configuration? {
        open.count == 0 ? nil : Configuration(key: open.removeLast())
    }

    mutating func find(_ configuration: Configuration) { found.append(configuration.key) }

    /// Notes that `stack` is an iteration that has read nothing yet.
    mutating func markFresh(_ stack: Int32) { _ = insert(Self.fresh(stack)) }

    func isFresh(_ stack: Int32) -> Bool {
        let key = Self.fresh(stack)
        var slot = Int(truncatingIfNeeded: mixed(key)) & mask
        while stamps[slot] == stamp {
            if seen[slot] == key { return true }
            slot = (slot + 1) & mask
        }
        return false
    }

    /// The key of no node upon `stack`.
    private static func fresh(_ stack: Int32) -> UInt64 { Configuration(node: -1, stack: stack).key }

    /// Puts the keys found in ascending order.
    mutating func sortFound() {
        let count = found.count
        guard count > 24 else {
            for index in stride(from: 1, to: count, by: 1) {
                let key = found[index]
                var place = index
                while place > 0, found[place - 1] > key {
                    found[place] = found[place - 1]
                    place -= 1
                }
                found[place] = key
            }
            return
        }
        var keys = UnsafeMutableBufferPointer(start: found.base, count: count)
        keys.sort()
    }

    private mutating func insert(_ key: UInt64) -> Bool {
        var slot = Int(truncatingIfNeeded: mixed(key)) & mask
        while stamps[slot] == stamp {
            if seen[slot] == key { return false }
            slot = (slot + 1) & mask
        }
        stamps[slot] = stamp
        seen[slot] = key
        seenCount += 1
        if seenCount * 2 > mask { grow() }
        return true
    }

    private mutating func grow() {
        let keys = (0...mask).filter { stamps[$0] == stamp }.map { seen[$0] }
        seen.deallocate()
        stamps.deallocate()
        mask = mask * 2 + 1
        seen = .allocate(capacity: mask + 1)
        stamps = .allocate(capacity: mask + 1)
        stamps.update(repeating: 0, count: mask + 1)
        stamp = 1
        for key in keys {
            var slot = Int(truncatingIfNeeded: mixed(key)) & mask
            while stamps[slot] == stamp { slot = (slot + 1) & mask }
            stamps[slot] = stamp
            seen[slot] = key
        }
    }
}
