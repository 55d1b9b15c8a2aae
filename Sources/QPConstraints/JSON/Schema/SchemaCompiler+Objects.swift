extension SchemaCompiler {
    /// The objects of `shape`: named properties in declared order, then the others in any order.
    ///
    /// The keys of other properties may repeat, as RFC 8259 (section 4) leaves it to readers what that means; a named
    /// one never does, and neither do those that make up a minimum.
    func lowered(_ shape: ObjectShape) throws(ConstraintError) -> Expression {
        guard !shape.witnesses.isEmpty || needsFiniteNames(shape) else { return try lowered(shape, placed: []) }
        var alternatives: [Expression] = []
        for (shape, placed) in try witnessed(naming(shape)) {
            alternatives.append(try lowered(shape, placed: placed))
        }
        return try builder.choice(alternatives)
    }

    /// One member with the property `key`.
    private func member(_ property: ObjectShape.Property) throws(ConstraintError) -> Expression {
        try builder.sequence([text.string(name(property.key)), text.colon(), expression(for: property.term)])
    }

    /// One member beyond those that `shape` names.
    private func member(
        _ member: ObjectShape.Member, besides shape: ObjectShape
    ) throws(ConstraintError) -> Expression {
        let value = try expression(for: member.term)
        return try builder.sequence([key(in: member.keys, besides: shape), text.colon(), value])
    }

    /// A key of `keys` that `shape` does not name.
    private func key(in keys: StringSet, besides shape: ObjectShape) throws(ConstraintError) -> Expression {
        if shape.named.isEmpty { return try keys.lowered(into: text) }
        guard keys.isAll else {
            var names: [String] = []
            for property in shape.named where try contains(keys, property.key) {
                names.append(name(property.key))
            }
            guard !names.isEmpty else { return try keys.lowered(into: text) }
            return try keys.subtracting(.values(names), budget: budget).lowered(into: text)
        }
        let named = shape.named.map(\.key).sorted()
        if let rule = keyRules[named] { return try builder.call(rule) }
        let others = try StringSet.values(named.map(name)).complement(budget: budget)
        let rule = builder.rule("key", try others.lowered(into: text))
        keyRules[named] = rule
        return try builder.call(rule)
    }

    /// - Parameter placed: members that have to be there besides the named ones; their keys are disjoint. They stand
    ///   last, so that no later member of the same key takes their value away.
    private func lowered(
        _ shape: ObjectShape, placed: [ObjectShape.Member]
    ) throws(ConstraintError) -> Expression {
        var parts: [ListPart] = []
        var required = 0
        for property in shape.named {
            if property.term == .none {
                if property.isRequired { return builder.nothing }
                continue
            }
            var member = try member(property)
            // A list mentions its parts several times, if it is long.
            if shape.named.count > 4 { member = try builder.call(builder.rule("property", member)) }
            parts.append(property.isRequired ? .required(member) : .optional(member))
            if property.isRequired { required += 1 }
        }
        var others: [Expression] = []
        for member in shape.rest where member.term != .none {
            others.append(try self.member(member, besides: shape))
        }
        let other = try builder.choice(others)
        var last: [Expression] = []
        for member in placed { last.append(try self.member(member, besides: shape)) }

        let hasOthers = !builder.isNothing(other)
        // Counting is for bounds that could be missed.
        let isBounded =
            shape.minimum > required + placed.count
            || shape.maximum.map { hasOthers || $0 < parts.count + placed.count } ?? false
        if isBounded { return try counted(shape, parts, required: required, other, last) }
        if hasOthers { parts.append(.many(other, minimum: 0, maximum: nil)) }
        return try bracketed("{", parts + last.map { .required($0) }, "}")
    }

    /// The object with as many members as `shape` asks for: one rule for each property and number of members before.
    private func counted(
        _ shape: ObjectShape, _ named: [ListPart], required: Int, _ other: Expression, _ last: [Expression]
    ) throws(ConstraintError) -> Expression {
        let most = shape.maximum.map { $0 - last.count }
        if let most, most < required { return builder.nothing }
        let needed = max(0, shape.minimum - last.count)
        // Beyond the maximum nothing may come, and beyond the minimum it does not matter how many there were.
        let counts = min(most ?? needed, named.count)
        // What may follow, by the number of members before: from the back, as each step calls the one behind it.
        var next: [Expression] = []
        for count in 0...counts {
            let isReached = most == nil ? min(required, counts) <= count : required <= count
            next.append(isReached ? try end(shape, count, needed: needed, most: most, other, last) : builder.nothing)
        }
        for part in named.reversed() {
            var steps: [Expression] = []
            for count in 0...counts {
                var alternatives = part.mayBeAbsent ? [next[count]] : []
                let after = most == nil ? min(count + 1, counts) : count + 1
                switch part {
                case .required(let item), .optional(let item):
                    guard after <= counts else { break }
                    let comma = count == 0 ? builder.empty : try text.comma()
                    alternatives.append(try builder.sequence([comma, item, next[after]]))
                case .many: break
                }
                let body = try builder.choice(alternatives)
                steps.append(builder.isNothing(body) ? body : try builder.call(builder.rule("properties", body)))
            }
            next = steps
        }
        let mayBeEmpty = shape.minimum == 0 && last.isEmpty && required == 0
        return try text.bracketed("{", next[0], "}", mayBeEmpty: mayBeEmpty)
    }

    /// What may follow `count` named members; not the empty text where there were none.
    private func end(
        _ shape: ObjectShape, _ count: Int, needed: Int, most: Int?, _ other: Expression, _ last: [Expression]
    ) throws(ConstraintError) -> Expression {
        let missing = max(0, needed - count)
        var parts: [ListPart] = []
        if builder.isNothing(other) {
            guard missing == 0 else { return builder.nothing }
        } else {
            guard missing <= (last.isEmpty ? 1 : 0) else {
                throw ConstraintError(
                    .unsupported,
                    "minProperties \(shape.minimum) asks for several properties whose keys are not listed, and nothing "
                        + "keeps such keys apart", at: place(of: .minProperties, in: current),
                    advice: "List the keys under properties or propertyNames, or give a smaller minProperties.")
            }
            parts.append(.many(other, minimum: missing, maximum: most.map { $0 - count }))
        }
        parts += last.map { .required($0) }
        return try count == 0 ? filled(parts[...]) : followed(parts[...])
    }
}
