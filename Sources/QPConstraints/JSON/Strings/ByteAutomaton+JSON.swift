extension ByteAutomaton {
    /// The canonical spellings (``JSONSpelling``), inside a JSON string, of the texts whose UTF-8 this accepts.
    ///
    /// Characters are counted as before: an escape is one. O(states · classes); states grow by those inside escapes.
    func spelledInJSON() -> ByteAutomaton {
        let escaped = escapedClasses
        let isPlain = escaped.allSatisfy { escaped in
            (0..<stateCount).allSatisfy { transitions[$0 * classCount + Int(escaped.index)] == Self.dead }
        }
        if isPlain { return self }
        var spelled = SpelledAutomaton(self, escaped)
        return spelled.made()
    }

    /// The classes that have bytes which must be escaped, each with those bytes.
    fileprivate var escapedClasses: [(index: UInt8, bytes: [UInt8])] {
        var classes: [(index: UInt8, bytes: [UInt8])] = []
        for byte in JSONSpelling.escaped {
            if let known = classes.firstIndex(where: { $0.index == classOf[Int(byte)] }) {
                classes[known].bytes.append(byte)
            } else {
                classes.append((classOf[Int(byte)], [byte]))
            }
        }
        return classes
    }
}

/// Makes ``ByteAutomaton/spelledInJSON()``.
private struct SpelledAutomaton {
    /// Bytes that an escape is made of, each a class of its own.
    private static let letters = ByteSet("\"\\bfnrtu0123456789aAbBcCdDeEfF".utf8)

    let plain: ByteAutomaton
    /// Rows of ``classCount`` targets: first the states of ``plain``, then those inside escapes.
    private var transitions: [Int32] = []
    private var stateCount: Int
    private var classOf = [UInt8](repeating: 0, count: 256)
    private var classCount = 0
    /// A byte of each class.
    private var sample: [UInt8] = []
    private let escapedClasses: [(index: UInt8, bytes: [UInt8])]
    /// The state after the backslash by where the escaped characters of each such class lead.
    private var escapes: [[Int32]: Int32] = [:]

    init(_ plain: ByteAutomaton, _ escapedClasses: [(index: UInt8, bytes: [UInt8])]) {
        self.plain = plain
        self.escapedClasses = escapedClasses
        stateCount = plain.stateCount
        makeClasses()
    }

    /// Bytes are of one class if they were, and neither is a letter of an escape; control characters are of the class
    /// that leads nowhere.
    private mutating func makeClasses() {
        // By class of before, and one more for the control characters.
        var known = [UInt8?](repeating: nil, count: plain.classCount + 1)
        for byte in 0...255 as ClosedRange<UInt8> {
            let isLetter = Self.letters.contains(byte)
            let former = byte < 0x20 ? plain.classCount : Int(plain.classOf[Int(byte)])
            if !isLetter, let number = known[former] {
                classOf[Int(byte)] = number
                continue
            }
            if !isLetter { known[former] = UInt8(classCount) }
            classOf[Int(byte)] = UInt8(classCount)
            sample.append(byte)
            classCount += 1
        }
    }

    mutating func made() -> ByteAutomaton {
        let isSpelled = sample.map { JSONSpelling.isPlain($0) }
        let plainClasses = sample.map { Int(plain.classOf[Int($0)]) }
        transitions = [Int32](unsafeUninitializedCapacity: plain.stateCount * classCount) { table, count in
            for state in 0..<plain.stateCount {
                let row = state * plain.classCount
                for index in 0..<classCount {
                    table[state * classCount + index] =
                        isSpelled[index] ? plain.transitions[row + plainClasses[index]] : ByteAutomaton.dead
                }
            }
            count = plain.stateCount * classCount
        }
        for state in 0..<plain.stateCount where plain.isBoundary[state] {
            let row = state * plain.classCount
            let target = escape(escapedClasses.map { plain.transitions[row + Int($0.index)] })
            set(Int32(state), UInt8(ascii: "\\"), target)
        }
        let inside = [Bool](repeating: false, count: stateCount - plain.stateCount)
        return ByteAutomaton(
            classOf: classOf, classCount: classCount, transitions: transitions,
            isAccepting: plain.isAccepting + inside, isBoundary: plain.isBoundary + inside)
    }

    /// The state after a backslash, from which the escapes of each of ``escapedClasses`` lead to its target.
    private mutating func escape(_ targets: [Int32]) -> Int32 {
        guard targets.contains(where: { $0 != ByteAutomaton.dead }) else { return ByteAutomaton.dead }
        if let made = escapes[targets] { return made }
        let state = add()
        for (escaped, target) in zip(escapedClasses, targets) where target != ByteAutomaton.dead {
            for text in escaped.bytes.flatMap(JSONSpelling.escapes(of:)) {
                // Behind the backslash, along what is known already.
                var position = state
                for byte in text[1..<text.count - 1] {
                    var next = transitions[Int(position) * classCount + Int(classOf[Int(byte)])]
                    if next == ByteAutomaton.dead {
                        next = add()
                        set(position, byte, next)
                    }
                    position = next
                }
                set(position, text[text.count - 1], target)
            }
        }
        escapes[targets] = state
        return state
    }

    private mutating func add() -> Int32 {
        transitions += [Int32](repeating: ByteAutomaton.dead, count: classCount)
        stateCount += 1
        return Int32(stateCount - 1)
    }

    private mutating func set(_ state: Int32, _ byte: UInt8, _ target: Int32) {
        transitions[Int(state) * classCount + Int(classOf[Int(byte)])] = target
    }
}
