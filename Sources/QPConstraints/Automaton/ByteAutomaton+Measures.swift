extension ByteAutomaton {
    /// The text of the fewest bytes, the first of them in the order of bytes; nil when there is none. O(states ·
    /// classes).
    public var shortestText: [UInt8]? {
        guard !isEmpty else { return nil }
        var cameFrom = [(state: Int, byte: UInt8)?](repeating: nil, count: stateCount)
        var reached = [Self.start]
        var next = 0
        // Each class by its first byte, ascending.
        var firstByte: [UInt8] = []
        var isSeen = [Bool](repeating: false, count: classCount)
        for byte in UInt8.min...UInt8.max where !isSeen[Int(classOf[Int(byte)])] {
            isSeen[Int(classOf[Int(byte)])] = true
            firstByte.append(byte)
        }
        while !isAccepting[reached[next]] {
            for byte in firstByte {
                let target = Int(self.next(Int32(reached[next]), byte))
                guard target > 0, cameFrom[target] == nil else { continue }
                cameFrom[target] = (reached[next], byte)
                reached.append(target)
            }
            next += 1
        }
        var text: [UInt8] = []
        var state = reached[next]
        while let step = cameFrom[state] {
            text.append(step.byte)
            state = step.state
        }
        return text.reversed()
    }

    /// How many characters (steps that leave a boundary) the shortest and the longest text have, the latter nil where
    /// there is no end; nil altogether when there is no text. O(states · classes).
    public var characterBounds: (minimum: Int, maximum: Int?)? {
        isEmpty ? nil : (leastCharacters, mostCharacters)
    }

    /// By breadth, steps within a character being free.
    private var leastCharacters: Int {
        var current = [Self.start]
        var isDone = [Bool](repeating: false, count: stateCount)
        var count = 0
        while true {
            var following: [Int] = []
            while let state = current.popLast() {
                if isAccepting[state] { return count }
                // A state may wait for this count and for the next one; the first time is the one that holds.
                guard !isDone[state] else { continue }
                isDone[state] = true
                for target in targets(of: state) where !isDone[target] {
                    if isBoundary[state] { following.append(target) } else { current.append(target) }
                }
            }
            current = following
            count += 1
        }
    }

    /// The longest way, if there is no cycle.
    private var mostCharacters: Int? {
        var incoming = [Int](repeating: 0, count: stateCount)
        for state in 0..<stateCount { for target in targets(of: state) { incoming[target] += 1 } }
        var longest = [Int](repeating: 0, count: stateCount)
        var pending = incoming[Self.start] == 0 ? [Self.start] : []
        var done = 0
        var most = 0
        while let state = pending.popLast() {
            done += 1
            if isAccepting[state] { most = max(most, longest[state]) }
            for target in targets(of: state) {
                longest[target] = max(longest[target], longest[state] + (isBoundary[state] ? 1 : 0))
                incoming[target] -= 1
                if incoming[target] == 0 { pending.append(target) }
            }
        }
        // Every state is reached and leads to acceptance, so a cycle makes texts without end.
        return done == stateCount ? most : nil
    }

    /// Where `state` leads, once per class.
    private func targets(of state: Int) -> [Int] {
        transitions[state * classCount..<(state + 1) * classCount].compactMap { $0 >= 0 ? Int($0) : nil }
    }
}
