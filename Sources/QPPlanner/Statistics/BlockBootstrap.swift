import QPCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Intervals by resampling whole interleaving blocks.
///
/// Samples of one block share the state of the machine, so they are not independent and may only be resampled
/// together; and because a block holds samples of *all* candidates, what disturbs a block disturbs both sides of a
/// comparison and mostly cancels. Each replicate therefore gives every block one weight that all series share.
///
/// The weights are exponential, i.e. Dirichlet shares (D. B. Rubin, "The Bayesian bootstrap", Ann. Stat. 9 (1981),
/// doi:10.1214/aos/1176345338) instead of the multinomial counts of the classic bootstrap. The two agree for many
/// blocks, but no weight is ever zero, so a series that was measured in a few blocks only never comes out empty.
///
/// A weight is a pure function of (seed, stream, replicate, block): results do not depend on the order or the
/// grouping in which series are asked about.
///
/// ```swift
/// let bootstrap = BlockBootstrap(seed: 7)
/// let ratio = bootstrap.interval(of: [sparse, dense]) { $0[0] / $0[1] }
/// ```
public struct BlockBootstrap: Sendable {
    /// Chooses the weights.
    public let seed: UInt64
    /// Replicates of one interval; 400 leave ten in each tail of a 95 % interval.
    public let replicateCount: Int
    /// Independent weights for the same block numbers: blocks of another run are other blocks.
    public let stream: UInt32

    /// - Parameter replicateCount: at least 1.
    public init(seed: UInt64, replicateCount: Int = 400, stream: UInt32 = 0) {
        precondition(replicateCount > 0, "a bootstrap needs at least one replicate")
        self.seed = seed
        self.replicateCount = replicateCount
        self.stream = stream
    }

    /// The percentile interval of a statistic of several series.
    ///
    /// - Parameters:
    ///   - series: each enters `statistic` by one quantile of its durations.
    ///   - level: of the interval, for example 0.95.
    ///   - quantile: which quantile of each series; the median by default.
    ///   - statistic: from the series' quantiles, in their order and in microseconds, to the number of interest.
    /// - Returns: null when a series is empty. It speaks of the run that was measured: what differs from run to run
    ///   is in no block, so in no interval.
    /// - Complexity: O(replicates · samples).
    public func interval(
        of series: [SampleSeries], level: Double = 0.95, quantile: Double = 0.5,
        statistic: ([Double]) -> Double
    ) -> ClosedRange<Double>? {
        let samples = series.map { BlockedSample([$0]) }
        guard !samples.isEmpty, samples.allSatisfy({ !$0.durations.isEmpty }) else { return nil }
        let columns = replicates(of: samples, quantile: quantile)
        let values = (0..<replicateCount).map { replicate in statistic(columns.map { $0[replicate] }) }
        return Self.interval(of: values, level: level)
    }

    /// One quantile of each sample in each replicate, `[sample][replicate]`. No sample may be empty.
    func replicates(of samples: [BlockedSample], quantile: Double = 0.5) -> [[Double]] {
        var slots: [Int: Int] = [:]
        for block in samples.lazy.flatMap(\.blocks) where slots[block] == nil { slots[block] = slots.count }
        let blocksInOrder = slots.sorted { $0.value < $1.value }.map(\.key)
        let slotsOfSamples = samples.map { $0.blocks.map { slots[$0]! } }

        var result = samples.map { _ in [Double](repeating: 0, count: replicateCount) }
        let philox = Philox(seed: seed)
        for replicate in 0..<replicateCount {
            let weights = blocksInOrder.map { weight(philox, block: $0, replicate: replicate) }
            for (index, sample) in samples.enumerated() {
                result[index][replicate] = sample.quantile(quantile, slots: slotsOfSamples[index], weights: weights)
            }
        }
        return result
    }

    /// The central share `level` of replicate values. `values` must not be empty.
    static func interval(of values: [Double], level: Double) -> ClosedRange<Double> {
        let ascending = values.sorted()
        let low = Statistics.quantile(ascending: ascending, at: (1 - level) / 2)!
        let high = Statistics.quantile(ascending: ascending, at: (1 + level) / 2)!
        return low...max(low, high)
    }

    private func weight(_ philox: Philox, block: Int, replicate: Int) -> Double {
        let id = UInt64(bitPattern: Int64(block))
        let words = philox(
            SIMD4(
                UInt32(truncatingIfNeeded: id), UInt32(truncatingIfNeeded: id >> 32),
                UInt32(truncatingIfNeeded: replicate), stream))
        let bits = UInt64(words.x) | UInt64(words.y) << 32
        // In (0, 1], so that the logarithm is finite.
        return -log((Double(bits >> 11) + 1) * 0x1p-53)
    }
}

/// All durations of one subject at one K in ascending order, each with the block it came from.
struct BlockedSample {
    let durations: [Double]
    let blocks: [Int]

    /// Series of the same subject and K, for example from an interrupted and a resumed run, as one.
    init(_ series: some Sequence<SampleSeries>) {
        let pairs = series.flatMap { zip($0.durationsMicroseconds, $0.blocks) }.sorted { $0.0 < $1.0 }
        durations = pairs.map(\.0)
        blocks = pairs.map(\.1)
    }

    /// Of a sample that is not empty.
    var median: Double { Statistics.quantile(ascending: durations, at: 0.5)! }

    var blockCount: Int { Set(blocks).count }

    /// ``Statistics/quantile(_:at:)`` with a weight on each duration: value i stands at level
    /// (w₁ + … + wᵢ − ½wᵢ) / Σw. O(n).
    func quantile(_ level: Double, slots: [Int], weights: [Double]) -> Double {
        var total = 0.0
        for slot in slots { total += weights[slot] }
        let target = level * total
        var before = 0.0
        var previousPosition = 0.0
        for (index, slot) in slots.enumerated() {
            let position = before + weights[slot] / 2
            if position >= target {
                guard index > 0 else { return durations[0] }
                let share = (target - previousPosition) / (position - previousPosition)
                return durations[index - 1] + share * (durations[index] - durations[index - 1])
            }
            before += weights[slot]
            previousPosition = position
        }
        return durations[durations.count - 1]
    }
}
