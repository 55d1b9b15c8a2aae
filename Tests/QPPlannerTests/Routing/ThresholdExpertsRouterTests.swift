import QPCore
import Testing

@testable import QPPlanner

@Suite struct ThresholdExpertsRouterTests {
    private func context(_ value: Double) -> RouterContext {
        .priced(1, 1, features: SIMD8(first: [value]))
    }

    @Test func propensityIsTheShareOfTheExpertsThatAgree() throws {
        var router = try ThresholdExpertsRouter(rule: .test, thresholds: [0.2, 0.4, 0.6, 0.8], learningRate: 0.5)
        var random = PhiloxGenerator(seed: 1)
        // At 0.5 the experts 0.6 and 0.8 take arm 1 and the other two arm 0; at 0.9 all take arm 0.
        #expect(router.choose(context(0.5), using: &random).propensity == 0.5)
        #expect(router.choose(context(0.9), using: &random) == RouterChoice(arm: 0, propensity: 1))
        #expect(router.choose(context(0.1), using: &random) == RouterChoice(arm: 1, propensity: 1))
    }

    /// w ← w·exp(−η·ℓ/p) for those that would have taken the arm, and nobody else.
    @Test func thoseThatAgreePayTheImportanceWeightedLoss() throws {
        var router = try ThresholdExpertsRouter(rule: .test, thresholds: [0.2, 0.8], learningRate: 0.5)
        router.learn(context(0.5), arm: 1, loss: 0.3, propensity: 0.25)
        #expect(router.logWeights == [0, -0.5 * 0.3 / 0.25])
        // The heaviest is kept at 0, so that no weight underflows for good.
        router.learn(context(0.5), arm: 0, loss: 1.4, propensity: 1)
        #expect(abs(router.logWeights[0] + 0.1) < 1e-12)
        #expect(router.logWeights[1] == 0)
    }

    /// The charge's mean over draws is the expert's own loss, sampled; and it is not, greedy.
    @Test func sampledChargesAreUnbiased() throws {
        let losses = [0.7, 0.2]
        func meanCharge(_ selection: ThresholdExpertsRouter.Selection, seed: UInt64) throws -> [Double] {
            var start = try ThresholdExpertsRouter(
                rule: .test, thresholds: [0.2, 0.8], learningRate: 1, selection: selection)
            start.learn(context(0.5), arm: 1, loss: 0.4)
            var random = PhiloxGenerator(seed: seed)
            let n = 40_000
            var sums = [0.0, 0]
            for _ in 0..<n {
                let choice = start.choose(context(0.5), using: &random)
                // Arm 0 is the expert of 0.2, arm 1 that of 0.8.
                sums[choice.arm] += losses[choice.arm] / choice.propensity
            }
            return sums.map { $0 / Double(n) }
        }
        let sampled = try meanCharge(.sampled, seed: 9)
        #expect(abs(sampled[0] - 0.7) < 0.02 && abs(sampled[1] - 0.2) < 0.02, "seed 9: \(sampled)")
        // The heaviest alone is ever charged.
        #expect(try meanCharge(.greedy, seed: 9)[1] == 0)
    }

    @Test func theWeightGathersOnTheBestThreshold() throws {
        let seed: UInt64 = 4
        let thresholds = [0.1, 0.3, 0.5, 0.7, 0.9]
        var router = try ThresholdExpertsRouter(rule: .test, thresholds: thresholds, learningRate: 0.05)
        var random = PhiloxGenerator(seed: seed)
        for _ in 0..<5000 {
            let value = random.uniform()
            let choice = router.choose(context(value), using: &random)
            // Arm 1 is right below 0.7.
            let isRight = (choice.arm == 1) == (value < 0.7)
            router.observe(RouterFeedback(context: context(value), choice: choice, loss: isRight ? 0 : 1))
        }
        #expect(router.logWeights[3] == 0, "seed \(seed)")
        #expect(router.logWeights.enumerated().allSatisfy { $0.offset == 3 || $0.element < -5 }, "seed \(seed)")
    }

    @Test func greedyFollowsTheHeaviest() throws {
        var router = try ThresholdExpertsRouter(
            rule: .test, thresholds: [0.2, 0.8], learningRate: 1, selection: .greedy)
        #expect(router.arm(context(0.5)) == 0)
        router.learn(context(0.5), arm: 0, loss: 1)
        for seed in 1...20 as ClosedRange<UInt64> { #expect(router.arm(context(0.5), seed: seed) == 1) }
    }
}
