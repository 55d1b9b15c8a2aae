public import QPCore
public import QPDevice
public import QPKernels

/// A step that cannot be taken as asked.
public enum StepError: Error, Equatable, CustomStringConvertible {
    /// Not one hidden state and one allowed set for each batch row.
    case batchMismatch(hiddenStates: Int, allowedSets: Int, batch: Int)
    /// Not one sequence for each batch row.
    case sequenceMismatch(sequences: Int, batch: Int)
    /// A hidden state of the wrong length.
    case hiddenSize(given: Int, expected: Int, batchRow: Int)
    /// A mask over another vocabulary.
    case maskSize(given: Int, expected: Int, batchRow: Int)
    /// More allowed tokens than the workspace has room for.
    case listTooLong(allowedTokenCount: Int, maximum: Int, batchRow: Int)
    /// h holds a NaN or an infinity.
    case hiddenNotFinite(batchRow: Int)
    /// The allowed set is empty or names what is not there.
    case allowed(TokenSetError)
    /// No allowed row has a finite score, so no token can be given.
    case noFiniteScore(batchRow: Int, allowedTokenCount: Int)
    /// An anchor or a copy of W that was made for another head, batch or reduction order; its bounds do not hold here.
    case filterMismatch(FilterMismatch)
    /// Not one way to draw for each batch row.
    case samplingCount(given: Int, batch: Int)
    /// A filtered step is asked for what needs every allowed score.
    case needsAllScores(batchRow: Int)
    /// The device failed.
    case device(DeviceError)

    /// What failed, with which values, and what to try.
    public var description: String {
        switch self {
        case .batchMismatch(let hiddenStates, let allowedSets, let batch):
            "\(hiddenStates) hidden states and \(allowedSets) allowed sets are given for a batch of \(batch); "
                + "give one of each for every batch row"
        case .sequenceMismatch(let sequences, let batch):
            "\(sequences) sequences are named for a batch of \(batch); name one for every batch row, or none at all"
        case .hiddenSize(let given, let expected, let batchRow):
            "the hidden state of batch row \(batchRow) has \(given) values, but the head has d = \(expected)"
        case .maskSize(let given, let expected, let batchRow):
            "the mask of batch row \(batchRow) is over \(given) tokens, but the head has V = \(expected)"
        case .listTooLong(let allowedTokenCount, let maximum, let batchRow):
            "\(allowedTokenCount) tokens are allowed in batch row \(batchRow), but the workspace was made for \(maximum); "
                + "make it with a larger maximumTokenCount"
        case .hiddenNotFinite(let batchRow):
            "the hidden state of batch row \(batchRow) holds a NaN or an infinity; every score would be meaningless, "
                + "so look for the layer that made it"
        case .allowed(let error): error.description
        case .noFiniteScore(let batchRow, let allowedTokenCount):
            "none of the \(allowedTokenCount) tokens allowed in batch row \(batchRow) has a finite score; "
                + "their rows of W hold NaN or infinities: check how the weights were loaded"
        case .filterMismatch(let mismatch): mismatch.description
        case .samplingCount(let given, let batch):
            "\(given) sampling parameters are given for a batch of \(batch); give one for every batch row"
        case .needsAllScores(let batchRow):
            "batch row \(batchRow) asks for top-k, top-p or a log-probability, but a filtered step scores only rows that "
                + "may win; take dense, sparse or a recompute, or filter by min-p"
        case .device(let error): error.description
        }
    }
}

extension StepRecord {
    /// What a user should hear of although the step succeeded; nil when nothing.
    public var warning: String? {
        nonFiniteRowCount == 0
            ? nil
            : "\(nonFiniteRowCount) allowed tokens have no finite score (NaN or infinity in their rows of W); "
                + "they cannot win"
    }
}

extension Workspace {
    /// Runs one step: allowed tokens in, token and two best scores out. Blocks until the device is done.
    ///
    /// ```swift
    /// let record = try workspace.run(.sparse, hidden: [h], allowed: [[3, 17, 90]])[0]
    /// record.token     // the best of 3, 17 and 90
    /// record.margin    // distance to the runner-up
    /// ```
    ///
    /// - Parameters:
    ///   - hidden: d values for each batch row.
    ///   - allowed: for each batch row ascending ids, each once.
    /// - Throws: ``StepError``; nothing is submitted when the input is at fault.
    public func run(
        _ step: StepName, hidden states: [[Float]], allowed: [[Int]]
    ) throws(StepError) -> [StepRecord] {
        var masks: [TokenMask] = []
        for tokens in allowed {
            do throws(TokenSetError) {
                masks.append(try TokenMask(ascending: tokens, vocabularySize: head.shape.vocabularySize))
            } catch {
                throw .allowed(error)
            }
        }
        return try run(step, hidden: states, allowed: masks)
    }

    /// The same with masks, as a grammar engine gives them.
    public func run(
        _ step: StepName, hidden states: [[Float]], allowed: [TokenMask]
    ) throws(StepError) -> [StepRecord] {
        try run(hidden: states, allowed: allowed) { recorder, longestList throws(DeviceError) in
            try program(step).record(into: &recorder, longestList: longestList)
        }
    }

    /// Checks the input, uploads it, runs what `record` records, and checks what came of it.
    /// - Parameter record: receives the largest K of a batch row.
    func run(
        hidden states: [[Float]], allowed: [TokenMask],
        record: (inout CommandRecorder, Int) throws(DeviceError) -> Void
    ) throws(StepError) -> [StepRecord] {
        guard states.count == batch, allowed.count == batch else {
            throw .batchMismatch(hiddenStates: states.count, allowedSets: allowed.count, batch: batch)
        }
        for (row, values) in states.enumerated() where values.count != head.shape.hiddenSize {
            throw .hiddenSize(given: values.count, expected: head.shape.hiddenSize, batchRow: row)
        }
        for (row, mask) in allowed.enumerated() where mask.vocabularySize != head.shape.vocabularySize {
            throw .maskSize(given: mask.vocabularySize, expected: head.shape.vocabularySize, batchRow: row)
        }
        let counts = allowed.map(\.count)
        if let row = counts.firstIndex(where: { $0 > maximumTokenCount }) {
            throw .listTooLong(allowedTokenCount: counts[row], maximum: maximumTokenCount, batchRow: row)
        }
        if let row = counts.firstIndex(of: 0) { throw .allowed(.empty(batchRow: row)) }
        let records: [StepRecord]
        do throws(DeviceError) {
            for (row, values) in states.enumerated() { try hidden.write(values, row: row) }
            try load(allowed)
            let device = head.library.device
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    try record(&recorder, counts.max()!)
                    recorder.barrierToHost()
                })
            records = try readRecords()
        } catch {
            throw .device(error)
        }
        for (row, record) in records.enumerated() {
            guard record.hiddenIsFinite else { throw .hiddenNotFinite(batchRow: row) }
            guard record.token != nil else { throw .noFiniteScore(batchRow: row, allowedTokenCount: counts[row]) }
        }
        return records
    }
}
