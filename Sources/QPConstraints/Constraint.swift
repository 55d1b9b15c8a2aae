/// A place in a constrained text: a small number that a ``Constraint`` gave out, valid as long as that constraint.
///
/// Values are free to keep: going back is using an older one, and a fork is a second copy.
public struct ConstraintState: Hashable, Sendable {
    let index: Int32

    init(index: Int32) { self.index = index }

    /// For constraints of one's own: state number `number`, at least 0.
    public init(_ number: Int) { index = Int32(number) }

    /// The number given to it.
    public var number: Int { Int(index) }

    /// After an end-of-text token.
    public static let finished = ConstraintState(index: -3)
}

/// Which tokens may come next, whichever way that is worked out.
///
/// ```swift
/// var state = constraint.start
/// while !constraint.isFinished(state) {
///     let allowed = try constraint.allowedTokens(state)     // K = allowed.count
///     state = try constraint.advance(state, pick(allowed))
/// }
/// ```
///
/// A ``GrammarMatcher`` remembers what it has worked out, so it belongs to one thread at a time; a ``ConstraintGraph``
/// serves any number. States of one constraint may be mixed freely (a batch, a beam, speculation); a state of another
/// one is a mistake, and traps where its number shows it.
public protocol Constraint: AnyObject {
    /// V.
    var vocabularySize: Int { get }
    /// Before the first token.
    var start: ConstraintState { get }

    /// The tokens that may come next; none after the end of the text.
    /// - Throws: ``ConstraintError`` with code `limit` where the text has too many readings at once, `vocabulary` where
    ///   the text could go on but no token of the vocabulary continues it.
    func allowedTokens(_ state: ConstraintState) throws(ConstraintError) -> AllowedTokens

    /// The state after `token`.
    /// - Throws: ``ConstraintError`` with code `notAllowed` where `token` is not among the allowed ones, `limit` as
    ///   above.
    func advance(_ state: ConstraintState, _ token: Int) throws(ConstraintError) -> ConstraintState

    /// The tokens that must come next, one after the other, as long as exactly one is allowed (K = 1).
    /// - Parameter maximumCount: where to stop at the latest.
    /// - Throws: as ``allowedTokens(_:)``.
    func forcedRun(_ state: ConstraintState, maximumCount: Int) throws(ConstraintError) -> [Int]

    /// Whether the text may end here.
    func isAccepting(_ state: ConstraintState) -> Bool
}

extension Constraint {
    /// Whether the text has ended: an end-of-text token was taken.
    public func isFinished(_ state: ConstraintState) -> Bool { state == .finished }

    public func forcedRun(_ state: ConstraintState) throws(ConstraintError) -> [Int] {
        try forcedRun(state, maximumCount: 4096)
    }

    public func forcedRun(_ state: ConstraintState, maximumCount: Int) throws(ConstraintError) -> [Int] {
        var state = state
        var run: [Int] = []
        while run.count < maximumCount, !isFinished(state) {
            let allowed = try allowedTokens(state)
            guard allowed.isForced else { break }
            run.append(Int(allowed.tokens[0]))
            state = try advance(state, run[run.count - 1])
        }
        return run
    }
}

/// A text in the making: a constraint's state with its history.
///
/// A value: a copy is a fork.
public struct ConstraintCursor {
    public let constraint: any Constraint
    private var states: [ConstraintState]
    /// The tokens taken so far.
    public private(set) var tokens: [Int] = []

    public init(_ constraint: any Constraint) {
        self.constraint = constraint
        states = [constraint.start]
    }

    public var state: ConstraintState { states[states.count - 1] }
    public var isAccepting: Bool { constraint.isAccepting(state) }
    public var isFinished: Bool { constraint.isFinished(state) }

    public func allowedTokens() throws(ConstraintError) -> AllowedTokens { try constraint.allowedTokens(state) }

    /// Takes `token`.
    /// - Throws: ``ConstraintError`` as ``Constraint/advance(_:_:)``; the cursor is then as it was.
    public mutating func accept(_ token: Int) throws(ConstraintError) {
        states.append(try constraint.advance(state, token))
        tokens.append(token)
    }

    /// Takes back the last `count` tokens.
    /// - Precondition: so many were taken.
    public mutating func rollback(_ count: Int) {
        precondition(0...tokens.count ~= count, "\(count) tokens cannot be taken back of \(tokens.count)")
        states.removeLast(count)
        tokens.removeLast(count)
    }

    /// Begins again.
    public mutating func reset() { rollback(tokens.count) }
}
