import QPFormats

extension SchemaCompiler {
    private static let numeric = KeywordTable.mask(
        .multipleOf, .maximum, .exclusiveMaximum, .minimum, .exclusiveMinimum)
    private static let textual = KeywordTable.mask(.maxLength, .minLength, .pattern, .format)
    private static let ofArrays = KeywordTable.mask(
        .items, .additionalItems, .prefixItems, .maxItems, .minItems, .uniqueItems, .contains)
    private static let ofObjects = KeywordTable.mask(
        .properties, .patternProperties, .additionalProperties, .propertyNames, .maxProperties, .minProperties,
        .required)

    /// What the keywords at `node` say that look at a value itself.
    func own(_ term: SchemaTerm, _ node: Int32, _ evaluated: Bool) throws(ConstraintError) -> ValueSet {
        guard let table = keywords(node), case .own(_, let scope) = terms.kind(term) else { return .any }
        let validates = !document.resource(of: node).vocabulary.lacksValidation
        let type = validates ? table[.type] : nil
        var set = try type.map { (value) throws(ConstraintError) in try types(value, node) } ?? .any
        // What the type excludes has to be well formed all the same: whoever writes it thinks that it counts.
        if set.numbers == .none {
            if validates { try checkShapes(table, node, Self.numeric) }
        } else if validates, table.hasAny(Self.numeric) {
            set.numbers = try set.numbers.intersection(numbers(table, node))
        }
        if set.strings.isNone {
            if validates { try checkShapes(table, node, Self.textual) }
            if case .string(let name)? = table[.format], assertsFormats(node) {
                warn("the format \"\(name)\" looks at strings, which type excludes, and is ignored", node, .format)
            }
        } else if table.hasAny(Self.textual) {
            set.strings = try strings(table, node, validates: validates)
        }
        if set.arrays.isEmpty {
            if validates { try checkShapes(table, node, Self.ofArrays) }
        } else if table.hasAny(Self.ofArrays) {
            set.arrays = try arrays(table, node, scope, validates: validates, evaluated: evaluated)
        }
        if set.objects.isEmpty {
            if validates { try checkShapes(table, node, Self.ofObjects) }
        } else if table.hasAny(Self.ofObjects) {
            set.objects = [try object(table, node, scope, validates: validates, evaluated: evaluated)]
        }
        return set
    }

    private func types(_ value: JSONValue, _ node: Int32) throws(ConstraintError) -> ValueSet {
        let names: [String]
        switch value {
        case .string(let name): names = [name]
        case .array(let list) where !list.isEmpty: names = try strings(list, node, .type)
        default: throw malformed(node, .type, "a type's name or an array of such")
        }
        var set = ValueSet.none
        for name in names {
            switch name {
            case "null": set.null = true
            case "boolean":
                set.booleanFalse = true
                set.booleanTrue = true
            case "number":
                set.numbers = .all
                set.areNumbersWhole = false
            case "integer":
                if set.numbers == .none {
                    set.numbers = .integers
                    set.areNumbersWhole = document.draft(of: node) == .draft4
                }
            case "string": set.strings = .all
            case "array": set.arrays = [.any]
            case "object": set.objects = [.any]
            default:
                throw malformed(
                    node, .type, "one of null, boolean, number, integer, string, array, object; not \(name)")
            }
        }
        return set
    }

    private func numbers(_ table: KeywordTable, _ node: Int32) throws(ConstraintError) -> NumberSet {
        func number(_ keyword: SchemaKeyword) throws(ConstraintError) -> JSONNumber? {
            guard let value = table[keyword] else { return nil }
            guard case .number(let number) = value else { throw notANumber(node, keyword, value) }
            return number
        }
        /// Up to draft-04, `exclusiveMaximum` says how `maximum` is meant.
        func isExclusive(_ keyword: SchemaKeyword) throws(ConstraintError) -> Bool {
            guard document.draft(of: node) == .draft4, let value = table[keyword] else { return false }
            guard case .bool(let isExclusive) = value else {
                throw malformed(node, keyword, "true or false in draft-04")
            }
            return isExclusive
        }
        var set = NumberSet.all
        if let bound = try number(.minimum) {
            set = try set.intersection(isExclusive(.exclusiveMinimum) ? .above(bound) : .atLeast(bound))
        }
        if let bound = try number(.maximum) {
            set = try set.intersection(isExclusive(.exclusiveMaximum) ? .below(bound) : .atMost(bound))
        }
        if document.draft(of: node) > .draft4 {
            if let bound = try number(.exclusiveMinimum) { set = try set.intersection(.above(bound)) }
            if let bound = try number(.exclusiveMaximum) { set = try set.intersection(.below(bound)) }
        }
        if let divisor = try number(.multipleOf) {
            guard !divisor.isNegative, !divisor.isZero else { throw malformed(node, .multipleOf, "a number above 0") }
            do {
                set = try set.intersection(.multiples(of: divisor))
            } catch {
                throw error.at(place(node, .multipleOf))
            }
        }
        return set
    }

