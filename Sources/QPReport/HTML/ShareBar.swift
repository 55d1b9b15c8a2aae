import QPPlanner

/// A bar that shows which part of a model's step its head is.
enum ShareBar {
    private static let width = 960.0

    /// Null where the share is unknown.
    static func markup(_ head: HeadProfile) -> Markup? {
        guard let share = head.headShareOfWeights, share.isFinite, (0...1).contains(share) else { return nil }
        let headWidth = max(share * width, 2)
        let headLabel = "output head \(Format.percent(share))"
        let restLabel = "layers \(Format.percent(1 - share))"
        let bar: Markup = .tag(
            "svg",
            [
                "class": "chart share", "role": "img", "viewBox": "0 0 \(width.coordinate) 24",
                "preserveAspectRatio": "none",
            ],
            [
                .tag("title", [:], "Share of the head: \(head.title)"),
                .tag("desc", [:], "\(headLabel), \(restLabel) of the weights that one step at batch 1 streams."),
                rectangle("vermilion fill", x: 0, width: headWidth - 1),
                rectangle("grey fill faint", x: headWidth + 1, width: max(width - headWidth - 1, 0)),
            ])
        let ends: Markup = .tag(
            "div", ["class": "ends"], [.tag("strong", [:], headLabel), .tag("span", [:], restLabel)])
        return .tag("div", [:], [bar, ends])
    }

    private static func rectangle(_ style: String, x: Double, width: Double) -> Markup {
        .tag(
            "rect",
            [
                "class": style, "x": x.coordinate, "y": "0", "width": width.coordinate, "height": "24",
            ])
    }
}
