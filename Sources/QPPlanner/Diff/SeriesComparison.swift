import QPCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds the series that two heads have in common and estimates the ratio of their medians.
struct SeriesComparison {
    /// Other streams: block 3 of one run has nothing to do with block 3 of another.
    private let baselineBootstrap: BlockBootstrap
    private let candidateBootstrap: BlockBootstrap

    init(seed: UInt64, replicateCount: Int) {
        baselineBootstrap = BlockBootstrap(seed: seed, replicateCount: replicateCount, stream: 1)
        candidateBootstrap = BlockBootstrap(seed: seed, replicateCount: replicateCount, stream: 2)
    }

    /// The ratio of one series with its standard error, before the number of rows is known.
    struct Ratio {
        var row: ProfileDiff.Row
        /// Of the natural logarithm of the ratio; null with fewer than two blocks on a side.
        var standardError: Double?
        var degreesOfFreedom: Int

        func row(confidence: Double, threshold: Double) -> ProfileDiff.Row {
            var row = row
            guard let ratio = row.ratio, ratio > 0, let standardError else { return row }
            let t = Distributions.studentQuantile(twoTails: 1 - confidence, degreesOfFreedom: degreesOfFreedom)
            let low = ratio * exp(-t * standardError)
            // Two blocks give widths without bound; JSON has no infinity.
            let high = min(ratio * exp(t * standardError), .greatestFiniteMagnitude)
            row.low = low
            row.high = high
            if low > 1 + threshold {
                row.verdict = .regression
            } else if high < 1 / (1 + threshold) {
                row.verdict = .improvement
            } else if low >= 1 / (1 + threshold), high <= 1 + threshold {
                row.verdict = .unchanged
            }
            return row
        }
    }

    /// Ratios of all series that both heads hold, in the order of the first. K that were held out in one run and on
    /// the grid in the other are the same measurement.
    func ratios(_ head: HeadKey, _ before: HeadProfile, _ after: HeadProfile) -> [Ratio] {
        let old = Self.grouped(before.samples)
        let new = Self.grouped(after.samples)
        let candidates = Dictionary(uniqueKeysWithValues: new.map { ($0.key, $0.sample) })
        let pairs = old.compactMap { entry in
            candidates[entry.key].map { (key: entry.key, old: entry.sample, new: $0) }
        }
        let oldErrors = Self.logErrors(pairs.map(\.old), baselineBootstrap)
        let newErrors = Self.logErrors(pairs.map(\.new), candidateBootstrap)
        return pairs.indices.map { index in
            let (key, old, new) = pairs[index]
            let blocks = min(old.blockCount, new.blockCount)
            let row = ProfileDiff.Row(
                vocabularySize: head.vocabularySize, hiddenSize: head.hiddenSize, elementType: head.elementType,
                subject: key.subject, batch: key.batch, pattern: key.pattern,
                allowedTokenCount: key.allowedTokenCount, coldRows: key.coldRows, baselineMicroseconds: old.median,
                candidateMicroseconds: new.median, ratio: old.median > 0 ? new.median / old.median : nil, low: nil,
                high: nil, verdict: .unclear)
            let variance = oldErrors[index] * oldErrors[index] + newErrors[index] * newErrors[index]
            return Ratio(
                row: row, standardError: blocks >= 2 ? variance.squareRoot() : nil,
                degreesOfFreedom: max(1, blocks - 1))
        }
    }

    private struct Key: Hashable {
        let subject: TimedSubject
        let batch: Int
        let pattern: IndexPattern
        let allowedTokenCount: Int
        let coldRows: Bool
    }

    private static func grouped(_ samples: [SampleSeries]) -> [(key: Key, sample: BlockedSample)] {
        var order: [Key] = []
        var series: [Key: [SampleSeries]] = [:]
        for sample in samples where !sample.durationsMicroseconds.isEmpty {
            let key = Key(
                subject: sample.subject, batch: sample.batch, pattern: sample.pattern,
                allowedTokenCount: sample.allowedTokenCount, coldRows: sample.coldRows)
            if series[key] == nil { order.append(key) }
            series[key, default: []].append(sample)
        }
        return order.map { ($0, BlockedSample(series[$0]!)) }
    }

    /// Standard error of the logarithm of each median.
    private static func logErrors(_ samples: [BlockedSample], _ bootstrap: BlockBootstrap) -> [Double] {
        bootstrap.replicates(of: samples).map { column in
            let logarithms = column.map { log(max($0, .leastNormalMagnitude)) }
            let mean = logarithms.reduce(0, +) / Double(logarithms.count)
            let squares = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (squares / Double(max(1, logarithms.count - 1))).squareRoot()
        }
    }
}
