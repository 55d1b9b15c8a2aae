/// A graph in flat arrays, ready to be uploaded.
public struct GraphTables: Hashable, Sendable {
    /// How a state's words are to be read.
    public enum Form: UInt32, Sendable {
        /// The allowed ids, ascending.
        case ids
        /// The ids that are not allowed, ascending.
        case complement
        /// `⌈V/32⌉` words of one bit a token, least significant bit first.
        case mask
    }

    /// V.
    public let vocabularySize: Int
    /// Of each state: how its words are to be read, as ``Form``.
    public let forms: [UInt32]
    /// Of each state: where its words begin; one more for the end of the last.
    public let offsets: [UInt32]
    public let words: [UInt32]
    /// K of each state; 0 where the text could go on and no token of the vocabulary continues it.
    public let allowedCounts: [UInt32]
    /// Of each state: the only token allowed, or `UInt32.max` where there is a choice.
    public let forcedTokens: [UInt32]
    /// Of each state: 1 where the text may end.
    public let accepting: [UInt32]
    /// Class of each token.
    public let tokenClasses: [UInt32]
    public let tokenClassCount: Int
    /// states × classes, row-major: the next state, ``none`` where a token is not allowed, ``finished`` after the end.
    public let successors: [Int32]

    public static let none: Int32 = -1
    public static let finished: Int32 = ConstraintState.finished.index
}

extension ConstraintGraph {
    /// The graph in flat arrays. O(its size).
    public var tables: GraphTables {
        var offsets: [UInt32] = [0]
        var words: [UInt32] = []
        var forms: [UInt32] = []
        for set in allowed {
            switch set.form {
            case .ids(let list):
                forms.append(GraphTables.Form.ids.rawValue)
                words += list
            case .complement(let list):
                forms.append(GraphTables.Form.complement.rawValue)
                words += list
            case .mask(let mask):
                forms.append(GraphTables.Form.mask.rawValue)
                words += mask
            }
            offsets.append(UInt32(words.count))
        }
        return GraphTables(
            vocabularySize: vocabularySize, forms: forms, offsets: offsets, words: words,
            allowedCounts: allowed.map { UInt32($0.count) },
            forcedTokens: allowed.map { $0.isForced ? $0.tokens[0] : .max }, accepting: accepting.map { $0 ? 1 : 0 },
            tokenClasses: classOf, tokenClassCount: classCount, successors: successors)
    }
}
