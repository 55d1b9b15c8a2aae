import QPCore
import Testing

@testable import QPPlanner

/// Short forms of the full runs that ``RouterTrials`` makes.
@Suite struct RouterTrialsTests {
    private let seeds = 1...6 as ClosedRange<UInt64>

    @Test func linUCBGrowsSublinearlyWhereItsAssumptionsHold() throws {
        let horizons = RegretExponent.horizons(from: 1000, to: 20_000, count: 8)
        let growth = RouterTrials.growth(.none, horizons: horizons, seeds: seeds) { try! LinUCBRouter(armCount: 4) }
        let exponent = try #require(growth.exponent)
        #expect(exponent.high <= 0.6, "seeds \(seeds): \(exponent)")
        #expect(exponent.low > 0, "seeds \(seeds): \(exponent)")
        let thompson = RouterTrials.growth(.none, horizons: horizons, seeds: seeds) {
            try! LinearThompsonRouter(armCount: 4, posteriorScale: 0.1)
        }
        #expect(try #require(thompson.exponent).high <= 0.6, "seeds \(seeds)")
    }

    @Test func aRouterThatLearnsNothingGrowsLinearly() throws {
        let growth = RouterTrials.growth(.none, horizons: [100, 1000, 10_000], seeds: seeds) {
            try! EpsilonGreedyRouter(armCount: 4, epsilon: 1)
        }
        #expect(abs(try #require(growth.exponent).exponent - 1) < 0.05)
    }

    @Test(arguments: [LinearWorld.Change.abrupt, .slow])
    func forgettingPaysWhereCostsMove(change: LinearWorld.Change) throws {
        func plain() -> LinUCBRouter { try! LinUCBRouter(armCount: 4) }
        let window = try #require(
            RouterTrials.compare(
                change, horizon: 20_000, seeds: seeds,
                { try! SlidingWindowLinUCBRouter(armCount: 4, window: 1000) }, plain))
        #expect(window.difference.high < 0, "seeds \(seeds): \(window)")
        // An interval that does not divide the segments, or restarts would meet the changes by luck.
        let restart = try #require(
            RouterTrials.compare(
                change, horizon: 20_000, seeds: seeds,
                { try! RestartLinUCBRouter(armCount: 4, restartInterval: 1300) }, plain))
        #expect(restart.difference.high < 0, "seeds \(seeds): \(restart)")
    }

    @Test func noLinearRouterSolvesWhatIsNotLinear() throws {
        func regret(_ change: LinearWorld.Change) throws -> Double {
            let growth = RouterTrials.growth(change, horizons: [20_000], seeds: seeds) {
                try! LinUCBRouter(armCount: 4)
            }
            return try #require(MeanInterval(growth.curves.map { $0[0] })).mean
        }
        #expect(try regret(.misspecified) > 4 * regret(.none), "seeds \(seeds)")
    }

    @Test(arguments: KernelWorld.Drift.Pace.allCases)
    func theDefaultRouterStaysNearTheOracle(pace: KernelWorld.Drift.Pace) throws {
        let seeds = 1...8 as ClosedRange<UInt64>
        let outcome = try #require(
            RouterTrials.outcome(pace, horizon: 10_000, seeds: seeds) { try! ResidualLinUCBRouter() })
        #expect(outcome.ratioToOracle.high <= 1.03, "seeds \(seeds): \(outcome.ratioToOracle)")
        guard pace != .none else { return }
        let threshold = try #require(
            RouterTrials.outcome(pace, horizon: 10_000, seeds: seeds) {
                try! CalibratedThresholdRouter(
                    rule: ThresholdRule(
                        feature: KernelWorld.shareFeature, armBelow: KernelWorld.gatherArm,
                        armFrom: KernelWorld.denseArm),
                    threshold: 0.696 / 3.0.squareRoot())
            })
        let (mine, its) = (outcome.regrets.reduce(0, +), threshold.regrets.reduce(0, +))
        #expect(mine <= 0.8 * its, "seeds \(seeds): \(mine) against \(its)")
    }

    /// The same steps for every router, or a comparison paired by seed would be none.
    @Test func aWorldDoesNotDependOnTheRouter() throws {
        func losses(_ arm: Int) -> [Double] {
            var world = LinearWorld(.slow, horizon: 100, seed: 5)
            return (0..<100).map { _ in world.next().loss[arm] }
        }
        #expect(losses(2) == losses(2))
        var world = KernelWorld(RouterTrials.drift(.abrupt, seed: 7), horizon: 1000, seed: 7)
        for _ in 0..<1000 {
            let step = world.next()
            #expect((step.context.features * step.context.features).sum() <= 1 + 1e-12)
            #expect(step.context.predictedLoss[3] > 0 && step.context.predictedLoss[4] == .infinity)
            #expect(step.loss[0] > 0 && step.expectedLoss[0] > 0)
        }
    }

    @Test func contextsHaveLengthOneAndLossesTheirMean() {
        for change in LinearWorld.Change.allCases {
            var world = LinearWorld(change, horizon: 4000, seed: 11)
            var residual = 0.0
            for _ in 0..<4000 {
                let step = world.next()
                let features = step.context.features
                #expect(abs((features * features).sum() - 1) < 1e-12)
                residual += step.loss[1] - step.expectedLoss[1]
            }
            // Noise of 0.1: five standard errors.
            #expect(abs(residual / 4000) < 5 * 0.1 / 4000.0.squareRoot(), "seed 11, \(change)")
        }
    }
}
