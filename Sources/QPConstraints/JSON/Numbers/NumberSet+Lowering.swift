import QPFormats

extension NumberSet {
    /// So many multiples between two bounds are listed; for more, two automata are intersected.
    private static let listedMembers = 100

    /// The texts of the members. A whole number may have a fraction of zeros, and −0 is 0.
    ///
    /// An exponent is allowed where it cannot lead out of an interval: behind a member, of either sign if the interval
    /// is all that is above or below zero, only one that makes a number larger or smaller if one bound is zero or
    /// missing. Whole numbers, multiples, finite values and intervals with two other bounds have none: their texts are
    /// some of those of their members, never others.
    ///
    /// Cost: O(digits) expressions for each bound. Multiples of others than 1 are an automaton, of a number of states
    /// that grows with the multiple's digits without their trailing zeros.
    /// - Throws: ``ConstraintError`` with code `limit`.
    func lowered(into text: JSONText) throws(ConstraintError) -> Expression {
        if self == .all { return try text.number() }
        if self == .integers { return try text.integer() }
        var alternatives: [Expression] = []
        var points: [JSONNumber] = []
        for segment in segments {
            if let point = segment.point {
                points.append(point)
                continue
            }
            if segment.members != .integers, let members = segment.members(atMost: Self.listedMembers) {
                points += members
                continue
            }
            for term in segment.members.terms { alternatives.append(try segment.lowered(term, into: text)) }
        }
        if !points.isEmpty { alternatives.append(try text.numbers(points)) }
        return try text.builder.choice(alternatives)
    }
}

extension NumberSet.Segment {
    /// The texts of the numbers of `term` between the cuts.
    fileprivate func lowered(_ term: NumberClass.Term, into text: JSONText) throws(ConstraintError) -> Expression {
        let builder = text.builder
        if lower == .start, upper == .end {
            return try builder.sequence([text.optionalSign(), text.magnitudes(.everything, of: term)])
        }
        var alternatives: [Expression] = []
        if let half = half(isNegative: false) { alternatives.append(try text.magnitudes(half, of: term)) }
        if let half = half(isNegative: true) {
            alternatives.append(try builder.sequence([builder.literal("-"), text.magnitudes(half, of: term)]))
        }
        return try builder.choice(alternatives)
    }
}

extension HalfInterval {
    static let everything = HalfInterval(lower: Bound(number: JSONNumber(0), isIncluded: true), upper: nil)
}

extension JSONText {
    /// Exactly `points`, each without an exponent, and with any zeros behind the digits of its fraction.
    fileprivate func numbers(_ points: [JSONNumber]) throws(ConstraintError) -> Expression {
        var whole: [[UInt8]] = []
        var fractional: [[UInt8]] = []
        for point in points {
            let digits = Array(point.plainDecimal.utf8)
            try builder.budget.spend(digits.count)
            if point.isInteger { whole.append(digits) } else { fractional.append(digits) }
            if point.isZero { whole.append(Array("-0".utf8)) }
        }
        return try builder.choice([
            builder.sequence([builder.anyOf(whole), zeroFraction()]),
            builder.sequence([builder.anyOf(fractional), builder.repeated(builder.literal("0"), 0, nil)]),
        ])
    }

    /// The exponents, or none, that take no number of `interval` out of it.
    private func exponent(after interval: HalfInterval) throws(ConstraintError) -> Expression {
        switch (interval.lower.number.isZero, interval.upper == nil) {
        case (true, true): try anyExponent()
        case (false, true): try positiveExponent()
        case (true, false): try negativeExponent()
        case (false, false): builder.empty
        }
    }

    /// The texts, without sign, of the numbers of `term` with magnitudes in `interval`.
    fileprivate func magnitudes(
        _ interval: HalfInterval, of term: NumberClass.Term
    ) throws(ConstraintError) -> Expression {
        guard let multiple = term.multiple else {
            let range = try DigitRange(interval).lowered(into: self)
            if term.excluded.isEmpty { return try builder.sequence([range, exponent(after: interval)]) }
            return try builder.automaton(excluding(term.excluded, from: ByteAutomaton(of: range, in: builder)))
        }
        if multiple == .one, term.excluded.isEmpty {
            guard let range = DigitRange(stepsOf: multiple, in: interval) else { return builder.nothing }
            return try range.lowered(into: self)
        }
        var automaton = try multiple.texts(withFraction: integersMayHaveFractions, budget: builder.budget)
        if !interval.lower.number.isZero || !interval.lower.isIncluded || interval.upper != nil {
            let range = try ByteAutomaton(of: DigitRange(interval).lowered(into: self), in: builder)
            automaton = try automaton.intersection(range, budget: builder.budget)
        }
        return try builder.automaton(excluding(term.excluded, from: automaton))
    }

    private func excluding(
        _ multiples: [Multiple], from automaton: ByteAutomaton
    ) throws(ConstraintError) -> ByteAutomaton {
        var automaton = automaton
        for multiple in multiples {
            let texts = try multiple.texts(withFraction: true, budget: builder.budget)
            automaton = try automaton.subtracting(texts, budget: builder.budget)
        }
        return automaton
    }
}
