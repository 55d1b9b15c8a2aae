public import QPCore
internal import QPDevice
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

/// Why a filter does not belong to a workspace.
public enum FilterMismatch: Error, Equatable, CustomStringConvertible {
    /// The anchor's scores are of another W.
    case anchorOfAnotherHead
    /// The anchor holds another number of states.
    case anchorBatch(anchor: Int, workspace: Int)
    /// The copy was made of another W.
    case copyOfAnotherHead
    /// The copy's bounds cover the rounding of another reduction order.
    case copyOfAnotherOrder(copy: Int, head: Int)

    /// What failed, with which values, and what to try.
    public var description: String {
        switch self {
        case .anchorOfAnotherHead:
            "the anchor holds scores of another head; refresh one that was made for this head"
        case .anchorBatch(let anchor, let workspace):
            "the anchor holds \(anchor) hidden states, but the workspace has a batch of \(workspace); make one of each "
                + "for the same batch"
        case .copyOfAnotherHead:
            "the screen copy was made of another head's weights; take this head's screenCopy()"
        case .copyOfAnotherOrder(let copy, let head):
            "the screen copy covers the rounding of \(copy) lanes a row, but this head adds with \(head); take this "
                + "head's screenCopy()"
        }
    }
}

extension RowFilter {
    /// Why this filter cannot serve `workspace`; nil when it can.
    func mismatch(with workspace: Workspace) -> FilterMismatch? {
        let head = workspace.head
        switch self {
        case .anchor(let anchor):
            if anchor.head !== head { return .anchorOfAnotherHead }
            return anchor.batch == workspace.batch
                ? nil : .anchorBatch(anchor: anchor.batch, workspace: workspace.batch)
        case .screen(let copy, _):
            if copy.source !== head.weights { return .copyOfAnotherHead }
            return copy.sharedLanesPerRow == head.lanesPerRow
                ? nil : .copyOfAnotherOrder(copy: copy.sharedLanesPerRow, head: head.lanesPerRow)
        }
    }
}

extension Workspace {
    /// Runs one filtered step: allowed tokens in, token and two best scores out, those of the dense plan. Blocks until
    /// the device is done.
    ///
    /// ```swift
    /// let copy = try head.screenCopy()
    /// let record = try workspace.run(.screen(copy, access: .scan), hidden: [h], allowed: [mask])[0]
    /// record.survivorCount     // rows of W that were read
    /// ```
    ///
    /// - Parameter tokenOnly: whether the token alone is needed; see ``StepRecord/proof``.
    /// - Throws: ``StepError``; nothing is submitted when the input is at fault.
    public func run(
        _ filter: RowFilter, hidden states: [[Float]], allowed: [TokenMask], tokenOnly: Bool = false
    ) throws(StepError) -> [StepRecord] {
        if let mismatch = filter.mismatch(with: self) { throw .filterMismatch(mismatch) }
        return try run(hidden: states, allowed: allowed) { recorder, longestList throws(DeviceError) in
            try program(filter, tokenOnly: tokenOnly).record(into: &recorder, longestList: longestList)
        }
    }

    /// Runs one step and keeps its states and scores in `anchor`: of all rows, or of the allowed ones where it gathers.
    /// - Throws: ``StepError``; nothing is submitted when the input is at fault. A state that is not finite shows only
    ///   on the device, and leaves an anchor that rules nothing out.
    public func run(
        refreshing anchor: Anchor, access: RowAccess = .scan, hidden states: [[Float]], allowed: [TokenMask]
    ) throws(StepError) -> [StepRecord] {
        if let mismatch = RowFilter.anchor(anchor).mismatch(with: self) { throw .filterMismatch(mismatch) }
        return try run(hidden: states, allowed: allowed) { recorder, longestList throws(DeviceError) in
            try refresh(anchor, access: access).record(into: &recorder, longestList: longestList)
        }
    }
}
