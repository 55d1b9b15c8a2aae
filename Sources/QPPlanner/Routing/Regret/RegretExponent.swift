/// How regret grows: the slope of log R against log T.
///
/// Fitted to *pseudo*-regret, which is positive; over seeds, since within one run the points share their past. 1 is a
/// policy that never learns, 0.5 the order √T.
public struct RegretExponent: Equatable, Codable, Sendable {
    /// Mean slope over runs.
    public let exponent: Double
    /// Interval of that mean, Student's t over runs.
    public let low: Double
    public let high: Double
    /// Runs.
    public let runCount: Int
    /// Horizons in each fit.
    public let pointCount: Int

    /// Fits each run by least squares, then summarises.
    /// - Parameters:
    ///   - curves: cumulative regret of each run at each of `horizons`.
    ///   - horizons: T, ascending and above 0, at least two.
    ///   - level: of the interval.
    /// - Returns: nil with fewer than two runs or horizons, or where a regret is not positive and so has no logarithm.
    public init?(curves: [[Double]], horizons: [Int], level: Double = 0.95) {
        guard curves.count >= 2, horizons.count >= 2, horizons[0] > 0 else { return nil }
        let x = horizons.map { ElementaryMath.logarithm(Double($0)) }
        var slopes: [Double] = []
        for curve in curves {
            guard curve.count == horizons.count, curve.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
            slopes.append(Self.slope(x, curve.map(ElementaryMath.logarithm)))
        }
        let summary = MeanInterval(slopes, level: level)!
        exponent = summary.mean
        low = summary.low
        high = summary.high
        runCount = curves.count
        pointCount = horizons.count
    }

    private static func slope(_ x: [Double], _ y: [Double]) -> Double {
        let meanX = x.reduce(0, +) / Double(x.count)
        let meanY = y.reduce(0, +) / Double(y.count)
        let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        return covariance / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    }

    /// `count` values of T evenly apart in logarithm from `first` to `last`, both included.
    public static func horizons(from first: Int, to last: Int, count: Int) -> [Int] {
        guard count > 1, first > 0, last > first else { return [last] }
        let ratio = Double(last) / Double(first)
        return (0..<count).map { index in
            let share = Double(index) / Double(count - 1)
            return Int((Double(first) * ElementaryMath.power(ratio, share)).rounded())
        }
    }
}

/// A mean over runs and its interval by Student's t.
public struct MeanInterval: Equatable, Codable, Sendable {
    public let mean: Double
    public let low: Double
    public let high: Double
    /// Runs.
    public let count: Int

    /// Nil with fewer than two values, which have no spread.
    public init?(_ values: some Collection<Double>, level: Double = 0.95) {
        guard values.count >= 2 else { return nil }
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        let t = Distributions.studentQuantile(twoTails: 1 - level, degreesOfFreedom: values.count - 1)
        let half = t * (variance / n).squareRoot()
        self.mean = mean
        low = mean - half
        high = mean + half
        count = values.count
    }
}
