extension SchemaCompiler {
    /// All values that `set`, the values of `term`, does not have.
    func complement(_ set: ValueSet, of term: SchemaTerm) throws(ConstraintError) -> ValueSet {
        try subtracting(.any, set, of: term)
    }

    /// The values of `left` that `right`, the values of `term`, does not have.
    /// - Throws: ``ConstraintError`` with code `unsupported` when that is no union of shapes.
    func subtracting(
        _ left: ValueSet, _ right: ValueSet, of term: SchemaTerm
    ) throws(ConstraintError) -> ValueSet {
        var result = left
        result.null = left.null && !right.null
        result.booleanFalse = left.booleanFalse && !right.booleanFalse
        result.booleanTrue = left.booleanTrue && !right.booleanTrue
        if right.numbers != .none, left.numbers != .none {
            result.areNumbersWhole = left.areNumbersWhole || right.areNumbersWhole
            result.numbers =
                right.numbers == .all
                ? .none
                : left.numbers == .all ? try right.numbers.complement() : try left.numbers.subtracting(right.numbers)
        }
        if !right.strings.isNone, !left.strings.isNone {
            result.strings =
                right.strings.isAll
                ? .none
                : left.strings.isAll
                    ? try right.strings.complement(budget: budget)
                    : try left.strings.subtracting(right.strings, budget: budget)
        }
        for shape in right.arrays where !result.arrays.isEmpty {
            var rest: [ArrayShape] = []
            for array in result.arrays { rest += try subtracting(array, shape, of: term) }
            result.arrays = rest
            try check(rest.count)
        }
        for shape in right.objects where !result.objects.isEmpty {
            var rest: [ObjectShape] = []
            for object in result.objects { rest += try subtracting(object, shape, of: term) }
            result.objects = rest
            try check(rest.count)
        }
        return result
    }

    // MARK: Arrays

    /// The arrays of `shape` that are not of `other`: for each demand of `other`, those that miss it.
    private func subtracting(
        _ shape: ArrayShape, _ other: ArrayShape, of term: SchemaTerm
    ) throws(ConstraintError) -> [ArrayShape] {
        if other.isAny { return [] }
        if try areDisjoint(shape, other) { return [shape] }
        var result: [ArrayShape] = []
        for missing in try complements(other, of: term) {
            for piece in try settled(intersection(shape, missing)) where try !isEmpty(piece) { result.append(piece) }
        }
        return result
    }

    private func areDisjoint(_ left: ArrayShape, _ right: ArrayShape) throws(ConstraintError) -> Bool {
        for shape in try settled(intersection(left, right)) where try !isEmpty(shape) { return false }
        return true
    }

    private func complements(_ shape: ArrayShape, of term: SchemaTerm) throws(ConstraintError) -> [ArrayShape] {
        if shape.isUnique {
            throw ConstraintError(
                .unsupported, "arrays that are not unique cannot be told apart, as not and oneOf would need",
                at: place(of: .uniqueItems, in: term), advice: "Leave uniqueItems away there.")
        }
        var result: [ArrayShape] = []
        if shape.minimum > 0 { result.append(ArrayShape(maximum: shape.minimum - 1)) }
        if let maximum = shape.maximum { result.append(ArrayShape(minimum: maximum + 1)) }
        for (position, item) in shape.prefix.enumerated() where item != .any {
            let prefix = [SchemaTerm](repeating: .any, count: position) + [terms.not(item)]
            result.append(ArrayShape(prefix: prefix, minimum: position + 1))
            try check(result.count)
            try budget.tick(position)
        }
        if shape.rest != .any {
            let count = ArrayShape.Count(start: shape.prefix.count, term: terms.not(shape.rest), minimum: 1)
            result += try settled(ArrayShape(counts: [count]))
        }
        for count in shape.counts {
            var fewer = count
            if count.minimum > 0 {
                fewer.minimum = 0
                fewer.maximum = count.minimum - 1
                result += try settled(ArrayShape(counts: [fewer]))
            }
            if let maximum = count.maximum {
                var more = count
                more.minimum = maximum + 1
                more.maximum = nil
                result += try settled(ArrayShape(counts: [more]))
            }
        }
        return result
    }

    // MARK: Objects

    private func subtracting(
        _ shape: ObjectShape, _ other: ObjectShape, of term: SchemaTerm
    ) throws(ConstraintError) -> [ObjectShape] {
        if other.isAny { return [] }
        if try areToldApart(shape, other) { return [shape] }
        if try isEmpty(intersection(shape, other)) { return [shape] }
        var result: [ObjectShape] = []
        for missing in try complements(other) {
            let piece = try intersection(shape, missing)
            if try !isEmpty(piece) { result.append(piece) }
        }
        return result
    }

    /// Whether a property that both require has values that differ: seen sooner than that nothing is in both.
    private func areToldApart(_ left: ObjectShape, _ right: ObjectShape) throws(ConstraintError) -> Bool {
        try budget.tick(left.named.count + right.named.count)
        var required: [Int32: SchemaTerm] = [:]
        for property in left.named where property.isRequired { required[property.key] = property.term }
        for property in right.named where property.isRequired {
            guard let term = required[property.key] else { continue }
            if try isEmpty(terms.all(term, property.term)) { return true }
        }
        return false
    }

    private func complements(_ shape: ObjectShape) throws(ConstraintError) -> [ObjectShape] {
        var result: [ObjectShape] = []
        for property in shape.named {
            if property.isRequired {
                let without = ObjectShape.Property(key: property.key, term: .none, isRequired: false)
                result.append(ObjectShape(named: [without]))
            }
            if property.term != .any {
                let other = ObjectShape.Property(key: property.key, term: terms.not(property.term), isRequired: true)
                result.append(ObjectShape(named: [other]))
            }
        }
        let names = StringSet.values(shape.named.map { name($0.key) })
        var outside = shape.named.isEmpty ? StringSet.all : try names.complement(budget: budget)
        for member in shape.rest {
            if member.term != .any {
                let keys = shape.named.isEmpty ? member.keys : try member.keys.subtracting(names, budget: budget)
                result.append(
                    ObjectShape(witnesses: [ObjectShape.Member(keys: keys, term: terms.not(member.term))]))
            }
            if member.keys.isAll {
                outside = .none
            } else if !outside.isNone {
                outside = try outside.subtracting(member.keys, budget: budget)
            }
        }
        if try !isEmpty(outside) {
            result.append(ObjectShape(witnesses: [ObjectShape.Member(keys: outside, term: .any)]))
        }
        if shape.minimum > 0 { result.append(ObjectShape(maximum: shape.minimum - 1)) }
        if let maximum = shape.maximum { result.append(ObjectShape(minimum: maximum + 1)) }
        for witness in shape.witnesses {
            // None of the witness's keys has a value of its term; the other keys are free.
            var rest: [ObjectShape.Member] = []
            let value = terms.not(witness.term)
            if value != .none { rest.append(ObjectShape.Member(keys: witness.keys, term: value)) }
            if !witness.keys.isAll {
                rest.append(ObjectShape.Member(keys: try witness.keys.complement(budget: budget), term: .any))
            }
            result.append(ObjectShape(rest: rest))
        }
        return result
    }
}
