public import QPCore
public import QPDevice

/// From approximate scores and their intervals to the list of rows that must be scored, without the host.
///
/// Three dispatches: the two largest lower ends of each range of rows; a mark for each allowed row whose upper end
/// reaches the second-largest of all, or that has no usable interval; the list, and the indirect arguments of what
/// comes next: the gather of the list, or, where any batch row's survivors exceed `capacity`, the masked scan of all
/// rows. Either way the best two scores are those of the dense plan, for no other row can reach them.
///
/// Where a token is to be drawn, one more dispatch finds the largest lower end of a perturbed score, and rows that may
/// be drawn are marked too; see `Shaders/mark_survivors.comp`.
public struct SurvivorKernels: Sendable {
    private let library: KernelLibrary
    private let shape: HeadShape
    private let ends: ComputePipeline
    private let perturb: ComputePipeline?
    private let mark: ComputePipeline
    private let list: ComputePipeline
    private let wordsPerLane: Int
    private let slabs: Int

    /// - Parameter isSampled: whether rows that may be drawn survive too.
    public init(_ library: KernelLibrary, shape: HeadShape, isSampled: Bool = false) throws(DeviceError) {
        self.library = library
        self.shape = shape
        let size = library.subgroupSize
        let source: BindingKind = RowValues.source(library) == .texels ? .texels : .storage
        let macros = source == .texels ? ["SOURCE_TEXELS": "1"] : [:]
        func pipeline(
            _ file: String, _ macros: [String: String], _ bindings: [BindingKind], _ constants: Int
        ) throws(DeviceError) -> ComputePipeline {
            try library.pipeline(
                file, macros: macros, bindings: bindings, pushConstantCount: constants, workgroupSize: size)
        }
        let storage = [BindingKind](repeating: .storage, count: 6)
        ends = try pipeline("lower_ends.comp", macros, [source, source] + storage.prefix(3), 4)
        if isSampled {
            perturb = try pipeline("perturbed_ends.comp", macros, [source, source] + storage.prefix(5), 4)
            mark = try pipeline(
                "mark_survivors.comp", macros.merging(["SAMPLED": "1"]) { $1 },
                [source, source] + storage + [.storage, .storage], 7)
        } else {
            perturb = nil
            mark = try pipeline("mark_survivors.comp", macros, [source, source] + storage, 7)
        }
        list = try pipeline("list_survivors.comp", [:], storage + [.storage], 13)
        // Every subgroup that marks merges the ends of all slabs: at most 256, each of enough rows to be worth a
        // workgroup where that costs time.
        let atLeast = (shape.maskWordCount + size * 256 - 1) / (size * 256)
        wordsPerLane = max(atLeast, library.device.physical.isSoftware ? 4 : 1)
        slabs = (shape.maskWordCount + size * wordsPerLane - 1) / (size * wordsPerLane)
    }

    /// What the kernels write, for one batch.
    public struct Buffers: Sendable {
        let batch: Int
        /// Longest list of one batch row.
        public let capacity: Int
        let scan: ScoreKernel
        let gather: ScoreKernel
        /// Indirect arguments, whether the step fell back, and counts; see `list_survivors.comp`.
        let state: Buffer
        let reaches: Buffer
        let ends: Buffer
        let perturbedEnds: Buffer
        let marks: Buffer
        let counts: Buffer
        let ids: Buffer
        let lists: Buffer
        let fallback: Buffer

