import QPCore
import Testing

@testable import QPPlanner

@Suite struct RobustRegressionTests {
    @Test(
        arguments: [
            ([1.0, 2, 4, 8], [3.0, 5, 9, 17], [1.0, 2]), ([1, 2, 4], [2, 4, 8], [0, 2]),
            ([1, 2, 4], [7, 7, 7], [7, 0]),
            // The best line would have a negative intercept.
            ([10, 20], [1, 12], [0, 0.12]), ([8], [4], [0, 0.5]),
        ] as [([Double], [Double], [Double])])
    func nonnegativeLines(counts: [Double], times: [Double], expected: [Double]) {
        let fit = RobustRegression(columns: [counts.map { _ in 1 }, counts], measured: times, iterations: 0)
        if expected != [0, 0.12] {
            #expect(zip(fit.coefficients, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(fit.coefficients)")
        }
        #expect(fit.coefficients.allSatisfy { $0 >= 0 })
        #expect((fit.coefficients[0] == 0) == (expected[0] == 0))
    }

    /// No other nonnegative coefficients may give a smaller loss.
    @Test(arguments: [UInt64(51), 52])
    func leastSquaresAreLeast(seed: UInt64) {
        var generator = PhiloxGenerator(seed: seed)
        for _ in 0..<100 {
            let columns = (0..<3).map { _ in (0..<6).map { _ in generator.uniform() } }
            let weights = (0..<6).map { _ in generator.uniform() }
            let best = RobustRegression.nonnegativeLeastSquares(columns, weights: weights)
            func loss(_ c: [Double]) -> Double {
                weights.indices.reduce(0) { sum, i in
                    let residual = c[0] * columns[0][i] + c[1] * columns[1][i] + c[2] * columns[2][i] - 1
                    return sum + weights[i] * residual * residual
                }
            }
            for _ in 0..<20 {
                let other = best.map { max(0, $0 + 0.2 * (generator.uniform() - 0.5)) }
                #expect(loss(best) <= loss(other) + 1e-12, "seed \(seed): \(best) and \(other)")
            }
        }
    }

    @Test func outliersDoNotMoveTheLine() {
        let counts = (1...20).map(Double.init)
        var times = counts.map { 10 + 2 * $0 }
        times[3] *= 3
        times[15] *= 2
        let fit = RobustRegression(columns: [counts.map { _ in 1 }, counts], measured: times)
        #expect(abs(fit.coefficients[0] - 10) < 0.01 && abs(fit.coefficients[1] - 2) < 0.001, "\(fit.coefficients)")
    }
}

@Suite struct KernelWorkTests {
    @Test(arguments: [
        (KernelName.scan, 2048.0, 8192.0), (.scanTopTwo, 2048, 8192), (.maskedScanTopTwo, 2048, 8192),
        (.gather, 16_384, 8192), (.gatherTopTwo, 16_384, 8192), (.topTwo, 32, 8), (.compactMask, 32, 8),
    ])
    func workOfARowAtBatchEight(kernel: KernelName, bytes: Double, elements: Double) {
        let work = KernelWork(kernel, shape: .test(), batch: 8)
        #expect(work.bytesPerRow == bytes)
        #expect(work.elementsPerRow == elements)
    }

    @Test func theSlowerCeilingBinds() throws {
        let roof = try Roof(.test)
        let one = KernelWork(.scan, shape: .test(), batch: 1)
        #expect(one.isBandwidthBound(under: roof))
        #expect(abs(one.roofMicrosecondsPerRow(under: roof) - 0.2048) < 1e-12)
        let eight = KernelWork(.scan, shape: .test(), batch: 8)
        #expect(!eight.isBandwidthBound(under: roof))
        #expect(abs(eight.roofMicrosecondsPerRow(under: roof) - 0.4096) < 1e-12)
    }

    @Test func aMissingCeilingIsNamed() {
        let onlyBandwidth = [Profile.Ceiling].test.filter { $0.name == .readBandwidth }
        #expect(throws: ProfileError.missingCeiling("arithmeticRate")) { try Roof(onlyBandwidth) }
    }
}

