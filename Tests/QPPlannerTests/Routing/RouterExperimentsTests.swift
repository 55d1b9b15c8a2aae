import Testing

@testable import QPPlanner

@Suite struct RouterExperimentsTests {
    /// Short, and yet what the full run shows in its first world and in its drifts.
    @Test func aShortRunShowsTheSame() throws {
        var fractions: [Double] = []
        let result = try #require(RouterExperiments(horizon: 5000, seeds: 4, progress: { fractions.append($0) }))
        #expect(fractions == fractions.sorted() && fractions.last == 1)
        #expect(result.horizons.count == 9 && result.horizons.first == 50 && result.horizons.last == 5000)
        let still = result.growth.filter { $0.change == .none }
        let plain = try #require(still.first { $0.router == "LinUCB" })
        #expect(try #require(plain.exponent).exponent < 0.6 && plain.lessLinUCB.mean == 0)
        // One that explores for ever pays for ever.
        let greedy = try #require(still.first { $0.router == "epsilon-greedy" })
        #expect(greedy.lessLinUCB.low > 0)
        let drifting = result.drift.filter { $0.pace == .abrupt }
        #expect(drifting.first { $0.router == "calibrated threshold" }?.regretOverThreshold == 1)
        #expect(try #require(drifting.first { $0.router == "residual-LinUCB (default)" }?.regretOverThreshold) < 0.8)
        // The same run again.
        #expect(RouterExperiments(horizon: 5000, seeds: 4) == result)
    }

    @Test func itEndsWhenAskedTo() {
        var asked = 0
        let result = RouterExperiments(
            horizon: 1000, seeds: 2,
            isCancelled: {
                asked += 1
                return asked > 5
            })
        #expect(result == nil && asked == 6)
    }
}
