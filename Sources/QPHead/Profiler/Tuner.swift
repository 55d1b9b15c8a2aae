public import QPCore
public import QPDevice
public import QPKernels
public import QPPlanner

/// Measures the variants of the scoring kernel on this device, for one head and batch size, and picks the pair of scan
/// and gather that together are fastest under one reduction order.
public struct Tuner {
    /// What was found.
    public struct Result: Sendable {
        public let pair: VariantPair
        public let tuning: Tuning
    }

    private struct Trial {
        let variant: ScoreVariant
        let isScan: Bool
        let commands: [CommandBuffer]
        let repetitions: Int
        let workspace: Workspace
        /// Whether its records are those of the first variant of its reduction order.
        var isRight = true
        var microseconds: [Double] = []

        /// The lower quartile: what else runs on the machine only ever adds time.
        var typical: Double { isRight ? Statistics.quantile(microseconds, at: 0.25) ?? .infinity : .infinity }
    }

    private let library: KernelLibrary
    private let weights: HeadWeights
    private let stopwatch: Stopwatch

    public init(_ library: KernelLibrary, _ weights: HeadWeights) throws(DeviceError) {
        self.library = library
        self.weights = weights
        stopwatch = try Stopwatch(library.device)
    }

    /// K at which gathers are compared: enough rows to fill the device, few enough to be a gather.
    static func gatherTokenCount(_ shape: HeadShape) -> Int { max(1, min(4096, shape.vocabularySize / 8)) }

