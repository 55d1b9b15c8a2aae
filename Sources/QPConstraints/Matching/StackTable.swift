/// Where to go on when a rule, an iteration or an automaton is complete, and what lies beneath.
struct Frame: BitwiseCopyable, Equatable {
    /// The node to go on at; a `loop` or `terminal` is the one that is being gone through.
    var node: Int32
    /// Iterations or characters begun.
    var count: Int32
    /// The stack beneath, 0 for none.
    var parent: Int32
}

/// All stacks of one recognizer, as a tree of frames in which equal stacks have equal names.
struct StackTable: ~Copyable {
    /// Frame 0 is the bottom.
    private(set) var frames = Arena<Frame>(capacity: 256)
    private var slots: UnsafeMutablePointer<Int32>
    private var mask: Int

    init() {
        mask = 511
        slots = .allocate(capacity: mask + 1)
        slots.update(repeating: -1, count: mask + 1)
        frames.append(Frame(node: -1, count: 0, parent: 0))
    }

    deinit { slots.deallocate() }

    var bytes: Int { frames.bytes + (mask + 1) * 4 }

    @inline(__always)
    subscript(stack: Int32) -> Frame { frames[Int(stack)] }

    /// The stack of `frame` upon its parent. O(1).
    mutating func push(_ frame: Frame) -> Int32 {
        var slot = hash(frame) & mask
        while slots[slot] >= 0 {
            if frames[Int(slots[slot])] == frame { return slots[slot] }
            slot = (slot + 1) & mask
        }
        let name = Int32(frames.count)
        frames.append(frame)
        slots[slot] = name
        if frames.count * 2 > mask { grow() }
        return name
    }

    private func hash(_ frame: Frame) -> Int {
        let upper = UInt64(UInt32(bitPattern: frame.node)) << 32 | UInt64(UInt32(bitPattern: frame.parent))
        return Int(truncatingIfNeeded: mixed(upper ^ UInt64(UInt32(bitPattern: frame.count)) &* 0x9E37_79B9_7F4A_7C15))
    }

    private mutating func grow() {
        slots.deallocate()
        mask = mask * 2 + 1
        slots = .allocate(capacity: mask + 1)
        slots.update(repeating: -1, count: mask + 1)
        for name in 1..<frames.count {
            var slot = hash(frames[name]) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(name)
        }
    }
}
