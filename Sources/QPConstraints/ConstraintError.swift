/// What can go wrong between the text of a constraint and the tokens that it allows.
///
/// A constraint that cannot be enforced exactly is an error, never a looser constraint. The text says what failed,
/// with which values, where, and what to try.
public struct ConstraintError: Error, Hashable, Sendable {
    /// The kinds of failure a caller may want to tell apart.
    public enum Code: String, Sendable {
        /// The source breaks the rules of its own language.
        case syntax
        /// The source is well formed but asks for something that is not enforced here.
        case unsupported
        /// A ``GrammarLimits`` would be exceeded; the message names it, its value and how to raise it.
        case limit
        /// No text at all satisfies the constraint.
        case unsatisfiable
        /// A token or text was given that the constraint does not allow at this point.
        case notAllowed
        /// The vocabulary cannot serve the constraint: no end-of-text token, or no tokens at all.
        case vocabulary
    }

    /// Where in the source the failure stands.
    public enum Place: Hashable, Sendable {
        /// Byte offset from the source's start, zero-based.
        case offset(Int)
        /// Line and column, both from 1.
        case line(Int, column: Int)
        /// JSON pointer (RFC 6901) to the schema keyword at fault; "" is the whole document.
        case pointer(String)
    }

    public let code: Code
    /// What failed, with which values.
    public let message: String
    public let place: Place?
    /// What to try; empty where there is nothing sensible to say.
    public let advice: String

    public init(_ code: Code, _ message: String, at place: Place? = nil, advice: String = "") {
        self.code = code
        self.message = message
        self.place = place
        self.advice = advice
    }

    /// The same failure at `place`, unless it already knows a place.
    public func at(_ place: Place) -> ConstraintError {
        ConstraintError(code, message, at: self.place ?? place, advice: advice)
    }
}

extension ConstraintError: CustomStringConvertible {
    public var description: String {
        let located =
            switch place {
            case nil: message
            case .offset(let offset): "\(message) (at byte \(offset))"
            case .line(let line, let column): "\(message) (line \(line), column \(column))"
            case .pointer(let pointer): "\(message) (at \(pointer.isEmpty ? "the document's root" : pointer))"
            }
        return advice.isEmpty ? located : "\(located)\n\(advice)"
    }
}

/// Something in a constraint's source that does not constrain, though its author may think so.
public struct ConstraintWarning: Hashable, Sendable {
    public let message: String
    public let place: ConstraintError.Place?
}

extension ConstraintError {
    /// The error for a limit that would be exceeded: names the limit, its value, and the field that raises it.
    static func limit(_ what: String, _ value: Int, field: String) -> ConstraintError {
        limit("more than \(value) \(what)", value, field: field, otherwise: "write the constraint more simply")
    }

    /// A counted repetition with a bound above `limit`.
    static func repetition(_ bound: some CustomStringConvertible, limit value: Int) -> ConstraintError {
        limit(
            "a repetition of \(bound) exceeds the limit of \(value)", value, field: "repetition",
            otherwise: "give a smaller bound")
    }

    /// The same in other words; `otherwise` is what to do where the limit is not to be raised, or cannot be.
    static func limit(_ message: String, _ value: Int, field: String, otherwise: String) -> ConstraintError {
        guard GrammarLimits.isCeiling(value, of: field) else {
            return ConstraintError(
                .limit, message, advice: "Raise GrammarLimits.\(field) (--limit \(field)=N), or \(otherwise).")
        }
        return ConstraintError(
            .limit, message,
            advice: "This ceiling cannot be raised: GrammarLimits.\(field) counts up to it. "
                + otherwise.prefix(1).uppercased() + otherwise.dropFirst() + ".")
    }
}
