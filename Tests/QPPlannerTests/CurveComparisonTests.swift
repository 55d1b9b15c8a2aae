import QPCore
import Testing

@testable import QPPlanner

@Suite struct CurveComparisonTests {
    /// The branch-and-bound search against a walk over every K.
    @Test(arguments: [UInt64(41), 42, 43])
    func searchIsExact(seed: UInt64) {
        var generator = PhiloxGenerator(seed: seed)
        for _ in 0..<300 {
            let v = Int.random(in: 1...200, using: &generator)
            let comparison = CurveComparison(
                first: CostCurveTests.random(&generator, .sparse, vocabularySize: v),
                second: CostCurveTests.random(&generator, .dense, vocabularySize: v), vocabularySize: v)
            let (a, b) = [(1, 1), (21, 20), (20, 21), (1 << 20, 1 << 19)].randomElement(using: &generator)!
            let c = Int.random(in: 0...1, using: &generator)
            let start = Int.random(in: 1...v, using: &generator)
            let expected = (start...v).first { k in
                a * comparison.first.nanoseconds(at: k).nanoseconds
                    - b * comparison.second.nanoseconds(at: k).nanoseconds >= c
            }
            #expect(
                comparison.smallestTokenCount(
                    from: start, where: a, timesFirstExceeds: b, timesSecondBy: c) == expected,
                "seed \(seed): \(comparison), a \(a), b \(b), c \(c), from \(start)")
        }
    }

    /// Curves that stay one nanosecond apart over a long range are the hard case for the search.
    @Test func nearlyParallelCurves() {
        let first = CostCurveTests.curve([(1, 0), (262_144, 2_000_000)])
        let second = CostCurveTests.curve([(1, 40), (262_144, 2_000_000)], .dense)
        let comparison = CurveComparison(first: first, second: second, vocabularySize: 262_144)
        let expected = (1...262_144).first {
            first.nanoseconds(at: $0).nanoseconds >= second.nanoseconds(at: $0).nanoseconds
        }
        #expect(comparison.smallestTokenCount() == expected)
    }

    @Test func outcomesInWords() {
        func outcome(_ sparse: [(Int, Int)], _ dense: [(Int, Int)]) -> CrossoverOutcome {
            CurveComparison(
                first: CostCurveTests.curve(sparse), second: CostCurveTests.curve(dense, .dense),
                vocabularySize: 151_936
            ).outcome
        }
        #expect(outcome([(1, 10), (101, 1010)], [(1, 500), (151_936, 500)]) == .at(50))
        #expect(
            outcome([(1, 10), (151_936, 900)], [(1, 1000), (151_936, 1000)])
                == .none(reason: "sparse is cheaper at every K up to V = 151936, by at least 1.11×"))
        #expect(
            outcome([(1, 110), (151_936, 900)], [(1, 100), (151_936, 100)])
                == .none(reason: "dense is cheaper at every K, by at least 1.10×"))
        #expect(
            outcome([(1, 100)], [(1, 90), (11, 110)])
                == .none(
                    reason: "dense is cheaper at K = 1 and sparse at K = 7: the curves cross the other way round; "
                        + "measure again with more samples at small K"))
    }

    @Test(arguments: [(1.0, "1.00×"), (1.999, "1.99×"), (1.07, "1.07×"), (35.5, "35.50×")])
    func ratiosAreRoundedDown(ratio: Double, text: String) {
        #expect(times(ratio) == text)
    }
}

@Suite struct CrossoverTests {
    /// sparse(K) = 20 + K/8 against a dense of 300 µs: K* = 2240, and 5 % around it.
    private func crossover(seed: UInt64, noise: Double, outliers: Double = 0, heldOut: Int = 0) throws -> Crossover {
        var samples = SyntheticSamples(seed: seed)
        samples.noise = noise
        samples.outlierShare = outliers
        let sparse: (Int) -> Double = { 20 + Double($0) / 8 }
        let grid = SyntheticSamples.grid(to: 4096) + [1500, 2000, 2500, 3000]
        var series = samples.series(.step(.sparse), at: grid, microseconds: sparse)
        series += samples.series(.step(.dense), at: [1, 64, 4096]) { _ in 300 }
        if heldOut > 0 {
            let counts = samples.offGrid(heldOut, to: 4096)
            series += samples.series(.step(.sparse), at: counts, role: .heldOut, microseconds: sparse)
            series += samples.series(.step(.dense), at: counts, role: .heldOut) { _ in 300 }
        }
        let head = HeadProfile.test(.test(4096), samples: series)
        return try #require(try ProfileAnalysis(seed: seed).crossovers(of: head).first)
    }

    @Test func withoutNoiseItIsExact() throws {
        let crossover = try crossover(seed: 1, noise: 0, heldOut: 30)
        #expect(crossover.between == [.sparse, .dense])
        #expect(crossover.allowedTokenCount == 2240)
        #expect(crossover.low == 2240 && crossover.high == 2240)
        #expect(crossover.reason == nil)
        // 21·(20 + K/8) ≥ 20·300 from K = 2125.7; 20·(20 + K/8) > 21·300 from K = 2360 on, exclusive.
        #expect(crossover.bandLow == 2126)
        #expect(crossover.bandHigh == 2360)
        #expect(abs(crossover.wrongChoiceRatioAtHalf! - 300 / 160) < 1e-9)
        #expect(abs(crossover.wrongChoiceRatioAtDouble! - (20 + 4096 / 8) / 300) < 1e-9)
        #expect(crossover.heldOutCorrectShare == 1)
        #expect(crossover.heldOutCount > 20 && crossover.heldOutCount <= 30)
    }

