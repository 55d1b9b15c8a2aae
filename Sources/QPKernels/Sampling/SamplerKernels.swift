public import QPCore
public import QPDevice

/// Draws one token for each batch row from scores on the device; see ``Sampling`` for the rule.
///
/// Scores lie by id, and a packed mask names those that compete, so that every plan draws by the same kernels,
/// whichever rows it scored. Dispatches: the best two; the record, whose best score filters and weights refer to; for
/// top-k and top-p five to seven pairs of a radix search, both at once; the draws of ranges of rows; the record's
/// second half. The log-probability takes one pair, which it shares with them.
public struct SamplerKernels: Sendable {
    private let library: KernelLibrary
    private let shape: HeadShape
    private let topTwo: ComputePipeline
    private let bins: ComputePipeline
    private let digit: ComputePipeline
    private let draw: ComputePipeline
    private let finalize: ComputePipeline
    private let finalizeTopTwo: FinalizeKernel
    private let workgroupSize: Int
    private let wordsPerSubgroup: Int

    /// - Throws: ``DeviceError``; `unsupported` for more than 2²⁰ rows, whose weights might not add up in 64 bits.
    public init(_ library: KernelLibrary, shape: HeadShape) throws(DeviceError) {
        guard shape.vocabularySize <= 1 << 20 else {
            throw DeviceError(
                .unsupported,
                "sampling adds up the weights of at most \(1 << 20) tokens, and V is \(shape.vocabularySize)",
                advice: "Take the best token, or sample on the host.")
        }
        self.library = library
        self.shape = shape
        let software = library.device.physical.isSoftware
        let size = library.workgroupSize(upTo: 256)
        workgroupSize = size
        func pipeline(
            _ file: String, _ bindingCount: Int, _ constants: Int, _ size: Int
        ) throws(DeviceError) -> ComputePipeline {
            try library.pipeline(
                file, macros: size == library.subgroupSize ? ["SINGLE_SUBGROUP": "1"] : [:],
                bindings: Array(repeating: .storage, count: bindingCount), pushConstantCount: constants,
                workgroupSize: size)
        }
        topTwo = try pipeline("sample_top2.comp", 3, 6, size)
        bins = try pipeline("select_bins.comp", 6, 6, size)
        digit = try pipeline("select_digit.comp", 3, 3, library.subgroupSize)
        draw = try pipeline("sample_tokens.comp", 6, 6, size)
        finalize = try pipeline("finalize_sample.comp", 3, 4, library.subgroupSize)
        finalizeTopTwo = try FinalizeKernel(library)
        // As many words as lanes are one turn. Software pays for each workgroup's bins, and has few cores to fill.
        let turns = (shape.maskWordCount + library.subgroupSize - 1) / library.subgroupSize
        let most = software ? 32 : 1024
        wordsPerSubgroup = (turns + most - 1) / most * library.subgroupSize
    }

    private var groupCount: Int {
        let perGroup = workgroupSize / library.subgroupSize * wordsPerSubgroup
        return (shape.maskWordCount + perGroup - 1) / perGroup
    }

    /// Partial results of a batch row.
    private var partialCount: Int { groupCount * workgroupSize / library.subgroupSize }

    /// What the kernels read and write beside scores and records, for one batch.
    public struct Buffers: Sendable {
        let batch: Int
        let parameters: Buffer
        let state: Buffer
        let bins: Buffer
        let partials: Buffer
        let draws: Buffer

        /// The rows' parameters, as kernels of other steps bind them.
        public var parametersResource: BoundResource { .storage(parameters) }

        /// Uploads one ``Sampling`` a batch row; not while a submission that reads them runs.
        public func write(_ rows: [Sampling]) throws(DeviceError) {
            precondition(rows.count == batch, "one Sampling for each batch row")
            try parameters.write(rows.flatMap(\.words))
        }
    }

    /// Words of one search's state and bins: STATE_WORDS, and BINS of two words, in `Shaders/candidates.glsl`.
    private static let (stateWords, binWords, kindCount) = (8, 512, 3)

    /// - Throws: ``DeviceError`` `outOfMemory`. Takes some 15 KiB a batch row. Rows are greedy until written.
    public func buffers(batch: Int) throws(DeviceError) -> Buffers {
        func buffer(_ words: Int, _ use: MemoryUse = .device) throws(DeviceError) -> Buffer {
            try Buffer(library.device, byteCount: batch * words * 4, use: use)
        }
        let buffers = Buffers(
            batch: batch, parameters: try buffer(Sampling.wordCount, .upload),
            state: try buffer(Self.kindCount * Self.stateWords), bins: try buffer(Self.kindCount * Self.binWords),
            partials: try buffer(partialCount * StepRecord.partialByteCount / 4), draws: try buffer(partialCount * 4))
        try buffers.write(Array(repeating: .greedy, count: batch))
        return buffers
    }

