import QPFormats

extension SchemaCompiler {
    /// The arrays of `shape`.
    func lowered(_ shape: ArrayShape) throws(ConstraintError) -> Expression {
        if shape.isUnique { return try unique(shape) }
        if !shape.counts.isEmpty { return try counted(shape) }
        let declared = min(shape.prefix.count, shape.maximum ?? .max)
        let rest = try expression(for: shape.rest)
        guard declared > 0 else {
            return try bracketed("[", [.many(rest, minimum: shape.minimum, maximum: shape.maximum)], "]")
        }
        // From the back: an element beyond the minimum is there only with all before it.
        let minimum = max(0, shape.minimum - declared)
        let maximum = shape.maximum.map { $0 - declared }
        var tail = try followed([.many(rest, minimum: minimum, maximum: maximum)])
        for position in (1..<declared).reversed() {
            tail = try builder.sequence([text.comma(), expression(for: shape.prefix[position]), tail])
            if position >= shape.minimum { tail = try builder.optional(tail) }
        }
        let filled = try builder.sequence([expression(for: shape.prefix[0]), tail])
        return try text.bracketed("[", filled, "]", mayBeEmpty: shape.minimum == 0)
    }

    // MARK: Counting

    /// Where in an array something stands that is counted, and how many of each were there before.
    private struct Place: Hashable {
        var position: Int
        var counts: [Int]
    }

    /// The next element, and where one is after it.
    private struct Step {
        var element: Element
        var next: Place
    }

    private enum Element {
        case term(SchemaTerm)
        /// `isWhole` as in ``ValueSet/areNumbersWhole``.
        case value(JSONValue, isWhole: Bool)
    }

    /// An array as the texts of a finite automaton over elements: one rule for each place that `steps` leads to.
    private func walk(
        isComplete: (Place) -> Bool, from start: Place, steps: (Place) throws(ConstraintError) -> [Step]
    ) throws(ConstraintError) -> Expression {
        var ruleAt: [Place: RuleID] = [:]
        var open: [Place] = []
        func leading(_ place: Place, comma: Expression) throws(ConstraintError) -> [Expression] {
            var alternatives: [Expression] = []
            for step in try steps(place) {
                let element: Expression
                switch step.element {
                case .term(let term): element = try expression(for: term)
                case .value(let value, let isWhole): element = try (isWhole ? wholeText : text).constant(value)
                }
                if builder.isNothing(element) { continue }
                if ruleAt[step.next] == nil {
                    ruleAt[step.next] = builder.declare("elements")
                    open.append(step.next)
                }
                alternatives.append(try builder.sequence([comma, element, builder.call(ruleAt[step.next]!)]))
            }
            return alternatives
        }
        let first = try leading(start, comma: builder.empty)
        let comma = try text.comma()
        while let place = open.popLast() {
            let end = isComplete(place) ? builder.empty : builder.nothing
            builder.define(ruleAt[place]!, as: try builder.choice([end] + leading(place, comma: comma)))
        }
        return try text.bracketed("[", builder.choice(first), "]", mayBeEmpty: isComplete(start))
    }

