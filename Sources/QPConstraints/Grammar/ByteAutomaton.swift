/// A deterministic automaton over bytes, trimmed: every state can be reached, and from every state but `dead` a text
/// can be completed.
///
/// States are `0..<stateCount`, 0 being ``start``; bytes are compressed into classes that no state tells apart.
public struct ByteAutomaton: Hashable, Sendable {
    /// The target of a transition that leaves the language.
    public static let dead: Int32 = -1
    public static let start = 0

    /// Class of each byte, 256 entries.
    public let classOf: [UInt8]
    public let classCount: Int
    /// `stateCount × classCount` targets, row-major; ``dead`` where no text continues.
    public let transitions: [Int32]
    public let isAccepting: [Bool]
    /// Whether a state stands between characters. A step that leaves such a state begins a character: what the
    /// bounds of ``GrammarBuilder/automaton(_:minimumCharacters:maximumCharacters:)`` count.
    public let isBoundary: [Bool]

    public var stateCount: Int { isAccepting.count }

    /// Whether it accepts no text. Then it has one state, from which nothing leads anywhere.
    public var isEmpty: Bool { !isAccepting.contains(true) }

    public init(
        classOf: [UInt8], classCount: Int, transitions: [Int32], isAccepting: [Bool], isBoundary: [Bool]
    ) {
        precondition(classOf.count == 256 && transitions.count == classCount * isAccepting.count)
        precondition(isBoundary.count == isAccepting.count && !isAccepting.isEmpty)
        self.classOf = classOf
        self.classCount = classCount
        self.transitions = transitions
        self.isAccepting = isAccepting
        self.isBoundary = isBoundary
    }

    /// Where `byte` leads from `state`, or ``dead``.
    public func next(_ state: Int32, _ byte: UInt8) -> Int32 {
        transitions[Int(state) * classCount + Int(classOf[Int(byte)])]
    }

    /// Whether `text` is in the language. O(n).
    public func accepts(_ text: some Sequence<UInt8>) -> Bool {
        var state: Int32 = 0
        for byte in text {
            state = next(state, byte)
            if state == Self.dead { return false }
        }
        return isAccepting[Int(state)]
    }
}
