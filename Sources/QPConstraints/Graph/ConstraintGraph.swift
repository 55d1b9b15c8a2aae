/// How large a precomputed graph may become before it is not made.
///
/// Each is checked while the graph is made. 0 or less makes none, and so does a NaN.
public struct GraphLimits: Hashable, Sendable {
    /// States.
    public var states = 4_096
    /// Bytes of allowed sets and successors.
    public var bytes = 64 << 20
    /// Transitions looked at while it is made: states × allowed tokens.
    public var transitions = 20_000_000
    /// Seconds of making it; looked at once a state.
    public var seconds = 20.0

    public init() {}

    /// What ``Grammar/constraint(on:limits:)`` spends on an attempt that may come to nothing.
    ///
    /// Of 112 public schemas on a vocabulary of 128,256 tokens, 9 are given a graph, and the attempt takes 0.1 ms in
    /// the median and 15 ms at most. Twice the transitions, which admit one state inside a free string, would give 12
    /// of them a graph and cost 18 ms in the median.
    public static let automatic: GraphLimits = {
        var limits = GraphLimits()
        limits.states = 256
        limits.bytes = 8 << 20
        limits.transitions = 100_000
        // For constraints each of whose steps is slow: in all others the transitions decide, on every machine alike.
        limits.seconds = 1
        return limits
    }()
}

/// A finite constraint with everything worked out: for each state the allowed tokens and where they lead.
///
/// For constraints whose texts can be told apart by finitely many states: regular expressions, schemas without
/// recursion or long counted strings. A look-up reads two tables. Where a constraint is larger than the limits, a
/// ``GrammarMatcher`` gives the same answers as the text asks for them; ``Grammar/constraint(on:limits:)`` chooses.
///
/// Unlike a matcher it never changes once it is made, so it serves any number of threads at once.
public final class ConstraintGraph: Constraint, Sendable {
    public let vocabularySize: Int
    private let trie: TokenTrie
    let allowed: [AllowedTokens]
    let accepting: [Bool]
    /// Class of each token, and how many there are.
    let classOf: [UInt32]
    let classCount: Int
    /// `stateCount × classCount` targets, row-major; −1 where a token is not allowed.
    let successors: [Int32]

    /// Every state that tokens reach, in the order in which a search by breadth meets them.
    ///
    /// O(states × K), from K allowed tokens each.
    /// - Throws: ``ConstraintError`` with code `limit` where the graph would exceed `limits`, or the matcher that finds
    ///   its states a ``GrammarLimits``.
    public init(_ grammar: Grammar, _ trie: TokenTrie, limits: GraphLimits = GraphLimits()) throws(ConstraintError) {
        let matcher = try GrammarMatcher(grammar, trie)
        let deadline = ContinuousClock.Instant.now.advanced(bySeconds: limits.seconds)
        var number: [ConstraintState: Int32] = [matcher.start: 0]
        var states = [matcher.start]
        var allowed: [AllowedTokens] = []
        var classes = TokenClasses(vocabularySize: matcher.vocabularySize)
        var bytes = matcher.vocabularySize * 4
        var transitions = 0
        while allowed.count < states.count {
            guard ContinuousClock.now < deadline else { throw Self.takesLonger(limits.seconds) }
            let state = states[allowed.count]
            allowed.append(try Self.answer(matcher, state))
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
        self.trie = trie
        vocabularySize = matcher.vocabularySize
        accepting = states.map(matcher.isAccepting)
        classOf = classes.classOf
        classCount = classes.count
        var table = [Int32](repeating: -1, count: states.count * classes.count)
        let representatives = classes.representatives
        for (row, state) in states.enumerated() {
            guard ContinuousClock.now < deadline else { throw Self.takesLonger(limits.seconds) }
            for (column, token) in representatives.enumerated() {
                guard let token, allowed[row].contains(token) else { continue }
                let target = try matcher.advance(state, token)
                table[row * classes.count + column] = target == .finished ? target.index : number[target]!
            }
        }
        successors = table
    }

    /// The tokens of `state`; none where the text could go on and no token continues it.
    private static func answer(
        _ matcher: GrammarMatcher, _ state: ConstraintState
    ) throws(ConstraintError) -> AllowedTokens {
        do {
            return try matcher.allowedTokens(state)
        } catch  where error.code == .vocabulary {
            // Said by those who come there, as a matcher does: most texts never do.
            return AllowedTokens(form: .ids([]), count: 0, vocabularySize: matcher.vocabularySize)
        }
    }

    private static func takesLonger(_ seconds: Double) -> ConstraintError {
        ConstraintError(
            .limit, "the graph of the constraint takes longer than \(seconds) s",
            advice: "Use a GrammarMatcher, which works out states as they are met, or raise GraphLimits.seconds "
                + "(--graph-limit seconds=N).")
    }

    private static func tooLarge(_ limit: String, _ field: String) -> ConstraintError {
        ConstraintError(
            .limit, "the graph of the constraint has more than \(limit)",
            advice: "Use a GrammarMatcher, which works out states as they are met, or raise GraphLimits.\(field) "
                + "(--graph-limit \(field)=N).")
    }

    public var start: ConstraintState { ConstraintState(index: 0) }
    public var stateCount: Int { allowed.count }
    /// Classes of tokens that no state tells apart.
    public var tokenClassCount: Int { classCount }

    /// Bytes of its tables.
    public var bytes: Int {
        allowed.reduce(0) { $0 + $1.bytes } + (classOf.count + successors.count) * 4 + accepting.count
    }

    public func allowedTokens(_ state: ConstraintState) throws(ConstraintError) -> AllowedTokens {
        guard state != .finished else {
            return AllowedTokens(form: .ids([]), count: 0, vocabularySize: vocabularySize)
        }
        let answer = allowed[own(state)]
        guard answer.count > 0 else { throw .noContinuation }
        return answer
    }

    public func advance(_ state: ConstraintState, _ token: Int) throws(ConstraintError) -> ConstraintState {
        guard state != .finished, (0..<vocabularySize).contains(token) else {
            throw trie.refusal(of: token, after: state)
        }
        let target = successors[own(state) * classCount + Int(classOf[token])]
        guard target != -1 else { throw trie.refusal(of: token, after: state) }
        return ConstraintState(index: target)
    }

    public func isAccepting(_ state: ConstraintState) -> Bool { state != .finished && accepting[own(state)] }

    /// The number of a state of this graph.
    private func own(_ state: ConstraintState) -> Int {
        precondition(0..<allowed.count ~= state.number, "the state is of another constraint")
        return state.number
    }
}

extension Grammar {
    /// The constraint of this grammar on a vocabulary: a precomputed graph where that stays within `limits`, else a
    /// matcher that works states out as they are met. Both give the same answers in the same words.
    ///
    /// The attempt at a graph ends after ``GraphLimits/automatic`` at most, and one more state. The matcher is a new
    /// one, without the states that the attempt went through.
    /// - Throws: ``ConstraintError`` as ``GrammarMatcher/init(_:_:)``.
    public func constraint(
        on trie: TokenTrie, limits: GraphLimits = .automatic
    ) throws(ConstraintError) -> any Constraint {
        do {
            return try ConstraintGraph(self, trie, limits: limits)
        } catch  where error.code == .limit {
            return try GrammarMatcher(self, trie)
        }
    }
}