    /// One rule for each position and number of counted elements before.
    private func counted(_ shape: ArrayShape) throws(ConstraintError) -> Expression {
        let last = max(
            1, shape.prefix.count, shape.maximum ?? shape.minimum, shape.counts.map(\.start).max() ?? 0)
        func isComplete(_ place: Place) -> Bool {
            place.position >= shape.minimum && zip(place.counts, shape.counts).allSatisfy { $0 >= $1.minimum }
        }
        let start = Place(position: 0, counts: shape.counts.map { _ in 0 })
        return try walk(isComplete: isComplete, from: start) { (place) throws(ConstraintError) in
            if let maximum = shape.maximum, place.position >= maximum { return [] }
            var next = place
            next.position = min(place.position + 1, last)
            var steps: [(term: SchemaTerm, next: Place)] = [(shape.term(at: place.position), next)]
            for (index, count) in shape.counts.enumerated() where place.position >= count.start {
                var finer: [(term: SchemaTerm, next: Place)] = []
                for step in steps {
                    let most: Int
                    if let maximum = count.maximum {
                        finer.append((terms.all(step.term, terms.not(count.term)), step.next))
                        most = maximum
                    } else {
                        // Without a maximum, it is enough to count as many as are needed.
                        finer.append(step)
                        most = count.minimum
                    }
                    guard place.counts[index] < most else { continue }
                    var counted = step.next
                    counted.counts[index] += 1
                    finer.append((terms.all(step.term, count.term), counted))
                }
                steps = finer
            }
            return steps.map { Step(element: .term($0.term), next: $0.next) }
        }
    }

    // MARK: Uniqueness

    /// Unique elements, where they can be listed: one rule for each position and set of values used before.
    private func unique(_ shape: ArrayShape) throws(ConstraintError) -> Expression {
        let refusal = ConstraintError(
            .unsupported, "uniqueItems holds only where the elements are of few values, or there is at most one",
            at: place(of: .uniqueItems, in: current),
            advice: "Leave it away, give the items an enum, or set maxItems to 1.")
        guard shape.counts.isEmpty else { throw refusal }
        var values: [JSONValue] = []
        var terms = shape.prefix
        if shape.maximum ?? .max > shape.prefix.count { terms.append(shape.rest) }
        var choices: [(values: [Int], areWhole: Bool)] = []
        for term in terms {
            guard let members = try members(of: term, atMost: 16) else { throw refusal }
            var choice: [Int] = []
            for member in members.values {
                let known = values.firstIndex(of: member)
                if known == nil { values.append(member) }
                choice.append(known ?? values.count - 1)
            }
            choices.append((choice, members.areWhole))
        }
        guard values.count <= 16 else { throw refusal }
        let start = Place(position: 0, counts: [0])
        return try walk(isComplete: { $0.position >= shape.minimum }, from: start) { place in
            guard place.position < shape.maximum ?? .max, !choices.isEmpty else { return [] }
            let used = place.counts[0]
            let choice = choices[min(place.position, choices.count - 1)]
            return choice.values.filter { used >> $0 & 1 == 0 }.map {
                let next = Place(position: place.position + 1, counts: [used | 1 << $0])
                return Step(element: .value(values[$0], isWhole: choice.areWhole), next: next)
            }
        }
    }

    /// The values of `term`, where they are scalars or listed, and at most `maximumCount`; and whether numbers among
    /// them have to be written whole.
    private func members(
        of term: SchemaTerm, atMost maximumCount: Int
    ) throws(ConstraintError) -> (values: [JSONValue], areWhole: Bool)? {
        var term = term
        // References may go in a circle, or far.
        if case .schema = terms.kind(term) { try checkProgress(term) }
        while case .schema = terms.kind(term) { term = try expansion(of: term) }
        switch terms.kind(term) {
        case .value(let node): return ([document.value(node)], false)
        case .list(let node):
            guard case .array(let values) = document.value(node), values.count <= maximumCount else { return nil }
            return (values, false)
        default: break
        }
        let set = try values(of: term)
        guard set.arrays.isEmpty, set.objects.isEmpty else { return nil }
        var result: [JSONValue] = []
        if set.null { result.append(.null) }
        if set.booleanFalse { result.append(.bool(false)) }
        if set.booleanTrue { result.append(.bool(true)) }
        guard let numbers = set.numbers.members(atMost: maximumCount) else { return nil }
        guard set.strings.isNone || set.strings.finiteValues != nil else { return nil }
        result += numbers.map { .number($0) }
        result += (set.strings.finiteValues ?? []).map { .string($0) }
        return result.count <= maximumCount ? (result, set.areNumbersWhole) : nil
    }
}
