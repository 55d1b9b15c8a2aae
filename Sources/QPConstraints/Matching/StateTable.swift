/// One way to read the text so far: the node that waits for a byte, and the stack to return by.
struct Configuration: BitwiseCopyable {
    let key: UInt64

    init(key: UInt64) { self.key = key }

    @inline(__always)
    init(node: Int32, stack: Int32) {
        key = UInt64(UInt32(bitPattern: node)) << 32 | UInt64(UInt32(bitPattern: stack))
    }

    var node: Int32 { Int32(truncatingIfNeeded: key >> 32) }
    var stack: Int32 { Int32(truncatingIfNeeded: key) }

    /// Complete, with nothing left to return to: the end's node upon the empty stack.
    static let complete = Configuration(key: 0)
}

/// All states of one recognizer: sets of configurations, ascending, in which equal sets have equal names.
struct StateTable: ~Copyable {
    struct Record: BitwiseCopyable {
        var first: Int32
        var count: Int32
        /// Its transitions, by byte class; nil until one is asked for.
        var row: UnsafeMutablePointer<Int32>?
        /// The only byte that it reads, or −1: such states, of which literals are made, have no row.
        var only: Int32 = -1
        /// Where that byte leads.
        var target: Int32 = Recognizer.unknownTarget
    }

    private(set) var records = Arena<Record>(capacity: 256)
    private(set) var configurations = Arena<UInt64>(capacity: 512)
    private var names = NameIndex()

    var count: Int { records.count }
    var bytes: Int { records.bytes + configurations.bytes + names.bytes }

    /// The name of the set whose ascending keys are `keys`, of which there is at least one. O(n).
    /// - Returns: nil for a new set while `limit` sets are known already.
    mutating func name(of keys: UnsafePointer<UInt64>, count: Int, limit: Int) -> Int32? {
        let hash = Self.hash(keys, count)
        var probe = names.probe(hash)
        while let name = names.next(&probe) {
            let record = records[Int(name)]
            if Int(record.count) == count, equal(configurations.base + Int(record.first), keys, count) { return name }
        }
        guard records.count < limit else { return nil }
        let name = Int32(records.count)
        records.append(Record(first: Int32(configurations.count), count: Int32(count)))
        configurations.append(from: keys, count: count)
        names.insert(name, hash)
        return name
    }

    @inline(__always)
    private func equal(_ left: UnsafePointer<UInt64>, _ right: UnsafePointer<UInt64>, _ count: Int) -> Bool {
        for index in 0..<count where left[index] != right[index] { return false }
        return true
    }

    @inline(__always)
    private static func hash(_ keys: UnsafePointer<UInt64>, _ count: Int) -> UInt64 {
        var hash: UInt64 = 0
        for index in 0..<count { hash = mixed(hash ^ keys[index]) }
        return hash
    }
}
