public import QPDevice

/// The answer for one batch row, as the device leaves it.
public struct StepRecord: Equatable, Sendable {
    /// Bytes of a record on the device.
    public static let byteCount = 64
    /// Bytes of one partial result.
    static let partialByteCount = 20
    static let noToken = UInt32.max

    /// The best token by score; nil when no allowed row had a finite score.
    public let token: UInt32?
    public let score: Float
    /// The second best token; nil when K = 1, and where only the token was asked for.
    public let runnerUp: UInt32?
    public let runnerUpScore: Float
    /// Allowed rows whose score was NaN or infinite; they never win.
    public let nonFiniteRowCount: Int
    /// Whether h held a NaN or an infinity, which makes the record meaningless.
    public let hiddenIsFinite: Bool
    /// Rows that a filter left to be scored; 0 for a step without a filter.
    public let survivorCount: Int
    /// Rows that a filter left as possible winners; 1 where the filter alone proves the token, 0 where it knew nothing
    /// of any row.
    public let contenderCount: Int
    /// Whether the survivors were too many for their list, so that all allowed rows were scored.
    public let fellBack: Bool
    /// What is proven: the token at least, but for a plan that proves nothing.
    public private(set) var proof: Proof
    /// What was drawn; nil where the step was recorded without sampling, without what the row's parameters need, or
    /// where no row had a finite score.
    public private(set) var sampled: SampledToken?
    private var isDrawn: Bool

    /// What of a record is the dense plan's, bit for bit.
    public enum Proof: Sendable {
        /// The token, the runner-up and both scores.
        case topTwo
        /// The token and its score; there may be a runner-up, but it is not given.
        case token
        /// The token alone: the filter left no other, so nothing was scored. The score is −∞.
        case tokenUnscored
        /// Nothing: the scores are an earlier step's.
        case nothing
    }

    /// The same with nothing proven.
    package var unproven: StepRecord {
        var record = self
        record.proof = .nothing
        return record
    }

    /// The token of the step: the one drawn, or the best one where it was recorded without sampling.
    public var chosenToken: UInt32? { isDrawn ? sampled?.token : token }

    /// Distance between the two best scores; nil when there is only one.
    public var margin: Float? { runnerUp == nil ? nil : score - runnerUpScore }

    init(words: ArraySlice<UInt32>) {
        let w = Array(words)
        token = w[0] == Self.noToken ? nil : w[0]
        score = Float(bitPattern: w[1])
        proof = w[5] & 4 != 0 ? .tokenUnscored : w[5] & 8 != 0 ? .token : .topTwo
        runnerUp = w[2] == Self.noToken || proof != .topTwo ? nil : w[2]
        runnerUpScore = proof == .topTwo ? Float(bitPattern: w[3]) : -.infinity
        nonFiniteRowCount = Int(w[4])
        hiddenIsFinite = w[5] & 1 == 0
        fellBack = w[5] & 2 != 0
        survivorCount = Int(w[6])
        contenderCount = Int(w[7])
        isDrawn = w[5] & 16 != 0
        sampled = isDrawn ? SampledToken(words: w[8...], best: Float(bitPattern: w[1])) : nil
    }

    init(token: UInt32?, score: Float, runnerUp: UInt32?, runnerUpScore: Float, nonFiniteRowCount: Int) {
        self.token = token
        self.score = score
        self.runnerUp = runnerUp
        self.runnerUpScore = runnerUpScore
        self.nonFiniteRowCount = nonFiniteRowCount
        hiddenIsFinite = true
        fellBack = false
        proof = .topTwo
        survivorCount = 0
        contenderCount = 0
        sampled = nil
        isDrawn = false
    }

    /// The answer where one token is allowed: known without a score, which is −∞.
    /// - Parameter isDrawn: whether the step draws, which then has one outcome, of probability 1.
    package static func forced(_ token: UInt32, isDrawn: Bool = false) -> StepRecord {
        let none = -Float.infinity
        var record = StepRecord(words: [token, none.bitPattern, noToken, none.bitPattern, 0, 4, 0, 1])
        if isDrawn {
            record.isDrawn = true
            record.sampled = SampledToken(
                token: token, score: none, perturbedScore: none, keptTokenCount: 1, logProbability: 0)
        }
        return record
    }

    /// Whether two steps gave the same answer, bit by bit, however they came to it.
    public func hasSameAnswer(as other: StepRecord) -> Bool {
        token == other.token && score.bitPattern == other.score.bitPattern && runnerUp == other.runnerUp
            && runnerUpScore.bitPattern == other.runnerUpScore.bitPattern
            && nonFiniteRowCount == other.nonFiniteRowCount && hiddenIsFinite == other.hiddenIsFinite
    }

