/// The strings that are none of finitely many: the keys that may stand beside the declared ones.
///
/// A string is followed along the trie of the others. Once a character leaves the trie, the string differs from all of
/// them whatever follows. So two automata over UTF-8 are enough, and what follows the first is a free string's tail,
/// which all such sets then share with the free string.
struct OtherStrings {
    /// The beginnings that leave the trie with their last character.
    let departures: ByteAutomaton
    /// The beginnings of the others that are none of them.
    let beginnings: ByteAutomaton

    /// Classes of the bytes that no other string has: ASCII, then what UTF-8 tells apart (Unicode 16, table 3-7).
    private enum Shape: UInt8, CaseIterable {
        case ascii, low, middle, high, lead2, leadE0, lead3, leadED, leadF0, lead4, leadF4, invalid

        init(_ byte: UInt8) {
            self =
                switch byte {
                case ..<0x80: .ascii
                case ..<0x90: .low
                case ..<0xA0: .middle
                case ..<0xC0: .high
                case 0xC2..<0xE0: .lead2
                case 0xE0: .leadE0
                case 0xED: .leadED
                case 0xE1..<0xF0: .lead3
                case 0xF0: .leadF0
                case 0xF1...0xF3: .lead4
                case 0xF4: .leadF4
                default: .invalid
                }
        }

        /// The state inside a character, or after it, that a byte of this class leads to from a boundary.
        var departure: Int32 {
            switch self {
            case .ascii: Inside.none
            case .lead2: Inside.one
            case .leadE0: Inside.afterE0
            case .lead3: Inside.two
            case .leadED: Inside.afterED
            case .leadF0: Inside.afterF0
            case .lead4: Inside.three
            case .leadF4: Inside.afterF4
            case .low, .middle, .high, .invalid: ByteAutomaton.dead
            }
        }
    }

    /// States of a character that has left the trie, by the bytes that it still needs; they stand after the root.
    private enum Inside {
        static let none: Int32 = 1, one: Int32 = 2, two: Int32 = 3, three: Int32 = 4
        static let afterE0: Int32 = 5, afterED: Int32 = 6, afterF0: Int32 = 7, afterF4: Int32 = 8
        static let count = 8

        /// Where the continuation bytes 80…8F, 90…9F and A0…BF lead.
        static let targets: [[Int32]] = [
            [-1, -1, -1], [none, none, none], [one, one, one], [two, two, two], [-1, -1, one], [one, one, -1],
            [-1, two, two], [two, -1, -1],
        ]
    }

