import QPCore
import Testing

@testable import QPPlanner

@Suite struct NormalRaceTests {
    /// Two arms of very different width, equal arms, one hopeless, and many.
    private static let races: [[(mean: Double, deviation: Double)]] = [
        [(0, 1), (0.5, 0.01)],
        [(1, 1), (1, 1), (1, 1)],
        [(0.2, 0.1), (0.25, 0.002), (0.3, 0.2), (5, 0.1)],
        [(0.5, 0.3), (0.6, 0.25), (0.4, 0.5), (0.45, 0.05), (0.7, 0.2), (0.52, 0.1), (0.9, 0.4)],
        [(1, 1e-9), (1, 1), (1.2, 0.5)],
    ]

    private func race(_ entrants: [(mean: Double, deviation: Double)]) -> NormalRace {
        var race = NormalRace()
        for (index, entrant) in entrants.enumerated() {
            race.enter(index, mean: entrant.mean, deviation: entrant.deviation)
        }
        return race
    }

    @Test(arguments: races.indices)
    func probabilitiesAreFrequencies(index: Int) {
        let entrants = Self.races[index]
        let race = race(entrants)
        let probabilities = entrants.indices.map { race.probability(of: $0) }
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-3, "\(probabilities)")

        let seed = UInt64(31 + index)
        var random = PhiloxGenerator(seed: seed)
        let n = 100_000
        var wins = [Int](repeating: 0, count: entrants.count)
        for _ in 0..<n { wins[race.winner(using: &random)] += 1 }
        for (arm, expected) in probabilities.enumerated() {
            let error = (expected * (1 - expected) / Double(n)).squareRoot()
            #expect(
                abs(Double(wins[arm]) / Double(n) - expected) < 5 * error + 1e-3, "seed \(seed), arm \(arm)")
        }
    }

    /// Against a plain sum over a fine grid, for races drawn at random.
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func probabilitiesAreTheIntegral(seed: UInt64) {
        var generator = PhiloxGenerator(seed: seed)
        let count = 3 + Int(generator.uniform() * 6)
        let entrants = (0..<count).map { _ in
            (mean: generator.uniform(), deviation: ElementaryMath.power(10, -2.5 * generator.uniform()))
        }
        let race = race(entrants)
        for index in entrants.indices {
            let (mean, deviation) = entrants[index]
            var sum = 0.0
            let step = deviation / 400
            for point in -3200...3200 {
                let z = mean + Double(point) * step
                var value = ElementaryMath.exponential(-0.5 * (z - mean) * (z - mean) / (deviation * deviation))
                for (other, rival) in entrants.enumerated() where other != index {
                    value *= ElementaryMath.upperTail((z - rival.mean) / rival.deviation)
                }
                sum += value
            }
            let expected = sum * step / (deviation * (2 * Double.pi).squareRoot())
            let found = race.probability(of: index)
            #expect(abs(found - expected) < 1e-3, "seed \(seed), arm \(index): \(found), not \(expected)")
        }
    }

    @Test func certainAndHopelessAreTold() {
        let race = race([(0, 0.01), (1, 0.01), (2, 0.01)])
        #expect(race.probability(of: 0) == 1)
        // Never 0, because an importance weight divides by it.
        #expect(race.probability(of: 2) > 0)
        #expect(race.probability(of: 2) < 1e-12)
        #expect(!NormalRace().hasEntrant)
    }
}

@Suite struct LinearThompsonRouterTests {
    @Test func itLearnsWhichArmIsBetter() throws {
        let seed: UInt64 = 5
        var random = PhiloxGenerator(seed: seed)
        var router = try LinearThompsonRouter(armCount: 2, posteriorScale: 0.3)
        let context = RouterContext.priced(1, 1, .infinity, features: SIMD8(first: [1]))
        let first = router.choose(context, using: &random)
        #expect(abs(first.propensity - 0.5) < 1e-12)
        var late = 0
        for step in 0..<300 {
            let choice = router.choose(context, using: &random)
            router.observe(RouterFeedback(context: context, choice: choice, loss: choice.arm == 0 ? 1 : 0.5))
            if step >= 200, choice.arm == 0 { late += 1 }
        }
        #expect(late == 0, "seed \(seed)")
        #expect(router.choose(context, using: &random).propensity > 0.99)
    }

    /// Two arms of posteriors N(0.4, v²/2) and N(0, v²·1) at x: the closed form of the first's chance.
    @Test func thePropensityIsThePosteriors() throws {
        var router = try LinearThompsonRouter(armCount: 2, posteriorScale: 0.5)
        let context = RouterContext.priced(1, 1, features: SIMD8(first: [1]))
        router.learn(context, arm: 0, loss: 0.8)
        let spread = (0.25 * 0.5 + 0.25).squareRoot()
        let first = ElementaryMath.upperTail(0.4 / spread)
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = PhiloxGenerator(seed: seed)
            let choice = router.choose(context, using: &random)
            #expect(abs(choice.propensity - (choice.arm == 0 ? first : 1 - first)) < 1e-12, "seed \(seed)")
        }
    }

    @Test func withoutAKnownArmTheCheapestIsTaken() throws {
        var router = try LinearThompsonRouter(armCount: 1)
        #expect(router.arm(.priced(.infinity, 3, 2)) == 2)
    }
}
