public import QPCore
public import QPDevice
public import QPKernels
internal import Synchronization

/// What drawing tokens takes of a workspace.
struct SamplerData: Sendable {
    let kernels: SamplerKernels
    let buffers: SamplerKernels.Buffers
    /// Exact scores by id, whichever rows a step scored.
    let scores: RowValues
}

/// How a sampled program ends.
struct SampledEnd: Sendable {
    let sampler: BoundSampler
    let stages: SamplingStages
    /// Where the program leaves its scores, and how far one batch row's lie from the next.
    let scores: BoundResource
    let scoreStride: Int
}

extension Workspace {
    /// Uploads how each batch row's token is drawn, for programs that were made with sampling: a recorded one is
    /// submitted again with other parameters. A row that needs a stage which was not recorded draws nothing, and its
    /// ``StepRecord/chosenToken`` is nil. Not while one of them runs.
    ///
    /// ```swift
    /// let rows = [try Sampling(temperature: 0.7, topP: 0.9, seed: 1), .greedy]
    /// let program = try workspace.program(.sparse, sampling: SamplingStages(rows))
    /// try workspace.writeSampling(rows)
    /// ```
    ///
    /// - Throws: ``DeviceError``. The first call takes `batch · 4·V` bytes for scores.
    public func writeSampling(_ rows: [Sampling]) throws(DeviceError) { try samplerData().buffers.write(rows) }

    func samplerData() throws(DeviceError) -> SamplerData {
        if let known = drawing.withLock({ $0 }) { return known }
        let kernels = try head.samplerKernels()
        let made = SamplerData(
            kernels: kernels, buffers: try kernels.buffers(batch: batch),
            scores: try RowValues(head.library, vocabularySize: head.shape.vocabularySize, setCount: batch))
        return drawing.withLock { drawing in
            if let known = drawing { return known }
            drawing = made
            return made
        }
    }

    /// Draws from `scores` those rows that `mask` names.
    /// - Parameter arguments: of a filtered step its state.
    func sampler(
        _ scores: RowValues, mask: BoundResource, arguments: BoundResource? = nil
    ) throws(DeviceError) -> BoundSampler {
        let data = try samplerData()
        return try data.kernels.bind(
            data.buffers, scores: scores, mask: mask, hidden: hidden, arguments: arguments ?? .storage(self.arguments),
            records: .storage(records))
    }

    func sampledEnd(
        _ stages: SamplingStages, mask: BoundResource, arguments: BoundResource? = nil
    ) throws(DeviceError) -> SampledEnd {
        let scores = try samplerData().scores
        return SampledEnd(
            sampler: try sampler(scores, mask: mask, arguments: arguments), stages: stages, scores: scores.resource,
            scoreStride: scores.stride)
    }
}

extension Head {
    func samplerKernels() throws(DeviceError) -> SamplerKernels {
        if let known = sampler.withLock({ $0 }) { return known }
        let made = try SamplerKernels(library, shape: shape)
        sampler.withLock { $0 = made }
        return made
    }
}

extension Workspace {
    /// Runs one step and draws each row's token. Blocks until the device is done; only the records come back.
    ///
    /// ```swift
    /// let sampling = try Sampling(temperature: 0.7, topP: 0.9, seed: 42, step: 17)
    /// let record = try workspace.run(.dense, hidden: [h], allowed: [mask], sampling: [sampling])[0]
    /// record.chosenToken                  // the token drawn, the same from every plan
    /// record.token                        // the best one
    /// ```
    ///
    /// - Parameters:
    ///   - sampling: how each batch row's token is drawn; rows may differ.
    ///   - logProbability: whether ``SampledToken/logProbability`` is wanted.
    /// - Throws: ``StepError``; nothing is submitted when the input is at fault. `needsAllScores` where a filtered step
    ///   is asked for top-k, top-p or a log-probability.
    public func run(
        _ step: StepName, hidden states: [[Float]], allowed: [TokenMask], sampling: [Sampling],
        logProbability: Bool = false
    ) throws(StepError) -> [StepRecord] {
        let stages = SamplingStages(sampling, logProbability: logProbability)
        if step == .screenedRerank || step == .amortizedRerank, stages != [] {
            let row = sampling.firstIndex { SamplingStages([$0]) != [] } ?? 0
            throw .needsAllScores(batchRow: row)
        }
        return try run(hidden: states, allowed: allowed, sampling: sampling) { recorder, longest throws(DeviceError) in
            try program(step, sampling: stages).record(into: &recorder, longestList: longest)
        }
    }

    /// Runs one filtered step and draws each row's token, the dense plan's.
    /// - Throws: ``StepError``; `needsAllScores` for top-k and top-p.
    public func run(
        _ filter: RowFilter, hidden states: [[Float]], allowed: [TokenMask], sampling: [Sampling]
    ) throws(StepError) -> [StepRecord] {
        if let mismatch = filter.mismatch(with: self) { throw .filterMismatch(mismatch) }
        if let row = sampling.firstIndex(where: { SamplingStages([$0]) != [] }) { throw .needsAllScores(batchRow: row) }
        return try run(hidden: states, allowed: allowed, sampling: sampling) { recorder, longest throws(DeviceError) in
            try program(filter, sampling: []).record(into: &recorder, longestList: longest)
        }
    }

    /// Runs one step that keeps its states and scores in `anchor`, and draws each row's token.
    /// - Throws: ``StepError``; nothing is submitted when the input is at fault.
    public func run(
        refreshing anchor: Anchor, access: RowAccess = .scan, hidden states: [[Float]], allowed: [TokenMask],
        sampling: [Sampling], logProbability: Bool = false
    ) throws(StepError) -> [StepRecord] {
        if let mismatch = RowFilter.anchor(anchor).mismatch(with: self) { throw .filterMismatch(mismatch) }
        let stages = SamplingStages(sampling, logProbability: logProbability)
        return try run(hidden: states, allowed: allowed, sampling: sampling) { recorder, longest throws(DeviceError) in
            try refresh(anchor, access: access, sampling: stages).record(into: &recorder, longestList: longest)
        }
    }

    private func run(
        hidden states: [[Float]], allowed: [TokenMask], sampling: [Sampling],
        record: (inout CommandRecorder, Int) throws(DeviceError) -> Void
    ) throws(StepError) -> [StepRecord] {
        guard sampling.count == batch else { throw .samplingCount(given: sampling.count, batch: batch) }
        return try run(hidden: states, allowed: allowed) { recorder, longest throws(DeviceError) in
            try writeSampling(sampling)
            try record(&recorder, longest)
        }
    }
}
