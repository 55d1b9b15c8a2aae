public import QPCore

/// A step's cost curve as estimated from samples: the medians made monotone, with every bootstrap replicate.
///
/// More allowed tokens are never less work, so the medians per K are replaced by the closest non-decreasing values
/// (isotonic regression). What noise made fall is pooled; nothing else changes. A flat step comes out slightly
/// tilted, by about the noise of one median at either end.
public struct MonotoneCurve: Sendable {
    /// The estimate with its 95 % intervals.
    public let curve: CostCurve
    /// Nanoseconds `[replicate][point]`: what the curve would have been with other blocks.
    let replicates: [[Int]]

    /// The curve of `step` from the `.fit` series among `samples`; null when there is none.
    ///
    /// Cold series alone are used where there are any: cold rows are what a decode step sees.
    /// - Complexity: O(replicates · samples of the step).
    public init?(
        step: StepName, batch: Int, pattern: IndexPattern, samples: [SampleSeries], bootstrap: BlockBootstrap
    ) {
        let selected = samples.byTokenCount(.step(step), batch: batch, pattern: pattern, role: .fit)
        guard !selected.isEmpty else { return nil }
        let weights = selected.map { Double($0.sample.durations.count) }
        let values = Self.nanoseconds(selected.map(\.sample.median), weights: weights)
        let columns = bootstrap.replicates(of: selected.map(\.sample))
        replicates = (0..<bootstrap.replicateCount).map { replicate in
            Self.nanoseconds(columns.map { $0[replicate] }, weights: weights)
        }
        var points: [CostCurve.Point] = []
        for (index, entry) in selected.enumerated() {
            let interval = BlockBootstrap.interval(of: replicates.map { Double($0[index]) }, level: 0.95)
            // Each replicate is monotone, hence so are these quantiles, and so is their minimum with the curve.
            points.append(
                CostCurve.Point(
                    allowedTokenCount: entry.allowedTokenCount, nanoseconds: values[index],
                    lowNanoseconds: min(values[index], Int(interval.lowerBound)),
                    highNanoseconds: max(values[index], Int(interval.upperBound.rounded(.up)))))
        }
        curve = CostCurve(step: step, batch: batch, pattern: pattern, points: points)
    }

    /// The curve of one bootstrap replicate; its intervals are empty.
    func replicate(_ index: Int) -> CostCurve {
        var result = curve
        for (point, value) in replicates[index].enumerated() {
            result.points[point].nanoseconds = value
            result.points[point].lowNanoseconds = value
            result.points[point].highNanoseconds = value
        }
        return result
    }

    private static func nanoseconds(_ microseconds: [Double], weights: [Double]) -> [Int] {
        isotonicRegression(microseconds, weights: weights).map {
            Int(min(Double(CostCurve.maximumNanoseconds), ($0 * 1000).rounded()))
        }
    }
}

/// The non-decreasing values closest to `values` in weighted least squares, by pooling adjacent violators.
///
/// Source: M. Ayer, H. D. Brunk, G. M. Ewing, W. T. Reid, E. Silverman, "An empirical distribution function for
/// sampling with incomplete information", Ann. Math. Stat. 26 (1955), doi:10.1214/aoms/1177728423. O(n).
/// - Parameter weights: one per value, > 0.
func isotonicRegression(_ values: [Double], weights: [Double]) -> [Double] {
    precondition(values.count == weights.count, "one weight per value")
    var pools: [(mean: Double, weight: Double, count: Int)] = []
    for (value, weight) in zip(values, weights) {
        var pool = (mean: value, weight: weight, count: 1)
        while let last = pools.last, last.mean > pool.mean {
            pools.removeLast()
            let weight = last.weight + pool.weight
            pool = ((last.mean * last.weight + pool.mean * pool.weight) / weight, weight, last.count + pool.count)
        }
        pools.append(pool)
    }
    return pools.flatMap { repeatElement($0.mean, count: $0.count) }
}
