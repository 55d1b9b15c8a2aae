import QPFormats

/// The magnitudes of the numbers of an interval that are not below zero, or of those that are not above it.
struct HalfInterval {
    struct Bound {
        /// Its sign means nothing here.
        let number: JSONNumber
        let isIncluded: Bool
    }

    let lower: Bound
    /// Nil without end.
    let upper: Bound?

    /// - Throws: ``ConstraintError`` with code `limit` for a bound that ``steps(of:)`` should not divide.
    func checkDistance(to multiple: Multiple) throws(ConstraintError) {
        for bound in [lower, upper].compactMap({ $0 }) where multiple.isTooFar(from: bound.number) {
            throw ConstraintError(
                .limit,
                "the multiples of \(multiple) up to \(bound.number) are not enforced: they differ by more than "
                    + "\(Multiple.maximumShift) powers of ten",
                advice: "Give a smaller bound, or a larger multipleOf.")
        }
    }

    /// The whole numbers k for which k times `multiple` lies in the interval, from the first to the last, in digits.
    /// `last` is nil without end, and below `first` where there are none.
    func steps(of multiple: Multiple) -> (first: [UInt8], last: [UInt8]?) {
        let (low, isLow) = multiple.quotient(of: lower.number)
        let first = isLow && lower.isIncluded ? low : WholeNumber.successor(of: low)
        guard let upper else { return (first, nil) }
        let (high, isHigh) = multiple.quotient(of: upper.number)
        guard isHigh, !upper.isIncluded else { return (first, high) }
        return high == [0] ? ([1], [0]) : (first, WholeNumber.predecessor(of: high))
    }
}

extension NumberSet.Segment {
    /// The members' magnitudes on one side of zero, zero included where it lies between the cuts; nil for none.
    func half(isNegative: Bool) -> HalfInterval? {
        let zero = JSONNumber(0)
        guard isNegative ? lower < .above(zero) : upper > .below(zero) else { return nil }
        let near =
            switch isNegative ? upper : lower {
            case .below(let number) where isNegative && number <= zero:
                HalfInterval.Bound(number: number, isIncluded: false)
            case .above(let number) where isNegative && number < zero:
                HalfInterval.Bound(number: number, isIncluded: true)
            case .above(let number) where !isNegative && number >= zero:
                HalfInterval.Bound(number: number, isIncluded: false)
            case .below(let number) where !isNegative && number > zero:
                HalfInterval.Bound(number: number, isIncluded: true)
            default: HalfInterval.Bound(number: zero, isIncluded: true)
            }
        let far: HalfInterval.Bound? =
            switch isNegative ? lower : upper {
            case .start, .end: nil
            case .below(let number): HalfInterval.Bound(number: number, isIncluded: isNegative)
            case .above(let number): HalfInterval.Bound(number: number, isIncluded: !isNegative)
            }
        return HalfInterval(lower: near, upper: far)
    }

    /// Whether a number of `term` lies between the cuts, which have more than one number between them.
    /// - Throws: ``ConstraintError`` with code `limit` as ``Multiple/leastCommon(with:)`` does, and for bounds of
    ///   thousands of digits.
    func hasMember(of term: NumberClass.Term) throws(ConstraintError) -> Bool {
        guard let multiple = term.multiple else { return true }
        for isNegative in [false, true] {
            guard let half = half(isNegative: isNegative) else { continue }
            try half.checkDistance(to: multiple)
            let (first, last) = half.steps(of: multiple)
            if let last, WholeNumber.isLess(last, first) { continue }
            // Every p-th multiple is excluded, for some numbers p of at least 2. The largest run of numbers that each
            // have one of them as a divisor is short (Jacobsthal's function), so this finds soon what there is.
            var distances: [UInt64] = []
            var periods: [UInt64] = []
            for excluded in term.excluded {
                let period = try multiple.leastCommon(with: excluded).divided(by: multiple)
                periods.append(period)
                distances.append(WholeNumber.remainder(of: first, by: period))
            }
            var remaining = last.map { WholeNumber.difference($0, first) } ?? .max
            while true {
                if !distances.contains(0) { return true }
                if remaining == 0 { break }
                remaining -= 1
                for index in periods.indices { distances[index] = (distances[index] + 1) % periods[index] }
            }
        }
        return false
    }
}

extension NumberSet {
    /// The members in ascending order, where they are seen to be at most `maximumCount`: nil where there are more, and
    /// where more numbers would have to be looked at to tell.
    func members(atMost maximumCount: Int) -> [JSONNumber]? {
        var result: [JSONNumber] = []
        for segment in segments {
            if let point = segment.point {
                result.append(point)
            } else {
                guard let members = segment.members(atMost: maximumCount) else { return nil }
                result += members
            }
            guard result.count <= maximumCount else { return nil }
        }
        return result
    }
}

extension NumberSet.Segment {
    /// The members in ascending order, where there are at most `maximumCount` and they are seen to be so few.
    func members(atMost maximumCount: Int) -> [JSONNumber]? {
        var found: Set<JSONNumber> = []
        for term in members.terms {
            guard let multiple = term.multiple else { return nil }
            for isNegative in [false, true] {
                guard let half = half(isNegative: isNegative) else { continue }
                let (first, last) = half.steps(of: multiple)
                guard let last else { return nil }
                if WholeNumber.isLess(last, first) { continue }
                guard WholeNumber.difference(last, first) < UInt64(maximumCount) else { return nil }
                var step = first
                while !WholeNumber.isLess(last, step) {
                    let number = multiple.times(step, isNegative: isNegative)
                    if term.contains(number) { found.insert(number) }
                    step = WholeNumber.successor(of: step)
                }
            }
        }
        return found.count <= maximumCount ? found.sorted() : nil
    }
}
