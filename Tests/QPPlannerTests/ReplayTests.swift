import QPCore
import QPPlanner
import Testing

@Suite struct ReplayTests {
    private static let V = 1000
    private static let head = try! HeadShape(vocabularySize: V, hiddenSize: 64, elementType: .f16)
    private static let forms: [StepName] = [.dense, .denseSkipping, .sparse]
    private static let runs = [[3, 10, 900, 900, 3, 0], [950, 10, 10, 200]]

    private static func microseconds(_ form: StepName, _ K: Int) -> Double {
        switch form {
        case .dense: 1000
        case .denseSkipping: min(1050, 100 + 5 * Double(K))
        default: 20 + 1.2 * Double(K)
        }
    }

    private static let model = CostModel(
        head: head,
        curves: forms.map { form in
            CostCurve(
                step: form, batch: 1, pattern: .uniform,
                points: [1, 10, 100, 190, 500, V].map { K in
                    let nanoseconds = Int(microseconds(form, K) * 1000)
                    return .init(
                        allowedTokenCount: K, nanoseconds: nanoseconds, lowNanoseconds: nanoseconds,
                        highNanoseconds: nanoseconds)
                })
        }, bytesPerNanosecond: nil)

    /// Readings with 3 % noise.
    private static func table(seed: UInt64) -> CostTable {
        var generator = PhiloxGenerator(seed: seed)
        let counts = Set(runs.flatMap { $0 }.filter { $0 > 0 }).sorted()
        return CostTable(
            forms: forms,
            rows: counts.map { K in
                .init(
                    allowedTokenCount: K,
                    microseconds: forms.map { form in
                        (0..<10).map { _ in
                            microseconds(form, K) * Double.random(in: 0.97...1.03, using: &generator)
                        }
                    })
            })
    }

    private func outcomes(_ world: DriftWorld = .none, seed: UInt64 = 1) throws -> [Replay.Outcome] {
        try Replay(
            Self.table(seed: seed), model: Self.model, runs: Self.runs, stepCount: 2000, world: world, seed: seed
        ).run()
    }

    private func total(_ name: String, _ outcomes: [Replay.Outcome]) throws -> Double {
        try #require(outcomes.first { $0.name == name }, "\(name)").totalMicroseconds
    }

    /// Everybody is charged the half that the oracle did not see, so the totals of fixed plans are those of that half.
    @Test func fixedPlansPayTheChargedHalf() throws {
        let table = Self.table(seed: 1)
        let charged = table.medians(.charged)
        #expect(table.medians(.shown) != charged)
        // Whole passes over both runs: 9 steps with K above 0.
        let outcomes = try Replay(
            table, model: Self.model, runs: Self.runs, stepCount: 900, world: .none, seed: 4
        ).run()
        let counts = Self.runs.flatMap { $0 }.filter { $0 > 0 }
        for (name, arm) in [("always-dense", 0), ("always-sparse", 2)] {
            let expected = counts.reduce(0.0) { $0 + charged[table.index(of: $1)!][arm] } * 100
            #expect(abs(try total(name, outcomes) - expected) < 1e-6 * expected)
        }
    }

    @Test func sharesAddUpAndRegretIsAgainstTheOracle() throws {
        let outcomes = try outcomes()
        #expect(outcomes[0].name == "oracle" && outcomes[0].dynamicRegretMicroseconds == 0)
        for outcome in outcomes {
            #expect(abs(outcome.planShares.values.reduce(0, +) - 1) < 1e-12, "\(outcome.name)")
            #expect(
                abs(outcome.dynamicRegretMicroseconds - (outcome.totalMicroseconds - outcomes[0].totalMicroseconds))
                    < 1e-6)
            #expect(
                abs(
                    outcome.staticRegretMicroseconds - (outcome.totalMicroseconds - (try total("best-fixed", outcomes)))
                )
                    < 1e-6)
        }
    }

    /// Where the model is right, it and the default router are near the oracle, and fixed plans are not.
    @Test func withoutDriftTheModelIsEnough() throws {
        for seed in UInt64(1)...3 {
            let outcomes = try outcomes(seed: seed)
            let oracle = try total("oracle", outcomes)
            #expect(try total("cost-model", outcomes) < 1.03 * oracle, "seed \(seed)")
            #expect(try total("residual-LinUCB (default)", outcomes) < 1.05 * oracle, "seed \(seed)")
            #expect(try total("best-fixed", outcomes) > 1.05 * oracle, "seed \(seed)")
        }
    }

    /// Scans five times as slow from the middle on: the old threshold goes on scanning, the default router does not.
    @Test(arguments: [DriftWorld.Pace.abrupt, .slow])
    func underDriftTheDefaultRouterFollows(pace: DriftWorld.Pace) throws {
        for seed in UInt64(1)...3 {
            let world = DriftWorld(pace: pace, family: .scan, part: .streaming, factor: 5)
            let outcomes = try outcomes(world, seed: seed)
            let oracle = try total("oracle", outcomes)
            let old = try total("calibrated-threshold", outcomes) - oracle
            let own = try total("residual-LinUCB (default)", outcomes) - oracle
            #expect(old > 0.2 * oracle && own < 0.8 * old, "seed \(seed): \(own) against \(old)")
        }
    }

    /// The same seed gives the same replay, another one another.
    @Test func replaysAreReproducible() throws {
        #expect(try outcomes(seed: 2) == outcomes(seed: 2))
        #expect(try outcomes(seed: 2) != outcomes(seed: 3))
    }

    @Test func aSummaryCoversEveryWorld() throws {
        let summary = try #require(
            try ReplaySummary(Self.table(seed: 1), model: Self.model, runs: Self.runs, stepCount: 400, seeds: 2))
        #expect(summary.worlds.map(\.pace) == DriftWorld.Pace.allCases)
        for world in summary.worlds {
            #expect(world.seeds == 2 && world.policies.count == summary.policies.count)
            #expect(world.policies[0].oracleRatio == 1)
            for policy in world.policies {
                // Without drift the old threshold may have no regret to compare with.
                if world.pace != .none {
                    let interval = try #require(policy.regretOverOldThresholdInterval, "\(world.pace) \(policy.name)")
                    let ratio = try #require(policy.regretOverOldThreshold)
                    #expect(interval.low <= ratio && ratio <= interval.high, "\(world.pace) \(policy.name)")
                }
                #expect(policy.oracleRatioHalfWidth != nil && policy.recalibratedRatioHalfWidth != nil)
            }
        }
    }

    /// One seed has no interval, and says so.
    @Test func oneSeedHasNoInterval() throws {
        let summary = try #require(
            try ReplaySummary(Self.table(seed: 1), model: Self.model, runs: Self.runs, stepCount: 200, seeds: 1))
        for policy in summary.worlds.flatMap(\.policies) {
            #expect(policy.oracleRatioHalfWidth == nil && policy.recalibratedRatioHalfWidth == nil)
            #expect(policy.regretOverOldThresholdInterval == nil)
        }
    }

    /// Asked before each replay, and at once where it says so.
    @Test func aSummaryCanBeCancelled() throws {
        var asked = 0
        let summary = try ReplaySummary(
            Self.table(seed: 1), model: Self.model, runs: Self.runs, stepCount: 200, seeds: 5,
            isCancelled: {
                asked += 1
                return asked == 3
            })
        #expect(summary == nil && asked == 3)
    }
}
