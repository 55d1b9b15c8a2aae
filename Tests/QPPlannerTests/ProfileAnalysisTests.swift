import QPCore
import Testing

@testable import QPPlanner

@Suite struct ProfileAnalysisTests {
    /// Steps and kernels of a head, batches 1 and 8; dense steps and scans under one pattern only.
    private func head(seed: UInt64) -> HeadProfile {
        var samples = SyntheticSamples(seed: seed)
        let grid = SyntheticSamples.grid(to: 4096)
        var series: [SampleSeries] = []
        for batch in [8, 1] {
            let b = Double(batch)
            series += samples.series(.step(.dense), at: [4096], batch: batch) { _ in 400 }
            series += samples.series(.kernel(.scan), at: grid, batch: batch) { 9 + 0.25 * Double($0) }
            for pattern in [IndexPattern.contiguous, .uniform] {
                series += samples.series(.step(.sparse), at: grid, batch: batch, pattern: pattern) {
                    20 + b * Double($0) / 8
                }
                series += samples.series(.kernel(.gather), at: grid, batch: batch, pattern: pattern) {
                    9 + 0.5 * b * Double($0)
                }
            }
            series += samples.series(.step(.sparseFromMask), at: grid, batch: batch) { 60 + b * Double($0) / 8 }
            series += samples.series(.step(.denseSkipping), at: grid, batch: batch) { 50 + min(400, Double($0)) }
        }
        return .test(.test(4096), samples: series)
    }

    @Test func fillsEverythingForEachBatchAndPattern() throws {
        let head = try ProfileAnalysis(seed: 3, replicateCount: 50).analysed(head(seed: 61), ceilings: .test)
        func key(_ crossover: Crossover) -> String {
            "\(crossover.between.map(\.rawValue).joined(separator: "–")) \(crossover.batch) \(crossover.pattern)"
        }
        #expect(
            head.crossovers.map(key) == [
                "sparse–dense 1 uniform", "sparseFromMask–dense 1 uniform", "sparse–denseSkipping 1 uniform",
                "sparse–dense 1 contiguous",
                "sparse–dense 8 uniform", "sparseFromMask–dense 8 uniform", "sparse–denseSkipping 8 uniform",
                "sparse–dense 8 contiguous",
            ])
        #expect(head.curves.map { "\($0.step) \($0.batch) \($0.pattern)" }.count == 10)
        #expect(head.fits.count == 6)
        #expect(head.fits.filter { $0.kernel == .scan }.map(\.batch) == [1, 8])
        for fit in head.fits where fit.kernel == .gather {
            // The scan of the same batch, timed under another pattern.
            let scan = try #require(head.fits.first { $0.kernel == .scan && $0.batch == fit.batch })
            #expect(fit.slowdown == scan.slowdown && fit.gatherPenaltyMicrosecondsPerRow > 0)
        }
        let eight = try #require(head.crossovers.first { $0.batch == 8 && $0.between == [.sparse, .dense] })
        #expect(abs(Double(eight.allowedTokenCount!) - 380) < 20)
    }

    @Test func isAFunctionOfTheSeed() throws {
        let head = head(seed: 62)
        let analysis = ProfileAnalysis(seed: 3, replicateCount: 50)
        let once = try analysis.analysed(head, ceilings: .test)
        #expect(try analysis.analysed(once, ceilings: .test) == once)
        #expect(try analysis.crossovers(of: head) == once.crossovers)
        #expect(try ProfileAnalysis(seed: 4, replicateCount: 50).analysed(head, ceilings: .test) != once)
    }

    @Test func stepsAloneNeedNoCeilings() throws {
        var head = head(seed: 63)
        let analysis = ProfileAnalysis(seed: 3, replicateCount: 10)
        #expect(throws: ProfileError.missingCeiling("readBandwidth")) { try analysis.analysed(head, ceilings: []) }
        head.samples.removeAll { $0.subject == .kernel(.scan) || $0.subject == .kernel(.gather) }
        let analysed = try analysis.analysed(head, ceilings: [])
        #expect(analysed.fits.isEmpty && !analysed.crossovers.isEmpty)
    }

    @Test func badSamplesAreRefused() {
        var head = head(seed: 64)
        head.samples[2].durationsMicroseconds[1] = .nan
        #expect(
            throws: ProfileError.invalid(
                source: "being analysed", field: "head.samples[2].durationsMicroseconds[1]",
                reason: "is nan; it must be finite and not negative")
        ) {
            try ProfileAnalysis(seed: 1).crossovers(of: head)
        }
    }

    @Test func nothingMeasuredGivesNothing() throws {
        let head = try ProfileAnalysis(seed: 1).analysed(.test(samples: []), ceilings: [])
        #expect(head.curves.isEmpty && head.fits.isEmpty && head.crossovers.isEmpty)
    }
}
