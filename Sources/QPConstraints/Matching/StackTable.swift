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
    private var names = NameIndex()

    init() { frames.append(Frame(node: -1, count: 0, parent: 0)) }

    var bytes: Int { frames.bytes + names.bytes }

    @inline(__always)
    subscript(stack: Int32) -> Frame { frames[Int(stack)] }

    /// The stack of `frame` upon its parent. O(1).
    mutating func push(_ frame: Frame) -> Int32 {
        let hash = Self.hash(frame)
        var probe = names.probe(hash)
        while let name = names.next(&probe) {
            if frames[Int(name)] == frame { return name }
        }
        let name = Int32(frames.count)
        frames.append(frame)
        names.insert(name, hash)
        return name
    }

    @inline(__always)
    private static func hash(_ frame: Frame) -> UInt64 {
        let upper = UInt64(UInt32(bitPattern: frame.node)) << 32 | UInt64(UInt32(bitPattern: frame.parent))
        return mixed(upper ^ UInt64(UInt32(bitPattern: frame.count)) &* 0x9E37_79B9_7F4A_7C15)
    }
}
