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
        /// Half the width of its 95 % interval.
        public var oracleRatioHalfWidth: Double
        /// Mean dynamic regret over the calibrated threshold's with its old profile, summed over seeds; below 1 is better.
        @ExplicitNull public var regretOverOldThreshold: Double?
        /// Mean over seeds of total over the recalibrated threshold's.
        @ExplicitNull public var recalibratedRatio: Double?
    }

    /// A drift counts when it makes another form the cheapest for this share of the steps.
    private static let leastCrossedShare = 0.1

    /// Replays all paces.
    /// - Throws: ``RouterError``, never for the parameters built in.
    public init(
        _ table: CostTable, model: CostModel, runs: [[Int]], stepCount: Int, seeds: Int,
        progress: (Double) -> Void = { _ in }
    ) throws(RouterError) {
        policies = []
        worlds = []
        let paces = DriftWorld.Pace.allCases
        for (index, pace) in paces.enumerated() {
            var outcomes: [[Replay.Outcome]] = []
            for seed in 1...UInt64(seeds) {
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
        return outcomes[0].indices.map { policy in
            let ratios = outcomes.map { $0[policy].totalMicroseconds / $0[0].totalMicroseconds }
            let interval = MeanInterval(ratios)
            let regret = outcomes.reduce(0) { $0 + $1[policy].dynamicRegretMicroseconds }
            let oldRegret = old.map { old in outcomes.reduce(0) { $0 + $1[old].dynamicRegretMicroseconds } }
            return Policy(
                name: outcomes[0][policy].name, oracleRatio: ratios.reduce(0, +) / Double(ratios.count),
                oracleRatioHalfWidth: interval.map { ($0.high - $0.low) / 2 } ?? 0,
                regretOverOldThreshold: oldRegret.flatMap { $0 > 0 ? regret / $0 : nil },
                recalibratedRatio: again.map { again in
                    outcomes.reduce(0) { $0 + $1[policy].totalMicroseconds / $1[again].totalMicroseconds }
                        / Double(outcomes.count)
                })
        }
    }
}
