import QPCore
import Testing

@testable import QPPlanner

@Suite struct StatisticsTests {
    @Test(
        arguments: [
            ([3.0], 3.0), ([4, 1], 2.5), ([5, 1, 3], 3), ([1, 2, 3, 100], 2.5), ([2, 2, 2, 9, 9], 2),
        ] as [([Double], Double)])
    func median(values: [Double], expected: Double) {
        #expect(Statistics.median(values) == expected)
    }

    @Test(arguments: [(0.0, 10.0), (0.1, 10), (0.25, 17.5), (0.5, 30), (0.9, 50), (1, 50)])
    func quantileOfFiveValues(level: Double, expected: Double) {
        #expect(abs(Statistics.quantile([50, 10, 40, 20, 30], at: level)! - expected) < 1e-12)
    }

    @Test func emptySamplesHaveNoSummary() {
        #expect(Statistics.median([]) == nil)
        #expect(Statistics.quantile([], at: 0.9) == nil)
        #expect(Statistics.medianAbsoluteDeviation([]) == nil)
        #expect(Statistics.relativeSpread([]) == nil)
        #expect(Statistics.relativeSpread([0, 0]) == nil)
    }

    @Test func oneWildValueDoesNotMoveTheSpread() {
        #expect(Statistics.medianAbsoluteDeviation([1, 2, 3, 4, 1000]) == 1)
        #expect(Statistics.relativeSpread([10, 10, 11, 10, 1e9]) == 0)
        #expect(Statistics.relativeSpread([8, 9, 10, 11, 1e9]) == 0.1)
    }

    /// Values from printed tables of Student's distribution, two-sided.
    @Test(arguments: [
        (0.05, 1, 12.7062), (0.05, 2, 4.30265), (0.05, 3, 3.18245), (0.01, 5, 4.03214), (0.05, 10, 2.22814),
        (0.001, 4, 8.6103), (0.001, 20, 3.8495), (0.0001, 30, 4.4824), (0.05, 1000, 1.96234),
    ])
    func studentQuantile(tails: Double, degrees: Int, expected: Double) {
        let t = Distributions.studentQuantile(twoTails: tails, degreesOfFreedom: degrees)
        #expect(abs(t - expected) / expected < 1e-3)
    }

    @Test(arguments: [(0.025, 1.959964), (0.001, 3.090232), (1e-6, 4.753424)])
    func normalQuantile(tail: Double, expected: Double) {
        #expect(abs(Distributions.normalQuantile(upperTail: tail) - expected) < 1e-6)
    }
}

@Suite struct BlockBootstrapTests {
    @Test func equalWeightsGiveTheOrdinaryQuantile() {
        var generator = PhiloxGenerator(seed: 3)
        for count in 1...9 {
            let values = (0..<count).map { _ in generator.uniform() }
            let sample = BlockedSample([series(values, blocks: Array(0..<count))])
            for level in [0.0, 0.1, 0.5, 0.77, 1] {
                let weighted = sample.quantile(
                    level, slots: Array(0..<count), weights: .init(repeating: 2, count: count))
                #expect(abs(weighted - Statistics.quantile(values, at: level)!) < 1e-12, "\(values) at \(level)")
            }
        }
    }

    @Test func replicatesDoNotDependOnTheGrouping() {
        var samples = SyntheticSamples(seed: 5)
        let series = samples.series(.step(.dense), at: [1, 8]) { _ in 100 }.map { BlockedSample([$0]) }
        let bootstrap = BlockBootstrap(seed: 9, replicateCount: 20)
        let together = bootstrap.replicates(of: series)
        #expect(together[1] == bootstrap.replicates(of: [series[1]])[0])
        #expect(together[0] != BlockBootstrap(seed: 10, replicateCount: 20).replicates(of: series)[0])
        #expect(together[0] != BlockBootstrap(seed: 9, replicateCount: 20, stream: 1).replicates(of: series)[0])
    }

    /// A disturbance that both series share must cancel in their ratio, which it only does if blocks are resampled
    /// jointly.
    @Test func sharedDisturbancesCancelInARatio() throws {
        var samples = SyntheticSamples(seed: 11)
        samples.noise = 0.001
        samples.blockNoise = 0.1
        let pair = samples.series(.step(.sparse), at: [8, 16]) { Double($0) }
        let bootstrap = BlockBootstrap(seed: 1)
        let one = try #require(bootstrap.interval(of: [pair[0]]) { $0[0] / 8 })
        let ratio = try #require(bootstrap.interval(of: pair) { $0[1] / $0[0] })
        #expect(one.upperBound - one.lowerBound > 0.02)
        #expect(ratio.upperBound - ratio.lowerBound < 0.01)
        #expect(ratio.contains(2) || abs(ratio.lowerBound - 2) < 0.005)
    }

    /// Samples of one block that move together are one observation, so the interval must not shrink with their number.
    @Test func moreSamplesOfTheSameBlocksDoNotNarrowTheInterval() throws {
        func width(_ perBlock: Int) throws -> Double {
            var samples = SyntheticSamples(seed: 2)
            samples.noise = 0.0001
            samples.blockNoise = 0.05
            samples.samplesPerBlock = perBlock
            let series = samples.series(.step(.dense), at: [1]) { _ in 1 }
            let interval = try #require(BlockBootstrap(seed: 4).interval(of: series) { $0[0] })
            return interval.upperBound - interval.lowerBound
        }
        let (few, many) = (try width(2), try width(40))
        #expect(many > 0.7 * few)
    }

    @Test func coversTheTruthAboutAsOftenAsItSays() throws {
        var covered = 0
        let seeds: [UInt64] = Array(1...100)
        for seed in seeds {
            var samples = SyntheticSamples(seed: seed)
            samples.noise = 0.05
            let series = samples.series(.step(.dense), at: [1]) { _ in 10 }
            let interval = try #require(
                BlockBootstrap(seed: seed, replicateCount: 200).interval(of: series) { $0[0] })
            covered += interval.contains(10) ? 1 : 0
        }
        // 95 of 100 expected; 85 is 4.6 standard deviations below.
        #expect(covered >= 85 && covered < 100, "seeds 1…100")
    }

    @Test func anEmptySeriesHasNoInterval() {
        #expect(BlockBootstrap(seed: 1).interval(of: [series([], blocks: [])]) { $0[0] } == nil)
        #expect(BlockBootstrap(seed: 1).interval(of: []) { _ in 0 } == nil)
    }

    private func series(_ durations: [Double], blocks: [Int]) -> SampleSeries {
        SampleSeries(
            subject: .step(.dense), batch: 1, pattern: .uniform, allowedTokenCount: 1, role: .fit, coldRows: true,
            durationsMicroseconds: durations, blocks: blocks, droppedCount: 0)
    }
}
