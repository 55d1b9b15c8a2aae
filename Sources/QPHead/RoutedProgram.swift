public import QPCore
public import QPDevice
internal import QPKernels
public import QPPlanner

/// A step that chooses its plan on the device: for masks that are born there, whose K the host does not know.
///
/// One submission: count the mask, route by two cost curves at K, then either scan all rows, or compact the mask and
/// gather; what is not chosen has no workgroups. Adds two dispatches to the step from a mask. Of the record,
/// `survivorCount` is K and `fellBack` says that all rows were scanned.
public final class RoutedProgram: Sendable {
    private let workspace: Workspace
    private let route: RouteKernel
    private let buffers: RouteKernel.Buffers
    private let routing: BindingSet
    private let compaction: BindingSet
    private let gather: BoundScoreKernel
    private let scan: BoundScoreKernel
    private let finalize: BoundFinalizeKernel
    /// What draws from the exact scores; nil where the best two are taken.
    private let sampling: SampledEnd?
    private let curves: Buffer
    private let capacity: Int

    /// - Throws: ``DeviceError``.
    init(
        _ workspace: Workspace, scan dense: CostCurve, gather sparse: CostCurve, set: Int, sampling: SamplingStages?
    ) throws(DeviceError) {
        let head = workspace.head
        let device = head.library.device
        let batch = workspace.batch
        self.workspace = workspace
        precondition(batch * head.shape.vocabularySize < 1 << 31, "the routing kernel counts allowed tokens in 32 bits")
        let isSampled = sampling != nil
        let gatherKernel = try head.kernel(.gather, isSampled ? .scattered : .topTwo, batch: batch)
        let scanKernel = try head.kernel(.masked(skipping: false), isSampled ? .scores : .topTwo, batch: batch)
        let compacted = try workspace.compactedBuffers()
        route = try RouteKernel(head.library)
        let buffers = try route.buffers(scan: scanKernel, batch: batch)
        self.buffers = buffers
        let end = try sampling.map { stages throws(DeviceError) in
            try workspace.sampledEnd(stages, mask: workspace.maskRange(set), arguments: .storage(buffers.state))
        }
        self.sampling = end
        let result = end?.scores ?? .storage(workspace.partials)
        let words = CostCurve.packed([dense, sparse], epoch: 0)
        capacity = words.count
        curves = try Buffer(device, byteCount: words.count * 4, use: .upload)
        try curves.write(words)
        routing = try route.bind(buffers, counts: .storage(compacted.counts), curves: .storage(curves))
        compaction = try head.compact.bind(
            mask: workspace.maskRange(set), counts: .storage(compacted.counts), ids: .storage(compacted.ids),
            lists: .storage(compacted.lists), arguments: .storage(buffers.state))
        gather = try gatherKernel.bind(
            hidden: workspace.hidden, allowed: .storage(compacted.ids), lists: .storage(compacted.lists),
            result: result)
        scan = try scanKernel.bind(
            hidden: workspace.hidden, allowed: workspace.maskRange(set), lists: .storage(workspace.none),
            result: result)
        finalize = try head.finalize.bind(
            partials: .storage(workspace.partials), hidden: workspace.hidden, arguments: .storage(buffers.state),
            records: .storage(workspace.records))
    }

    /// Replaces the curves, corrected by what a router learnt; not while a submission of this step runs.
    /// - Parameter epoch: counts the corrections, and stays beside the curves.
    /// - Precondition: as many points as before.
    public func update(scan dense: CostCurve, gather sparse: CostCurve, epoch: UInt64) throws(DeviceError) {
        let words = CostCurve.packed([dense, sparse], epoch: epoch)
        precondition(words.count == capacity, "corrected curves have the points that the step was made with")
        try curves.write(words)
    }

    /// Records the whole step: mask in, token and two best scores out.
    public func record(into recorder: inout CommandRecorder) {
        let compact = workspace.head.compact
        let batch = workspace.batch
        recorder.stage("count")
        route.recordStart(into: &recorder, buffers)
        compact.recordCount(into: &recorder, compaction, batch: batch)
        recorder.barrier()
        recorder.stage("route")
        route.record(into: &recorder, routing, buffers, slabs: compact.slabs)
        recorder.barrier()
        recorder.stage("compact")
        compact.recordWrite(
            into: &recorder, compaction, batch: batch, gather: gather.kernel, groups: buffers.state,
            offset: buffers.compactionOffset)
        recorder.barrier()
        let stride =
            sampling?.scoreStride
            ?? max(gather.kernel.partialCount(buffers.gatherExtent), scan.kernel.partialCount(buffers.scanExtent))
        recorder.stage("score")
        // One of the two has no workgroups, so both write the same place.
        gather.record(into: &recorder, buffers.gatherExtent, resultStride: stride)
        scan.record(into: &recorder, buffers.scanExtent, resultStride: stride)
        recorder.barrier()
        recorder.stage(sampling == nil ? "finalise" : "sample")
        if let sampling {
            sampling.sampler.record(into: &recorder, sampling.stages, totalsWord: buffers.totalsWord)
        } else {
            finalize.record(
                into: &recorder, partialStride: stride, partialCount: nil, totalsWord: buffers.totalsWord)
        }
    }
}

extension Workspace {
    /// Binds a step that routes itself to set `set`.
    /// - Parameters:
    ///   - dense: the curve of the scan at this batch size.
    ///   - sparse: the curve of compaction and gather, `sparseFromMask`.
    ///   - sampling: given where a token is drawn, by what ``writeSampling(_:)`` wrote: what those rows need.
    public func routedProgram(
        scan dense: CostCurve, gather sparse: CostCurve, set: Int = 0, sampling: SamplingStages? = nil
    ) throws(DeviceError) -> RoutedProgram {
        try RoutedProgram(self, scan: dense, gather: sparse, set: set, sampling: sampling)
    }

    /// One under whose curves the device always gathers: what a profile times as `sparseRouted`.
    func gatheringProgram(set: Int, sampling: SamplingStages?) throws(DeviceError) -> RoutedProgram {
        func flat(_ step: StepName, _ time: Int) -> CostCurve {
            CostCurve(
                step: step, batch: batch, pattern: .uniform,
                points: [
                    .init(allowedTokenCount: 1, nanoseconds: time, lowNanoseconds: time, highNanoseconds: time)
                ])
        }
        return try routedProgram(scan: flat(.dense, 1), gather: flat(.sparseRouted, 0), set: set, sampling: sampling)
    }
}
