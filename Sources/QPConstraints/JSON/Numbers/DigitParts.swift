/// The pieces of a ``DigitRange``'s grammar.
struct DigitParts {
    let text: JSONText
    /// Whether there is no fraction to bound: what follows the digits is for the caller to add.
    let isWhole: Bool
    var builder: GrammarBuilder { text.builder }
    private let freeFraction: Expression

    init(_ text: JSONText, isWhole: Bool) throws(ConstraintError) {
        self.text = text
        self.isWhole = isWhole
        freeFraction = isWhole ? text.builder.empty : try text.anyFraction()
    }

    /// Any digits.
    func anything() throws(ConstraintError) -> Expression {
        try builder.sequence([text.wholeDigits(), freeFraction])
    }

    /// Numbers of more whole digits than `count`, and of less than `end`.
    func longer(than count: Int, below end: Int?) throws(ConstraintError) -> Expression {
        if let end, end - count < 2 { return builder.nothing }
        return try builder.sequence([text.digit(1...9), text.digits(count, end.map { $0 - 2 }), freeFraction])
    }

    /// Numbers of as many whole digits as `bound` that are at least it.
    func atLeast(_ bound: DigitRange.Bound, from place: Int = 0) throws(ConstraintError) -> Expression {
        let end = try fractionAtLeast(bound)
        return try tight(bound.whole, from: place, end: end) { digit, _ in digit < 9 ? digit + 1...9 : nil }
    }

    /// Numbers of as many whole digits as `bound` that are at most it.
    func atMost(_ bound: DigitRange.Bound, from place: Int = 0) throws(ConstraintError) -> Expression {
        let end = try fractionAtMost(bound)
        return try tight(bound.whole, from: place, end: end) { digit, place in
            // A longer number does not begin with 0.
            let least: UInt8 = place == 0 && bound.whole.count > 1 ? 1 : 0
            return digit > least ? least...digit - 1 : nil
        }
    }

    /// Numbers of as many whole digits as both bounds that are between them.
    func between(
        _ lower: DigitRange.Bound, _ upper: DigitRange.Bound
    ) throws(ConstraintError) -> Expression {
        guard let place = lower.whole.indices.first(where: { lower.whole[$0] != upper.whole[$0] }) else {
            return try builder.sequence([literal(lower.whole[...]), fractionBetween(lower, upper)])
        }
        let (low, high) = (lower.whole[place], upper.whole[place])
        var alternatives = [
            try builder.sequence([literal([low]), atLeast(lower, from: place + 1)]),
            try builder.sequence([literal([high]), atMost(upper, from: place + 1)]),
        ]
        if high - low > 1 {
            alternatives.append(try free(low + 1...high - 1, then: lower.whole.count - place - 1))
        }
        return try builder.sequence([literal(lower.whole[..<place]), builder.choice(alternatives)])
    }

    /// The digits of `digits` from `place` on and then `end`; or up to one where a digit of `others` stands instead,
    /// and then as many free ones as are left.
    private func tight(
        _ digits: [UInt8], from place: Int, end: Expression, others: (UInt8, Int) -> ClosedRange<UInt8>?
    ) throws(ConstraintError) -> Expression {
        var result = end
        for place in (place..<digits.count).reversed() {
            result = try builder.sequence([literal([digits[place]]), result])
            guard let other = others(digits[place], place) else { continue }
            result = try builder.choice([result, free(other, then: digits.count - place - 1)])
        }
        return result
    }

    /// A digit of `first`, `count` digits and any fraction.
    private func free(_ first: ClosedRange<UInt8>, then count: Int) throws(ConstraintError) -> Expression {
        try builder.sequence([text.digit(first), text.digits(count, count), freeFraction])
    }

    private func literal(_ digits: ArraySlice<UInt8>) throws(ConstraintError) -> Expression {
        try builder.literal(digits.map { $0 + UInt8(ascii: "0") })
    }
}

// MARK: Fractions

extension DigitParts {
    /// The fractions, or none, that are at least the bound's.
    private func fractionAtLeast(_ bound: DigitRange.Bound) throws(ConstraintError) -> Expression {
        if isWhole { return builder.empty }
        if bound.fraction.isEmpty, bound.isIncluded { return freeFraction }
        return try builder.sequence([builder.literal("."), digitsAtLeast(bound, from: 0)])
    }

