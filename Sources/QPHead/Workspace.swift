public import QPCore
public import QPDevice
public import QPKernels
internal import Synchronization

/// What the steps of one batch read and write: hidden states, allowed sets, partial results, records.
///
/// Holds one or more sets of allowed tokens, so that steps recorded behind one another can each use another set.
/// Mutable device state: two submissions that use one workspace must not overlap.
public final class Workspace: Sendable {
    public let head: Head
    public let batch: Int
    public let setCount: Int
    /// Largest K of a batch row's list.
    public let maximumTokenCount: Int
    public let hidden: HiddenStates

    private let ids: Buffer
    private let lists: Buffer
    let masks: Buffer
    private let compacted: Mutex<Compacted?>
    /// What drawing a token takes; made on first use.
    let drawing = Mutex<SamplerData?>(nil)
    private let shared = Mutex(Shared())
    let arguments: Buffer
    let partials: Buffer
    let records: Buffer
    let none: Buffer
    /// What compaction writes; made on first use, since it takes 4·V bytes a batch row.
    struct Compacted: Sendable {
        let ids: Buffer
        let lists: Buffer
        let counts: Buffer
    }

    /// What recorded steps of one kind share, since they never run at once; made on first use.
    private struct Shared {
        var screened: FilteredProgram?
        var anchored: FilteredProgram?
        var anchor: Anchor?
    }

    /// Offsets of bindings are multiples of this on every device.
    private static let alignment = 256

    private var listStride: Int { Self.aligned(batch * 8) }
    private var maskStride: Int { Self.aligned(batch * head.shape.maskWordCount * 4) }
    private var idStride: Int { Self.aligned(batch * maximumTokenCount * 4) }
    private static func aligned(_ byteCount: Int) -> Int { (byteCount + alignment - 1) / alignment * alignment }

    /// - Parameters:
    ///   - setCount: sets of allowed tokens held at once.
    ///   - maximumTokenCount: the longest list, V if nil.
    /// - Throws: ``DeviceError`` `outOfMemory`. Takes about `setCount · batch · (4·K + V/8) + batch · 4·V` bytes.
    public init(_ head: Head, batch: Int, setCount: Int = 1, maximumTokenCount: Int? = nil) throws(DeviceError) {
        self.head = head
        self.batch = batch
        self.setCount = setCount
        let V = head.shape.vocabularySize
        self.maximumTokenCount = min(V, maximumTokenCount ?? V)
        let device = head.library.device
        try Self.requireBinding(batch: batch, head)
        hidden = try HiddenStates(device, shape: head.shape, batch: batch)
        func buffer(_ byteCount: Int, _ use: MemoryUse) throws(DeviceError) -> Buffer {
            try Buffer(device, byteCount: byteCount, use: use)
        }
        ids = try buffer(setCount * Self.aligned(batch * self.maximumTokenCount * 4), .device)
        lists = try buffer(setCount * Self.aligned(batch * 8), .device)
        masks = try buffer(setCount * Self.aligned(batch * head.shape.maskWordCount * 4), .device)
        compacted = Mutex(nil)
        arguments = try buffer(16, .device)
        none = try buffer(16, .device)
        records = try buffer(batch * StepRecord.byteCount, .readback)
        let gather = try head.kernel(.gather, .topTwo, batch: batch)
        let scan = try head.kernel(.masked(skipping: false), .topTwo, batch: batch)
        let partialCount = max(
            gather.partialCount(.indirect(arguments)), gather.partialCount(.listed(V)), scan.partialCount(.rows(0..<V)))
        partials = try buffer(batch * partialCount * 20, .device)
    }

    /// Lists of ids and scores are one binding each.
    private static func requireBinding(batch: Int, _ head: Head) throws(DeviceError) {
        let limit = head.library.device.limits.storageBindingBytes
        // Scores of a filter begin at multiples of four.
        let stride = (head.shape.vocabularySize + 3) / 4 * 4
        let needed = batch * stride * 4
        guard needed <= limit else {
            throw DeviceError(
                .outOfMemory,
                "\(batch) hidden states over \(head.shape.vocabularySize) tokens need a binding of \(needed) bytes, but "
                    + "this device binds \(limit) at most",
                advice: "Take a batch of \(max(1, limit / (4 * stride))) or less.")
        }
    }

