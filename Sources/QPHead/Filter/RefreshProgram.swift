public import QPCore
public import QPDevice
internal import QPKernels

/// A step that scores rows of W and keeps their scores as an anchor: the paper's full recompute where it scans all
/// rows, or the allowed rows alone where it gathers.
public struct RefreshProgram: Sendable {
    private let workspace: Workspace
    private let anchor: Anchor
    private let score: BoundScoreKernel
    /// From the anchor's scores, which are today's by then, to the record.
    private let end: ReuseProgram
    private let sampling: (sampler: BoundSampler, stages: SamplingStages)?

    init(
        _ workspace: Workspace, _ anchor: Anchor, access: RowAccess, set: Int, sampling stages: SamplingStages?
    ) throws(DeviceError) {
        precondition(
            anchor.head === workspace.head && anchor.batch == workspace.batch,
            "the anchor belongs to another head or batch")
        self.workspace = workspace
        self.anchor = anchor
        let head = workspace.head
        let kernel = try head.kernel(
            access == .gather ? .gather : .scan, access == .gather ? .scattered : .scores, batch: workspace.batch)
        score = try kernel.bind(
            hidden: workspace.hidden, allowed: access == .gather ? workspace.idRange(set) : .storage(workspace.none),
            lists: access == .gather ? workspace.listRange(set) : .storage(workspace.none),
            result: anchor.scores.resource)
        end = try ReuseProgram(workspace, anchor, set: set)
        sampling = try stages.map { stages throws(DeviceError) in
            (try workspace.sampler(anchor.scores, mask: workspace.maskRange(set)), stages)
        }
    }

    /// Records the whole step: allowed set in, token and two best scores out, the anchor replaced.
    /// - Parameter longestList: the largest K of a batch row, where it gathers.
    public func record(into recorder: inout CommandRecorder, longestList: Int) {
        let V = workspace.head.shape.vocabularySize
        recorder.stage("score")
        workspace.hidden.recordCopy(into: &recorder, to: anchor.hidden)
        if score.kernel.selection == .gather {
            anchor.scores.recordClear(into: &recorder)
            recorder.barrier()
            score.record(into: &recorder, .listed(longestList), resultStride: anchor.scores.stride)
        } else {
            score.record(into: &recorder, .rows(0..<V), resultStride: anchor.scores.stride)
        }
        recorder.barrier()
        if let sampling {
            recorder.stage("sample")
            sampling.sampler.record(into: &recorder, sampling.stages)
        } else {
            end.record(into: &recorder)
        }
    }
}

extension Workspace {
    /// Binds a step that refreshes `anchor` to set `set`.
    /// - Parameter sampling: given where a token is drawn, by what ``writeSampling(_:)`` wrote: what those rows need.
    /// - Throws: ``DeviceError``.
    public func refresh(
        _ anchor: Anchor, access: RowAccess = .scan, set: Int = 0, sampling: SamplingStages? = nil
    ) throws(DeviceError) -> RefreshProgram {
        try RefreshProgram(self, anchor, access: access, set: set, sampling: sampling)
    }
}
