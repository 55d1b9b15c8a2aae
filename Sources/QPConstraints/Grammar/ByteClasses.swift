/// A partition of the bytes into classes that nothing in a grammar tells apart.
struct ByteClasses {
    /// Class of each byte.
    private(set) var classOf = [UInt8](repeating: 0, count: 256)
    private(set) var count = 1

    /// Splits classes so that `set` is a union of them.
    mutating func refine(by set: ByteSet) {
        // The new class of an old one's members inside the set, once one is met; a class wholly inside keeps its own.
        var inside = [Int16](repeating: -1, count: count)
        var outside = [Bool](repeating: false, count: count)
        for byte in 0..<256 where !set.contains(UInt8(byte)) { outside[Int(classOf[byte])] = true }
        for byte in 0..<256 where set.contains(UInt8(byte)) {
            let old = Int(classOf[byte])
            guard outside[old] else { continue }
            if inside[old] < 0 {
                inside[old] = Int16(count)
                count += 1
            }
            classOf[byte] = UInt8(inside[old])
        }
    }

    /// Splits classes so that bytes of different classes of `other` are in different ones.
    mutating func refine(by other: [UInt8]) {
        var pairs: [Int: UInt8] = [:]
        var refined = classOf
        for byte in 0..<256 {
            let pair = Int(classOf[byte]) << 8 | Int(other[byte])
            if let known = pairs[pair] {
                refined[byte] = known
            } else {
                refined[byte] = UInt8(pairs.count)
                pairs[pair] = refined[byte]
            }
        }
        classOf = refined
        count = pairs.count
    }

    /// Makes each byte of `bytes` a class of its own.
    mutating func separate(_ bytes: ByteSet) {
        var members = [Int](repeating: 0, count: count)
        for value in classOf { members[Int(value)] += 1 }
        for byte in 0..<256 where bytes.contains(UInt8(byte)) {
            let old = Int(classOf[byte])
            guard members[old] > 1 else { continue }
            members[old] -= 1
            members.append(1)
            classOf[byte] = UInt8(count)
            count += 1
        }
    }

    /// One byte of each class.
    var representatives: [UInt8] {
        var found = [UInt8](repeating: 0, count: count)
        for byte in (0..<256).reversed() { found[Int(classOf[byte])] = UInt8(byte) }
        return found
    }
}