    /// Uploads the allowed set of each batch row into set `set`, as lists and as masks.
    public func load(_ allowed: [TokenMask], set: Int = 0) throws(DeviceError) {
        try load(allowed.map { $0 }, set: set) { values, buffer, offset throws(DeviceError) in
            try buffer.write(values, at: offset)
        }
    }

    /// The same by `write`. A row that is nil gets an empty list, and its mask is left alone: the device has it.
    func load(
        _ allowed: [TokenMask?], set: Int = 0, write: ([UInt32], Buffer, _ offset: Int) throws(DeviceError) -> Void
    ) throws(DeviceError) {
        precondition(allowed.count == batch && (0..<setCount).contains(set), "one mask for each batch row")
        var table: [UInt32] = []
        var offset = set * idStride
        for (row, mask) in allowed.enumerated() {
            let tokens = mask?.tokens ?? []
            precondition(tokens.count <= maximumTokenCount, "the workspace holds lists of up to \(maximumTokenCount)")
            table += [UInt32((offset - set * idStride) / 4), UInt32(tokens.count)]
            guard let mask else { continue }
            precondition(mask.vocabularySize == head.shape.vocabularySize, "mask and head differ in V")
            try write(tokens, ids, offset)
            try write(mask.words, masks, maskOffset(row: row, set: set))
            offset += tokens.count * 4
        }
        try write(table, lists, set * listStride)
    }

    /// Where the mask of a batch row begins in `masks`.
    func maskOffset(row: Int, set: Int = 0) -> Int { set * maskStride + row * head.shape.maskWordCount * 4 }

    /// The records of the last step that finished.
    public func readRecords() throws(DeviceError) -> [StepRecord] { try StepRecord.read(records, batch: batch) }

    func idRange(_ set: Int) -> BoundResource { .storage(ids, offset: set * idStride, byteCount: idStride) }
    func listRange(_ set: Int) -> BoundResource {
        .storage(lists, offset: set * listStride, byteCount: batch * 8)
    }
    func maskRange(_ set: Int) -> BoundResource {
        .storage(masks, offset: set * maskStride, byteCount: batch * head.shape.maskWordCount * 4)
    }
}

extension Workspace {
    /// A step with its data, recorded as often as wanted.
    public struct Program: Sendable {
        fileprivate enum Body: Sendable {
            case masked(BoundScoreKernel)
            case listed(BoundScoreKernel)
            case fromMask(BindingSet, BoundScoreKernel)
            case routed(RoutedProgram)
            case filtered(FilteredProgram)
            case refresh(RefreshProgram)
        }
        fileprivate let body: Body
        fileprivate let finalize: BoundFinalizeKernel
        fileprivate let sampling: SampledEnd?
        fileprivate let workspace: Workspace

