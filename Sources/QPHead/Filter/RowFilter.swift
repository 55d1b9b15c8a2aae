public import QPKernels

/// What gives each allowed row an approximate score with a radius, before any row of W is read.
public enum RowFilter: Sendable {
    /// The scores of an earlier step: row v's score lies within `‖w_v‖·‖h − h₀‖`, plus rounding, of the anchor's.
    case anchor(Anchor)
    /// The scores of a copy of W in fewer bits: row v's score lies within `‖w_v − q_v‖·‖h‖`, plus rounding, of q_v·h.
    case screen(ScreenCopy, access: RowAccess)
}

/// How the rows of a matrix are reached.
public enum RowAccess: Hashable, Sendable {
    /// All rows in their order, whichever are allowed.
    case scan
    /// The rows of a list.
    case gather
}
