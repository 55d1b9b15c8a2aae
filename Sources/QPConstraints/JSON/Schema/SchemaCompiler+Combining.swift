extension SchemaCompiler {
    func intersection(_ left: ValueSet, _ right: ValueSet) throws(ConstraintError) -> ValueSet {
        try ValueSet(
            null: left.null && right.null, booleanFalse: left.booleanFalse && right.booleanFalse,
            booleanTrue: left.booleanTrue && right.booleanTrue,
            numbers: intersection(left.numbers, right.numbers),
            areNumbersWhole: left.areNumbersWhole || right.areNumbersWhole,
            strings: intersection(left.strings, right.strings),
            arrays: product(left.arrays, right.arrays),
            objects: product(left.objects, right.objects))
    }

    private func intersection(_ left: NumberSet, _ right: NumberSet) throws(ConstraintError) -> NumberSet {
        if left == .all || right == .none { return right }
        return right == .all || left == .none ? left : try left.intersection(right)
    }

    private func intersection(_ left: StringSet, _ right: StringSet) throws(ConstraintError) -> StringSet {
        if left.isAll || right.isNone { return right }
        return right.isAll || left.isNone ? left : try left.intersection(right, budget: budget)
    }

    /// Adds the values of `other` to `set`.
    func formUnion(_ set: inout ValueSet, _ other: ValueSet) throws(ConstraintError) {
        set.null = set.null || other.null
        set.booleanFalse = set.booleanFalse || other.booleanFalse
        set.booleanTrue = set.booleanTrue || other.booleanTrue
        set.areNumbersWhole = set.areNumbersWhole || other.areNumbersWhole
        if set.numbers == .none || other.numbers == .all {
            set.numbers = other.numbers
        } else if other.numbers != .none, set.numbers != .all {
            set.numbers = try set.numbers.union(other.numbers)
        }
        if set.strings.isNone || other.strings.isAll {
            set.strings = other.strings
        } else if !other.strings.isNone, !set.strings.isAll {
            set.strings = try set.strings.union(other.strings, budget: budget)
        }
        if !(set.arrays.first?.isAny ?? false) { set.arrays += other.arrays }
        if !(set.objects.first?.isAny ?? false) { set.objects += other.objects }
        try check(set.arrays.count)
        try check(set.objects.count)
    }

    /// The union, where what is in both was evaluated by both.
    func joined(_ left: ValueSet, _ right: ValueSet) throws(ConstraintError) -> ValueSet {
        var result = left
        try formUnion(&result, right)
        result.arrays = try left.arrays + right.arrays + product(left.arrays, right.arrays)
        result.objects = try left.objects + right.objects + product(left.objects, right.objects)
        try check(result.arrays.count)
        try check(result.objects.count)
        return result
    }

    func check(_ count: Int) throws(ConstraintError) {
        guard count <= budget.limits.alternatives else {
            throw .limit(
                "alternatives, to which anyOf, oneOf, not or dependencies combine in one place",
                budget.limits.alternatives, field: "alternatives")
        }
    }

    // MARK: Arrays

    private func product(_ left: [ArrayShape], _ right: [ArrayShape]) throws(ConstraintError) -> [ArrayShape] {
        if right.count == 1, right[0].isAny { return left }
        if left.count == 1, left[0].isAny { return right }
        var result: [ArrayShape] = []
        for one in left {
            for other in right {
                try budget.spend()
                for shape in try settled(intersection(one, other)) {
                    let isMissing = left.count * right.count < 9 ? false : try isEmpty(shape)
                    if !isMissing { result.append(shape) }
                }
            }
            try check(result.count)
        }
        return result
    }

    func intersection(_ left: ArrayShape, _ right: ArrayShape) -> ArrayShape {
        var result = left
        result.prefix = (0..<max(left.prefix.count, right.prefix.count)).map { position in
            terms.all(left.term(at: position), right.term(at: position))
        }
        result.rest = terms.all(left.rest, right.rest)
        result.minimum = max(left.minimum, right.minimum)
        result.maximum = least(left.maximum, right.maximum)
        result.isUnique = left.isUnique || right.isUnique
        for count in right.counts {
            if let same = result.counts.firstIndex(where: { $0.term == count.term && $0.start == count.start }) {
                result.counts[same].minimum = max(result.counts[same].minimum, count.minimum)
                result.counts[same].maximum = least(result.counts[same].maximum, count.maximum)
            } else {
                result.counts.append(count)
            }
        }
        result.evaluated.count = max(left.evaluated.count, right.evaluated.count)
        result.evaluated.all = left.evaluated.all || right.evaluated.all
        result.evaluated.term = terms.some([left.evaluated.term, right.evaluated.term])
        return result
    }

    func least(_ left: Int?, _ right: Int?) -> Int? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }

    // MARK: Objects

    private func product(_ left: [ObjectShape], _ right: [ObjectShape]) throws(ConstraintError) -> [ObjectShape] {
        if right.count == 1, right[0].isAny { return left }
        if left.count == 1, left[0].isAny { return right }
        var result: [ObjectShape] = []
        for one in left {
            for other in right {
                let shape = try intersection(one, other)
                if try left.count * right.count < 9 ? isPlainlyEmpty(shape) : isEmpty(shape) { continue }
                result.append(shape)
            }
            try check(result.count)
        }
        return result
    }

    func intersection(_ left: ObjectShape, _ right: ObjectShape) throws(ConstraintError) -> ObjectShape {
        try budget.tick(left.named.count + right.named.count + 1)
        var result = left
        var positions: [Int32: Int] = [:]
        for (position, property) in left.named.enumerated() { positions[property.key] = position }
        var isShared = [Bool](repeating: false, count: left.named.count)
        for property in right.named {
            if let position = positions[property.key] {
                isShared[position] = true
                result.named[position].term = terms.all(result.named[position].term, property.term)
                result.named[position].isRequired = result.named[position].isRequired || property.isRequired
            } else {
                var property = property
                property.term = try terms.all(restTerm(property.key, left), property.term)
                result.named.append(property)
            }
        }
        for (position, property) in left.named.enumerated() where !isShared[position] {
            result.named[position].term = try terms.all(property.term, restTerm(property.key, right))
        }
        result.rest = try intersection(left.rest, right.rest)
        result.minimum = max(left.minimum, right.minimum)
        result.maximum = least(left.maximum, right.maximum)
        result.witnesses += right.witnesses
        result.evaluated.all = left.evaluated.all || right.evaluated.all
        result.evaluated.keys += right.evaluated.keys
        result.evaluated.sets += right.evaluated.sets
        return result
    }

    private func intersection(
        _ left: [ObjectShape.Member], _ right: [ObjectShape.Member]
    ) throws(ConstraintError) -> [ObjectShape.Member] {
        var result: [ObjectShape.Member] = []
        for one in left {
            for other in right {
                let term = terms.all(one.term, other.term)
                guard term != .none else { continue }
                let keys = try intersection(one.keys, other.keys)
                if try isEmpty(keys) { continue }
                result.append(ObjectShape.Member(keys: keys, term: term))
            }
        }
        return result
    }

    /// What the members beyond the named ones say of `key`.
    func restTerm(_ key: Int32, _ shape: ObjectShape) throws(ConstraintError) -> SchemaTerm {
        for member in shape.rest where try contains(member.keys, key) {
            return member.term
        }
        return .none
    }
}

extension ArrayShape {
    var isAny: Bool {
        prefix.isEmpty && rest == .any && minimum == 0 && maximum == nil && counts.isEmpty && !isUnique
            && evaluated == EvaluatedItems()
    }
}

extension ObjectShape {
    var isAny: Bool {
        named.isEmpty && rest.count == 1 && rest[0].keys.isAll && rest[0].term == .any && minimum == 0
            && maximum == nil && witnesses.isEmpty && !evaluated.all && evaluated.keys.isEmpty
            && evaluated.sets.isEmpty
    }
}

extension StringSet {
    /// Whether it is seen without work to have no string.
    var isNone: Bool { finiteValues?.isEmpty ?? false }
}
