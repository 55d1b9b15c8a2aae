/// The physical plans by their names in the paper (LLM-QP §6.1, appendix B), two of our own, and any that a user adds.
///
/// Each is a point of a small algebra, ``shape``: filter first, then score what is left exactly, as databases recheck
/// the rows of a lossy index.
public enum PlanID: Hashable, Sendable {
    /// K = 1: the allowed set itself names the token. Ours.
    case forced
    /// Score all V rows; only allowed ones compete.
    case dense
    /// Score the K allowed rows.
    case sparse
    /// Reuse the anchor's scores; certified when one row alone can win, so that none need be scored.
    case amortized
    /// Reuse the anchor's scores as a filter, and score the rows that may still win.
    case amortizedRerank
    /// Filter by a low-bit copy of W, and score the rows that may still win. Ours.
    case screenedRerank
    /// Score all V rows and make them the new anchor.
    case fullRecompute
    /// A user's plan.
    case registered(String)

    /// The plans that this package brings, in the order of their arms.
    public static let builtIn: [PlanID] = [
        .forced, .dense, .sparse, .amortized, .amortizedRerank, .screenedRerank, .fullRecompute,
    ]

    /// What stands between the allowed rows and their exact scores.
    public enum Filter: String, Codable, Sendable {
        case none
        /// The allowed set has one element.
        case allowedSet
        /// Scores of an earlier step, with intervals.
        case anchor
        /// Scores of a low-bit copy, with intervals.
        case screen
    }

    /// How rows of W are reached.
    public enum Access: String, Codable, Sendable {
        /// No row is read.
        case none
        case scan
        case gather
    }

    /// Filter × access × refresh; nil for a registered plan, which the algebra does not know.
    public var shape: (filter: Filter, access: Access, refreshesAnchor: Bool)? {
        switch self {
        case .forced: (.allowedSet, .none, false)
        case .dense: (.none, .scan, false)
        case .sparse: (.none, .gather, false)
        case .amortized: (.anchor, .none, false)
        case .amortizedRerank: (.anchor, .gather, false)
        case .screenedRerank: (.screen, .gather, false)
        case .fullRecompute: (.none, .scan, true)
        case .registered: nil
        }
    }

    /// The plan of that name; a name that no built-in plan has is a registered one.
    public init(name: String) {
        self = Self.builtIn.first { $0.name == name } ?? .registered(name)
    }

    /// The name in files, tables and options.
    public var name: String {
        switch self {
        case .forced: "forced"
        case .dense: "dense"
        case .sparse: "sparse"
        case .amortized: "amortized"
        case .amortizedRerank: "amortizedRerank"
        case .screenedRerank: "screenedRerank"
        case .fullRecompute: "fullRecompute"
        case .registered(let name): name
        }
    }
}

extension PlanID: Codable, CustomStringConvertible {
    public init(from decoder: any Decoder) throws {
        self.init(name: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    public var description: String { name }
}
