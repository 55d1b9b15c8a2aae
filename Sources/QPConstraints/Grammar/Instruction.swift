/// One node of a compiled grammar: what may come next, and where it leads.
///
/// Nodes form a recursive transition network: rules are entered by `call`, which pushes where to go on, and left by
/// `end`, which pops it. Only `byte`, `set`, `unit` and `state` wait for a byte; the others are passed at once.
struct Instruction {
    enum Operation: UInt8 {
        /// The rule, or the body of a loop, is complete.
        case end
        /// The byte `byte`, then `first`.
        case byte
        /// A byte of set `first`, then `second`.
        case set
        /// Go to `first`.
        case jump
        /// Go to each of `targets[first ..< first + second]`.
        case split
        /// Go to `first`; its end leads to `second`.
        case call
        /// Begin loop `first`.
        case loop
        /// Stands before a code of which no text begins another one, at `first`. Kept whole while it waits, so that
        /// a state between two characters is recognised as such. `second` numbers the units.
        case unit
        /// Begin the automaton of terminal `first`.
        case terminal
        /// State `second` of automaton `first`.
        case state
    }

    var operation: Operation
    var byte: UInt8 = 0
    var first: Int32 = 0
    var second: Int32 = 0
}

/// A counted repetition.
struct Loop {
    /// Where an iteration begins; it ends in `end`.
    var body: Int32
    /// Where to go on after the last one.
    var next: Int32
    var minimum: Int32
    /// −1 is without end.
    var maximum: Int32
    /// The body is a `unit`: iterations are told apart by the text alone.
    var isRun: Bool
    /// The body may be empty.
    var isNullable: Bool
    /// Of a run: the node that repeats the body without end and then completes, whatever the bounds here are.
    var endless: Int32
}
