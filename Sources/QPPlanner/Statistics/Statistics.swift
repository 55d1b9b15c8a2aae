/// Robust summaries of a sample of durations.
///
/// Medians and median absolute deviations, because the noise of a shared machine is one-sided and heavy-tailed:
/// a single descheduled sample moves a mean by more than the effect looked for.
public enum Statistics {
    /// The value below which a share `level` of `values` lies, between neighbours by linear interpolation.
    ///
    /// Definition 5 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", Am. Stat. 50 (1996),
    /// doi:10.2307/2684934: the i-th of n ordered values stands at level (i − ½)/n. ``BlockBootstrap`` uses the
    /// same definition with weights, so an estimate and its replicates agree. O(n log n).
    /// - Parameter level: 0…1.
    /// - Returns: null for an empty sample, which has no quantiles.
    public static func quantile(_ values: some Sequence<Double>, at level: Double) -> Double? {
        quantile(ascending: values.sorted(), at: level)
    }

    /// The middle value; the mean of the two middle ones for an even count. Null when empty. O(n log n).
    public static func median(_ values: some Sequence<Double>) -> Double? {
        quantile(values, at: 0.5)
    }

    /// The median distance from the median, in the unit of `values`. Null when empty. O(n log n).
    public static func medianAbsoluteDeviation(_ values: some Sequence<Double>) -> Double? {
        let ascending = values.sorted()
        guard let centre = quantile(ascending: ascending, at: 0.5) else { return nil }
        return median(ascending.lazy.map { abs($0 - centre) })
    }

    /// Median absolute deviation over median, without a unit. Null when empty or when the median is zero.
    public static func relativeSpread(_ values: some Sequence<Double>) -> Double? {
        let ascending = values.sorted()
        guard let centre = quantile(ascending: ascending, at: 0.5), centre != 0,
            let deviation = medianAbsoluteDeviation(ascending)
        else { return nil }
        return deviation / abs(centre)
    }

    static func quantile(ascending values: [Double], at level: Double) -> Double? {
        precondition((0...1).contains(level), "a quantile level lies in 0…1, not \(level)")
        guard let first = values.first, let last = values.last else { return nil }
        let position = level * Double(values.count) - 0.5
        if position <= 0 { return first }
        if position >= Double(values.count - 1) { return last }
        let below = Int(position)
        return values[below] + (position - Double(below)) * (values[below + 1] - values[below])
    }
}