        /// `(x, y)` of each batch row, which ``ReachKernel`` writes.
        public var reachesResource: BoundResource { .storage(reaches) }
        public var idsResource: BoundResource { .storage(ids) }
        public var listsResource: BoundResource { .storage(lists) }
        /// A packed mask of the survivors, of which no word is stale where rows are drawn.
        public var marksResource: BoundResource { .storage(marks) }
        /// What ``FinalizeKernel`` reads its number of partial results from.
        public var stateResource: BoundResource { .storage(state) }
        /// Extent of the gather of the survivors.
        public var gatherExtent: BoundScoreKernel.Extent { .indirect(state) }
        /// Extent of the masked scan that runs when they are too many.
        public var scanExtent: BoundScoreKernel.Extent { .indirectRows(state, offset: 16) }
        /// Partial results from one batch row to the next, whichever of the two runs.
        public var partialStride: Int { max(gather.partialCount(gatherExtent), scan.partialCount(scanExtent)) }
        /// Where ``FinalizeKernel`` finds the counts.
        public var totalsWord: Int { 4 + 4 * scan.windows.count }

        /// What the last step's filter reached, for each batch row.
        public func readReaches() throws(DeviceError) -> [Reach] {
            let values: [Float] = try reaches.read(count: batch * 2)
            return (0..<batch).map { Reach(x: values[$0 * 2], y: values[$0 * 2 + 1]) }
        }

        /// The survivors that the last step listed for each batch row; empty where it fell back.
        public func readLists() throws(DeviceError) -> [[UInt32]] {
            let table: [UInt32] = try lists.read(count: batch * 2)
            var result: [[UInt32]] = []
            for row in 0..<batch {
                result.append(try ids.read(count: Int(table[row * 2 + 1]), at: Int(table[row * 2]) * 4))
            }
            return result
        }
    }

    /// - Parameters:
    ///   - capacity: the longest list of a batch row.
    ///   - gather: the kernel that scores survivors; its arguments are written.
    ///   - scan: the masked kernel that scores all allowed rows where they are too many.
    /// - Throws: ``DeviceError`` `outOfMemory`. Takes about `batch · (4·capacity + V/8)` bytes.
    public func buffers(
        batch: Int, capacity: Int, gather: ScoreKernel, scan: ScoreKernel
    ) throws(DeviceError) -> Buffers {
        precondition(capacity >= 1 && gather.selection == .gather && scan.selection != .gather)
        let device = library.device
        let fallback = scan.indirectArguments(batch: batch)
        let buffers = Buffers(
            batch: batch, capacity: capacity, scan: scan, gather: gather,
            state: try Buffer(device, byteCount: (4 + fallback.count + 2 * batch) * 4),
            reaches: try Buffer(device, byteCount: batch * 8),
            ends: try Buffer(device, byteCount: batch * slabs * 16),
            perturbedEnds: try Buffer(device, byteCount: batch * slabs * 4),
            marks: try Buffer(device, byteCount: batch * shape.maskWordCount * 4),
            counts: try Buffer(device, byteCount: batch * slabs * 4),
            ids: try Buffer(device, byteCount: batch * capacity * 4),
            lists: try Buffer(device, byteCount: batch * 8),
            fallback: try Buffer(device, byteCount: fallback.count * 4))
        try buffers.fallback.write(fallback)
        return buffers
    }

