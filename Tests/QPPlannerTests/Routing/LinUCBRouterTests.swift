import QPCore
import Testing

@testable import QPPlanner

@Suite struct LinUCBRouterTests {
    private let context = RouterContext.priced(1, 1, features: SIMD8(first: [0.6, 0.8]))

    /// After one bad and one good experience the printed rule, an upper bound on a loss, shuns what it has not tried,
    /// and the lower bound tries it.
    @Test func thePrintedRuleShunsWhatItHasNotTried() throws {
        var lower = try LinUCBRouter(armCount: 2, beta: 1)
        var printed = try LinUCBRouter(armCount: 2, beta: 1, bound: .paperA1)
        lower.learn(context, arm: 0, loss: 0.5)
        printed.learn(context, arm: 0, loss: 0.5)
        #expect(lower.arm(context) == 1)
        #expect(printed.arm(context) == 0)
    }

    /// The same on a whole run; LLM-QP's rule loses linearly wherever it locked in.
    @Test func thePrintedRuleLosesMoreOnARun() throws {
        let seeds = 1...12 as ClosedRange<UInt64>
        let comparison = try #require(
            RouterTrials.compare(
                .none, horizon: 20_000, seeds: seeds, { try! LinUCBRouter(armCount: 4) },
                { try! LinUCBRouter(armCount: 4, bound: .paperA1) }))
        #expect(comparison.second.mean > 3 * comparison.first.mean, "seeds \(seeds): \(comparison)")
    }

    @Test func onlyAvailableArmsAreTaken() throws {
        var router = try LinUCBRouter(armCount: 2)
        #expect(router.arm(.priced(.infinity, 1)) == 1)
        // An arm that it does not know is taken where it is the only one.
        #expect(router.arm(.priced(.infinity, .infinity, 5)) == 2)
        router.learn(.priced(.infinity, .infinity, 5), arm: 2, loss: 1)
        #expect(router == (try LinUCBRouter(armCount: 2)))
    }

    @Test(arguments: [Double.nan, .infinity])
    func whatIsNotFiniteIsIgnored(value: Double) throws {
        func check<R: Router & Equatable>(_ router: R) {
            var changed = router
            changed.learn(context, arm: 0, loss: value)
            changed.learn(.priced(1, 1, features: SIMD8(repeating: value)), arm: 0, loss: 1)
            changed.learn(context, arm: 8, loss: 1)
            #expect(changed == router)
        }
        check(try LinUCBRouter())
        check(try EpsilonGreedyRouter())
        check(try LinearThompsonRouter())
        check(try SlidingWindowLinUCBRouter(window: 3))
        check(try RestartLinUCBRouter(restartInterval: 1))
        check(try ThresholdExpertsRouter(rule: .test, thresholds: [0.5, 0.7], learningRate: 1))
        check(try ResidualLinUCBRouter())
    }

    /// Late and shuffled outcomes end in the same state, up to rounding.
    @Test func orderDoesNotMatter() throws {
        var generator = PhiloxGenerator(seed: 17)
        let feedback = (0..<50).map { _ in
            RouterFeedback(
                context: .priced(1, 1, features: .random(using: &generator)),
                choice: RouterChoice(arm: Int(generator.uniform() * 2), propensity: 1), loss: generator.uniform())
        }
        var forwards = try LinUCBRouter(armCount: 2)
        var backwards = forwards
        for entry in feedback { forwards.observe(entry) }
        for entry in feedback.reversed() { backwards.observe(entry) }
        for arm in 0..<2 {
            for index in 0..<8 {
                let (a, b) = (forwards.models[arm].coefficients[index], backwards.models[arm].coefficients[index])
                #expect(difference(a, b) < 1e-12)
            }
        }
    }
}

@Suite struct ForgettingLinUCBTests {
    /// A window of W is LinUCB fed with the last W outcomes.
    @Test func aWindowKeepsTheLastOutcomes() throws {
        let seed: UInt64 = 21
        var generator = PhiloxGenerator(seed: seed)
        var windowed = try SlidingWindowLinUCBRouter(armCount: 2, window: 7)
        var all: [RouterFeedback] = []
        for _ in 0..<1000 {
            let entry = RouterFeedback(
                context: .priced(1, 1, features: .random(using: &generator)),
                choice: RouterChoice(arm: Int(generator.uniform() * 2), propensity: 1), loss: generator.uniform())
            windowed.observe(entry)
            all.append(entry)
        }
        var plain = try LinUCBRouter(armCount: 2)
        for entry in all.suffix(7) { plain.observe(entry) }
        for arm in 0..<2 {
            for index in 0..<8 {
                let (a, b) = (windowed.models[arm].coefficients[index], plain.models[arm].coefficients[index])
                #expect(difference(a, b) < 1e-10, "seed \(seed), arm \(arm)")
            }
        }
    }

    /// A restart is LinUCB fed with what came since.
    @Test func aRestartForgetsEverything() throws {
        var router = try RestartLinUCBRouter(armCount: 2, beta: 0, restartInterval: 3)
        let context = RouterContext.priced(1, 1, features: SIMD8(first: [1]))
        for _ in 0..<3 { router.learn(context, arm: 0, loss: 5) }
        #expect(router.arm(context) == 1)
        router.learn(context, arm: 1, loss: 1)
        // Arm 0's five are gone: it counts as free again.
        #expect(router.arm(context) == 0)
    }
}
