extension Multiple {
    /// The texts, without sign and exponent, of the multiples of this number: whole digits, a fraction of as many
    /// digits as this has, and then zeros. Without `withFraction`, the multiples of a whole number have no fraction.
    ///
    /// The automaton follows the remainder of the digits by the coefficient p; for a multiple of p · 10^q it is the
    /// remainder of the digits before up to q trailing zeros, with their number. Cost: O(p · (q + k + 1)), k being the
    /// digits of this number's fraction.
    /// - Throws: ``ConstraintError`` with code `limit` when that is more than ``GrammarLimits/automatonStates``.
    func texts(withFraction: Bool, budget: CompileBudget) throws(ConstraintError) -> ByteAutomaton {
        let zeroCount = max(0, exponent)
        let placeCount = max(0, -exponent)
        let (stateCount, overflows) = coefficient.multipliedReportingOverflow(by: UInt64(zeroCount + placeCount + 2))
        guard !overflows, stateCount < UInt64(budget.limits.automatonStates) else {
            let limit = budget.limits.automatonStates
            throw .limit(
                "the multiples of \(self) need more than \(limit) states", limit, field: "automatonStates",
                otherwise: "give a smaller multipleOf")
        }
        try budget.spend(Int(stateCount))
        var rows = RemainderRows(
            coefficient: Int(coefficient), zeroCount: zeroCount, placeCount: placeCount,
            withZeros: withFraction || placeCount > 0)
        return rows.automaton()
    }
}

/// The table of the automaton of ``Multiple/texts(withFraction:budget:)``.
private struct RemainderRows {
    let coefficient: Int
    let zeroCount: Int
    let placeCount: Int
    /// Whether zeros may follow the digits that matter.
    let withZeros: Bool
    /// The remainders of the powers of ten, from 10⁰.
    private let powers: [Int]

    /// Targets by state and class: ten digits and the point.
    private var rows: [[Int32]] = []
    private var isAccepting: [Bool] = []

    init(coefficient: Int, zeroCount: Int, placeCount: Int, withZeros: Bool) {
        self.coefficient = coefficient
        self.zeroCount = zeroCount
        self.placeCount = placeCount
        self.withZeros = withZeros
        var powers = [1 % coefficient]
        for _ in 0...max(zeroCount, placeCount) { powers.append(powers[powers.count - 1] * 10 % coefficient) }
        self.powers = powers
    }

    private mutating func add(_ accepting: Bool) -> Int32 {
        rows.append([Int32](repeating: ByteAutomaton.dead, count: 12))
        isAccepting.append(accepting)
        return Int32(rows.count - 1)
    }

    mutating func automaton() -> ByteAutomaton {
        let start = add(false)
        // States of the whole digits, by trailing zeros and remainder.
        let whole = (0...zeroCount).map { zeros in
            (0..<coefficient).map { add(zeros == zeroCount && isMultiple($0, shiftedBy: placeCount)) }
        }
        let zero = add(true)
        rows[Int(start)][0] = zero
        for digit in 1...9 { rows[Int(start)][digit] = whole[0][digit % coefficient] }
        for (zeros, states) in whole.enumerated() {
            for (remainder, state) in states.enumerated() {
                let row = Int(state)
                rows[row][0] =
                    zeros < zeroCount ? whole[zeros + 1][remainder] : whole[zeros][remainder * 10 % coefficient]
                let shifted = remainder * powers[zeros + 1] % coefficient
                for digit in 1...9 { rows[row][digit] = whole[0][(shifted + digit) % coefficient] }
            }
        }
        let points = fractions()
        rows[Int(zero)][10] = points(0)
        for (remainder, state) in whole[zeroCount].enumerated() { rows[Int(state)][10] = points(remainder) }
        return finished()
    }

    /// Makes the states after the point; gives the state that the point leads to from a remainder of the whole digits.
    private mutating func fractions() -> (Int) -> Int32 {
        // From the last place to the first, so that what leads nowhere is never made.
        var next = [Int32](repeating: ByteAutomaton.dead, count: coefficient)
        let trailing = withZeros ? add(true) : ByteAutomaton.dead
        if withZeros { rows[Int(trailing)][0] = trailing }
        if placeCount == 0 {
            // Only zeros may follow the point.
            guard withZeros else { return { _ in ByteAutomaton.dead } }
            let point = add(false)
            rows[Int(point)][0] = trailing
            return { $0 == 0 ? point : ByteAutomaton.dead }
        }
        for place in (0...placeCount).reversed() {
            var current = [Int32](repeating: ByteAutomaton.dead, count: coefficient)
            for remainder in 0..<coefficient {
                var row = [Int32](repeating: ByteAutomaton.dead, count: 12)
                if place == placeCount {
                    guard remainder == 0 else { continue }
                    row[0] = trailing
                } else {
                    for digit in 0...9 { row[digit] = next[(remainder * 10 + digit) % coefficient] }
                    guard row.contains(where: { $0 != ByteAutomaton.dead }) else { continue }
                }
                // Right after the point a digit has to follow.
                current[remainder] = add(place > 0 && isMultiple(remainder, shiftedBy: placeCount - place))
                rows[Int(current[remainder])] = row
            }
            next = current
        }
        return { next[$0] }
    }

    /// Whether `remainder` followed by `places` zeros is 0.
    private func isMultiple(_ remainder: Int, shiftedBy places: Int) -> Bool {
        remainder * powers[places] % coefficient == 0
    }

    private func finished() -> ByteAutomaton {
        var classOf = [UInt8](repeating: 11, count: 256)
        for digit in 0...9 { classOf[Int(UInt8(ascii: "0")) + digit] = UInt8(digit) }
        classOf[Int(UInt8(ascii: "."))] = 10
        return ByteAutomaton(
            classOf: classOf, classCount: 12, transitions: rows.flatMap { $0 }, isAccepting: isAccepting,
            isBoundary: [Bool](repeating: true, count: rows.count))
    }
}
