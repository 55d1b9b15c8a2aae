#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A growing run of plain values, addressed by index and never moved while it does not grow.
///
/// What the matcher's inner loops read: an array without the checks of exclusive access and of shared storage.
struct Arena<Element: BitwiseCopyable>: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private(set) var capacity: Int

    init(capacity: Int = 64) {
        self.capacity = capacity
        let bytes = capacity * MemoryLayout<Element>.stride
        guard let memory = malloc(bytes) else { fatalError("no memory for \(bytes) bytes") }
        base = memory.assumingMemoryBound(to: Element.self)
    }

    deinit { free(base) }

    var bytes: Int { capacity * MemoryLayout<Element>.stride }

    subscript(index: Int) -> Element {
        @inline(__always) get { base[index] }
        @inline(__always) nonmutating set { base[index] = newValue }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow(to: count + 1) }
        base[count] = element
        count += 1
    }

    /// Appends `count` times `element`.
    mutating func append(repeating element: Element, count added: Int) {
        if count + added > capacity { grow(to: count + added) }
        (base + count).update(repeating: element, count: added)
        count += added
    }

    mutating func append(from source: UnsafePointer<Element>, count added: Int) {
        if count + added > capacity { grow(to: count + added) }
        (base + count).update(from: source, count: added)
        count += added
    }

    @inline(__always)
    mutating func removeLast() -> Element {
        count -= 1
        return base[count]
    }

    mutating func removeAll() { count = 0 }

    private mutating func grow(to needed: Int) {
        capacity = max(needed, capacity * 2)
        // Large runs are not copied: their pages are given another address.
        guard let moved = realloc(base, bytes) else { fatalError("no memory for \(bytes) bytes") }
        base = moved.assumingMemoryBound(to: Element.self)
    }
}

/// Mixes 64 bits so that the low ones depend on all (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014: the finaliser, with Stafford's constants).
@inline(__always)
func mixed(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
}
