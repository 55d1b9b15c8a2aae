/// Where everything of one chart goes, in pixels.
struct ChartLayout {
    struct RuleLabel {
        let x: Double
        let ink: SVGChart.Ink
        let text: String
        let box: Box
        let isLeftOfRule: Bool
    }

    static let lineHeight = 18.0
    /// Between the plot and the labels of curve ends: room for their leaders.
    static let leader = 22.0

    let plot: Box
    let ruleLabels: [RuleLabel]
    let legendRows: [[SVGChart.LegendEntry]]
    private let x: ChartAxis
    private let y: ChartAxis

    init(_ chart: SVGChart) {
        x = chart.x
        y = chart.y
        let tickWidths = chart.y.ticks.filter(\.isMajor).map { LabelPlacer.estimatedWidth(chart.y.format($0.value)) }
        let left = 34 + (tickWidths.max() ?? 0)
        let endWidths = chart.marks.compactMap { mark in
            if case .line(_, _, _, let label?, _) = mark { LabelPlacer.estimatedWidth(label) } else { nil }
        }
        let right = endWidths.max().map { $0 + Self.leader + 8 } ?? 18
        legendRows = Self.rows(of: chart.legend, width: chart.width - left - 10)
        let bottom = 52 + Double(legendRows.count) * 24
        var plot = Box(x: left, y: 10, width: max(chart.width - left - right, 50), height: 0)
        let axis = chart.x
        let rules: [(x: Double, ink: SVGChart.Ink, text: String)] = chart.marks.compactMap { mark in
            guard case .rule(let value, let ink, let label?) = mark, let fraction = axis.fraction(value),
                (0...1).contains(fraction)
            else { return nil }
            return (plot.x + fraction * plot.width, ink, label)
        }
        let lanes = Self.lanes(rules, plot: plot)
        let top = 10 + Self.lineHeight * Double((lanes.map(\.lane).max() ?? -1) + 1)
        plot.y = top
        plot.height = max(chart.height - top - bottom, 50)
        self.plot = plot
        ruleLabels = lanes.map { label in
            var box = label.box
            box.y = top - 4 - Self.lineHeight * Double(label.lane + 1)
            return RuleLabel(x: label.x, ink: label.ink, text: label.text, box: box, isLeftOfRule: label.isLeft)
        }
    }

    /// Pixels of a point, also outside the plot; null where an axis cannot draw it.
    func pixels(_ point: SVGChart.Point) -> SVGChart.Point? {
        guard let across = horizontal(point.x), let down = vertical(point.y) else { return nil }
        return SVGChart.Point(across, down)
    }

    func horizontal(_ value: Double) -> Double? { x.fraction(value).map { plot.x + $0 * plot.width } }

    func vertical(_ value: Double) -> Double? { y.fraction(value).map { plot.y + (1 - $0) * plot.height } }

    private struct Lane {
        let x: Double
        let ink: SVGChart.Ink
        let text: String
        let box: Box
        let isLeft: Bool
        let lane: Int
    }

    /// Labels of rules stand above the plot, towards its middle; where they would overlap, the one nearer the edge
    /// moves a lane up, so that no rule runs through another's label.
    private static func lanes(_ rules: [(x: Double, ink: SVGChart.Ink, text: String)], plot: Box) -> [Lane] {
        let middle = plot.x + plot.width / 2
        let outward = rules.sorted { ($0.x - middle).magnitude < ($1.x - middle).magnitude }
        var placed: [Lane] = []
        for rule in outward {
            let width = LabelPlacer.estimatedWidth(rule.text) + 8
            let isLeft = rule.x > middle
            let box = Box(x: isLeft ? rule.x - width : rule.x, y: 0, width: width, height: lineHeight)
            var lane = 0
            while placed.contains(where: { $0.lane >= lane && $0.box.overlap(box) > 0 }) { lane += 1 }
            placed.append(Lane(x: rule.x, ink: rule.ink, text: rule.text, box: box, isLeft: isLeft, lane: lane))
        }
        return placed
    }

    static func entryWidth(_ entry: SVGChart.LegendEntry) -> Double {
        34 + LabelPlacer.estimatedWidth(entry.text) + 22
    }

    private static func rows(of legend: [SVGChart.LegendEntry], width: Double) -> [[SVGChart.LegendEntry]] {
        var rows: [[SVGChart.LegendEntry]] = []
        var used = 0.0
        for entry in legend {
            if rows.isEmpty || used + entryWidth(entry) > width {
                rows.append([])
                used = 0
            }
            rows[rows.count - 1].append(entry)
            used += entryWidth(entry)
        }
        return rows
    }
}
