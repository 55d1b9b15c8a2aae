internal import QPCore

/// Policies over worlds and seeds: `qp-gpu bench planner`'s result.
public struct ReplaySummary: Codable, Equatable, Sendable {
    /// Without drift, of the first seed: what the measured times say.
    public var policies: [Replay.Outcome]
    /// Each pace over all seeds.
    public var worlds: [World]

    /// One pace.
    public struct World: Codable, Equatable, Sendable {
        public var pace: DriftWorld.Pace
        public var seeds: Int
        public var steps: Int
        public var policies: [Policy]
    }

    /// One policy over the seeds of a world.
    public struct Policy: Codable, Equatable, Sendable {
        public var name: String
        /// Mean over seeds of total over the oracle's.
        public var oracleRatio: Double
        /// Half the width of its 95 % interval; null for one seed.
        @ExplicitNull public var oracleRatioHalfWidth: Double?
        /// Dynamic regret over the calibrated threshold's with its old profile, both summed over seeds; below 1 is
        /// better.
        @ExplicitNull public var regretOverOldThreshold: Double?
        /// Its 95 % interval, by bootstrap over the seeds; null for one seed.
        @ExplicitNull public var regretOverOldThresholdInterval: Interval?
        /// Mean over seeds of total over the recalibrated threshold's.
        @ExplicitNull public var recalibratedRatio: Double?
        /// Half the width of its 95 % interval; null for one seed.
        @ExplicitNull public var recalibratedRatioHalfWidth: Double?
    }

    /// Where a figure lies.
    public struct Interval: Codable, Equatable, Sendable {
        public var low: Double
        public var high: Double
    }

    /// A drift counts when it makes another form the cheapest for this share of the steps.
    private static let leastCrossedShare = 0.1

    /// Replays all paces. Nil when `isCancelled`, asked before each replay, said so.
    /// - Throws: ``RouterError``, never for the parameters built in.
    public init?(
        _ table: CostTable, model: CostModel, runs: [[Int]], stepCount: Int, seeds: Int,
        progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws(RouterError) {
        policies = []
        worlds = []
        let paces = DriftWorld.Pace.allCases
        for (index, pace) in paces.enumerated() {
            var outcomes: [[Replay.Outcome]] = []
            for seed in 1...UInt64(seeds) {
                if isCancelled() { return nil }
                let world = DriftWorld.random(pace, seed: seed) {
                    Replay.crossedShare($0, table, runs: runs) >= Self.leastCrossedShare
                }
                let replay = Replay(
                    table, model: model, runs: runs, stepCount: stepCount, world: world, seed: seed)
                outcomes.append(try replay.run())
                progress((Double(index) + Double(seed) / Double(seeds)) / Double(paces.count))
            }
            if pace == .none { policies = outcomes[0] }
            worlds.append(World(pace: pace, seeds: seeds, steps: stepCount, policies: Self.policies(outcomes)))
        }
    }

    private static func policies(_ outcomes: [[Replay.Outcome]]) -> [Policy] {
        func index(_ name: String) -> Int? { outcomes[0].firstIndex { $0.name == name } }
        let old = index("calibrated-threshold")
        let again = index("recalibrated-threshold")
        func halfWidth(_ ratios: [Double]) -> Double? { MeanInterval(ratios).map { ($0.high - $0.low) / 2 } }
        return outcomes[0].indices.map { policy in
            let ratios = outcomes.map { $0[policy].totalMicroseconds / $0[0].totalMicroseconds }
            let regrets = old.map { old in
                outcomes.map { ($0[policy].dynamicRegretMicroseconds, $0[old].dynamicRegretMicroseconds) }
            }
            let recalibrated = again.map { again in
                outcomes.map { $0[policy].totalMicroseconds / $0[again].totalMicroseconds }
            }
            return Policy(
                name: outcomes[0][policy].name, oracleRatio: mean(ratios), oracleRatioHalfWidth: halfWidth(ratios),
                regretOverOldThreshold: regrets.flatMap { ratioOfSums($0) },
                regretOverOldThresholdInterval: regrets.flatMap(interval),
                recalibratedRatio: recalibrated.map(mean),
                recalibratedRatioHalfWidth: recalibrated.flatMap(halfWidth))
        }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// Nil where the second has no regret to speak of.
    private static func ratioOfSums(_ pairs: [(Double, Double)]) -> Double? {
        let sums = pairs.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        return sums.1 > 0 ? sums.0 / sums.1 : nil
    }

    /// The central 95 % of the ratio over 400 draws of as many seeds; nil for one seed, or where a draw has no ratio.
    private static func interval(_ pairs: [(Double, Double)]) -> Interval? {
        guard pairs.count > 1 else { return nil }
        var random = PhiloxGenerator(seed: 0x5EED)
        var ratios: [Double] = []
        for _ in 0..<400 {
            let drawn = pairs.map { _ in pairs.randomElement(using: &random)! }
            guard let ratio = ratioOfSums(drawn) else { return nil }
            ratios.append(ratio)
        }
        return Interval(low: Statistics.quantile(ratios, at: 0.025)!, high: Statistics.quantile(ratios, at: 0.975)!)
    }
}
