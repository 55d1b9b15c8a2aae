import QPFormats

/// A set of numbers: what the keywords of JSON Schema leave of all numbers, closed under the Boolean operations.
///
/// Numbers are exact decimals; a number is a value, however it is written. The set is a list of intervals, each with
/// the ``NumberClass`` of its members; operations cost O(intervals).
struct NumberSet: Hashable {
    /// A place on the line of numbers that is at no number.
    enum Cut: Hashable {
        /// Below all numbers.
        case start
        case below(JSONNumber)
        case above(JSONNumber)
        /// Above all numbers.
        case end
    }

    /// The members between two cuts: at least one.
    struct Segment: Hashable {
        var lower: Cut
        var upper: Cut
        var members: NumberClass

        /// The only number between the cuts, where there is one only.
        var point: JSONNumber? {
            if case .below(let number) = lower, upper == .above(number) { number } else { nil }
        }
    }

    /// Ascending and disjoint, none without members. Neighbours that touch differ in their classes.
    let segments: [Segment]

    static let all = NumberSet(.start, .end)
    static let none = NumberSet(segments: [])
    /// The whole numbers.
    static let integers = NumberSet(.start, .end, .integers)

    init(segments: [Segment]) { self.segments = segments }

    private init(_ lower: Cut, _ upper: Cut, _ members: NumberClass = .all) {
        segments = [Segment(lower: lower, upper: upper, members: members)]
    }

    static func atLeast(_ bound: JSONNumber) -> NumberSet { NumberSet(.below(bound), .end) }
    static func above(_ bound: JSONNumber) -> NumberSet { NumberSet(.above(bound), .end) }
    static func atMost(_ bound: JSONNumber) -> NumberSet { NumberSet(.start, .above(bound)) }
    static func below(_ bound: JSONNumber) -> NumberSet { NumberSet(.start, .below(bound)) }

    /// Exactly `numbers`. O(n · log n).
    static func values(_ numbers: [JSONNumber]) -> NumberSet {
        var segments: [Segment] = []
        for number in numbers.sorted() where segments.last?.point != number {
            segments.append(Segment(lower: .below(number), upper: .above(number), members: .all))
        }
        return NumberSet(segments: segments)
    }

    /// The multiples of `number`, which must be above 0.
    /// - Throws: ``ConstraintError`` with code `limit` for a number of more than 18 digits.
    static func multiples(of number: JSONNumber) throws(ConstraintError) -> NumberSet {
        NumberSet(.start, .end, NumberClass(terms: [NumberClass.Term(multiple: try Multiple(number))]))
    }

    /// Whether it has no number; exact.
    var isEmpty: Bool { segments.isEmpty }

    /// Whether `number` is a member; exact.
    func contains(_ number: JSONNumber) -> Bool {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].upper < .above(number) { low = middle + 1 } else { high = middle }
        }
        guard low < segments.count, segments[low].lower < .above(number) else { return false }
        return segments[low].members.contains(number)
    }
}

extension NumberSet.Cut: Comparable {
    static func < (left: NumberSet.Cut, right: NumberSet.Cut) -> Bool {
        switch (left, right) {
        case (.end, _), (_, .start): false
        case (.start, _), (_, .end): true
        case (.below(let left), .above(let right)): left <= right
        case (.below(let left), .below(let right)), (.above(let left), .above(let right)),
            (.above(let left), .below(let right)):
            left < right
        }
    }
}