        /// Records the whole step: allowed set in, token and two best scores out.
        /// - Parameter longestList: the largest K of a batch row, where the host knows it.
        public func record(into recorder: inout CommandRecorder, longestList: Int) {
            let partialCount: Int
            var knownCount: Int?
            let scoreStride = sampling?.scoreStride
            switch body {
            case .masked(let score):
                recorder.stage("scan")
                let extent = BoundScoreKernel.Extent.rows(0..<workspace.head.shape.vocabularySize)
                partialCount = score.kernel.partialCount(extent)
                knownCount = partialCount
                score.record(into: &recorder, extent, resultStride: scoreStride ?? partialCount)
            case .listed(let score):
                recorder.stage("gather")
                partialCount = score.kernel.partialCount(.listed(longestList))
                knownCount = partialCount
                score.record(into: &recorder, .listed(longestList), resultStride: scoreStride ?? partialCount)
            case .fromMask(let compact, let score):
                recorder.stage("compact")
                workspace.head.compact.record(
                    into: &recorder, compact, batch: workspace.batch, arguments: workspace.arguments,
                    gather: score.kernel)
                recorder.barrier()
                recorder.stage("gather")
                let extent = BoundScoreKernel.Extent.indirect(workspace.arguments)
                partialCount = score.kernel.partialCount(extent)
                score.record(into: &recorder, extent, resultStride: scoreStride ?? partialCount)
            // Steps that finalise for themselves.
            case .routed(let program): return program.record(into: &recorder)
            case .filtered(let program): return program.record(into: &recorder, longestList: longestList)
            case .refresh(let program): return program.record(into: &recorder, longestList: longestList)
            }
            recorder.barrier()
            recorder.stage(sampling == nil ? "finalise" : "sample")
            if let sampling {
                sampling.sampler.record(into: &recorder, sampling.stages)
            } else {
                finalize.record(into: &recorder, partialStride: partialCount, partialCount: knownCount)
            }
        }
    }

    /// Binds `step` to set `set`: a routed step to curves under which the device always gathers, a screened one to the
    /// head's ``Head/screenFormat``, recompute and reuse to an anchor of the workspace's own, which holds
    /// nothing until a recompute has run.
    /// - Parameter sampling: given where a token is drawn, by what ``writeSampling(_:)`` wrote: what those rows need.
    /// - Throws: ``DeviceError``; the first screened step makes the copy, the first recompute the anchor. With
    ///   sampling, the first program takes `batch · 4·V` bytes for scores.
    public func program(
        _ step: StepName, set: Int = 0, sampling: SamplingStages? = nil
    ) throws(DeviceError) -> Program {
        let body: Program.Body
        let end = try sampling.map { stages throws(DeviceError) in
            try sampledEnd(stages, mask: maskRange(set))
        }
        let result = end?.scores ?? .storage(partials)
        switch step {
        case .dense, .denseSkipping:
            let kernel = try head.kernel(
                .masked(skipping: step == .denseSkipping), end == nil ? .topTwo : .scores, batch: batch)
            body = .masked(
                try kernel.bind(hidden: hidden, allowed: maskRange(set), lists: .storage(none), result: result))
        case .sparse:
            let kernel = try head.kernel(.gather, end == nil ? .topTwo : .scattered, batch: batch)
            body = .listed(
                try kernel.bind(hidden: hidden, allowed: idRange(set), lists: listRange(set), result: result))
        case .sparseFromMask:
            let kernel = try head.kernel(.gather, end == nil ? .topTwo : .scattered, batch: batch)
            let compacted = try compactedBuffers()
            body = .fromMask(
                try compactBinding(set: set),
                try kernel.bind(
                    hidden: hidden, allowed: .storage(compacted.ids), lists: .storage(compacted.lists), result: result))
        case .sparseRouted:
            body = .routed(try gatheringProgram(set: set, sampling: sampling))
        case .screenedRerank:
            let filter = RowFilter.screen(try head.screenCopy(), access: .gather)
            let program = try FilteredProgram(
                self, filter, set: set, tokenOnly: false, survivorCapacity: nil, sampling: sampling,
                sharing: sampling == nil ? shared.withLock { $0.screened } : nil)
            if sampling == nil { shared.withLock { $0.screened = $0.screened ?? program } }
            body = .filtered(program)
        case .amortizedRerank:
            let anchor = try sharedAnchor()
            let program = try FilteredProgram(
                self, .anchor(anchor), set: set, tokenOnly: false, survivorCapacity: nil, sampling: sampling,
                sharing: sampling == nil ? shared.withLock { $0.anchored } : nil)
            if sampling == nil { shared.withLock { $0.anchored = $0.anchored ?? program } }
            body = .filtered(program)
        case .fullRecompute:
            body = .refresh(try refresh(try sharedAnchor(), set: set, sampling: sampling))
        }
        let finalize = try head.finalize.bind(
            partials: .storage(partials), hidden: hidden, arguments: .storage(arguments), records: .storage(records))
        return Program(body: body, finalize: finalize, sampling: end, workspace: self)
    }

