import QPCore
import Testing

@testable import QPPlanner

@Suite struct CostModelRouterTests {
    @Test func takesTheLowestOfTheCheapestArms() {
        var router = CostModelRouter()
        #expect(router.arm(.priced(3, 1, 2)) == 1)
        #expect(router.arm(.priced(2, 1, 1)) == 1)
        #expect(router.arm(.priced(.infinity, .infinity, 7)) == 2)
        router.learn(.priced(3, 1, 2), arm: 1, loss: 100)
        #expect(router.arm(.priced(3, 1, 2)) == 1)
    }
}

@Suite struct ThresholdRouterTests {
    private func context(_ value: Double, _ losses: (Double, Double) = (1, 1)) -> RouterContext {
        .priced(losses.0, losses.1, 9, features: SIMD8(first: [value]))
    }

    @Test func theThresholdBelongsToTheUpperArm() throws {
        var router = try CalibratedThresholdRouter(rule: .test, threshold: 0.5)
        #expect(router.arm(context(0.49)) == 1)
        #expect(router.arm(context(0.5)) == 0)
    }

    @Test func anArmThatCannotServeGivesWay() throws {
        var router = try CalibratedThresholdRouter(rule: .test, threshold: 0.5)
        #expect(router.arm(context(0.1, (1, .infinity))) == 0)
        #expect(router.arm(context(0.9, (.infinity, 1))) == 1)
        #expect(router.arm(context(0.9, (.infinity, .infinity))) == 2)
    }

    @Test func recalibrationFindsTheCrossing() throws {
        var router = try CalibratedThresholdRouter(rule: .test, threshold: 0.9)
        // Arm 1 costs v, arm 0 costs 0.3: they cross at 0.3. Outliers must not move it.
        var samples: [CalibratedThresholdRouter.Sample] = []
        for step in 0...20 {
            let value = Double(step) / 20
            for repetition in 0..<5 {
                let disturbance = repetition == 0 ? 10.0 : 1
                samples.append(.init(value: value, arm: 1, loss: value * disturbance))
                samples.append(.init(value: value, arm: 0, loss: 0.3))
                samples.append(.init(value: value, arm: 2, loss: 0))
            }
        }
        try router.recalibrate(samples)
        #expect(router.threshold > 0.25 && router.threshold <= 0.35)

        try router.recalibrate(samples.filter { $0.arm != 0 } + [.init(value: 0.5, arm: 0, loss: -1)])
        #expect(router.threshold == 0)
        try router.recalibrate(samples.filter { $0.arm != 0 } + [.init(value: 0.5, arm: 0, loss: 99)])
        #expect(router.threshold > 1)
    }

    @Test func recalibrationNeedsBothArms() throws {
        var router = try CalibratedThresholdRouter(rule: .test, threshold: 0.9)
        #expect(throws: RouterError.noSample(arm: 0)) {
            try router.recalibrate([.init(value: 0.5, arm: 1, loss: 1), .init(value: .nan, arm: 0, loss: 1)])
        }
        #expect(throws: RouterError.noSample(arm: 1)) { try router.recalibrate([]) }
        #expect(router.threshold == 0.9)
        #expect(
            "\(RouterError.noSample(arm: 1))"
                == "there is no sample of arm 1, so no threshold can be calibrated; time both arms")
    }
}

@Suite struct EpsilonGreedyRouterTests {
    @Test func everyArmIsTriedThenTheBestIsKept() throws {
        var router = try EpsilonGreedyRouter(armCount: 3, epsilon: 0)
        let context = RouterContext.priced(1, 1, 1)
        var arms: [Int] = []
        for _ in 0..<6 {
            let arm = router.arm(context)
            arms.append(arm)
            router.learn(context, arm: arm, loss: [3, 1, 2][arm])
        }
        #expect(arms == [0, 1, 2, 1, 1, 1])
        router.learn(context, arm: 1, loss: 9)
        #expect(abs(router.meanLoss[1] - 2.6) < 1e-12)
        #expect(router.arm(context) == 2)
    }

    @Test func propensitiesAreFrequencies() throws {
        var router = try EpsilonGreedyRouter(armCount: 4, epsilon: 0.4)
        let context = RouterContext.priced(1, 1, .infinity, 1)
        router.learn(context, arm: 0, loss: 2)
        router.learn(context, arm: 1, loss: 1)
        router.learn(context, arm: 3, loss: 3)
        let seed: UInt64 = 3
        var random = PhiloxGenerator(seed: seed)
        var counts = [0.0, 0, 0, 0]
        var propensities = [0.0, 0, 0, 0]
        let n = 30_000.0
        for _ in 0..<Int(n) {
            let choice = router.choose(context, using: &random)
            counts[choice.arm] += 1
            propensities[choice.arm] = choice.propensity
        }
        #expect(counts[2] == 0)
        #expect(abs(propensities.reduce(0, +) - 1) < 1e-12)
        #expect(abs(propensities[1] - (0.6 + 0.4 / 3)) < 1e-12)
        for arm in [0, 1, 3] {
            let expected = propensities[arm]
            let error = (expected * (1 - expected) / n).squareRoot()
            #expect(abs(counts[arm] / n - expected) < 5 * error, "seed \(seed), arm \(arm)")
        }
    }
}
