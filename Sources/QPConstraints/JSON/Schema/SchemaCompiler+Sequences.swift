/// One part of a list whose parts are separated by commas.
enum ListPart {
    case required(Expression)
    case optional(Expression)
    /// `minimum` to `maximum` of them; nil is without end.
    case many(Expression, minimum: Int, maximum: Int?)

    var mayBeAbsent: Bool {
        switch self {
        case .required: false
        case .optional: true
        case .many(_, let minimum, _): minimum == 0
        }
    }
}

extension SchemaCompiler {
    /// `parts` in order between brackets, with commas between those that are there.
    func bracketed(_ open: String, _ parts: [ListPart], _ close: String) throws(ConstraintError) -> Expression {
        guard !parts.isEmpty else { return try text.bracketed(open, builder.nothing, close, mayBeEmpty: true) }
        return try text.bracketed(
            open, filled(parts[...]), close, mayBeEmpty: parts.allSatisfy(\.mayBeAbsent))
    }

    /// `parts`, of which at least one is there: n·log n expressions, where listing each part that may come first would
    /// make n² of them.
    func filled(_ parts: ArraySlice<ListPart>) throws(ConstraintError) -> Expression {
        guard parts.count > 1 else {
            switch parts.first {
            case nil: return builder.nothing
            case .required(let item)?, .optional(let item)?: return item
            case .many(let item, let minimum, let maximum)?:
                if let maximum, maximum == 0 { return builder.nothing }
                let others = try builder.repeated(
                    builder.sequence([text.comma(), item]), max(minimum, 1) - 1, maximum.map { $0 - 1 })
                return try builder.sequence([item, others])
            }
        }
        let middle = parts.startIndex + parts.count / 2
        let first = parts[..<middle]
        let second = parts[middle...]
        let firstPresent = try builder.sequence([filled(first), followed(second)])
        guard first.allSatisfy(\.mayBeAbsent) else { return firstPresent }
        return try builder.choice([firstPresent, filled(second)])
    }

    /// `parts` after something that was there.
    func followed(_ parts: ArraySlice<ListPart>) throws(ConstraintError) -> Expression {
        var result: [Expression] = []
        for part in parts {
            switch part {
            case .required(let item): result += [try text.comma(), item]
            case .optional(let item):
                result.append(try builder.optional(builder.sequence([text.comma(), item])))
            case .many(let item, let minimum, let maximum):
                result.append(try builder.repeated(builder.sequence([text.comma(), item]), minimum, maximum))
            }
        }
        return try builder.sequence(result)
    }
}
