import QPCore
import QPPlanner

/// A curve read at one K, in microseconds.
struct CurveReading {
    let microseconds: Double
    let low: Double
    let high: Double
}

extension CostCurve {
    /// Linear in K between the points; null beyond them, because nothing was measured there, and where the curve
    /// claims that no time passes.
    ///
    /// A dense step is flat in K by its construction, so its ends hold further out.
    func reading(at allowedTokenCount: Double) -> CurveReading? {
        let reading = interpolation(at: allowedTokenCount)
        return reading.flatMap { $0.microseconds > 0 ? $0 : nil }
    }

    private func interpolation(at allowedTokenCount: Double) -> CurveReading? {
        guard let first = points.first, let last = points.last else { return nil }
        let isFlat = step == .dense
        if allowedTokenCount < Double(first.allowedTokenCount) { return isFlat ? CurveReading(first) : nil }
        if allowedTokenCount > Double(last.allowedTokenCount) { return isFlat ? CurveReading(last) : nil }
        let above = points.firstIndex { Double($0.allowedTokenCount) >= allowedTokenCount } ?? points.count - 1
        let right = CurveReading(points[above])
        guard above > 0, Double(points[above].allowedTokenCount) > allowedTokenCount else { return right }
        let left = CurveReading(points[above - 1])
        let start = Double(points[above - 1].allowedTokenCount)
        let share = (allowedTokenCount - start) / (Double(points[above].allowedTokenCount) - start)
        func blend(_ from: Double, _ to: Double) -> Double { from + (to - from) * share }
        return CurveReading(
            microseconds: blend(left.microseconds, right.microseconds), low: blend(left.low, right.low),
            high: blend(left.high, right.high))
    }

    /// K at which to draw the curve: its points, and between them enough that a line straight in K bends as it
    /// must on logarithmic axes.
    var drawnTokenCounts: [Double] {
        var counts: [Double] = []
        for (left, right) in zip(points, points.dropFirst()) {
            let start = Double(left.allowedTokenCount)
            let end = Double(right.allowedTokenCount)
            guard start > 0, end > start * 1.2 else {
                counts.append(start)
                continue
            }
            let pieces = 8
            for piece in 0..<pieces {
                counts.append(start * power(end / start, Double(piece) / Double(pieces)))
            }
        }
        if let last = points.last { counts.append(Double(last.allowedTokenCount)) }
        return counts
    }
}

extension CurveReading {
    fileprivate init(_ point: CostCurve.Point) {
        microseconds = Double(point.nanoseconds) / 1000
        low = Double(point.lowNanoseconds) / 1000
        high = Double(point.highNanoseconds) / 1000
    }
}
