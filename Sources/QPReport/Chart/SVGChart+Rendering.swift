extension SVGChart {
    /// The `<svg>` element, to be put into a page that carries ``stylesheet``.
    package func markup(standalone: Bool = false) -> Markup {
        let layout = ChartLayout(self)
        var children: [Markup] = [.tag("title", [:], title), .tag("desc", [:], summary)]
        if standalone {
            children.append(.tag("style", [:], [.styleSheet(Self.stylesheet)]))
            children.append(.tag("rect", ["class": "paper", "width": "100%", "height": "100%"]))
        }
        children += [grid(layout), marksInPlot(layout), axes(layout), labels(layout), legendMarkup(layout)]
        let size = (width.coordinate, height.coordinate)
        var attributes = [
            (name: "class", value: "chart"), (name: "role", value: "img"),
            (name: "viewBox", value: "0 0 \(size.0) \(size.1)"),
        ]
        if standalone {
            attributes += [
                (name: "xmlns", value: "http://www.w3.org/2000/svg"), (name: "width", value: size.0),
                (name: "height", value: size.1),
            ]
        }
        return .element(name: "svg", attributes: attributes, children: children)
    }

    private func grid(_ layout: ChartLayout) -> Markup {
        let plot = layout.plot
        var path = ""
        for tick in x.ticks where tick.isMajor {
            if let across = layout.horizontal(tick.value) {
                path += "M\(across.coordinate) \(plot.y.coordinate)v\(plot.height.coordinate)"
            }
        }
        for tick in y.ticks where tick.isMajor {
            if let down = layout.vertical(tick.value) {
                path += "M\(plot.x.coordinate) \(down.coordinate)h\(plot.width.coordinate)"
            }
        }
        return .tag("path", ["class": "grid", "d": path])
    }

    /// Marks are clipped by a nested viewport, which needs no identifier and so cannot clash within a page.
    private func marksInPlot(_ layout: ChartLayout) -> Markup {
        let plot = layout.plot
        let frame = [plot.x, plot.y, plot.width, plot.height].map(\.coordinate)
        return .tag(
            "svg",
            [
                "x": frame[0], "y": frame[1], "width": frame[2], "height": frame[3],
                "viewBox": frame.joined(separator: " "),
            ],
            marks.compactMap { markup(of: $0, layout) })
    }

    private func markup(of mark: Mark, _ layout: ChartLayout) -> Markup? {
        let plot = layout.plot
        switch mark {
        case .line(let points, let ink, let dash, _, _):
            let pixels = points.compactMap(layout.pixels)
            guard pixels.count > 1 else {
                return pixels.first.map { Self.circle($0, radius: 3.5, style: "\(ink.rawValue) marker") }
            }
            return .tag(
                "path",
                [
                    "class": "\(ink.rawValue) curve", "stroke-dasharray": dash == .solid ? "none" : dash.rawValue,
                    "d": Self.path(pixels),
                ])
        case .band(let lower, let upper, let ink):
            let outline = upper.compactMap(layout.pixels) + lower.reversed().compactMap(layout.pixels)
            return outline.count < 3
                ? nil : .tag("path", ["class": "\(ink.rawValue) band", "d": Self.path(outline) + "Z"])
        case .dots(let points, let ink, let isSquare):
            // Strokes of almost no length with round or square caps: one path for thousands of dots.
            let path = points.compactMap(layout.pixels).map { "M\($0.x.coordinate) \($0.y.coordinate)h.01" }.joined()
            return path.isEmpty
                ? nil : .tag("path", ["class": "\(ink.rawValue) \(isSquare ? "squares" : "dots")", "d": path])
        case .span(let range, let ink, let isStrong):
            guard let start = layout.horizontal(range.lowerBound), let end = layout.horizontal(range.upperBound)
            else { return nil }
            return .tag(
                "rect",
                [
                    "class": "\(ink.rawValue) span\(isStrong ? " strong" : "")", "x": start.coordinate,
                    "y": plot.y.coordinate, "width": max(end - start, 1).coordinate, "height": plot.height.coordinate,
                ])
        case .rule(let value, let ink, _):
            guard let across = layout.horizontal(value) else { return nil }
            return .tag(
                "path",
                [
                    "class": "\(ink.rawValue) rule",
                    "d": "M\(across.coordinate) \(plot.y.coordinate)v\(plot.height.coordinate)",
                ])
        case .marker(let point, let ink, let label, let isRing):
            guard let pixel = layout.pixels(point) else { return nil }
            let style = label == nil ? "ghost" : isRing ? "ring" : "marker"
            return Self.circle(pixel, radius: label == nil ? 4 : isRing ? 7.5 : 5, style: "\(ink.rawValue) \(style)")
        }
    }

    private func axes(_ layout: ChartLayout) -> Markup {
        let plot = layout.plot
        let base = plot.y + plot.height
        var path = "M\(plot.x.coordinate) \(plot.y.coordinate)V\(base.coordinate)h\(plot.width.coordinate)"
        var texts: [Markup] = []
        var labelled = -Double.infinity
        for tick in x.ticks {
            guard let across = layout.horizontal(tick.value) else { continue }
            path += "M\(across.coordinate) \(base.coordinate)v\(tick.isMajor ? 6 : 3)"
            let label = x.format(tick.value)
            let half = LabelPlacer.estimatedWidth(label) / 2
            guard tick.isMajor, across - half > labelled + 6 else { continue }
            labelled = across + half
            texts.append(Self.text(label, across, base + 21, anchor: "middle"))
        }
        for tick in y.ticks {
            guard let down = layout.vertical(tick.value) else { continue }
            path += "M\(plot.x.coordinate) \(down.coordinate)h-\(tick.isMajor ? 6 : 3)"
            if tick.isMajor { texts.append(Self.text(y.format(tick.value), plot.x - 10, down + 4, anchor: "end")) }
        }
        texts.append(Self.text(x.title, plot.x + plot.width / 2, base + 42, anchor: "middle", style: "axis-title"))
        let middle = plot.y + plot.height / 2
        texts.append(
            .tag(
                "text",
                [
                    "class": "axis-title", "text-anchor": "middle",
                    "transform": "translate(15 \(middle.coordinate)) rotate(-90)",
                ], y.title))
        return .tag("g", [:], [.tag("path", ["class": "axis", "d": path])] + texts)
    }

    static func circle(_ centre: Point, radius: Double, style: String) -> Markup {
        .tag(
            "circle",
            ["class": style, "cx": centre.x.coordinate, "cy": centre.y.coordinate, "r": radius.coordinate])
    }

    static func text(_ content: String, _ x: Double, _ y: Double, anchor: String, style: String = "label") -> Markup {
        .tag("text", ["class": style, "x": x.coordinate, "y": y.coordinate, "text-anchor": anchor], content)
    }

    static func path(_ points: [Point]) -> String {
        points.enumerated().map { "\($0 == 0 ? "M" : "L")\($1.x.coordinate) \($1.y.coordinate)" }.joined()
    }
}

extension Double {
    /// A number for an SVG attribute: at most two decimals, and finite whatever it came from.
    var coordinate: String {
        let bounded = isFinite ? Swift.min(Swift.max(self, -1e5), 1e5) : 0
        let hundredths = Int((bounded * 100).rounded())
        let whole = hundredths.magnitude / 100
        let part = hundredths.magnitude % 100
        let sign = hundredths < 0 ? "-" : ""
        if part == 0 { return "\(sign)\(whole)" }
        if part.isMultiple(of: 10) { return "\(sign)\(whole).\(part / 10)" }
        return "\(sign)\(whole).\(part < 10 ? "0" : "")\(part)"
    }
}