@Suite struct RooflineFitTests {
    private let vocabularySize = 32_768
    private let roofPerRow = 0.2048

    /// Samples on the grid and at 24 held-out K of `kernel`.
    private func samples(
        _ kernel: KernelName, seed: UInt64, noise: Double, outliers: Double = 0, microseconds: (Int) -> Double
    ) -> [SampleSeries] {
        var samples = SyntheticSamples(seed: seed)
        samples.noise = noise
        samples.outlierShare = outliers
        let grid = SyntheticSamples.grid(to: vocabularySize)
        let heldOut = samples.offGrid(24, to: vocabularySize)
        return samples.series(.kernel(kernel), at: grid, microseconds: microseconds)
            + samples.series(.kernel(kernel), at: heldOut, role: .heldOut, microseconds: microseconds)
    }

    private func fits(_ samples: [SampleSeries], seed: UInt64 = 1, replicates: Int = 100) throws -> [KernelFit] {
        let head = HeadProfile.test(.test(vocabularySize), samples: samples)
        return try ProfileAnalysis(seed: seed, replicateCount: replicates).analysed(head, ceilings: .test).fits
    }

    @Test func recoversALineExactly() throws {
        let series = samples(.scan, seed: 1, noise: 0) { 25 + 0.256 * Double($0) }
        let fit = try #require(try fits(series).first)
        #expect(fit.kernel == .scan && fit.batch == 1 && fit.pattern == .uniform && fit.boundBy == "bandwidth")
        #expect(abs(fit.fixedMicroseconds - 25) < 1e-6)
        #expect(abs(fit.slowdown - 1.25) < 1e-9)
        #expect(fit.gatherPenaltyMicrosecondsPerRow == 0)
        #expect(fit.startRows == 0 && fit.startFactor == 1 && fit.rowsReadPerAllowedToken == nil)
        #expect(fit.heldOutCount == 24)
        #expect(fit.heldOutMedianRelativeError! < 1e-9 && fit.heldOutP90RelativeError! < 1e-9)
        #expect(abs(fit.utilisation - roofPerRow * 32_768 / (25 + 0.256 * 32_768)) < 1e-9)
    }

    /// 5 % noise and one sample in ten three times too slow.
    @Test func theIntervalCoversTheCostOfARow() throws {
        var missed: [UInt64] = []
        for seed in UInt64(1)...20 {
            // Outliers to one side move the median: it becomes the 5/9 quantile of the undisturbed samples, which
            // for 5 % noise is 0.7 % higher.
            let truth = 0.256 * 1.007
            let series = samples(.scan, seed: seed, noise: 0.05, outliers: 0.1) { 25 + 0.256 * Double($0) }
            let fit = try #require(try fits(series, seed: seed).first)
            #expect(abs(fit.fixedMicroseconds - 25) < 2, "seed \(seed)")
            #expect(abs(fit.microsecondsPerRow - truth) / truth < 0.03, "seed \(seed)")
            #expect(fit.heldOutMedianRelativeError! < 0.03 && fit.heldOutP90RelativeError! < 0.06, "seed \(seed)")
            #expect(fit.highMicrosecondsPerRow - fit.lowMicrosecondsPerRow < 0.05 * truth, "seed \(seed)")
            if !(fit.lowMicrosecondsPerRow...fit.highMicrosecondsPerRow).contains(truth) { missed.append(seed) }
        }
        #expect(missed.count <= 4, "missed by seeds \(missed)")
    }