    /// Times all variants in turns until `seconds` have passed, three turns at least.
    /// - Parameter lanesPerRow: fixes the reduction order, so that another batch size gives the same bits.
    /// - Returns: nil when `isCancelled` said so before there was a result.
    public func tune(
        batch: Int, lanesPerRow: Int? = nil, seconds: Double, seed: UInt64,
        progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws(DeviceError) -> Result? {
        let shape = weights.shape
        let K = Self.gatherTokenCount(shape)
        let candidates = ScoreVariant.candidates(
            library, shape: shape, batch: batch, lanesPerRow: lanesPerRow, interleaved: weights.hasInterleavedCopy)
        var trials: [Trial] = []
        for variant in candidates {
            if isCancelled() { return nil }
            trials.append(try trial(variant, isScan: true, batch: batch, K: K, seed: seed))
        }
        for variant in Set(candidates.map(\.gatherTwin)).sorted(by: { $0.description < $1.description }) {
            if isCancelled() { return nil }
            trials.append(try trial(variant, isScan: false, batch: batch, K: K, seed: seed))
        }
        let start = Stopwatch.seconds()
        var turn = 0
        var records: [String: [StepRecord]] = [:]
        // The first turn compiles and warms up; its readings are dropped.
        while turn < 4 || Stopwatch.seconds() - start < seconds {
            let order = turn % 2 == 0 ? Array(trials.indices) : trials.indices.reversed()
            for index in order {
                if isCancelled() { return nil }
                if turn >= 2, trials[index].typical > Self.slack(turn) * best(trials, trials[index].isScan) { continue }
                let command = trials[index].commands[turn % trials[index].commands.count]
                let reading = try stopwatch.time(command)
                if turn == 0 {
                    // A fast variant that is wrong must not win. The first of each order is held against float64 later.
                    let key = "\(trials[index].isScan) \(trials[index].variant.lanesPerRow)"
                    let found = try trials[index].workspace.readRecords()
                    trials[index].isRight = records[key, default: found] == found
                    records[key] = records[key, default: found]
                } else {
                    trials[index].microseconds.append(
                        reading.duration.nanoseconds / 1000 / Double(trials[index].repetitions))
                }
                progress(min(1, (Stopwatch.seconds() - start) / seconds))
            }
            turn += 1
            // A budget spent on compilation alone still deserves its measured turns, but not more.
            if turn >= 4, Stopwatch.seconds() - start >= seconds { break }
        }
        return result(trials, batch: batch, K: K)
    }

    /// How many times as slow as the best of its kind a variant may be and still be timed: the longer it goes on, the
    /// more turns the few that may win get out of the same budget.
    /// One reading alone rules out only what is far behind.
    private static func slack(_ turn: Int) -> Double { turn < 4 ? 2.5 : turn < 8 ? 1.4 : 1.15 }

    private func best(_ trials: [Trial], _ isScan: Bool) -> Double {
        trials.filter { $0.isScan == isScan }.map(\.typical).min() ?? .infinity
    }

    /// One variant of one kind, recorded: several index sets behind one another for a gather, so that rows are cold.
    private func trial(
        _ variant: ScoreVariant, isScan: Bool, batch: Int, K: Int, seed: UInt64
    ) throws(DeviceError) -> Trial {
        let scan = isScan ? variant : ScoreVariant.default(library, batch: batch)
        let head = try Head(
            library, weights,
            pairs: [batch: VariantPair(scan: aligned(scan, variant), gather: variant.gatherTwin)])
        let sets = isScan ? 1 : 4
        let workspace = try Workspace(head, batch: batch, setCount: sets, maximumTokenCount: K)
        var generator = PhiloxGenerator(seed: seed)
        for set in 0..<sets {
            let masks = (0..<batch).map { _ in
                IndexPattern.uniform.tokens(K, vocabularySize: weights.shape.vocabularySize, using: &generator)
            }
            try workspace.load(masks, set: set)
        }
        let programs = try (0..<sets).map { set throws(DeviceError) in
            try workspace.program(isScan ? .dense : .sparse, set: set)
        }
        let command = try stopwatch.record { recorder throws(DeviceError) in
            for program in programs {
                program.record(into: &recorder, longestList: K)
                recorder.barrier()
            }
        }
        return Trial(variant: variant, isScan: isScan, commands: [command], repetitions: sets, workspace: workspace)
    }

    /// `scan` with the lanes of `variant`, since a pair shares them.
    private func aligned(_ scan: ScoreVariant, _ variant: ScoreVariant) -> ScoreVariant {
        var aligned = scan
        aligned.lanesPerRow = variant.lanesPerRow
        return aligned
    }

    private func result(_ trials: [Trial], batch: Int, K: Int) -> Result {
        let scans = trials.filter(\.isScan)
        let gathers = trials.filter { !$0.isScan }
        let bestScan = best(trials, true)
        let bestGather = best(trials, false)
        // Each reduction order with its best scan and its best gather, both relative to the best of any order.
        let lanes = Set(trials.map(\.variant.lanesPerRow))
        var pairs: [(pair: VariantPair, candidate: Tuning.Candidate, score: Double)] = []
        for lane in lanes {
            guard let gather = gathers.filter({ $0.variant.lanesPerRow == lane }).min(by: { $0.typical < $1.typical })
            else { continue }
            for scan in scans where scan.variant.lanesPerRow == lane && scan.typical.isFinite && gather.typical.isFinite
            {
                let spread = max(
                    Statistics.relativeSpread(scan.microseconds) ?? 0,
                    Statistics.relativeSpread(gather.microseconds) ?? 0)
                pairs.append(
                    (
                        VariantPair(scan: scan.variant, gather: gather.variant),
                        Tuning.Candidate(
                            variant: "\(scan.variant) / gather rows \(gather.variant.rowsPerLaneGroup)",
                            scanMicroseconds: scan.typical, gatherMicroseconds: gather.typical, spread: spread),
                        scan.typical / bestScan + gather.typical / bestGather
                    ))
            }
        }
        pairs.sort { $0.score < $1.score }
        let winner = pairs[0]
        return Result(
            pair: winner.pair,
            tuning: Tuning(
                batch: batch, gatherTokenCount: K, winner: winner.pair, candidates: pairs.map(\.candidate),
                sharedOrderScanRatio: winner.candidate.scanMicroseconds / bestScan,
                sharedOrderGatherRatio: winner.candidate.gatherMicroseconds / bestGather))
    }
}