    /// Partial results `offset..<offset + count` of a buffer, merged on the host: what ``FinalizeKernel`` does.
    public static func mergedPartials(
        _ buffer: Buffer, offset: Int, count: Int
    ) throws(DeviceError) -> StepRecord {
        let words: [UInt32] = try buffer.read(count: count * partialByteCount / 4, at: offset * partialByteCount)
        var candidates: [(id: UInt32, score: Float)] = []
        var nonFinite = 0
        for index in 0..<count {
            let w = words[(index * 5)..<(index * 5 + 5)].map { $0 }
            if w[1] != noToken { candidates.append((w[1], Float(bitPattern: w[0]))) }
            if w[3] != noToken { candidates.append((w[3], Float(bitPattern: w[2]))) }
            nonFinite += Int(w[4])
        }
        let top = Reference.topTwo(candidates)
        return StepRecord(
            token: top.token, score: top.score, runnerUp: top.runnerUp, runnerUpScore: top.runnerUpScore,
            nonFiniteRowCount: nonFinite)
    }

    /// The records of `batch` rows from a buffer that the finalising kernel wrote.
    public static func read(_ buffer: Buffer, batch: Int) throws(DeviceError) -> [StepRecord] {
        let words: [UInt32] = try buffer.read(count: batch * byteCount / 4)
        return (0..<batch).map { StepRecord(words: words[($0 * 16)..<($0 * 16 + 16)]) }
    }
}

/// Merges partial results into one record a batch row, and looks for NaN and infinities in h.
public struct FinalizeKernel: Sendable {
    private let library: KernelLibrary
    private let pipeline: ComputePipeline

    public init(_ library: KernelLibrary) throws(DeviceError) {
        self.library = library
        // Software executes a barrier as a switch of coroutines, so there one subgroup does it all.
        let software = library.device.physical.isSoftware
        // One workgroup merges few results. 256 lanes are no more subgroups than the kernel has places for, down to
        // subgroups of two.
        let size = library.workgroupSize(upTo: 256)
        pipeline = try library.pipeline(
            "finalize_top2.comp", macros: software ? ["SINGLE_SUBGROUP": "1"] : [:],
            bindings: [.storage, .storage, .storage, .storage], pushConstantCount: 4, workgroupSize: size)
    }

    public func bind(
        partials: BoundResource, hidden: HiddenStates, arguments: BoundResource, records: BoundResource
    ) throws(DeviceError) -> BoundFinalizeKernel {
        BoundFinalizeKernel(
            pipeline: pipeline, hidden: hidden,
            set: try BindingSet(pipeline.layout, [partials, .storage(hidden.buffer), arguments, records]))
    }
}

/// A finalising kernel with its data.
public struct BoundFinalizeKernel: Sendable {
    let pipeline: ComputePipeline
    let hidden: HiddenStates
    let set: BindingSet

    /// - Parameters:
    ///   - partialCount: partial results of a batch row; nil reads it from the indirect arguments.
    ///   - totalsWord: of a filtered step, where those arguments hold its counts.
    public func record(
        into recorder: inout CommandRecorder, partialStride: Int, partialCount: Int?, totalsWord: Int? = nil
    ) {
        recorder.bind(
            pipeline, set,
            constants: [
                UInt32(partialStride), partialCount.map { UInt32($0) } ?? UInt32.max, UInt32(hidden.vectorsPerState),
                totalsWord.map { UInt32($0) } ?? UInt32.max,
            ])
        recorder.dispatch(x: hidden.batch)
    }
}

/// Best two of an array of scores, as partial results.
public struct TopTwoKernel: Sendable {
    private let library: KernelLibrary
    private let pipeline: ComputePipeline
    private let workgroupSize: Int

    /// - Parameters:
    ///   - isListed: whether ids come from a list; otherwise a score's position is its id.
    ///   - isMasked: whether only the scores of a packed mask compete, which is bound in place of the list.
    public init(_ library: KernelLibrary, isListed: Bool, isMasked: Bool = false) throws(DeviceError) {
        precondition(!(isListed && isMasked), "a list holds what competes already")
        self.library = library
        workgroupSize = library.workgroupSize(upTo: 256)
        pipeline = try library.pipeline(
            "reduce_top2.comp", macros: isListed ? ["LISTED": "1"] : isMasked ? ["MASKED": "1"] : [:],
            bindings: [.storage, .storage, .storage], pushConstantCount: 3, workgroupSize: workgroupSize)
    }

    /// Partial results for `count` scores: a subgroup takes at least 64 rounds of its lanes.
    public func partialCount(count: Int) -> Int {
        let perSubgroup = library.subgroupSize * 64
        let subgroups = min(library.targetSubgroupCount, max(1, (count + perSubgroup - 1) / perSubgroup))
        let perGroup = workgroupSize / library.subgroupSize
        return (subgroups + perGroup - 1) / perGroup * perGroup
    }

    public func bind(
        scores: BoundResource, ids: BoundResource, partials: BoundResource
    ) throws(DeviceError) -> BindingSet {
        try BindingSet(pipeline.layout, [scores, ids, partials])
    }

    /// Reduces `count` scores of each of `batch` columns.
    public func record(
        into recorder: inout CommandRecorder, _ set: BindingSet, count: Int, batch: Int, scoreStride: Int,
        partialStride: Int
    ) {
        recorder.bind(pipeline, set, constants: [UInt32(count), UInt32(scoreStride), UInt32(partialStride)])
        recorder.dispatch(x: partialCount(count: count) / (workgroupSize / library.subgroupSize), y: batch)
    }
}
