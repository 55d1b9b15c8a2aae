/// One axis of a chart: what it measures, its range, and where its ticks lie.
package struct ChartAxis {
    /// How values map to distance.
    package enum Scale: Sendable {
        case linear
        /// Equal ratios take equal distances; only positive values can be drawn.
        case logarithmic
    }

    /// A place on the axis.
    package struct Tick: Equatable, Sendable {
        /// In the axis's own unit.
        package let value: Double
        /// Labelled and drawn across the chart; a minor tick is a short stroke.
        package let isMajor: Bool
    }

    /// Names the quantity and its unit.
    package let title: String
    package let scale: Scale
    /// Drawn values, never empty.
    package let range: ClosedRange<Double>
    let format: (Double) -> String

    /// An axis just wide enough for `values`, with `margin` of its length free at both ends.
    ///
    /// Values that the scale cannot draw (NaN, beyond ±10¹⁰⁰, not positive on a logarithmic axis) are ignored;
    /// without any drawable value the axis covers 1…10 or 0…1.
    package init(
        title: String, scale: Scale, covering values: [Double], margin: Double = 0.04,
        format: @escaping (Double) -> String
    ) {
        self.title = title
        self.scale = scale
        self.format = format
        let drawable = values.filter { $0.magnitude < 1e100 && (scale == .linear || $0 > 1e-100) }
        let lowest = drawable.min() ?? (scale == .linear ? 0 : 1)
        let highest = drawable.max() ?? (scale == .linear ? 1 : 10)
        switch scale {
        case .linear:
            let length = highest > lowest ? highest - lowest : max(highest.magnitude, 1)
            range = (lowest - length * margin)...(highest + length * margin)
        case .logarithmic:
            // A single value still gets a decade around it.
            let length = highest > lowest ? decimalLogarithm(highest / lowest) : 1
            let spare = highest > lowest ? length * margin : 0.5
            range = (lowest / power(10, spare))...(highest * power(10, spare))
        }
    }

    /// Position of a value along the axis, 0…1 within the range; null where the scale cannot draw it.
    package func fraction(_ value: Double) -> Double? {
        let result =
            switch scale {
            case .linear: (value - range.lowerBound) / (range.upperBound - range.lowerBound)
            case .logarithmic:
                value > 0
                    ? decimalLogarithm(value / range.lowerBound)
                        / decimalLogarithm(range.upperBound / range.lowerBound)
                    : Double.nan
            }
        return result.isFinite ? result : nil
    }

    /// Ticks in ascending order: decades of a logarithmic axis, with 2 and 5 where there are few decades, or round
    /// steps of a linear one.
    package var ticks: [Tick] {
        guard scale == .logarithmic else { return linearTicks }
        let exponents =
            Int(
                decimalLogarithm(range.lowerBound).rounded(.down))...Int(
                decimalLogarithm(range.upperBound).rounded(.up))
        var ticks: [Tick] = []
        let decades = exponents.filter { range.contains(powerOfTen($0)) }
        let majorDigits: Set<Int> = decades.count >= 3 ? [1] : [1, 2, 5]
        // Beyond eight decades every second label is enough, and minor ticks would blur.
        let stride = max(1, (decades.count + 7) / 8)
        for exponent in exponents {
            for digit in 1...9 where range.contains(Double(digit) * powerOfTen(exponent)) {
                let isMajor = majorDigits.contains(digit) && (exponent - exponents.lowerBound).isMultiple(of: stride)
                guard isMajor || stride == 1 || digit == 1 else { continue }
                ticks.append(Tick(value: Double(digit) * powerOfTen(exponent), isMajor: isMajor))
            }
        }
        return ticks.count(where: \.isMajor) >= 2 ? ticks : linearTicks
    }

    private var linearTicks: [Tick] {
        let length = range.upperBound - range.lowerBound
        let rough = length / 6
        let magnitude = power(10, decimalLogarithm(rough).rounded(.down))
        guard let step = [1.0, 2, 5, 10].map({ $0 * magnitude }).first(where: { $0 >= rough }), step.isFinite,
            step > 0
        else { return [] }
        let first = (range.lowerBound / step).rounded(.up)
        let last = (range.upperBound / step).rounded(.down)
        guard first <= last, last - first < 100 else { return [] }
        return stride(from: first, through: last, by: 1).map { Tick(value: $0 * step, isMajor: true) }
    }
}
