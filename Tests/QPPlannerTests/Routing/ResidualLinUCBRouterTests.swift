import QPCore
import Testing

@testable import QPPlanner

@Suite struct ResidualModelTests {
    /// Without forgetting and surprises the filter is ridge regression with α = noise²/spread².
    @Test func withoutForgettingItIsRidgeRegression() {
        let (spread, noise) = (0.5, 0.2)
        let prior = ResidualModel.Prior(
            variances: SIMD8(repeating: spread * spread), noiseVariance: noise * noise, logDiscount: 0)
        var filter = ResidualModel(variances: prior.variances)
        var ridge = RidgeModel(ridge: noise * noise / (spread * spread))
        let seed: UInt64 = 3
        var generator = PhiloxGenerator(seed: seed)
        for step in 0..<200 {
            let z = SIMD8<Double>.random(using: &generator)
            let y = 0.2 * z[0] - 0.1 * z[3] + 0.1 * (generator.uniform() - 0.5)
            filter.observe(z, y, step: step, prior: prior)
            ridge.add(z, y)
            let probe = SIMD8<Double>.random(using: &generator)
            let (a, b) = (filter.estimate(probe, step: step, prior: prior), ridge.estimate(probe))
            #expect(difference(a.mean, b.mean) < 1e-10, "seed \(seed), step \(step)")
            #expect(difference(a.width, noise * b.width) < 1e-10, "seed \(seed), step \(step)")
        }
    }

    private let prior = ResidualModel.Prior(
        variances: SIMD8(first: [0.09]), noiseVariance: 0.01, logDiscount: ElementaryMath.logarithm(0.99))
    private let z = SIMD8<Double>(first: [1])

    private func settled() -> ResidualModel {
        var model = ResidualModel(variances: prior.variances)
        for step in 1...100 { model.observe(z, 0, step: step, prior: prior) }
        return model
    }

    @Test func outliersMoveLittleFiveInARowAreBelieved() {
        var model = settled()
        for step in 101...104 { model.observe(z, 5, step: step, prior: prior) }
        #expect(model.estimate(z, step: 104, prior: prior).mean < 0.3)
        model.observe(z, 5, step: 105, prior: prior)
        #expect(model.estimate(z, step: 105, prior: prior).mean > 4)
        // Surprises to both sides are noise.
        var noisy = settled()
        for step in 101...112 { noisy.observe(z, step % 2 == 0 ? 5 : -0.9, step: step, prior: prior) }
        #expect(abs(noisy.estimate(z, step: 112, prior: prior).mean) < 1)
    }

    @Test func whatIsNotRefreshedFades() {
        var model = ResidualModel(variances: prior.variances)
        for step in 1...50 { model.observe(z, 0.5, step: step, prior: prior) }
        let now = model.estimate(z, step: 50, prior: prior)
        let later = model.estimate(z, step: 150, prior: prior)
        let muchLater = model.estimate(z, step: 5000, prior: prior)
        #expect(abs(now.mean - 0.5) < 0.05)
        #expect(difference(later.mean, now.mean * ElementaryMath.power(0.99, 100)) < 1e-12)
        #expect(later.width > now.width && later.width < 0.3)
        #expect(abs(muchLater.mean) < 1e-9 && abs(muchLater.width - 0.3) < 1e-9)
        // What is told in between and what is computed at once agree.
        var touched = model
        touched.observe(.zero, 0, step: 100, prior: prior)
        #expect(difference(touched.estimate(z, step: 150, prior: prior).mean, later.mean) < 1e-12)
        #expect(difference(touched.estimate(z, step: 150, prior: prior).width, later.width) < 1e-12)
    }

    @Test func aChangeOfUnitChangesNoEstimate() {
        var model = settled()
        model.observe(SIMD8(first: [0.5]), 0.3, step: 101, prior: prior)
        let before = model.estimate(SIMD8(first: [0.8]), step: 101, prior: prior)
        model.rescale(lane: 0, by: 4)
        let after = model.estimate(SIMD8(first: [0.2]), step: 101, prior: prior)
        #expect(difference(before.mean, after.mean) < 1e-12)
        #expect(difference(before.width, after.width) < 1e-12)
    }
}

@Suite struct ResidualLinUCBRouterTests {
    @Test func aRightCostModelIsFollowed() throws {
        var router = try ResidualLinUCBRouter()
        let context = RouterContext.priced(1, 0.5, 3)
        for _ in 0..<5000 {
            let arm = router.arm(context)
            #expect(arm == 1)
            router.learn(context, arm: arm, loss: context.predictedLoss[arm])
        }
    }

    /// Arm 2 is predicted at three times the best, and is tried only once the others were seen to be dearer still.
    @Test func aDearArmNeedsEvidence() throws {
        var router = try ResidualLinUCBRouter()
        let context = RouterContext.priced(1, 0.9, 3)
        func play(_ losses: [Double], _ count: Int) -> [Int] {
            (0..<count).map { _ in
                let arm = router.arm(context)
                router.learn(context, arm: arm, loss: losses[arm])
                return arm
            }
        }
        #expect(!play([1, 0.9, 3], 3000).contains(2))
        // All of what was cheap is now eight times as dear.
        let drifted = play([8, 7.2, 3], 60)
        #expect(drifted.suffix(40).allSatisfy { $0 == 2 })
        // And back: the old best is found again once what was learnt has faded.
        let recovered = play([1, 0.9, 3], 6000)
        #expect(recovered.suffix(500).allSatisfy { $0 != 2 })
    }

    /// Launch four times as dear at the same bandwidth: learnt from few K, the correction holds for others, because it
    /// is linear in the inverse price.
    @Test func aLaunchIsToldFromABandwidth() throws {
        let launch = 0.1
        var router = try ResidualLinUCBRouter(discount: 1)
        let seed: UInt64 = 2
        var generator = PhiloxGenerator(seed: seed)
        for _ in 0..<500 {
            let price = launch + (generator.uniform() < 0.5 ? 0.01 : 0.8)
            let context = RouterContext.priced(price, 50)
            _ = router.arm(context)
            router.learn(context, arm: 0, loss: price + 3 * launch)
        }
        for bytes in [0.01, 0.1, 0.3, 0.8] {
            let expected = router.expectedLoss(.priced(launch + bytes, 50), arm: 0)
            #expect(abs(expected / (4 * launch + bytes) - 1) < 0.05, "seed \(seed), \(bytes): \(expected)")
        }
    }

    @Test func uselessPredictionsAreNotLearntFrom() throws {
        var router = try ResidualLinUCBRouter()
        let fresh = router
        router.learn(.priced(0, 1), arm: 0, loss: 1)
        router.learn(.priced(.infinity, 1), arm: 0, loss: 1)
        #expect(router == fresh)
    }
}
