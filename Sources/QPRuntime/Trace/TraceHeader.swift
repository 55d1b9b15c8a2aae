public import QPCore

/// The first line of a trace: which head its steps are of.
///
/// The whole format, one JSON object a line, is in `Profiles/README.md`.
public struct TraceHeader: Equatable, Sendable {
    /// The value of `format` by which a trace is known.
    public static let format = "qp-gpu-trace"
    /// The version that is written and read.
    public static let version = 1

    /// V, d and the element type of W.
    public var head: HeadShape
    /// Where W comes from.
    public var weights: Weights
    /// Where hidden states come from, in words: `synthetic`, or a model's name.
    public var source: String

    /// Where W comes from.
    public enum Weights: Equatable, Sendable {
        /// Made by a seed: `SyntheticRows` of the head's shape. The preset names the shape, if it is one's.
        case synthetic(seed: UInt64, preset: String?)
    }

    public init(head: HeadShape, weights: Weights, source: String) {
        self.head = head
        self.weights = weights
        self.source = source
    }
}

/// One decode step of a trace.
public struct TraceStep: Equatable, Sendable {
    /// Which sequence it belongs to; the steps of a sequence follow one another.
    public var sequence: Int
    /// Position in its sequence.
    public var step: Int
    /// K; 0 where the constraint is at its end, and no head runs.
    public var allowedTokenCount: Int
    /// The allowed ids, where they were recorded.
    public var allowed: TokenMask?
    /// d values, where they were recorded.
    public var hidden: [Float]?
    /// The constraint's state, where it was recorded.
    public var stateID: UInt64?

    public init(
        sequence: Int, step: Int, allowedTokenCount: Int, allowed: TokenMask? = nil, hidden: [Float]? = nil,
        stateID: UInt64? = nil
    ) {
        self.sequence = sequence
        self.step = step
        self.allowedTokenCount = allowedTokenCount
        self.allowed = allowed
        self.hidden = hidden
        self.stateID = stateID
    }
}

/// A trace that cannot be read or written.
public enum TraceError: Error, Equatable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    /// The file ends within a line.
    case truncated(path: String, line: Int)
    /// A line longer than any step may be.
    case lineTooLong(path: String, line: Int, maximumBytes: Int)
    /// A line that is no JSON object.
    case notJSON(path: String, line: Int, column: Int, reason: String)
    /// The first line is no header of this format.
    case noHeader(path: String)
    /// A version that this program does not read.
    case version(path: String, found: Int, supported: Int)
    /// A field is missing or holds what it cannot hold.
    case invalid(path: String, line: Int, field: String, reason: String)

    /// What failed, with which values, and what to try.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read trace \(path): \(reason); check the path"
        case .unwritable(let path, let reason):
            "cannot write trace \(path): \(reason); check the folder, free some space, or choose another place: what is "
                + "there holds whole steps only"
        case .truncated(let path, let line):
            "trace \(path), line \(line): breaks off; the copy is incomplete, fetch it again, or delete that line"
        case .lineTooLong(let path, let line, let maximumBytes):
            "trace \(path), line \(line): longer than \(maximumBytes) bytes, which no step is; is it a trace?"
        case .notJSON(let path, let line, let column, let reason):
            "trace \(path), line \(line), column \(column): \(reason); each line is one JSON object"
        case .noHeader(let path):
            "trace \(path), line 1: is no header {\"format\":\"\(TraceHeader.format)\",…}; see Profiles/README.md"
        case .version(let path, let found, let supported):
            "trace \(path), line 1: version \(found), but this program reads version \(supported); "
                + (found > supported ? "update qp-gpu" : "write it again")
        case .invalid(let path, let line, let field, let reason):
            "trace \(path), line \(line): \(field) \(reason)"
        }
    }
}