    /// A device that few rows do not fill: constant until 1024 rows.
    @Test(arguments: [UInt64(1), 2, 3])
    func aLatencyFloorBecomesAStartTerm(seed: UInt64) throws {
        let series = samples(.gather, seed: seed, noise: 0.02) { 6 + 0.01 * max(1024, Double($0)) }
        let fit = try #require(try fits(series, seed: seed).first)
        #expect(fit.startRows == 1024, "seed \(seed)")
        #expect(fit.startFactor < 0.1, "seed \(seed)")
        #expect(abs(fit.microsecondsPerRow - 0.01) < 0.0005, "seed \(seed)")
        #expect(fit.heldOutMedianRelativeError! < 0.03 && fit.heldOutP90RelativeError! < 0.08, "seed \(seed)")
    }

    /// One workgroup on one of two cores: the first 64 rows at twice the cost.
    @Test(arguments: [UInt64(1), 2, 3])
    func anIdleCoreBecomesAStartTerm(seed: UInt64) throws {
        let series = samples(.scan, seed: seed, noise: 0.01) { 5 + 0.4 * Double($0) + 0.4 * min(64, Double($0)) }
        let fit = try #require(try fits(series, seed: seed).first)
        #expect(
            fit.startRows == 64 && abs(fit.startFactor - 2) < 0.2, "seed \(seed): \(fit.startRows) \(fit.startFactor)")
        #expect(fit.heldOutP90RelativeError! < 0.05, "seed \(seed)")
    }

    @Test func noiseAloneMakesNoStartTerm() throws {
        var withStart: [UInt64] = []
        for seed in UInt64(1)...100 {
            let series = samples(.scan, seed: seed, noise: 0.15) { 25 + 0.3 * Double($0) }
            if try fits(series, seed: seed, replicates: 2).first?.startRows != 0 { withStart.append(seed) }
        }
        #expect(withStart.count <= 4, "seeds \(withStart)")
    }

    @Test func aGatherPaysItsPenaltyOnTopOfTheScan() throws {
        let scan = samples(.scan, seed: 1, noise: 0) { 25 + 0.256 * Double($0) }
        let gather = samples(.gather, seed: 2, noise: 0) { 30 + 0.356 * Double($0) }
        let fit = try #require(try fits(gather + scan).first { $0.kernel == .gather })
        #expect(abs(fit.slowdown - 1.25) < 1e-9)
        #expect(abs(fit.gatherPenaltyMicrosecondsPerRow - 0.1) < 1e-9)
        #expect(abs(fit.microsecondsPerRow - 0.356) < 1e-9)
    }

    @Test func aGatherThatIsCheaperHasNoPenalty() throws {
        let scan = samples(.scan, seed: 1, noise: 0) { 25 + 0.256 * Double($0) }
        let gather = samples(.gather, seed: 2, noise: 0) { 30 + 0.2048 * Double($0) }
        let fit = try #require(try fits(gather + scan).first { $0.kernel == .gather })
        #expect(fit.gatherPenaltyMicrosecondsPerRow == 0)
        #expect(abs(fit.slowdown - 1) < 1e-9)
    }

    /// A masked scan that skips blocks of 16 rows in which nothing is allowed.
    @Test(arguments: [1.0, 16, 1e9])
    func aMaskedScanReadsBlocks(rowsPerToken: Double) throws {
        func rows(_ k: Int) -> Double {
            KernelFit.rowsRead(k, rowsPerToken: rowsPerToken, vocabularySize: vocabularySize)
        }
        let series = samples(.maskedScanTopTwo, seed: 4, noise: 0.01) { 40 + 0.25 * rows($0) }
        let fit = try #require(try fits(series).first)
        let b = try #require(fit.rowsReadPerAllowedToken)
        if rowsPerToken < 1e6 {
            #expect(b > rowsPerToken / 1.5 && b < rowsPerToken * 1.5)
            #expect(abs(fit.microsecondsPerRow - 0.25) < 0.01)
        }
        #expect(fit.heldOutMedianRelativeError! < 0.03 && fit.heldOutP90RelativeError! < 0.08)
    }

    @Test func nothingMeasuredGivesNoFit() throws {
        #expect(try fits([]).isEmpty)
        #expect(try fits(samples(.scan, seed: 1, noise: 0) { _ in 0 }).isEmpty)
    }
}
