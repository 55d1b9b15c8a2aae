internal import QPCore
public import QPDevice
internal import QPKernels

/// A filtered step with its data, recorded as often as wanted: filter, select, score the survivors, finalise, in one
/// submission.
///
/// The record holds the token and both best scores of the dense plan, bit for bit, whatever the filter left over. When
/// the survivors of any batch row exceed the capacity, all allowed rows are scored instead, in the same submission;
/// the record says so.
///
/// Where only the token is asked for, rows are scored only that may be the best; where the filter leaves one such row
/// in every batch row, nothing is scored at all (the paper's amortised plan).
public struct FilteredProgram: Sendable {
    private enum Scoring: Sendable {
        /// The anchor's scores are there already.
        case stored
        case scan(BoundScoreKernel)
        case gather(BoundScoreKernel)
    }

    private let workspace: Workspace
    private let scoring: Scoring
    private let scores: RowValues
    private let reach: BoundReachKernel
    private let survivors: BoundSurvivorKernels
    let buffers: SurvivorKernels.Buffers
    private let gather: BoundScoreKernel
    private let scan: BoundScoreKernel
    private let finalize: BoundFinalizeKernel

    /// - Parameter other: a program of the same workspace, filter and capacity whose buffers this one writes too.
    init(
        _ workspace: Workspace, _ filter: RowFilter, set: Int, tokenOnly: Bool, survivorCapacity: Int?,
        sharing other: FilteredProgram? = nil
    ) throws(DeviceError) {
        self.workspace = workspace
        if let mismatch = filter.mismatch(with: workspace) { preconditionFailure(mismatch.description) }
        let head = workspace.head
        let (library, shape, batch) = (head.library, head.shape, workspace.batch)
        let V = shape.vocabularySize
        let gatherKernel = try head.kernel(.gather, .topTwo, batch: batch)
        let scanKernel = try head.kernel(.masked(skipping: false), .topTwo, batch: batch)
        let kernels = try head.survivorKernels()
        let capacity = min(V, max(1, survivorCapacity ?? max(256, V / 4)))
        if let other {
            buffers = other.buffers
        } else {
            buffers = try kernels.buffers(batch: batch, capacity: capacity, gather: gatherKernel, scan: scanKernel)
        }

        let coefficients: RowValues
        switch filter {
        case .anchor(let anchor):
            scores = anchor.scores
            coefficients = try head.rowNorms().coefficients
            scoring = .stored
        case .screen(let copy, let access):
            if let other {
                scores = other.scores
            } else {
                scores = try RowValues(library, vocabularySize: V, setCount: batch)
            }
            coefficients = copy.coefficients
            let kernel = try copy.kernel(library, access == .gather ? .gather : .scan, batch: batch)
            let bound = try kernel.bind(
                hidden: workspace.hidden,
                allowed: access == .gather ? workspace.idRange(set) : .storage(workspace.none),
                lists: access == .gather ? workspace.listRange(set) : .storage(workspace.none),
                result: scores.resource)
            scoring = access == .gather ? .gather(bound) : .scan(bound)
        }
        var anchorHidden = workspace.hidden
        var usesAnchor = false
        if case .anchor(let anchor) = filter { (anchorHidden, usesAnchor) = (anchor.hidden, true) }
        reach = try ReachKernel(library, shape: shape, lanesPerRow: head.lanesPerRow, usesAnchor: usesAnchor)
            .bind(hidden: workspace.hidden, anchor: anchorHidden, reaches: buffers.reachesResource)
        survivors = try kernels.bind(
            buffers, scores: scores, coefficients: coefficients, mask: workspace.maskRange(set),
            partials: .storage(workspace.partials), tokenOnly: tokenOnly)
        gather = try gatherKernel.bind(
            hidden: workspace.hidden, allowed: buffers.idsResource, lists: buffers.listsResource,
            result: .storage(workspace.partials))
        scan = try scanKernel.bind(
            hidden: workspace.hidden, allowed: workspace.maskRange(set), lists: .storage(workspace.none),
            result: .storage(workspace.partials))
        finalize = try head.finalize.bind(
            partials: .storage(workspace.partials), hidden: workspace.hidden, arguments: buffers.stateResource,
            records: .storage(workspace.records))
    }

    /// Records the whole step: allowed set in, token and two best scores out.
    /// - Parameter longestList: the largest K of a batch row, where a screen gathers.
    public func record(into recorder: inout CommandRecorder, longestList: Int) {
        let V = workspace.head.shape.vocabularySize
        survivors.recordStart(into: &recorder)
        reach.record(into: &recorder)
        switch scoring {
        case .stored: break
        case .scan(let score): score.record(into: &recorder, .rows(0..<V), resultStride: scores.stride)
        case .gather(let score): score.record(into: &recorder, .listed(longestList), resultStride: scores.stride)
        }
        recorder.barrier()
        survivors.record(into: &recorder)
        recorder.barrier()
        let stride = buffers.partialStride
        // At least one of the two has no workgroups, so both write the same partial results.
        gather.record(into: &recorder, buffers.gatherExtent, resultStride: stride)
        scan.record(into: &recorder, buffers.scanExtent, resultStride: stride)
        recorder.barrier()
        finalize.record(
            into: &recorder, partialStride: stride, partialCount: nil, totalsWord: buffers.totalsWord)
    }
}

extension Workspace {
    /// Binds a filtered step to set `set`. Traps when the filter belongs to another head or batch, which
    /// ``run(_:hidden:allowed:tokenOnly:)`` throws instead.
    /// - Parameters:
    ///   - tokenOnly: whether the caller needs no more than the token; see ``StepRecord/proof``.
    ///   - survivorCapacity: rows of a batch row that may be left to score before all are; a quarter of V, 256 at
    ///     least, if nil: a gather of many more costs about what the scan does.
    /// - Throws: ``DeviceError`` `outOfMemory`. Takes `batch · (4·capacity + V/8)` bytes, for a screen `batch · 4·V`
    ///   more.
    public func program(
        _ filter: RowFilter, set: Int = 0, tokenOnly: Bool = false, survivorCapacity: Int? = nil
    ) throws(DeviceError) -> FilteredProgram {
        try FilteredProgram(self, filter, set: set, tokenOnly: tokenOnly, survivorCapacity: survivorCapacity)
    }
}
