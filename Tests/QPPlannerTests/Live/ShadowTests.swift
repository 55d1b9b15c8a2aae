import QPCore
import Testing

@testable import QPPlanner

@Suite struct ShadowTests {
    private func live<R: Router>(_ router: R, _ share: Double, seed: UInt64 = 3) throws -> LivePlanner<R> {
        try LivePlanner(
            try Planner(PlanFixture.model, disabled: [.fullRecompute]), router: router, shadowShare: share,
            random: PhiloxGenerator(seed: seed))
    }

    /// So many steps get a shadow as the share says, the same ones for the same seed; none at 0.
    @Test func theShareIsKept() throws {
        for (share, range) in [(0.0, 0...0), (0.1, 60...140), (1, 1000...1000)] {
            var first = try live(CostModelRouter(), share)
            var second = try live(CostModelRouter(), share)
            var count = 0
            for _ in 0..<1000 {
                let step = try PlanFixture.step([1000])
                let decision = try first.plan(step)
                #expect(try second.plan(step).shadow == decision.shadow)
                count += decision.shadow == nil ? 0 : 1
            }
            #expect(range.contains(count), "share \(share): \(count)")
        }
    }

    /// The shadow is an exact plan other than the chosen one, and a whole batch has one.
    @Test func theShadowIsAnotherExactPlan() throws {
        var live = try live(CostModelRouter(), 1)
        let one = try live.plan(try PlanFixture.step([1000]))
        #expect(one.assignments[0].plan == .sparse && one.shadow?.plan == .dense)
        let gathered = try live.plan(try PlanFixture.step([100, 100, 5]))
        #expect(gathered.shadow?.access == .scanForAll && gathered.shadow?.rows == [0, 1, 2])
        let scanned = try live.plan(try PlanFixture.step([90_000, 90_000]))
        #expect(scanned.assignments.map(\.access) == [.scanForAll])
        #expect(scanned.shadow?.access == .gatherEach && scanned.shadow?.form == .sparse)
    }

    /// Shadow steps alone teach a plan that is never chosen.
    @Test func theRouterLearnsFromShadows() throws {
        var live = try live(try ResidualLinUCBRouter(beta: 0), 1)
        // A scan really takes a fiftieth of what was profiled; sparse is as profiled.
        let device = LivePlannerTests.Device(factors: [.dense: 0.02, .denseSkipping: 0.02])
        let step = try PlanFixture.step([20_000])
        let first = try live.plan(step)
        #expect(first.assignments[0].plan == .sparse)
        live.observe(device.run(first, step.rows))
        for _ in 0..<20 { live.observe(device.run(try live.plan(step), step.rows)) }
        #expect(try live.plan(step).assignments[0].plan == .dense)
    }

    /// On a world where random choices lose a known sum against the cost model, the estimate finds it within its error.
    @Test func regretIsEstimatedFromShadows() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var live = try live(try EpsilonGreedyRouter(armCount: 7, epsilon: 0.5), 0.5, seed: seed)
        let device = LivePlannerTests.Device()
        let step = try PlanFixture.step([10_000])
        var truth = 0.0
        for _ in 0..<4000 {
            let decision = try live.plan(step)
            let observation = device.run(decision, step.rows)
            // The cost model takes sparse, which is 2050 µs; dense takes 10,000 µs, a loss of 1.
            truth += observation.durationMicroseconds! / 10_000 - 0.205
            live.observe(observation)
        }
        let regret = try #require(live.regret.regret)
        let error = try #require(live.regret.standardError)
        #expect(
            truth > 500 && abs(regret - truth) < 4 * error && error < 0.1 * truth, "seed \(seed): \(regret), \(truth)")
        #expect(live.regret.summary.contains("an estimate") && live.regret.stepCount == 4000)
    }

    /// A router that weighs by its own propensities is not told of arms that ran beside: they would be charged twice.
    @Test func importanceWeightsAreNotChargedTwice() throws {
        #expect(!ThresholdExpertsRouter.learnsFromShadows && ResidualLinUCBRouter.learnsFromShadows)
        let rule = try ThresholdRule(feature: StepFeatures.Lane.logTokenCount.rawValue, armBelow: 2, armFrom: 1)
        func learnt(_ share: Double) throws -> ThresholdExpertsRouter {
            let router = try ThresholdExpertsRouter(
                rule: rule, thresholds: [0.1, 0.2, 0.3], learningRate: 0.1)
            var live = try live(router, share)
            let step = try PlanFixture.step([20_000])
            for _ in 0..<20 {
                let decision = try live.plan(step)
                let shadow = decision.shadow.map {
                    Observation.Shadow(plan: $0.plan, durationMicroseconds: 500, mismatchedRows: [])
                }
                live.observe(
                    Observation(
                        decisionID: decision.id, epoch: 0, plans: [decision.assignments[0].plan],
                        allowedTokenCounts: [20_000], estimatedMicroseconds: 1, durationMicroseconds: 900,
                        survivorCounts: [0], fellBack: [false], margins: [nil], failures: [], shadow: shadow))
            }
            return live.router
        }
        // Whether a step is shadowed is drawn from the same numbers, so shares of almost 0 and 1 see the same choices.
        #expect(try learnt(1) == learnt(1e-300))
    }
}