    /// The fractions, or none, that are at most the bound's.
    private func fractionAtMost(_ bound: DigitRange.Bound) throws(ConstraintError) -> Expression {
        if isWhole { return builder.empty }
        if bound.fraction.isEmpty {
            guard bound.isIncluded else { return builder.nothing }
            return try builder.optional(builder.sequence([builder.literal("."), zeros(1)]))
        }
        return try builder.optional(builder.sequence([builder.literal("."), digitsAtMost(bound, from: 0)]))
    }

    /// The fractions, or none, between those of the bounds, whose whole digits are the same.
    private func fractionBetween(
        _ lower: DigitRange.Bound, _ upper: DigitRange.Bound
    ) throws(ConstraintError) -> Expression {
        if isWhole { return builder.empty }
        func digit(_ bound: DigitRange.Bound, _ place: Int) -> UInt8 {
            place < bound.fraction.count ? bound.fraction[place] : 0
        }
        let count = max(lower.fraction.count, upper.fraction.count)
        /// Whether a text that ends before `place`, all its digits being both bounds', is a member.
        func mayEnd(before place: Int) -> Bool { place >= lower.fraction.count && lower.isIncluded }

        guard let place = (0..<count).first(where: { digit(lower, $0) != digit(upper, $0) }) else {
            guard lower.isIncluded, upper.isIncluded else { return builder.nothing }
            if count == 0 { return try builder.optional(builder.sequence([builder.literal("."), zeros(1)])) }
            return try builder.sequence([builder.literal("."), literal(lower.fraction[...]), zeros(0)])
        }
        let (low, high) = (digit(lower, place), digit(upper, place))
        var alternatives = [
            try builder.sequence([literal([low]), digitsAtLeast(lower, from: place + 1)]),
            try builder.sequence([literal([high]), atMostOrEnd(upper, from: place + 1)]),
        ]
        if high - low > 1 {
            alternatives.append(try builder.sequence([text.digit(low + 1...high - 1), text.digits()]))
        }
        var result = try builder.choice(alternatives)
        for place in (0..<place).reversed() {
            if mayEnd(before: place + 1) { result = try builder.optional(result) }
            result = try builder.sequence([literal([digit(lower, place)]), result])
        }
        result = try builder.sequence([builder.literal("."), result])
        return mayEnd(before: 0) ? try builder.optional(result) : result
    }

    /// Fraction digits from `place` on that are at least those of the bound; those before are the bound's.
    private func digitsAtLeast(_ bound: DigitRange.Bound, from place: Int) throws(ConstraintError) -> Expression {
        // After all of the bound's digits, zeros and nothing are the bound itself.
        var result =
            bound.isIncluded
            ? try text.digits() : try builder.sequence([zeros(0), text.digit(1...9), text.digits()])
        for place in stride(from: bound.fraction.count - 1, through: place, by: -1) {
            let digit = bound.fraction[place]
            result = try builder.sequence([literal([digit]), result])
            guard digit < 9 else { continue }
            result = try builder.choice([
                result, builder.sequence([text.digit(digit + 1...9), text.digits()]),
            ])
        }
        return result
    }

    /// At least one fraction digit from `place` on, at most those of the bound, which has one there; those before are
    /// the bound's.
    private func digitsAtMost(_ bound: DigitRange.Bound, from place: Int) throws(ConstraintError) -> Expression {
        var result = builder.nothing
        for place in (place..<bound.fraction.count).reversed() {
            let digit = bound.fraction[place]
            let isLast = place == bound.fraction.count - 1
            // The bound's digits have no trailing zeros, so a beginning of them is below it.
            let rest = isLast ? (bound.isIncluded ? try zeros(0) : builder.nothing) : try builder.optional(result)
            result = try builder.sequence([literal([digit]), rest])
            guard digit > 0 else { continue }
            result = try builder.choice([result, builder.sequence([text.digit(0...digit - 1), text.digits()])])
        }
        return result
    }

    /// Fraction digits from `place` on, or none, at most those of the bound; those before are the bound's.
    private func atMostOrEnd(_ bound: DigitRange.Bound, from place: Int) throws(ConstraintError) -> Expression {
        if place >= bound.fraction.count { return bound.isIncluded ? try zeros(0) : builder.nothing }
        return try builder.optional(digitsAtMost(bound, from: place))
    }

    private func zeros(_ minimum: Int) throws(ConstraintError) -> Expression {
        try builder.repeated(builder.literal("0"), minimum, nil)
    }
}
