internal import QPCore
public import QPDevice
internal import QPKernels

/// A step that takes an anchor's scores for today's: the paper's bare rule (LLM-QP §4), which proves nothing.
///
/// No row of W is read and no bound is looked at; whether to take it is decided by the anchor's margin beforehand. Rows
/// that the anchor did not score cannot win. The record's token and scores are those of h₀ among today's allowed
/// tokens.
public struct ReuseProgram: Sendable {
    private let workspace: Workspace
    private let anchor: Anchor
    private let topTwo: TopTwoKernel
    private let reduction: BindingSet
    private let finalize: BoundFinalizeKernel

    init(_ workspace: Workspace, _ anchor: Anchor, set: Int) throws(DeviceError) {
        precondition(
            anchor.head === workspace.head && anchor.batch == workspace.batch,
            "the anchor belongs to another head or batch")
        self.workspace = workspace
        self.anchor = anchor
        let head = workspace.head
        topTwo = try TopTwoKernel(head.library, isListed: false, isMasked: true)
        let partials = try Buffer(
            head.library.device,
            byteCount: workspace.batch * topTwo.partialCount(count: head.shape.vocabularySize) * 20)
        reduction = try topTwo.bind(
            scores: anchor.scores.resource, ids: workspace.maskRange(set), partials: .storage(partials))
        finalize = try head.finalize.bind(
            partials: .storage(partials), hidden: workspace.hidden, arguments: .storage(workspace.arguments),
            records: .storage(workspace.records))
    }

    /// Records the whole step: allowed set in, the anchor's best two among it out.
    public func record(into recorder: inout CommandRecorder) {
        let V = workspace.head.shape.vocabularySize
        let partialCount = topTwo.partialCount(count: V)
        recorder.stage("select")
        topTwo.record(
            into: &recorder, reduction, count: V, batch: workspace.batch, scoreStride: anchor.scores.stride,
            partialStride: partialCount)
        recorder.barrier()
        recorder.stage("finalise")
        finalize.record(into: &recorder, partialStride: partialCount, partialCount: partialCount)
    }
}

extension Workspace {
    /// Binds a step that takes `anchor`'s scores to set `set`.
    /// - Throws: ``DeviceError``.
    public func reuse(_ anchor: Anchor, set: Int = 0) throws(DeviceError) -> ReuseProgram {
        try ReuseProgram(self, anchor, set: set)
    }
}
