/// The versions of JSON Schema that are read, oldest first.
public enum SchemaDraft: Int, Hashable, Sendable, Comparable, CaseIterable {
    case draft4
    case draft6
    case draft7
    case draft2019
    case draft2020

    /// The draft that a `$schema` names, with or without the empty fragment; nil for any other.
    init?(uri: String) {
        switch uri.hasSuffix("#") ? String(uri.dropLast()) : uri {
        case "http://json-schema.org/draft-04/schema", "https://json-schema.org/draft-04/schema": self = .draft4
        case "http://json-schema.org/draft-06/schema", "https://json-schema.org/draft-06/schema": self = .draft6
        case "http://json-schema.org/draft-07/schema", "https://json-schema.org/draft-07/schema": self = .draft7
        case "http://json-schema.org/draft/2019-09/schema", "https://json-schema.org/draft/2019-09/schema":
            self = .draft2019
        case "http://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2020-12/schema":
            self = .draft2020
        default: return nil
        }
    }

    /// Whether a `$schema` asks for the latest draft, whichever that is.
    static func isLatest(uri: String) -> Bool {
        switch uri.hasSuffix("#") ? String(uri.dropLast()) : uri {
        case "http://json-schema.org/schema", "https://json-schema.org/schema": true
        default: false
        }
    }

    public static func < (left: SchemaDraft, right: SchemaDraft) -> Bool { left.rawValue < right.rawValue }
}

extension SchemaDraft: CustomStringConvertible {
    public var description: String {
        switch self {
        case .draft4: "draft-04"
        case .draft6: "draft-06"
        case .draft7: "draft-07"
        case .draft2019: "2019-09"
        case .draft2020: "2020-12"
        }
    }
}
