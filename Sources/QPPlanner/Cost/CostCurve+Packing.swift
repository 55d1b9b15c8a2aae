extension CostCurve {
    /// Curves as the routing kernel reads them, `Shaders/cost_curve.glsl`: both evaluate the same integers.
    /// - Parameter epoch: counts the corrections that the curves hold; the device keeps it beside them.
    /// - Precondition: each curve has points, with K below 2³¹.
    public static func packed(_ curves: [CostCurve], epoch: UInt64) -> [UInt32] {
        var words = [UInt32(truncatingIfNeeded: epoch), UInt32(curves.count)]
        words += curves.map { UInt32($0.points.count) }
        for curve in curves {
            precondition(!curve.points.isEmpty, "a cost curve without points has no time to give")
            for index in curve.points.indices { words += curve.packedPoint(index) }
        }
        return words
    }

    private func packedPoint(_ index: Int) -> [UInt32] {
        let point = points[index]
        // Behind the last point the curve goes on along the segment before it.
        let start = index + 1 < points.count ? index : max(0, index - 1)
        var (width, quotient, remainder) = (1, 0, 0)
        if points.count > 1 {
            width = points[start + 1].allowedTokenCount - points[start].allowedTokenCount
            (quotient, remainder) = max(0, points[start + 1].nanoseconds - points[start].nanoseconds)
                .quotientAndRemainder(dividingBy: width)
        }
        let limit = quotient > 0 ? min(Int(UInt32.max), Self.maximumNanoseconds / quotient) : Int(UInt32.max)
        func low(_ value: Int) -> UInt32 { UInt32(truncatingIfNeeded: value) }
        func high(_ value: Int) -> UInt32 { UInt32(truncatingIfNeeded: value >> 32) }
        return [
            UInt32(point.allowedTokenCount), UInt32(width), low(point.nanoseconds), high(point.nanoseconds),
            low(quotient), high(quotient), UInt32(remainder), UInt32(limit),
        ]
    }

    /// The curve with every time multiplied by `factor` and rounded: how a router's correction reaches the device.
    /// - Parameter factor: ≥ 0; times saturate at ``maximumNanoseconds``.
    public func scaled(by factor: Double) -> CostCurve { scaled { _ in factor } }

    /// The same with a factor for each point. Times never fall with K: where the factors would have it, the curve is
    /// flat.
    func scaled(by factor: (Point) -> Double) -> CostCurve {
        var result = self
        var least = 0
        for index in result.points.indices {
            let factor = factor(points[index])
            precondition(factor >= 0, "a correction multiplies times by a number of at least 0")
            func scaled(_ value: Int) -> Int {
                Int(min(Double(Self.maximumNanoseconds), (Double(value) * factor).rounded()))
            }
            least = max(least, scaled(points[index].nanoseconds))
            result.points[index].nanoseconds = least
            result.points[index].lowNanoseconds = min(least, scaled(points[index].lowNanoseconds))
            result.points[index].highNanoseconds = max(least, scaled(points[index].highNanoseconds))
        }
        return result
    }

    /// Position of the curve of least time at K, the first where two are equal: what the routing kernel chooses.
    public static func cheapest(of curves: [CostCurve], at allowedTokenCount: Int) -> Int {
        var best = 0
        var least = Int.max
        for (index, curve) in curves.enumerated() {
            let time = curve.nanoseconds(at: allowedTokenCount).nanoseconds
            if time < least { (best, least) = (index, time) }
        }
        return best
    }
}
