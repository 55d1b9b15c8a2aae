extension SVGChart {
    func labels(_ layout: ChartLayout) -> Markup {
        .tag("g", [:], ruleLabels(layout) + inlineLabels(layout) + endLabels(layout) + markerLabels(layout))
    }

    private func ruleLabels(_ layout: ChartLayout) -> [Markup] {
        layout.ruleLabels.flatMap { label in
            let top = label.box.y + 3
            return [
                .tag(
                    "path",
                    [
                        "class": "\(label.ink.rawValue) rule",
                        "d": "M\(label.x.coordinate) \(top.coordinate)V\(layout.plot.y.coordinate)",
                    ]),
                Self.text(
                    label.text, label.x + (label.isLeftOfRule ? -6 : 6), label.box.y + 14,
                    anchor: label.isLeftOfRule ? "end" : "start", style: "label important"),
            ]
        }
    }

    /// Labels of curves in the right margin, each tied to its curve's end by a leader in the curve's colour. A curve
    /// that ends far from the margin has its label at its end, lest the leader be read as the curve.
    private func endLabels(_ layout: ChartLayout) -> [Markup] {
        let plot = layout.plot
        var ends: [(point: Point, ink: Ink, text: String)] = []
        for mark in marks {
            guard case .line(let points, let ink, _, let text?, _) = mark,
                let end = points.compactMap(layout.pixels).last
            else { continue }
            ends.append((Point(end.x, min(max(end.y, plot.y), plot.y + plot.height)), ink, text))
        }
        let heights = LabelPlacer.spread(
            ends.map(\.point.y), spacing: ChartLayout.lineHeight, within: plot.y...(plot.y + plot.height))
        return zip(ends, heights).flatMap { end, height -> [Markup] in
            let edge = plot.x + plot.width - end.point.x > 60 ? end.point.x : plot.x + plot.width
            let corners = [end.point, Point(edge + 4, end.point.y), Point(edge + 18, height)]
            return [
                .tag("path", ["class": "\(end.ink.rawValue) leader", "d": Self.path(corners)]),
                Self.text(end.text, edge + ChartLayout.leader, height + 4, anchor: "start"),
            ]
        }
    }

    /// Labels that run along a straight line, just above it.
    private func inlineLabels(_ layout: ChartLayout) -> [Markup] {
        marks.compactMap { mark in
            guard case .line(let points, _, _, _, let text?) = mark else { return nil }
            let pixels = points.compactMap(layout.pixels)
            guard pixels.count > 1 else { return nil }
            let middle = Point((pixels[0].x + pixels[1].x) / 2, (pixels[0].y + pixels[1].y) / 2)
            let angle = angleDegrees(rise: pixels[1].y - pixels[0].y, run: pixels[1].x - pixels[0].x)
            let turn = "translate(\(middle.x.coordinate) \(middle.y.coordinate)) rotate(\(angle.coordinate))"
            return .tag("text", ["class": "label", "text-anchor": "middle", "y": "-8", "transform": turn], text)
        }
    }

    private func markerLabels(_ layout: ChartLayout) -> [Markup] {
        var placer = LabelPlacer(bounds: layout.plot)
        var wanted: [(pixel: Point, ink: Ink, text: String)] = []
        for mark in marks {
            switch mark {
            case .marker(let point, let ink, let label, _):
                guard let pixel = layout.pixels(point) else { continue }
                placer.taken.append(Box(x: pixel.x - 6, y: pixel.y - 6, width: 12, height: 12))
                if let label { wanted.append((pixel, ink, label)) }
            case .line(let points, _, _, _, _):
                placer.curves += Self.samples(along: points.compactMap(layout.pixels))
            default: continue
            }
        }
        return wanted.sorted { $0.pixel.y < $1.pixel.y }.flatMap { label -> [Markup] in
            let width = LabelPlacer.estimatedWidth(label.text)
            let candidates = Self.places(around: label.pixel, width: width)
            guard let box = placer.place(candidates) else { return [] }
            let isRight = box.x > label.pixel.x
            let anchor = Point(isRight ? box.x - 3 : box.x + width + 3, box.y + box.height / 2)
            return [
                .tag("path", ["class": "\(label.ink.rawValue) leader", "d": Self.path([label.pixel, anchor])]),
                Self.text(label.text, box.x, box.y + 13, anchor: "start"),
            ]
        }
    }

    /// Beside the dot first, then further up and down, right before left.
    private static func places(around pixel: Point, width: Double) -> [Box] {
        var boxes: [Box] = []
        for distance in 0..<16 {
            for direction in distance == 0 ? [1.0] : [1.0, -1.0] {
                let y = pixel.y - 9 + Double(distance) * direction * 9
                let gap = distance == 0 ? 12.0 : 20
                boxes.append(Box(x: pixel.x + gap, y: y, width: width, height: 17))
                boxes.append(Box(x: pixel.x - gap - width, y: y, width: width, height: 17))
            }
        }
        return boxes
    }

    private static func samples(along pixels: [Point]) -> [Box] {
        zip(pixels, pixels.dropFirst()).flatMap { start, end in
            let pieces = min(max(Int(max((end.x - start.x).magnitude, (end.y - start.y).magnitude) / 6), 1), 400)
            return (0...pieces).map { piece in
                let share = Double(piece) / Double(pieces)
                return Box(
                    x: start.x + (end.x - start.x) * share - 3, y: start.y + (end.y - start.y) * share - 3, width: 6,
                    height: 6)
            }
        }
    }

    func legendMarkup(_ layout: ChartLayout) -> Markup {
        var children: [Markup] = []
        for (row, entries) in layout.legendRows.enumerated() {
            let y = height - Double(layout.legendRows.count - row) * 24 + 14
            var x = layout.plot.x
            for entry in entries {
                children.append(entry.symbol.markup(x: x, y: y - 4))
                children.append(Self.text(entry.text, x + 34, y, anchor: "start"))
                x += ChartLayout.entryWidth(entry)
            }
        }
        return .tag("g", [:], children)
    }
}

extension SVGChart.LegendEntry.Symbol {
    func markup(x: Double, y: Double) -> Markup {
        func stroke(_ style: String, _ path: String, dash: SVGChart.Dash = .solid) -> Markup {
            .tag("path", ["class": style, "stroke-dasharray": dash == .solid ? "none" : dash.rawValue, "d": path])
        }
        func area(_ style: String) -> Markup {
            .tag("rect", ["class": style, "x": x.coordinate, "y": (y - 7).coordinate, "width": "26", "height": "14"])
        }
        switch self {
        case .line(let ink, let dash):
            return stroke("\(ink.rawValue) curve", "M\(x.coordinate) \(y.coordinate)h26", dash: dash)
        case .band(let ink): return area("\(ink.rawValue) span")
        case .strongBand(let ink): return area("\(ink.rawValue) span strong")
        case .dot(let ink): return stroke("\(ink.rawValue) dots key", "M\((x + 13).coordinate) \(y.coordinate)h.01")
        case .square(let ink):
            return stroke("\(ink.rawValue) squares key", "M\((x + 13).coordinate) \(y.coordinate)h.01")
        }
    }
}
