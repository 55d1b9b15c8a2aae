import QPFormats

/// The keywords that say which values are allowed, or where a reference leads.
enum SchemaKeyword: UInt8, CaseIterable {
    case schema, id, legacyID, anchor, dynamicAnchor, recursiveAnchor, ref, dynamicRef, recursiveRef, vocabulary
    case defs, definitions
    case type, `enum`, const
    case multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum
    case maxLength, minLength, pattern, format
    case items, additionalItems, prefixItems, unevaluatedItems, maxItems, minItems, uniqueItems
    case contains, minContains, maxContains
    case properties, patternProperties, additionalProperties, unevaluatedProperties, propertyNames
    case maxProperties, minProperties, required, dependencies, dependentRequired, dependentSchemas
    case allOf, anyOf, oneOf, not, `if`, then, `else`
    case annotation

    /// What a keyword's value is made of, as far as schemas stand in it.
    enum Subschemas {
        case none
        case one
        case list
        case map
        case oneOrList
    }

    var name: String { Self.names[Int(rawValue)] }

    private static let names: [String] = allCases.map { keyword in
        switch keyword {
        case .legacyID: "id"
        case .schema, .id, .anchor, .dynamicAnchor, .recursiveAnchor, .ref, .dynamicRef, .recursiveRef, .vocabulary,
            .defs:
            "$\(keyword)"
        default: "\(keyword)"
        }
    }

    var subschemas: Subschemas {
        switch self {
        case .defs, .definitions, .properties, .patternProperties, .dependentSchemas, .dependencies: .map
        case .allOf, .anyOf, .oneOf, .prefixItems: .list
        case .items: .oneOrList
        case .additionalItems, .unevaluatedItems, .contains, .additionalProperties, .unevaluatedProperties,
            .propertyNames, .not, .if, .then, .else:
            .one
        default: .none
        }
    }

    /// The drafts that know the keyword. What a draft does not know says nothing there.
    var drafts: ClosedRange<SchemaDraft> {
        switch self {
        case .legacyID: .draft4 ... .draft4
        case .id, .const, .contains, .propertyNames: .draft6 ... .draft2020
        case .if, .then, .else: .draft7 ... .draft2020
        case .anchor, .vocabulary, .unevaluatedItems, .unevaluatedProperties, .minContains, .maxContains,
            .dependentRequired, .dependentSchemas, .defs:
            .draft2019 ... .draft2020
        case .recursiveRef, .recursiveAnchor: .draft2019 ... .draft2019
        case .dynamicRef, .dynamicAnchor, .prefixItems: .draft2020 ... .draft2020
        case .additionalItems: .draft4 ... .draft2019
        default: .draft4 ... .draft2020
        }
    }

    /// By name, with the annotations that every draft allows or that are common.
    static let named: [String: SchemaKeyword] = {
        var table: [String: SchemaKeyword] = [:]
        for keyword in allCases where keyword != .annotation { table[keyword.name] = keyword }
        for name in [
            "title", "description", "default", "examples", "example", "$comment", "readOnly", "writeOnly", "deprecated",
            "contentEncoding", "contentMediaType", "contentSchema", "markdownDescription",
        ] as [String] {
            table[name] = .annotation
        }
        return table
    }()
}

/// Where the keywords of one schema object stand among its members.
struct KeywordTable {
    private var present: UInt64 = 0
    private var positions = [Int32](repeating: 0, count: SchemaKeyword.allCases.count)
    let object: JSONObject

    /// - Parameter unknown: called with the names that `draft` does not know.
    init(_ object: JSONObject, draft: SchemaDraft, unknown: (String) -> Void) {
        self.object = object
        var position: Int32 = 0
        for (key, _) in object {
            if let keyword = SchemaKeyword.named[key], keyword.drafts.contains(draft) {
                present |= 1 << UInt64(keyword.rawValue)
                positions[Int(keyword.rawValue)] = position
            } else {
                unknown(key)
            }
            position += 1
        }
    }

    func has(_ keyword: SchemaKeyword) -> Bool { present >> UInt64(keyword.rawValue) & 1 == 1 }

    func hasAny(_ mask: UInt64) -> Bool { present & mask != 0 }

    subscript(keyword: SchemaKeyword) -> JSONValue? {
        has(keyword) ? object[Int(positions[Int(keyword.rawValue)])].value : nil
    }

    /// The set of `keywords` as ``hasAny(_:)`` takes it.
    static func mask(_ keywords: SchemaKeyword...) -> UInt64 {
        keywords.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    }
}
