import QPCore
import Testing

@testable import QPPlanner

@Suite struct ProfileDiffTests {
    /// A profile whose sparse step takes `factor` times as long.
    private func profile(
        seed: UInt64, factor: Double = 1, noise: Double = 0.02, shape: HeadShape = .test(4096), blockCount: Int = 20,
        uuid: String = "0000-01", driver: String = "driver 1.0"
    ) throws -> Profile {
        var samples = SyntheticSamples(seed: seed)
        samples.noise = noise
        samples.blockCount = blockCount
        let grid = SyntheticSamples.grid(to: 4096)
        let series =
            samples.series(.step(.sparse), at: grid) { factor * (20 + Double($0) / 8) }
            + samples.series(.step(.dense), at: [4096]) { _ in 300 }
        let head = try ProfileAnalysis(seed: 1, replicateCount: 50)
            .analysed(.test(shape, samples: series), ceilings: [])
        return .test(uuid: uuid, driver: driver, heads: [head])
    }

    @Test(arguments: [UInt64(81), 82, 83, 84, 85])
    func aSlowdownIsFoundAndNothingElse(seed: UInt64) throws {
        let diff = ProfileDiff(
            baseline: try profile(seed: seed), candidate: try profile(seed: seed + 100, factor: 1.2), seed: 1)
        #expect(diff.hasRegression && !diff.isEmpty && diff.isSameDevice && diff.notes.isEmpty)
        #expect(diff.rows.count == 14)
        for row in diff.rows {
            let isSparse = row.subject == .step(.sparse)
            #expect(row.verdict == (isSparse ? .regression : .unchanged), "seed \(seed): \(row)")
            #expect((row.low!...row.high!).contains(isSparse ? 1.2 : 1), "seed \(seed): \(row)")
        }
        #expect(diff.crossovers.map(\.change) == [.moved])
    }

    @Test func theOtherWayRoundItIsAnImprovement() throws {
        let diff = ProfileDiff(
            baseline: try profile(seed: 91, factor: 1.2), candidate: try profile(seed: 92), seed: 1)
        #expect(!diff.hasRegression)
        #expect(diff.rows.filter { $0.verdict == .improvement }.count == 13)
    }

    /// What CI sees on every commit that changes nothing: no row of any of 40 comparisons may cry wolf, even with
    /// noise that makes single intervals wide.
    @Test func equalProfilesDoNotFlap() throws {
        for seed in UInt64(1)...40 {
            let diff = ProfileDiff(
                baseline: try profile(seed: seed, noise: 0.1), candidate: try profile(seed: seed + 1000, noise: 0.1),
                threshold: 0.01, seed: seed)
            #expect(!diff.hasRegression, "seed \(seed)")
            #expect(!diff.rows.contains { $0.verdict == .improvement }, "seed \(seed)")
        }
    }

    @Test func aDifferenceWithinTheThresholdIsNone() throws {
        let baseline = try profile(seed: 1, noise: 0.002)
        let candidate = try profile(seed: 2, factor: 1.03, noise: 0.002)
        #expect(
            ProfileDiff(baseline: baseline, candidate: candidate, seed: 1).rows.allSatisfy { $0.verdict == .unchanged })
        let strict = ProfileDiff(baseline: baseline, candidate: candidate, threshold: 0.02, seed: 1)
        #expect(strict.hasRegression)
    }

    @Test func theGuardWidensWithTheNumberOfRows() throws {
        let diff = ProfileDiff(baseline: try profile(seed: 1), candidate: try profile(seed: 2), seed: 1)
        #expect(abs(diff.rowConfidence - (1 - 0.05 / 14)) < 1e-12)
        var few = try profile(seed: 1)
        few.heads[0].samples.removeLast(10)
        let narrow = ProfileDiff(baseline: few, candidate: try profile(seed: 2), seed: 1)
        #expect(narrow.rows[0].high! - narrow.rows[0].low! < diff.rows[0].high! - diff.rows[0].low!)
    }

    @Test func tooFewBlocksAreUnclear() throws {
        let diff = ProfileDiff(
            baseline: try profile(seed: 1, blockCount: 1), candidate: try profile(seed: 2, factor: 3), seed: 1)
        #expect(diff.rows.allSatisfy { $0.verdict == .unclear && $0.low == nil && $0.ratio != nil })
        let two = ProfileDiff(
            baseline: try profile(seed: 1, blockCount: 2), candidate: try profile(seed: 2, factor: 1.1), seed: 1)
        #expect(!two.hasRegression)
        #expect(two.rows.allSatisfy { $0.high!.isFinite })
    }

    @Test func otherDevicesAndDriversAreFlagged() throws {
        let device = ProfileDiff(
            baseline: try profile(seed: 1), candidate: try profile(seed: 2, uuid: "0000-02"), seed: 1)
        #expect(!device.isSameDevice)
        #expect(
            device.notes == [
                "different devices: Test device (0000-01) and Test device (0000-02); "
                    + "the rows compare machines, not programs"
            ])
        let driver = ProfileDiff(
            baseline: try profile(seed: 1), candidate: try profile(seed: 2, driver: "driver 2.0"), seed: 1)
        #expect(!driver.isSameDevice)
        #expect(
            driver.notes == [
                "different drivers: driver 1.0 and driver 2.0; the rows include what the driver changed"
            ])
    }

    @Test func noiseIsNoted() throws {
        var noisy = try profile(seed: 1)
        noisy.noise.verdict = .noisy
        noisy.noise.explanation = "another process used a core"
        let diff = ProfileDiff(baseline: try profile(seed: 2), candidate: noisy, seed: 1)
        #expect(diff.notes == ["the candidate is noisy: another process used a core"])
    }

    @Test func headsOfOneSideAreListed() throws {
        let diff = ProfileDiff(
            baseline: try profile(seed: 1), candidate: try profile(seed: 2, shape: .test(4096, 512, .int8)), seed: 1)
        #expect(diff.headsOnlyInBaseline == ["4096×1024 f16"])
        #expect(diff.headsOnlyInCandidate == ["4096×512 int8"])
        #expect(diff.isEmpty && !diff.hasRegression)
    }

    @Test(
        arguments: [
            (nil, nil, ProfileDiff.CrossoverRow.Change.same), (100...200, nil, .disappeared),
            (nil, 100...200, .appeared),
            (100...200, 150...250, .same), (100...200, 200...250, .same), (100...200, 201...250, .moved),
            (100...200, 10...99, .moved),
        ] as [(ClosedRange<Int>?, ClosedRange<Int>?, ProfileDiff.CrossoverRow.Change)])
    func crossoversMove(old: ClosedRange<Int>?, new: ClosedRange<Int>?, change: ProfileDiff.CrossoverRow.Change) throws
    {
        func profile(_ range: ClosedRange<Int>?) throws -> Profile {
            var profile = try self.profile(seed: 1)
            profile.heads[0].crossovers[0].allowedTokenCount = range?.lowerBound
            profile.heads[0].crossovers[0].low = range?.lowerBound
            profile.heads[0].crossovers[0].high = range?.upperBound
            profile.heads[0].crossovers[0].reason = range == nil ? "none" : nil
            return profile
        }
        let diff = ProfileDiff(baseline: try profile(old), candidate: try profile(new), seed: 1)
        #expect(diff.crossovers.map(\.change) == [change])
    }
}