    private func strings(_ table: KeywordTable, _ node: Int32, validates: Bool) throws(ConstraintError) -> StringSet {
        var set = StringSet.all
        if validates {
            let minimum = try count(table, .minLength, node)
            let maximum = try count(table, .maxLength, node)
            if minimum != nil || maximum != nil {
                if let maximum, maximum < minimum ?? 0 { return .none }
                set = .length(minimum ?? 0, maximum)
            }
            if let value = table[.pattern] {
                guard case .string(let source) = value else { throw malformed(node, .pattern, "a regular expression") }
                set = try set.intersection(pattern(source, node, .pattern), budget: budget)
            }
        }
        if let value = table[.format] {
            guard case .string(let name) = value else { throw malformed(node, .format, "a string") }
            if assertsFormats(node), let format = try format(name, node) {
                set = try set.intersection(.format(format), budget: budget)
            }
        }
        return set
    }

    private func assertsFormats(_ node: Int32) -> Bool {
        options.formats == .asserted || document.resource(of: node).vocabulary.assertsFormats
    }

    private func format(_ name: String, _ node: Int32) throws(ConstraintError) -> StringFormat? {
        do {
            if let format = try StringFormat(named: name) { return format }
        } catch {
            throw error.at(place(node, .format))
        }
        warn("the format \"\(name)\" is not of the specification, and is ignored", node, .format)
        return nil
    }

    func pattern(_ source: String, _ node: Int32, _ keyword: SchemaKeyword) throws(ConstraintError) -> StringSet {
        do {
            return try .pattern(source, budget: budget)
        } catch {
            guard case .offset(let offset)? = error.place else { throw error.at(place(node, keyword)) }
            throw ConstraintError(
                error.code, "\(keyword.name) \"\(source)\": \(error.message), at byte \(offset)",
                at: place(node, keyword), advice: error.advice)
        }
    }

    /// The whole number of at least 0 under `keyword`.
    func count(_ table: KeywordTable, _ keyword: SchemaKeyword, _ node: Int32) throws(ConstraintError) -> Int? {
        guard let value = table[keyword] else { return nil }
        guard case .number(let number) = value, number.isInteger, !number.isNegative || number.isZero else {
            throw malformed(node, keyword, "a whole number of at least 0")
        }
        guard let count = number.intValue, count <= Int(Int32.max) else {
            throw ConstraintError(
                .limit, "\(keyword.name) \(number.text) exceeds what is counted", at: place(node, keyword),
                advice: "Leave it away, or give a bound below \(Int32.max).")
        }
        return count
    }

    // MARK: Given values

    /// The values of the array at `node`.
    func list(_ node: Int32) throws(ConstraintError) -> ValueSet {
        guard case .array(let values) = document.value(node) else { return .none }
        var set = ValueSet.none
        var numbers: [JSONNumber] = []
        var strings: [String] = []
        for (index, item) in values.enumerated() {
            switch item {
            case .null: set.null = true
            case .bool(false): set.booleanFalse = true
            case .bool(true): set.booleanTrue = true
            case .number(let number): numbers.append(number)
            case .string(let text): strings.append(text)
            case .array, .object:
                let single = try value(document.child(node, String(index), item))
                set.arrays += single.arrays
                set.objects += single.objects
            }
        }
        if !numbers.isEmpty { set.numbers = .values(numbers) }
        if !strings.isEmpty { set.strings = .values(strings) }
        return set
    }

    /// The one value at `node`.
    func value(_ node: Int32) throws(ConstraintError) -> ValueSet {
        var set = ValueSet.none
        switch document.value(node) {
        case .null: set.null = true
        case .bool(let value):
            set.booleanFalse = !value
            set.booleanTrue = value
        case .number(let number): set.numbers = .values([number])
        case .string(let text): set.strings = .values([text])
        case .array(let elements):
            var shape = ArrayShape(rest: .none, minimum: elements.count, maximum: elements.count)
            for (index, element) in elements.enumerated() {
                let place = try document.child(node, String(index), element)
                shape.prefix.append(terms.make(.value(node: place)))
            }
            set.arrays = [shape]
        case .object(let members):
            var shape = ObjectShape(rest: [])
            for (name, member) in members {
                let term = terms.make(.value(node: try document.child(node, name, member)))
                shape.named.append(ObjectShape.Property(key: key(name), term: term, isRequired: true))
            }
            set.objects = [shape]
        }
        return set
    }
}
