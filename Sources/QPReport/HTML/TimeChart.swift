import QPCore
import QPPlanner

extension HeadAtBatch {
    /// Time of each step against K, with its samples and its crossovers.
    func timeChart(_ pattern: IndexPattern) -> SVGChart {
        let curves = StepName.allCases.compactMap { curve($0, pattern) }
        let crossings = crossovers.filter { $0.pattern == pattern && $0.allowedTokenCount != nil }
        let dots = StepName.allCases.map { step in (step: step, points: samplePoints(step, pattern)) }
        let bands = curves.map { Band($0) }
        let times =
            bands.flatMap { $0.middle + $0.lower + $0.upper } + dots.flatMap { $0.points.fit + $0.points.heldOut }
        var marks: [SVGChart.Mark] = []
        if let leading = crossings.first(where: { $0 == leadingCrossover }) ?? crossings.first {
            if let low = leading.bandLow, let high = leading.bandHigh, low <= high {
                marks.append(.span(Double(low)...Double(high), ink: .purple))
            }
            if let low = leading.low, let high = leading.high, low <= high {
                marks.append(.span(Double(low)...Double(high), ink: .purple, isStrong: true))
            }
            if let crossing = leading.allowedTokenCount {
                let figure = Format.crossing(crossing, low: leading.low, high: leading.high)
                let label = leading == leadingCrossover ? figure : "\(leading.title): \(figure)"
                marks.append(.rule(x: Double(crossing), ink: .purple, label: label))
            }
        }
        marks += bands.map { .band(lower: $0.lower, upper: $0.upper, ink: $0.step.ink) }
        for (step, points) in dots {
            marks.append(.dots(points.fit, ink: step.ink))
            marks.append(.dots(points.heldOut, ink: step.ink, isSquare: true))
        }
        marks += bands.map {
            .line(points: $0.middle, ink: $0.step.ink, dash: $0.step.dash, endLabel: $0.step.rawValue)
        }
        let vocabulary = Format.count(head.vocabularySize)
        return SVGChart(
            title: "Time against K: \(head.title), \(batchTitle), \(pattern.phrase)",
            summary: """
                Time of one recorded step against K, the number of allowed tokens, both axes logarithmic. \
                \(crossings.first.map { "\($0.title): \($0.finding)." } ?? "No crossover lies in the chart.")
                """,
            x: ChartAxis(
                title: "K, allowed tokens of V = \(vocabulary)", scale: .logarithmic,
                covering: times.map(\.x) + [1, Double(head.vocabularySize)], margin: 0.02,
                format: { Format.trimmedCount($0) }),
            y: ChartAxis(
                title: "time of one step", scale: .logarithmic, covering: times.map(\.y), margin: 0.05,
                format: { Format.shortDuration(microseconds: $0) }),
            marks: marks,
            legend: timeLegend(crossings: crossings, hasHeldOut: dots.contains { !$0.points.heldOut.isEmpty }))
    }

    private func timeLegend(crossings: [Crossover], hasHeldOut: Bool) -> [SVGChart.LegendEntry] {
        var legend: [SVGChart.LegendEntry] = [
            .init(.line(.grey, .solid), "curve with 95 % band"), .init(.dot(.grey), "sample"),
        ]
        if hasHeldOut { legend.append(.init(.square(.grey), "held-out sample")) }
        if !crossings.isEmpty {
            legend.append(.init(.strongBand(.purple), "95 % interval of K*"))
            legend.append(.init(.band(.purple), "within 5 %"))
        }
        return legend
    }

    /// At most this many samples of a series are drawn, evenly by rank: more only make the file larger.
    private static let drawnSamples = 24

    private func samplePoints(
        _ step: StepName, _ pattern: IndexPattern
    ) -> (fit: [SVGChart.Point], heldOut: [SVGChart.Point]) {
        func points(_ role: SampleSeries.Role) -> [SVGChart.Point] {
            samples(of: step, pattern: pattern).filter { $0.role == role }.flatMap { series in
                let sorted = series.durationsMicroseconds.filter(\.isFinite).sorted()
                let count = min(sorted.count, Self.drawnSamples)
                return (0..<count).map { rank in
                    SVGChart.Point(
                        Double(series.allowedTokenCount),
                        sorted[count < 2 ? 0 : rank * (sorted.count - 1) / (count - 1)])
                }
            }
        }
        return (points(.fit), points(.heldOut))
    }
}

/// A curve and its interval as points of a chart.
private struct Band {
    let step: StepName
    var middle: [SVGChart.Point] = []
    var lower: [SVGChart.Point] = []
    var upper: [SVGChart.Point] = []

    init(_ curve: CostCurve) {
        step = curve.step
        for count in curve.drawnTokenCounts {
            guard let reading = curve.reading(at: count) else { continue }
            middle.append(.init(count, reading.microseconds))
            lower.append(.init(count, reading.low))
            upper.append(.init(count, reading.high))
        }
    }
}

extension StepName {
    /// Steps that scan are blue, steps that gather red, those that filter green; those that serve a mask born on the
    /// device are dashed, and what is rarely taken is dotted.
    var ink: SVGChart.Ink {
        switch self {
        case .dense: .blue
        case .denseSkipping: .sky
        case .sparse: .vermilion
        case .sparseFromMask, .sparseRouted: .orange
        case .screenedRerank, .amortizedRerank: .green
        case .fullRecompute: .blue
        }
    }

    var dash: SVGChart.Dash {
        switch self {
        case .dense, .sparse, .screenedRerank: .solid
        case .denseSkipping: .dashed
        case .sparseFromMask: .mixed
        case .sparseRouted, .fullRecompute, .amortizedRerank: .dotted
        }
    }
}

extension Format {
    /// A tick of a K axis: `1,000`, or `1.5` between whole numbers.
    static func trimmedCount(_ value: Double) -> String {
        value.magnitude < 1e15 && value == value.rounded() ? count(Int(value)) : trimmed(value)
    }

    /// A tick of a time axis: `10 µs`, `1 ms`.
    static func shortDuration(microseconds: Double) -> String {
        let parts = duration(microseconds: microseconds).split(separator: " ")
        guard let number = parts.first, let unit = parts.last, parts.count == 2, number.contains(".") else {
            return duration(microseconds: microseconds)
        }
        var digits = number
        while digits.last == "0" { digits.removeLast() }
        if digits.last == "." { digits.removeLast() }
        return "\(digits) \(unit)"
    }
}
