extension ByteClasses {
    /// The classes that none of `sets` tells apart. O(256 · sets), sets that are alike counted once.
    init(_ sets: [ByteSet]) {
        self.init()
        for set in Set(sets) { refine(by: set) }
    }

    /// The classes that make up `set`, which must be a union of classes.
    func classes(of set: ByteSet) -> [Int32] {
        var isMember = [Bool](repeating: false, count: count)
        for byte in 0..<256 where set.contains(UInt8(byte)) { isMember[Int(classOf[byte])] = true }
        return isMember.indices.filter { isMember[$0] }.map { Int32($0) }
    }
}
