import QPFormats

extension NumberSet {
    /// The numbers of both.
    /// - Throws: ``ConstraintError`` with code `limit` when multiples combine beyond 18 digits or 64 terms, like the
    ///   other operations.
    func intersection(_ other: NumberSet) throws(ConstraintError) -> NumberSet {
        if self == .all { return other }
        if other == .all { return self }
        return try combined(with: other) { (left, right) throws(ConstraintError) in try left.intersection(right) }
    }

    /// The numbers of either.
    func union(_ other: NumberSet) throws(ConstraintError) -> NumberSet {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return try combined(with: other) { (left, right) throws(ConstraintError) in try left.union(right) }
    }

    /// All other numbers.
    func complement() throws(ConstraintError) -> NumberSet { try NumberSet.all.subtracting(self) }

    /// The numbers that `other` does not have.
    func subtracting(_ other: NumberSet) throws(ConstraintError) -> NumberSet {
        if isEmpty || other.isEmpty { return self }
        return try combined(with: other) { (left, right) throws(ConstraintError) in
            try left.intersection(right.complement())
        }
    }

    /// Whether no number is in both; exact.
    func isDisjoint(with other: NumberSet) throws(ConstraintError) -> Bool { try intersection(other).isEmpty }

    /// Walks along the line through both lists of segments; between two cuts neither class changes.
    private func combined(
        with other: NumberSet,
        _ operation: (NumberClass, NumberClass) throws(ConstraintError) -> NumberClass
    ) throws(ConstraintError) -> NumberSet {
        var result: [Segment] = []
        var left = segments[...]
        var right = other.segments[...]
        var position = Cut.start
        while position < .end {
            while let first = left.first, first.upper <= position { left.removeFirst() }
            while let first = right.first, first.upper <= position { right.removeFirst() }
            var next = Cut.end
            let leftClass = Self.members(of: left.first, from: position, next: &next)
            let rightClass = Self.members(of: right.first, from: position, next: &next)
            let members = leftClass == .none && rightClass == .none ? .none : try operation(leftClass, rightClass)
            try Self.append(Segment(lower: position, upper: next, members: members), to: &result)
            position = next
        }
        return NumberSet(segments: result)
    }

    /// The class of `segment` just after `position`; moves `next` down to where that changes.
    private static func members(of segment: Segment?, from position: Cut, next: inout Cut) -> NumberClass {
        guard let segment else { return .none }
        if segment.lower > position {
            next = min(next, segment.lower)
            return .none
        }
        next = min(next, segment.upper)
        return segment.members
    }

    /// Appends what `segment` has members for, as one with the last segment where they are alike.
    private static func append(_ segment: Segment, to segments: inout [Segment]) throws(ConstraintError) {
        var segment = segment
        if let point = segment.point {
            guard segment.members.contains(point) else { return }
            // A point of a class with more to both sides should merge with them.
            if let last = segments.last, last.upper == segment.lower, last.members.contains(point) {
                segment.members = last.members
            }
        } else {
            var terms: [NumberClass.Term] = []
            for term in segment.members.terms where try segment.hasMember(of: term) { terms.append(term) }
            segment.members = NumberClass(terms: terms)
            guard !terms.isEmpty else { return }
        }
        if let last = segments.indices.last, segments[last].upper == segment.lower {
            if segments[last].members == segment.members {
                segments[last].upper = segment.upper
                return
            }
            if let point = segments[last].point, segment.members.contains(point) {
                segments[last] = segment
                segments[last].lower = .below(point)
                return
            }
        }
        segments.append(segment)
    }
}
