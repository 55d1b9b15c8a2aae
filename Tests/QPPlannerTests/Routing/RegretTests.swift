import QPCore
import Testing

@testable import QPPlanner

@Suite struct RegretLedgerTests {
    @Test func everyRegretFollowsItsDefinition() {
        var ledger = RegretLedger()
        let infinity = Double.infinity
        func losses(_ a: Double, _ b: Double, _ c: Double) -> SIMD8<Double> {
            SIMD8(a, b, c, infinity, infinity, infinity, infinity, infinity)
        }
        ledger.count(arm: 0, losses: losses(3, 1, infinity), expected: losses(2, 1.5, infinity))
        ledger.count(arm: 1, losses: losses(5, 2, 1), expected: losses(5, 2, 2))
        #expect(ledger.totalLoss == 5)
        // Fixed arms cost 8 and 3; the third could not serve the first step.
        #expect(ledger.staticRegret == 2)
        #expect(ledger.dynamicRegret == 5 - (1 + 1))
        #expect(ledger.pseudoRegret == 0.5)
        #expect(ledger.stepCount == 2)
        #expect(abs(ledger.ratioToOracle - 5 / 4.5) < 1e-12)
        ledger.count(
            arm: 2, losses: losses(infinity, infinity, 1), expected: losses(infinity, infinity, 1))
        #expect(ledger.staticRegret == nil)
    }

    /// A contextual policy beats every fixed arm, so static regret says nothing of convergence.
    @Test func staticRegretOfAGoodPolicyIsNegative() throws {
        var run = RouterRun(LinearWorld(.none, horizon: 3000, seed: 3), try LinUCBRouter(armCount: 4), seed: 3)
        _ = run.pseudoRegrets(at: [3000])
        #expect(try #require(run.ledger.staticRegret) < -100)
        #expect(run.ledger.pseudoRegret > 0)
    }
}

@Suite struct RegretExponentTests {
    @Test(arguments: [0.5, 1, 0.25])
    func aPowerIsFound(power: Double) throws {
        let horizons = RegretExponent.horizons(from: 1000, to: 100_000, count: 9)
        #expect(horizons.first == 1000 && horizons.last == 100_000 && horizons[4] == 10_000)
        let curves = [2.0, 3].map { factor in
            horizons.map { factor * ElementaryMath.power(Double($0), power) }
        }
        let fit = try #require(RegretExponent(curves: curves, horizons: horizons))
        #expect(abs(fit.exponent - power) < 1e-9)
        #expect(fit.high - fit.low < 1e-9)
        #expect(fit.runCount == 2 && fit.pointCount == 9)
    }

    @Test func theIntervalIsStudents() throws {
        // Slopes 0, 1 and 2: mean 1, standard error 1/√3, t = 4.303 with two degrees of freedom.
        let curves = [[1.0, 1], [1, 10], [1, 100]]
        let fit = try #require(RegretExponent(curves: curves, horizons: [1, 10]))
        #expect(abs(fit.exponent - 1) < 1e-9)
        #expect(abs(fit.high - 1 - 4.30265 / 3.0.squareRoot()) < 1e-3)
        #expect(MeanInterval([1.0]) == nil)
    }

    @Test func whatHasNoLogarithmHasNoExponent() {
        #expect(RegretExponent(curves: [[1, 2], [0, 2]], horizons: [1, 2]) == nil)
        #expect(RegretExponent(curves: [[1, 2], [-1, 2]], horizons: [1, 2]) == nil)
        #expect(RegretExponent(curves: [[1, 2]], horizons: [1, 2]) == nil)
        #expect(RegretExponent(curves: [[1], [1]], horizons: [1]) == nil)
    }
}

@Suite struct LiveRegretEstimateTests {
    /// Against the truth, over many runs: the mean of the estimates is the regret, and their scatter the standard
    /// error.
    @Test func estimatesAreUnbiased() throws {
        let context = RouterContext.priced(1, 1)
        var router = try EpsilonGreedyRouter(armCount: 2, epsilon: 0.5)
        router.learn(context, arm: 0, loss: 0.8)
        router.learn(context, arm: 1, loss: 0.9)
        // Arm 0 is greedy; arm 1, the comparator, really costs half of it.
        let losses = [0.8, 0.4]
        let seed: UInt64 = 19
        var random = PhiloxGenerator(seed: seed)
        var weighted: [Double] = []
        var shadowed: [Double] = []
        var errors: [Double] = []
        var truths: [Double] = []
        for _ in 0..<400 {
            var byWeight = LiveRegretEstimate(.inversePropensity)
            var byShadow = LiveRegretEstimate(.shadowSteps)
            var truth = 0.0
            for _ in 0..<200 {
                let choice = router.choose(context, using: &random)
                let loss = losses[choice.arm]
                truth += loss - losses[1]
                byWeight.count(RouterFeedback(context: context, choice: choice, loss: loss), comparator: 1)
                byShadow.count(loss: loss, shadowLoss: random.uniform() < 0.1 ? losses[1] : nil, share: 0.1)
            }
            weighted.append(try #require(byWeight.regret) - truth)
            shadowed.append(try #require(byShadow.regret) - truth)
            errors.append(try #require(byWeight.standardError))
            truths.append(truth)
        }
        let byWeight = try #require(MeanInterval(weighted, level: 0.999))
        let byShadow = try #require(MeanInterval(shadowed, level: 0.999))
        #expect(byWeight.low < 0 && byWeight.high > 0, "seed \(seed): \(byWeight)")
        #expect(byShadow.low < 0 && byShadow.high > 0, "seed \(seed): \(byShadow)")
        let mean = weighted.reduce(0, +) / 400
        let scatter = (weighted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399).squareRoot()
        let error = errors.reduce(0, +) / 400
        #expect(scatter / error > 0.6 && scatter / error < 1.4, "seed \(seed): \(scatter) against \(error)")
    }

    @Test func withoutSupportThereIsNoEstimate() {
        var estimate = LiveRegretEstimate(.inversePropensity)
        let context = RouterContext.priced(1, 1)
        func count(_ arm: Int) {
            estimate.count(
                RouterFeedback(context: context, choice: RouterChoice(arm: arm, propensity: 1), loss: 1),
                comparator: 1)
        }
        #expect(estimate.regret == nil)
        count(1)
        #expect(estimate.regret == 0)
        count(0)
        #expect(estimate.regret == nil && estimate.standardError == nil)
        #expect(
            estimate.summary == "regret: no estimate (inverse propensity, 1 of 2 steps informative; "
                + "the router never gives the comparator a chance)")
    }

    @Test func theSummarySaysThatItIsAnEstimate() {
        var estimate = LiveRegretEstimate(.shadowSteps)
        #expect(estimate.summary == "regret: no estimate (shadow steps, 0 of 0 steps informative)")
        estimate.count(loss: 1, shadowLoss: 0.5, share: 0.5)
        estimate.count(loss: 1, shadowLoss: nil, share: 0.5)
        #expect(
            estimate.summary == "regret: about 1.0 ± 1.0, an estimate (shadow steps, 1 of 2 steps informative)")
    }
}