    /// - Parameters:
    ///   - scores: of the filter, for each batch row; only those of allowed rows count.
    ///   - coefficients: of the filter, one set.
    ///   - mask: `[batch, ⌈V/32⌉]` words.
    ///   - partials: where the gather leaves its results, ``Buffers/partialStride`` a batch row.
    ///   - tokenOnly: whether rows are kept only that may be the best; where one alone may be in every batch row,
    ///     nothing is scored.
    ///   - sampling: each batch row's parameters, ``SamplerKernels/Buffers/parametersResource``, where rows are drawn.
    public func bind(
        _ buffers: Buffers, scores: RowValues, coefficients: RowValues, mask: BoundResource, partials: BoundResource,
        tokenOnly: Bool, sampling: BoundResource? = nil
    ) throws(DeviceError) -> BoundSurvivorKernels {
        precondition((sampling == nil) == (perturb == nil), "kernels that draw need parameters, and no others do")
        let (scores, coefficients) = (scores.fours, coefficients.fours)
        let state = BoundResource.storage(buffers.state)
        let reaches = BoundResource.storage(buffers.reaches)
        let partialEnds = BoundResource.storage(buffers.ends)
        let perturbedEnds = BoundResource.storage(buffers.perturbedEnds)
        let marks = buffers.marksResource
        let counts = BoundResource.storage(buffers.counts)
        let V = UInt32(shape.vocabularySize)
        let words = UInt32(shape.maskWordCount)
        let (gather, batch) = (buffers.gather, UInt32(buffers.batch))
        let grid = [UInt32(wordsPerLane), UInt32(slabs)]
        let isTokenOnly: UInt32 = tokenOnly ? 1 : 0
        let totals = [batch, UInt32(buffers.totalsWord)]
        return BoundSurvivorKernels(
            buffers: buffers, slabs: slabs,
            ends: BoundSurvivorKernels.Stage(
                pipeline: ends,
                set: try BindingSet(ends.layout, [scores, coefficients, reaches, mask, partialEnds]),
                constants: [V, words] + grid),
            perturb: try sampling.map { parameters throws(DeviceError) in
                BoundSurvivorKernels.Stage(
                    pipeline: perturb!,
                    set: try BindingSet(
                        perturb!.layout,
                        [scores, coefficients, reaches, mask, partialEnds, parameters, perturbedEnds]),
                    constants: [V, words] + grid)
            },
            mark: BoundSurvivorKernels.Stage(
                pipeline: mark,
                set: try BindingSet(
                    mark.layout,
                    [scores, coefficients, reaches, mask, partialEnds, marks, counts, state]
                        + (sampling.map { [$0, perturbedEnds] } ?? [])),
                constants: [V, words] + grid + totals + [isTokenOnly]),
            list: BoundSurvivorKernels.Stage(
                pipeline: list,
                set: try BindingSet(
                    list.layout,
                    [
                        marks, counts, state, buffers.idsResource, buffers.listsResource, .storage(buffers.fallback),
                        partials,
                    ]),
                constants: [words] + grid + totals + [
                    UInt32(buffers.capacity), UInt32(gather.rowsPerGroup),
                    UInt32(gather.maximumGroups(rowCount: shape.vocabularySize)),
                    UInt32(gather.subgroupsPerGroup * gather.windows.count), UInt32(buffers.scan.windows.count),
                    UInt32(buffers.scan.partialCount(.rows(0..<shape.vocabularySize))), UInt32(buffers.partialStride),
                    isTokenOnly,
                ]))
    }
}

/// The selection with its data.
public struct BoundSurvivorKernels: Sendable {
    struct Stage: Sendable {
        let pipeline: ComputePipeline
        let set: BindingSet
        let constants: [UInt32]
    }

    let buffers: SurvivorKernels.Buffers
    let slabs: Int
    let ends: Stage
    let perturb: Stage?
    let mark: Stage
    let list: Stage

    /// Records what may run beside the filter's own scoring: counts are cleared. Before ``record(into:)``, a barrier
    /// between.
    public func recordStart(into recorder: inout CommandRecorder) {
        recorder.fill(buffers.state, offset: buffers.totalsWord * 4, byteCount: 8 * buffers.batch, with: 0)
    }

    /// Records the three or four dispatches, with barriers between them and none after.
    public func record(into recorder: inout CommandRecorder) {
        recorder.bind(ends.pipeline, ends.set, constants: ends.constants)
        recorder.dispatch(x: slabs, y: buffers.batch)
        recorder.barrier()
        if let perturb {
            recorder.bind(perturb.pipeline, perturb.set, constants: perturb.constants)
            recorder.dispatch(x: slabs, y: buffers.batch)
            recorder.barrier()
        }
        recorder.bind(mark.pipeline, mark.set, constants: mark.constants)
        recorder.dispatch(x: slabs, y: buffers.batch)
        recorder.barrier()
        recorder.bind(list.pipeline, list.set, constants: list.constants)
        recorder.dispatch(x: slabs, y: buffers.batch)
    }
}
