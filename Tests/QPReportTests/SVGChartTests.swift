import Testing

@testable import QPReport

@Suite struct SVGChartTests {
    private func axis(_ values: [Double], _ scale: ChartAxis.Scale, margin: Double = 0) -> ChartAxis {
        ChartAxis(title: "x", scale: scale, covering: values, margin: margin, format: Format.trimmed)
    }

    private func majors(_ values: [Double], _ scale: ChartAxis.Scale) -> [Double] {
        axis(values, scale).ticks.filter(\.isMajor).map(\.value)
    }

    @Test func logarithmicTicksAreDecades() {
        #expect(majors([1, 150_000], .logarithmic) == [1, 10, 100, 1000, 10_000, 100_000])
        #expect(majors([3, 70], .logarithmic) == [5, 10, 20, 50])
        #expect(majors([1e-9, 1e9], .logarithmic).count <= 8)
        #expect(axis([1, 1000], .logarithmic).ticks.map(\.value).prefix(4) == [1, 2, 3, 4])
    }

    @Test func linearTicksAreRound() {
        #expect(majors([0, 1], .linear) == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
        #expect(majors([100_000, 260_000], .linear) == [100_000, 150_000, 200_000, 250_000])
        #expect(majors([-30, 30], .linear) == [-30, -20, -10, 0, 10, 20, 30])
    }

    @Test func narrowLogarithmicAxesFallBackToLinearTicks() {
        #expect(majors([31, 36], .logarithmic) == [31, 32, 33, 34, 35, 36])
    }

    @Test(arguments: [[], [.nan], [-1, 0], [.infinity], [5], [5, 5], [1e-300, 1e300]] as [[Double]])
    func everyAxisHasARange(values: [Double]) {
        for scale in [ChartAxis.Scale.linear, .logarithmic] {
            let axis = axis(values, scale, margin: 0.04)
            #expect(axis.range.lowerBound < axis.range.upperBound)
            #expect(axis.range.lowerBound.isFinite && axis.range.upperBound.isFinite)
            #expect(axis.ticks.allSatisfy { axis.fraction($0.value) != nil })
        }
    }

    @Test func pointsThatCannotBeDrawnAreLeftOut() {
        let points = [SVGChart.Point(1, 1), .init(.nan, 2), .init(2, .infinity), .init(0, 3), .init(10, 10)]
        let chart = SVGChart(
            title: "<t>", summary: "s & t", x: axis([1, 10], .logarithmic), y: axis([1, 10], .logarithmic),
            marks: [
                .line(points: points, ink: .blue, endLabel: "<end>", inlineLabel: "along"), .dots(points, ink: .sky),
                .band(lower: points, upper: points, ink: .green), .span(0...1, ink: .grey),
                .rule(x: -1, ink: .purple, label: "gone"), .rule(x: 5, ink: .purple, label: "K* = 5"),
                .marker(.init(2, 2), ink: .orange, label: "here"),
                .marker(.init(-2, 2), ink: .orange, label: "not here"),
            ])
        let text = chart.render(standalone: true)
        #expect(xmlError(text) == nil)
        #expect(tagImbalance(text) == nil)
        #expect(!text.contains("nan") && !text.contains("inf"))
        #expect(text.contains("&lt;end&gt;") && text.contains("K* = 5") && text.contains(">here<"))
        #expect(!text.contains("gone") && !text.contains("not here"))
    }

    @Test func aCurveThatEndsEarlyIsLabelledAtItsEnd() {
        let chart = SVGChart(
            title: "t", summary: "s", x: axis([0, 100], .linear), y: axis([0, 1], .linear),
            marks: [.line(points: [.init(5, 0.5)], ink: .blue, endLabel: "early")])
        let end = ChartLayout(chart).horizontal(5)!
        #expect(chart.render().contains("x=\"\((end + ChartLayout.leader).coordinate)\""))
    }

    @Test func coordinatesAreShort() {
        #expect(
            [0, 1.001, -2.5, 12.346, 0.04, -0.001, .nan, 1e12].map(\.coordinate)
                == ["0", "1", "-2.5", "12.35", "0.04", "0", "0", "100000"])
    }

    @Test func crowdedLabelsAreSpreadInOrder() {
        let spread = LabelPlacer.spread([100, 101, 99, 300], spacing: 18, within: 0...310)
        #expect(spread[2] < spread[0] && spread[0] < spread[1])
        #expect(spread[0] - spread[2] > 17.9 && spread[1] - spread[0] > 17.9)
        #expect(spread[3] == 300)
        #expect(LabelPlacer.spread([309, 310], spacing: 18, within: 0...310) == [292, 310])
    }

    @Test func placedLabelsDoNotCoverEachOther() {
        var placer = LabelPlacer(bounds: Box(x: 0, y: 0, width: 200, height: 200))
        let candidates = (0..<6).map { Box(x: 10, y: Double($0) * 18, width: 60, height: 17) }
        let first = placer.place(candidates)
        let second = placer.place(candidates)
        #expect(first == candidates[0])
        #expect(second == candidates[1])
        #expect(placer.place([]) == nil)
    }

    @Test func rulesThatStandCloseGetLanesOfTheirOwn() {
        let chart = SVGChart(
            title: "t", summary: "s", x: axis([0, 100], .linear), y: axis([0, 1], .linear),
            marks: [80, 81, 82].map { .rule(x: $0, ink: .purple, label: "K* = \($0)") })
        let boxes = ChartLayout(chart).ruleLabels.map(\.box)
        #expect(boxes.count == 3)
        #expect(Set(boxes.map(\.y)).count == 3)
    }
}
