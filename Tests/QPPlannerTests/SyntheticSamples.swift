import QPCore
import QPPlanner

/// Samples with a known truth, so that what is computed from them can be checked.
struct SyntheticSamples {
    /// Standard deviation of one duration, relative.
    var noise = 0.02
    /// Share of durations that take three times as long.
    var outlierShare = 0.0
    /// Standard deviation of a factor that all series of a block share.
    var blockNoise = 0.0
    var blockCount = 20
    var samplesPerBlock = 3
    private var generator: PhiloxGenerator

    init(seed: UInt64) { generator = PhiloxGenerator(seed: seed) }

    /// About standard normal: the sum of twelve uniform numbers has variance 1.
    private mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + generator.uniform() } }

    /// One series per K, all timed in the same blocks.
    mutating func series(
        _ subject: TimedSubject, at tokenCounts: [Int], batch: Int = 1, pattern: IndexPattern = .uniform,
        role: SampleSeries.Role = .fit, coldRows: Bool = true, microseconds: (Int) -> Double
    ) -> [SampleSeries] {
        tokenCounts.map { k in
            var durations: [Double] = []
            var blocks: [Int] = []
            for block in 0..<blockCount {
                var shared = PhiloxGenerator(seed: UInt64(block) &+ 1_000_003)
                let disturbance = 1 + blockNoise * (0..<12).reduce(-6.0) { sum, _ in sum + shared.uniform() }
                for _ in 0..<samplesPerBlock {
                    var duration = microseconds(k) * disturbance * max(0.1, 1 + noise * normal())
                    if generator.uniform() < outlierShare { duration *= 3 }
                    durations.append(duration)
                    blocks.append(block)
                }
            }
            return SampleSeries(
                subject: subject, batch: batch, pattern: pattern, allowedTokenCount: k, role: role, coldRows: coldRows,
                durationsMicroseconds: durations, blocks: blocks, droppedCount: 0)
        }
    }

    /// Powers of two below V, and V.
    static func grid(to vocabularySize: Int) -> [Int] {
        (0..<30).map { 1 << $0 }.filter { $0 < vocabularySize } + [vocabularySize]
    }

    /// `count` K, log-uniform over 1…V, without the powers of two.
    mutating func offGrid(_ count: Int, to vocabularySize: Int) -> [Int] {
        var result: Set<Int> = []
        while result.count < count {
            let k = exponential(generator.uniform(), base: Double(vocabularySize))
            let rounded = min(vocabularySize, max(1, Int(k.rounded())))
            if rounded.nonzeroBitCount > 1 { result.insert(rounded) }
        }
        return result.sorted()
    }

    /// base^u for u in 0…1, from square roots alone.
    private func exponential(_ u: Double, base: Double) -> Double {
        var result = 1.0
        var root = base
        var rest = u
        for _ in 0..<50 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                rest -= 1
                result *= root
            }
        }
        return result
    }
}

extension HeadShape {
    /// A shape that is known to be valid.
    static func test(_ vocabularySize: Int = 32_768, _ hiddenSize: Int = 1024, _ type: ElementType = .f16) -> HeadShape
    {
        (try? HeadShape(vocabularySize: vocabularySize, hiddenSize: hiddenSize, elementType: type))!
    }
}

extension HeadProfile {
    static func test(_ shape: HeadShape = .test(), samples: [SampleSeries]) -> HeadProfile {
        HeadProfile(name: nil, shape: shape, headShareOfWeights: nil, tunings: [], samples: samples)
    }
}

extension [Profile.Ceiling] {
    /// 10 GB/s and 20 Gfma/s: a row of 2 KiB takes 0.2048 µs.
    static let test = [
        Profile.Ceiling(name: .readBandwidth, value: 10, unit: "GB/s", low: 9.9, high: 10.1, sampleCount: 50),
        Profile.Ceiling(name: .arithmeticRate, value: 20, unit: "Gfma/s", low: 19, high: 21, sampleCount: 50),
    ]
}

extension Profile {
    static func test(
        uuid: String = "0000-01", driver: String = "driver 1.0", heads: [HeadProfile] = []
    ) -> Profile {
        Profile(
            program: .init(name: "qp-gpu", version: "0.1"), date: "2025-01-01T00:00:00Z",
            device: .init(
                name: "Test device", uuid: uuid, driver: driver, apiVersion: "1.3", isSoftware: false,
                subgroupSize: 32, deviceMemoryBytes: 1 << 30, hostProcessor: "Test CPU", hostCoreCount: 2,
                timing: .init(method: "deviceTimestamp", tickNanoseconds: 1, validBits: 64)),
            settings: .init(
                seed: 1, quick: false, timeBudgetSeconds: 60, confidenceTarget: 0.02,
                stoppedBecause: "confidence target"),
            ceilings: .test, heads: heads,
            noise: .init(
                verdict: .quiet, explanation: "the reference held still", keptBlockCount: 20, droppedBlockCount: 0,
                droppedSharedSampleCount: 0, referenceSpread: 0.01))
    }
}