    @Test func theIntervalCoversTheTruth() throws {
        var covered = 0
        var missed: [UInt64] = []
        for seed in UInt64(1)...20 {
            let crossover = try crossover(seed: seed, noise: 0.05, outliers: 0.1)
            let (low, high) = (try #require(crossover.low), try #require(crossover.high))
            #expect(low <= crossover.allowedTokenCount! && crossover.allowedTokenCount! <= high, "seed \(seed)")
            #expect(low < high && high - low < 600, "seed \(seed): \(low)…\(high)")
            // Outliers are all slow ones, so the truth for a median is a little above 300 and 20 + K/8 alike.
            if (low...high).contains(2240) { covered += 1 } else { missed.append(seed) }
        }
        #expect(covered >= 16, "missed by seeds \(missed)")
    }

    @Test func heldOutChoicesAreCounted() throws {
        var samples = SyntheticSamples(seed: 5)
        samples.noise = 0
        // Fitted: K* = 2240. Held out: dense measured far slower than fitted, so half of the choices are wrong.
        var series = samples.series(.step(.sparse), at: [1, 4096]) { 20 + Double($0) / 8 }
        series += samples.series(.step(.dense), at: [4096]) { _ in 300 }
        let heldOut = [100, 200, 2300, 3000, 4000]
        series += samples.series(.step(.sparse), at: heldOut, role: .heldOut) { 20 + Double($0) / 8 }
        series += samples.series(.step(.dense), at: heldOut + [17], role: .heldOut) { _ in 10_000 }
        let crossover = try #require(
            try ProfileAnalysis(seed: 1).crossovers(of: .test(.test(4096), samples: series)).first)
        // 2300 lies in the band and 17 was timed for one step only.
        #expect(crossover.heldOutCount == 4)
        #expect(crossover.heldOutCorrectShare == 0.5)
    }

    @Test func thereMayBeNone() throws {
        var samples = SyntheticSamples(seed: 6)
        var series = samples.series(.step(.sparse), at: [1, 4096]) { 20 + Double($0) / 100 }
        series += samples.series(.step(.dense), at: [4096]) { _ in 300 }
        let crossover = try #require(
            try ProfileAnalysis(seed: 1).crossovers(of: .test(.test(4096), samples: series)).first)
        #expect(crossover.allowedTokenCount == nil && crossover.low == nil && crossover.bandLow == nil)
        #expect(crossover.reason?.hasPrefix("sparse is cheaper at every K up to V = 4096, by at least ") == true)
    }
}

@Suite struct ExpectedCostTests {
    let sparse = CostCurveTests.curve([(1, 1000), (1001, 11_000)])
    let dense = CostCurveTests.curve([(1, 8000), (2000, 8000)], .dense)

    @Test(arguments: [(0.0, 701, 8000), (0.25, 701, 10_000), (1, 1, 9000), (0.5, 301, 8000)])
    func addsTheDenseShare(probability: Double, k: Int, nanoseconds: Int) throws {
        let cost = try ExpectedCost(sparse: sparse, dense: dense, refinementProbability: probability)
        #expect(cost.nanoseconds(at: k).nanoseconds == nanoseconds)
        #expect(cost.nanoseconds(at: k).evidence == (k == 1 ? .measured : .interpolated))
    }

    @Test(arguments: [(0.0, 701), (0.25, 501), (0.5, 301)])
    func crossoverMovesDownWithTheProbability(probability: Double, expected: Int) throws {
        let cost = try ExpectedCost(sparse: sparse, dense: dense, refinementProbability: probability)
        #expect(cost.crossover(vocabularySize: 2000).allowedTokenCount == expected)
        #expect(cost.crossover(vocabularySize: 2000).reason == nil)
    }

    @Test func reasonsForNone() throws {
        let always = try ExpectedCost(sparse: sparse, dense: dense, refinementProbability: 0.25)
        #expect(
            always.crossover(vocabularySize: 301).reason
                == "sparse with refinement probability 0.25 is cheaper at every K up to V = 301, by at least 1.33×")
        let never = try ExpectedCost(sparse: sparse, dense: dense, refinementProbability: 1)
        #expect(
            never.crossover(vocabularySize: 2000).reason
                == "dense is cheaper than sparse with refinement probability 1.0 at every K, by at least 1.12×")
        #expect(never.crossover(vocabularySize: 2000).allowedTokenCount == nil)
    }

    @Test(arguments: [-0.1, 1.5, Double.infinity])
    func probabilitiesAreChecked(value: Double) {
        #expect(throws: CostModelError.refinementProbability(value)) {
            try ExpectedCost(sparse: sparse, dense: dense, refinementProbability: value)
        }
    }

    @Test func theMessageNamesTheRange() {
        #expect(throws: CostModelError.self) {
            try ExpectedCost(sparse: sparse, dense: dense, refinementProbability: .nan)
        }
        #expect(
            "\(CostModelError.refinementProbability(1.5))"
                == "the refinement probability is 1.5; it must lie in 0…1, where 0 means that the sparse step never "
                + "needs a dense repeat")
    }
}