    /// - Parameters:
    ///   - scores: of the rows that compete, one set a batch row; others are not looked at.
    ///   - mask: `[batch, ⌈V/32⌉]` words, the rows that compete.
    ///   - arguments: of a filtered step its state, otherwise any buffer; see ``FinalizeKernel``.
    ///   - records: `batch` records.
    public func bind(
        _ buffers: Buffers, scores: RowValues, mask: BoundResource, hidden: HiddenStates, arguments: BoundResource,
        records: BoundResource
    ) throws(DeviceError) -> BoundSampler {
        let parameters = buffers.parametersResource
        let (state, binned) = (BoundResource.storage(buffers.state), BoundResource.storage(buffers.bins))
        let (partials, draws) = (BoundResource.storage(buffers.partials), BoundResource.storage(buffers.draws))
        let values = scores.resource
        func stage(_ pipeline: ComputePipeline, _ resources: [BoundResource]) throws(DeviceError) -> BoundSampler.Stage
        {
            BoundSampler.Stage(pipeline: pipeline, set: try BindingSet(pipeline.layout, resources))
        }
        let idBits = max(1, Int.bitWidth - (shape.vocabularySize - 1).leadingZeroBitCount)
        return BoundSampler(
            buffers: buffers, groupCount: groupCount, partialCount: partialCount, passCount: 4 + (idBits + 7) / 8,
            constants: [shape.vocabularySize, shape.maskWordCount, scores.stride, wordsPerSubgroup].map { UInt32($0) },
            topTwo: try stage(topTwo, [values, mask, partials]),
            record: try finalizeTopTwo.bind(partials: partials, hidden: hidden, arguments: arguments, records: records),
            bins: try stage(bins, [values, mask, parameters, records, state, binned]),
            digit: try stage(digit, [parameters, state, binned]),
            draw: try stage(draw, [values, mask, parameters, records, state, draws]),
            finalize: try stage(finalize, [draws, state, records]),
            totalAt: 2 * Self.stateWords + 4, stateWords: Self.kindCount * Self.stateWords)
    }

    /// Noise of random words, or weights of pairs (distance, inverse) as bits, computed by the device: for tests.
    package func probe(_ inputs: [UInt64], weights: Bool) throws(DeviceError) -> [UInt64] {
        let size = max(128, library.subgroupSize)
        let pipeline = try library.pipeline(
            "fixed_point_probe.comp", macros: weights ? ["WEIGHTS": "1"] : [:], bindings: [.storage, .storage],
            pushConstantCount: 1, workgroupSize: size)
        let input = try Buffer(library.device, byteCount: inputs.count * 8)
        let output = try Buffer(library.device, byteCount: inputs.count * 8)
        try input.write(inputs)
        let set = try BindingSet(pipeline.layout, [.storage(input), .storage(output)])
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                recorder.bind(pipeline, set, constants: [UInt32(inputs.count)])
                recorder.dispatch(x: (inputs.count + size - 1) / size)
                recorder.barrierToHost()
            })
        return try output.read(count: inputs.count)
    }
}

/// The sampler with its data.
public struct BoundSampler: Sendable {
    struct Stage: Sendable {
        let pipeline: ComputePipeline
        let set: BindingSet
    }

    let buffers: SamplerKernels.Buffers
    let groupCount: Int
    let partialCount: Int
    let passCount: Int
    let constants: [UInt32]
    let topTwo: Stage
    let record: BoundFinalizeKernel
    let bins: Stage
    let digit: Stage
    let draw: Stage
    let finalize: Stage
    let totalAt: Int
    let stateWords: Int

    /// Records everything from scores to the record, with barriers between and none after.
    /// - Parameters:
    ///   - stages: what the rows' parameters need, ``SamplingStages/init(_:logProbability:)``; a row that needs more
    ///     draws nothing.
    ///   - totalsWord: of a filtered or routed step, where the bound state holds its counts.
    ///   - isFiltered: whether the mask leaves out rows that cannot be drawn, so that kept tokens are not counted.
    public func record(
        into recorder: inout CommandRecorder, _ stages: SamplingStages, totalsWord: Int? = nil, isFiltered: Bool = false
    ) {
        let batch = buffers.batch
        recorder.fill(buffers.state, offset: 0, byteCount: buffers.state.byteCount, with: 0)
        recorder.fill(buffers.bins, offset: 0, byteCount: buffers.bins.byteCount, with: 0)
        recorder.bind(topTwo.pipeline, topTwo.set, constants: constants + [0, 0])
        recorder.dispatch(x: groupCount, y: batch)
        recorder.barrier()
        record.record(
            into: &recorder, partialStride: partialCount, partialCount: partialCount, totalsWord: totalsWord)
        recorder.barrier()
        var searches: [UInt32] = []
        if stages.contains(.topK) { searches.append(0) }
        if stages.contains(.topP) { searches.append(1) }
        let sums: [UInt32] = stages.contains(.logProbability) ? [2] : []
        for pass in 0..<passCount {
            let kinds = pass == 0 ? searches + sums : searches
            if kinds.isEmpty { break }
            let packed = kinds.reversed().reduce(0) { $0 << 4 | $1 }
            recorder.bind(bins.pipeline, bins.set, constants: constants + [UInt32(pass), packed])
            recorder.dispatch(x: groupCount, y: batch, z: kinds.count)
            recorder.barrier()
            recorder.bind(digit.pipeline, digit.set, constants: [constants[0], UInt32(pass), packed])
            recorder.dispatch(x: batch, y: kinds.count)
            recorder.barrier()
        }
        let searched = UInt32(stages.intersection([.topK, .topP]).rawValue)
        recorder.bind(draw.pipeline, draw.set, constants: constants + [0, searched])
        recorder.dispatch(x: groupCount, y: batch)
        recorder.barrier()
        recorder.bind(
            finalize.pipeline, finalize.set,
            constants: [UInt32(partialCount), isFiltered ? 1 : 0, UInt32(totalAt), UInt32(stateWords)])
        recorder.dispatch(x: batch)
    }
}