    private func sharedAnchor() throws(DeviceError) -> Anchor {
        if let known = shared.withLock({ $0.anchor }) { return known }
        let made = try Anchor(head, batch: batch)
        return shared.withLock { shared in
            if let known = shared.anchor { return known }
            shared.anchor = made
            return made
        }
    }

    private func compactBinding(set: Int) throws(DeviceError) -> BindingSet {
        let compacted = try compactedBuffers()
        return try head.compact.bind(
            mask: maskRange(set), counts: .storage(compacted.counts), ids: .storage(compacted.ids),
            lists: .storage(compacted.lists), arguments: .storage(arguments))
    }

    func compactedBuffers() throws(DeviceError) -> Compacted {
        if let known = compacted.withLock({ $0 }) { return known }
        let device = head.library.device
        let made = Compacted(
            ids: try Buffer(device, byteCount: batch * head.shape.vocabularySize * 4),
            lists: try Buffer(device, byteCount: batch * 8),
            counts: try Buffer(device, byteCount: head.compact.countsByteCount(batch: batch)))
        return compacted.withLock { compacted in
            if let known = compacted { return known }
            compacted = made
            return made
        }
    }

    /// Records one kernel alone, as the profiler times it. Writes into `scores` (`[batch, V]` binary32) where the
    /// kernel leaves scores.
    func recordKernel(
        _ name: KernelName, into recorder: inout CommandRecorder, tokenCount K: Int, rows: Range<Int>, set: Int,
        scores: Buffer
    ) throws(DeviceError) {
        let V = head.shape.vocabularySize
        func score(
            _ selection: RowSelection, _ output: ScoreOutput, _ allowed: BoundResource
        ) throws(DeviceError) -> BoundScoreKernel {
            try head.kernel(selection, output, batch: batch).bind(
                hidden: hidden, allowed: allowed, lists: selection == .gather ? listRange(set) : .storage(none),
                result: .storage(output == .scores ? scores : partials))
        }
        switch name {
        case .scan:
            try score(.scan, .scores, .storage(none)).record(into: &recorder, .rows(rows), resultStride: V)
        case .scanTopTwo:
            let bound = try score(.scan, .topTwo, .storage(none))
            bound.record(into: &recorder, .rows(rows), resultStride: bound.kernel.partialCount(.rows(rows)))
        case .maskedScanTopTwo:
            let bound = try score(.masked(skipping: true), .topTwo, maskRange(set))
            bound.record(into: &recorder, .rows(0..<V), resultStride: bound.kernel.partialCount(.rows(0..<V)))
        case .gather:
            try score(.gather, .scores, idRange(set)).record(into: &recorder, .listed(K), resultStride: 0)
        case .gatherTopTwo:
            let bound = try score(.gather, .topTwo, idRange(set))
            bound.record(into: &recorder, .listed(K), resultStride: bound.kernel.partialCount(.listed(K)))
        case .topTwo:
            let kernel = try TopTwoKernel(head.library, isListed: false)
            let bound = try kernel.bind(
                scores: .storage(scores), ids: .storage(none), partials: .storage(partials))
            kernel.record(
                into: &recorder, bound, count: K, batch: batch, scoreStride: V,
                partialStride: kernel.partialCount(count: K))
        case .compactMask:
            head.compact.record(
                into: &recorder, try compactBinding(set: set), batch: batch, arguments: arguments)
        }
    }

    /// The partial results of a kernel that visited all V rows, merged on the host.
    func mergedPartials(_ kernel: KernelName, row: Int) throws(DeviceError) -> StepRecord {
        let V = head.shape.vocabularySize
        let count =
            kernel == .topTwo
            ? try TopTwoKernel(head.library, isListed: false).partialCount(count: V)
            : try head.kernel(.scan, .topTwo, batch: batch).partialCount(.rows(0..<V))
        return try StepRecord.mergedPartials(partials, offset: row * count, count: count)
    }
}