    /// - Throws: ``ConstraintError`` with code `limit` when `others` have more bytes than an automaton may have states.
    init(than others: Set<[UInt8]>, budget: CompileBudget) throws(ConstraintError) {
        var classOf = (0...255 as ClosedRange<UInt8>).map { Shape($0).rawValue }
        var shapes = Shape.allCases
        for byte in ByteSet(others.joined()) {
            classOf[Int(byte)] = UInt8(shapes.count)
            shapes.append(Shape(byte))
        }
        var trie = Trie(shapes: shapes, classOf: classOf)
        for other in others.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            try budget.spend(other.count + 1)
            trie.insert(other)
            guard trie.stateCount <= budget.limits.automatonStates else {
                throw .limit(
                    "states for strings that are left out", budget.limits.automatonStates, field: "automatonStates")
            }
        }
        departures = trie.departures
        beginnings = trie.beginnings
    }

    /// State 0 is the root, then come those of ``Inside``, then the other nodes, each after its parent.
    private struct Trie {
        let shapes: [Shape]
        let classOf: [UInt8]
        /// Rows of departures for a node between characters, and inside one by the state of ``Inside`` it replaces.
        private let boundaryRow: [Int32]
        private let insideRows: [[Int32]]
        private var rows: [Int32]
        private var isMember: [Bool]
        /// The state of ``Inside`` that a node inside a character stands for; ``Inside/none`` between characters.
        private var inside: [Int32]
        private var isBoundary: [Bool]
        /// The string inserted last, with the nodes along it.
        private var last: [UInt8] = []
        private var path: [Int32] = [0]

        var stateCount: Int { isMember.count }

        init(shapes: [Shape], classOf: [UInt8]) {
            self.shapes = shapes
            self.classOf = classOf
            boundaryRow = shapes.map(\.departure)
            insideRows = Inside.targets.map { targets in
                shapes.map { shape in
                    switch shape {
                    case .low: targets[0]
                    case .middle: targets[1]
                    case .high: targets[2]
                    default: ByteAutomaton.dead
                    }
                }
            }
            rows = boundaryRow + insideRows.joined()
            isMember = [Bool](repeating: false, count: 1 + Inside.count)
            inside = [Inside.none] + (1...Int32(Inside.count))
            isBoundary = [true, true] + [Bool](repeating: false, count: Inside.count - 1)
        }

        /// Adds `text`, which follows those before it in the order of bytes.
        mutating func insert(_ text: [UInt8]) {
            var shared = 0
            while shared < last.count, shared < text.count, last[shared] == text[shared] { shared += 1 }
            path.removeSubrange((shared + 1)...)
            for byte in text[shared...] {
                let parent = Int(path[path.count - 1])
                let index = parent * shapes.count + Int(classOf[Int(byte)])
                // What departs here would stand inside the same character as the new node does.
                let departure = rows[index]
                rows[index] = Int32(stateCount)
                path.append(Int32(stateCount))
                rows += departure == Inside.none ? boundaryRow : insideRows[Int(departure) - 1]
                inside.append(departure)
                isBoundary.append(departure == Inside.none)
                isMember.append(false)
            }
            isMember[Int(path[path.count - 1])] = true
            last = text
        }

        var departures: ByteAutomaton {
            ByteAutomaton(
                classOf: classOf, classCount: shapes.count, transitions: rows,
                isAccepting: isMember.indices.map { $0 == Int(Inside.none) }, isBoundary: isBoundary)
        }

        var beginnings: ByteAutomaton {
            // Nodes are kept that are no members, or lead to such a one; children stand after their parents.
            var isKept = [Bool](repeating: false, count: stateCount)
            let firstNode = Int32(Inside.count) + 1
            for node in isMember.indices.reversed() where node == 0 || node >= firstNode {
                isKept[node] =
                    (isBoundary[node] && !isMember[node])
                    || row(node).contains { $0 >= firstNode && isKept[Int($0)] }
            }
            guard isKept[0] else { return .nothing }
            var number = [Int32](repeating: ByteAutomaton.dead, count: stateCount)
            var kept: [Int] = []
            for node in isMember.indices where isKept[node] {
                number[node] = Int32(kept.count)
                kept.append(node)
            }
            var transitions: [Int32] = []
            transitions.reserveCapacity(kept.count * shapes.count)
            for node in kept {
                for target in row(node) {
                    transitions.append(target >= firstNode ? number[Int(target)] : ByteAutomaton.dead)
                }
            }
            return ByteAutomaton(
                classOf: classOf, classCount: shapes.count, transitions: transitions,
                isAccepting: kept.map { isBoundary[$0] && !isMember[$0] }, isBoundary: kept.map { isBoundary[$0] })
        }

        private func row(_ node: Int) -> ArraySlice<Int32> {
            rows[node * shapes.count..<(node + 1) * shapes.count]
        }
    }
}

extension ByteAutomaton {
    /// No text at all.
    fileprivate static let nothing = ByteAutomaton(
        classOf: [UInt8](repeating: 0, count: 256), classCount: 1, transitions: [dead], isAccepting: [false],
        isBoundary: [true])
}

extension JSONText {
    /// Any string but those of `others`, with its quotes: canonically spelled as far as it begins like one of them.
    func strings(except others: Set<[UInt8]>) throws(ConstraintError) -> Expression {
        let strings = try OtherStrings(than: others, budget: builder.budget)
        return try builder.sequence([
            builder.literal("\""),
            builder.choice([
                builder.sequence([builder.automaton(strings.departures.spelledInJSON()), stringTail()]),
                builder.sequence([
                    builder.automaton(strings.beginnings.spelledInJSON()), builder.literal("\""),
                ]),
            ]),
        ])
    }
}
