/// How large a precomputed graph may become before it is not made.
public struct GraphLimits: Hashable, Sendable {
    /// States.
    public var states = 4_096
    /// Bytes of allowed sets and successors.
    public var bytes = 64 << 20
    /// Transitions looked at while it is made: states × allowed tokens.
    public var transitions = 20_000_000

    public init() {}
}

/// A finite constraint with everything worked out: for each state the allowed tokens and where they lead.
///
/// For constraints whose texts can be told apart by finitely many states: regular expressions, schemas without
/// recursion or long counted strings. A look-up reads two tables. Where a constraint is larger than the limits, a
/// ``GrammarMatcher`` gives the same answers as the text asks for them; ``Grammar/constraint(on:limits:)`` chooses.
public final class ConstraintGraph: Constraint {
    public let vocabularySize: Int
    private let allowed: [AllowedTokens]
    private let accepting: [Bool]
    /// Class of each token, and how many there are.
    private let classOf: [UInt32]
    private let classCount: Int
    /// `stateCount × classCount` targets, row-major; −1 where a token is not allowed.
    private let successors: [Int32]

    /// Every state that tokens reach, in the order in which a search by breadth meets them.
    ///
    /// O(states × K), from K allowed tokens each.
    /// - Throws: ``ConstraintError`` with code `limit` where the graph would exceed `limits`, and as
    ///   ``GrammarMatcher/allowedTokens(_:)``.
    public init(_ grammar: Grammar, _ trie: TokenTrie, limits: GraphLimits = GraphLimits()) throws(ConstraintError) {
        let matcher = try GrammarMatcher(grammar, trie)
        var number: [ConstraintState: Int32] = [matcher.start: 0]
        var states = [matcher.start]
        var allowed: [AllowedTokens] = []
        var classes = TokenClasses(vocabularySize: trie.vocabularySize)
        var bytes = trie.vocabularySize * 4
        var transitions = 0
        while allowed.count < states.count {
            let state = states[allowed.count]
            allowed.append(try matcher.allowedTokens(state))
            transitions += allowed[allowed.count - 1].count
            bytes += allowed[allowed.count - 1].bytes + 64
            guard transitions <= limits.transitions else {
                throw Self.tooLarge("\(limits.transitions) transitions", "transitions")
            }
            let successors = try matcher.successors(state)
            classes.refine(by: successors)
            for (_, target) in successors where target != .finished && number[target] == nil {
                number[target] = Int32(states.count)
                states.append(target)
            }
            guard states.count <= limits.states else { throw Self.tooLarge("\(limits.states) states", "states") }
            guard bytes + states.count * classes.count * 4 <= limits.bytes else {
                throw Self.tooLarge("\(limits.bytes) bytes", "bytes")
            }
        }
        self.allowed = allowed
        vocabularySize = trie.vocabularySize
        accepting = states.map(matcher.isAccepting)
        classOf = classes.classOf
        classCount = classes.count
        var table = [Int32](repeating: -1, count: states.count * classes.count)
        let representatives = classes.representatives
        for (row, state) in states.enumerated() {
            for (column, token) in representatives.enumerated() {
                guard let token, allowed[row].contains(token) else { continue }
                let target = try matcher.advance(state, token)
                table[row * classes.count + column] = target == .finished ? target.index : number[target]!
            }
        }
        successors = table
    }

    private static func tooLarge(_ limit: String, _ field: String) -> ConstraintError {
        ConstraintError(
            .limit, "the graph of the constraint has more than \(limit)",
            advice: "Use a GrammarMatcher, which works out states as they are met, or raise GraphLimits.\(field).")
    }

    public var start: ConstraintState { ConstraintState(index: 0) }
    public var stateCount: Int { allowed.count }
    /// Classes of tokens that no state tells apart.
    public var tokenClassCount: Int { classCount }

    /// Bytes of its tables.
    public var bytes: Int {
        allowed.reduce(0) { $0 + $1.bytes } + (classOf.count + successors.count) * 4 + accepting.count
    }

    public func allowedTokens(_ state: ConstraintState) -> AllowedTokens {
        state == .finished
            ? AllowedTokens(form: .ids([]), count: 0, vocabularySize: vocabularySize) : allowed[Int(state.index)]
    }

    public func advance(_ state: ConstraintState, _ token: Int) throws(ConstraintError) -> ConstraintState {
        guard state != .finished else {
            throw ConstraintError(.notAllowed, "token \(token) follows the end of the text")
        }
        guard (0..<vocabularySize).contains(token) else {
            throw ConstraintError(.notAllowed, "token \(token) is outside the vocabulary 0..<\(vocabularySize)")
        }
        let target = successors[Int(state.index) * classCount + Int(classOf[token])]
        guard target != -1 else { throw ConstraintError(.notAllowed, "token \(token) is not allowed here") }
        return ConstraintState(index: target)
    }

    public func isAccepting(_ state: ConstraintState) -> Bool { state != .finished && accepting[Int(state.index)] }
}

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
    /// K of each state.
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

extension Grammar {
    /// The constraint of this grammar on a vocabulary: a precomputed graph where that stays within `limits`, else a
    /// matcher that works states out as they are met. Both give the same answers.
    /// - Throws: ``ConstraintError`` as ``ConstraintGraph`` does, but for the limits of the graph.
    public func constraint(
        on trie: TokenTrie, limits: GraphLimits = GraphLimits()
    ) throws(ConstraintError) -> any Constraint {
        do {
            return try ConstraintGraph(self, trie, limits: limits)
        } catch  where error.code == .limit {
            return try GrammarMatcher(self, trie)
        }
    }
}
