import QPCore
import QPPlanner

extension HeadAtBatch {
    /// The leading crossover on linear axes, from half of K\* to twice: there the interval and the band have a width
    /// that logarithmic axes hide. Null without a K\* or without the curves that cross.
    func closeUpChart() -> SVGChart? {
        guard let crossover = leadingCrossover, let crossing = crossover.allowedTokenCount, crossing > 1 else {
            return nil
        }
        let start = Double(crossing) / 2
        let end = min(Double(crossing) * 2, Double(head.vocabularySize))
        let curves = crossover.between.compactMap { curve($0, crossover.pattern) ?? curve($0, .uniform) }
        guard curves.count == 2, end > start else { return nil }
        var marks: [SVGChart.Mark] = []
        if let low = crossover.bandLow, let high = crossover.bandHigh, low <= high {
            marks.append(.span(Double(low)...Double(high), ink: .purple))
        }
        if let low = crossover.low, let high = crossover.high, low <= high {
            marks.append(.span(Double(low)...Double(high), ink: .purple, isStrong: true))
        }
        marks.append(.rule(x: Double(crossing), ink: .purple, label: "K* = \(Format.count(crossing))"))
        var times: [Double] = []
        for curve in curves {
            let counts = (0...60).map { start + (end - start) * Double($0) / 60 }
            let readings = counts.compactMap { count in curve.reading(at: count).map { (count, $0) } }
            times += readings.flatMap { [$0.1.low, $0.1.high] }
            marks.append(
                .band(
                    lower: readings.map { .init($0.0, $0.1.low) }, upper: readings.map { .init($0.0, $0.1.high) },
                    ink: curve.step.ink))
            marks.append(
                .line(
                    points: readings.map { .init($0.0, $0.1.microseconds) }, ink: curve.step.ink, dash: curve.step.dash,
                    endLabel: curve.step.rawValue))
        }
        guard !times.isEmpty else { return nil }
        return SVGChart(
            title: "Close-up of the crossover: \(head.title), \(batchTitle)",
            summary: "\(crossover.title): \(crossover.finding). \((crossover.bandPhrase ?? "").sentence)",
            x: ChartAxis(
                title: "K, allowed tokens", scale: .linear, covering: [start, end], margin: 0,
                format: { Format.trimmedCount($0) }),
            y: ChartAxis(
                title: "time of one step", scale: .linear, covering: times, margin: 0.05,
                format: { Format.shortDuration(microseconds: $0) }),
            marks: marks,
            legend: [.init(.strongBand(.purple), "95 % interval of K*"), .init(.band(.purple), "within 5 %")],
            width: 540, height: 420)
    }
}
