public import QPCore
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
///
/// Where a token is drawn, it is the dense plan's for the same parameters. Greedy, temperature and min-p are served;
/// top-k, top-p and log-probabilities need all allowed scores, and must not be asked for.
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
    /// What draws from the exact scores of the survivors; nil where the best two are taken.
    private let sampler: BoundSampler?
    /// Values from one batch row's exact scores to the next, where they are kept.
    private let exactStride: Int

    /// - Parameter other: a program of the same workspace, filter and capacity whose buffers this one writes too.
    init(
        _ workspace: Workspace, _ filter: RowFilter, set: Int, tokenOnly: Bool, survivorCapacity: Int?,
        sampling: SamplingStages?, sharing other: FilteredProgram? = nil
    ) throws(DeviceError) {
        self.workspace = workspace
        if let mismatch = filter.mismatch(with: workspace) { preconditionFailure(mismatch.description) }
        let head = workspace.head
        let (library, shape, batch) = (head.library, head.shape, workspace.batch)
        let V = shape.vocabularySize
        let isSampled = sampling != nil
        precondition(
            sampling ?? [] == [] && !(isSampled && tokenOnly), "a filtered step draws by noise and min-p alone")
        let gatherKernel = try head.kernel(.gather, isSampled ? .scattered : .topTwo, batch: batch)
        let scanKernel =
            try isSampled
            ? head.kernel(.scan, .scores, batch: batch)
            : head.kernel(.masked(skipping: false), .topTwo, batch: batch)
        let kernels = try head.survivorKernels(isSampled: isSampled)
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
        let drawn = isSampled ? try workspace.samplerData() : nil
        survivors = try kernels.bind(
            buffers, scores: scores, coefficients: coefficients, mask: workspace.maskRange(set),
            partials: .storage(workspace.partials), tokenOnly: tokenOnly,
            sampling: drawn?.buffers.parametersResource)
        let result = drawn?.scores.resource ?? .storage(workspace.partials)
        gather = try gatherKernel.bind(
            hidden: workspace.hidden, allowed: buffers.idsResource, lists: buffers.listsResource, result: result)
        scan = try scanKernel.bind(
            hidden: workspace.hidden, allowed: workspace.maskRange(set), lists: .storage(workspace.none),
            result: result)
        exactStride = drawn?.scores.stride ?? 0
        let (marks, state) = (buffers.marksResource, buffers.stateResource)
        sampler = try drawn.map { drawn throws(DeviceError) in
            try workspace.sampler(drawn.scores, mask: marks, arguments: state)
        }
        finalize = try head.finalize.bind(
            partials: .storage(workspace.partials), hidden: workspace.hidden, arguments: buffers.stateResource,
            records: .storage(workspace.records))
    }

    /// Records the whole step: allowed set in, token and two best scores out.
    /// - Parameter longestList: the largest K of a batch row, where a screen gathers.
    public func record(into recorder: inout CommandRecorder, longestList: Int) {
        let V = workspace.head.shape.vocabularySize
        recorder.stage("filter")
        survivors.recordStart(into: &recorder)
        reach.record(into: &recorder)
        switch scoring {
        case .stored: break
        case .scan(let score): score.record(into: &recorder, .rows(0..<V), resultStride: scores.stride)
        case .gather(let score): score.record(into: &recorder, .listed(longestList), resultStride: scores.stride)
        }
        recorder.barrier()
        recorder.stage("select")
        survivors.record(into: &recorder)
        recorder.barrier()
        recorder.stage("score survivors")
        let stride = sampler == nil ? buffers.partialStride : exactStride
        // At least one of the two has no workgroups, so both write the same place.
        gather.record(into: &recorder, buffers.gatherExtent, resultStride: stride)
        scan.record(into: &recorder, buffers.scanExtent, resultStride: stride)
        recorder.barrier()
        recorder.stage(sampler == nil ? "finalise" : "sample")
        if let sampler {
            sampler.record(into: &recorder, [], totalsWord: buffers.totalsWord, isFiltered: true)
        } else {
            finalize.record(
                into: &recorder, partialStride: stride, partialCount: nil, totalsWord: buffers.totalsWord)
        }
    }
}

extension Workspace {
    /// Binds a filtered step to set `set`. Traps when the filter belongs to another head or batch, which
    /// ``run(_:hidden:allowed:tokenOnly:)`` throws instead.
    /// - Parameters:
    ///   - tokenOnly: whether the caller needs no more than the token; see ``StepRecord/proof``.
    ///   - survivorCapacity: rows of a batch row that may be left to score before all are; a quarter of V, 256 at
    ///     least, if nil: a gather of many more costs about what the scan does.
    ///   - sampling: given where a token is drawn, by what ``writeSampling(_:)`` wrote; must be empty then, as a filter
    ///     leaves too few scores for any further stage. Traps together with `tokenOnly`.
    /// - Throws: ``DeviceError`` `outOfMemory`. Takes `batch · (4·capacity + V/8)` bytes, for a screen `batch · 4·V`
    ///   more.
    public func program(
        _ filter: RowFilter, set: Int = 0, tokenOnly: Bool = false, survivorCapacity: Int? = nil,
        sampling: SamplingStages? = nil
    ) throws(DeviceError) -> FilteredProgram {
        try FilteredProgram(
            self, filter, set: set, tokenOnly: tokenOnly, survivorCapacity: survivorCapacity, sampling: sampling)
    }
}
