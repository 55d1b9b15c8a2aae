package import QPPlanner

/// A profile as one HTML file: no script, no other file, nothing fetched; light, dark and on paper.
///
/// The text that ``ProfileTable`` prints, with a chart of time against K and a roofline for every head and batch.
package enum HTMLReport {
    /// The whole document. Every string of the profile is escaped, so a hostile name stays text.
    package static func render(_ profile: Profile) -> String {
        let title = "qp-gpu profile: \(profile.device.name)"
        let head: Markup = .tag(
            "head", [:],
            [
                .tag("meta", ["charset": "utf-8"]),
                .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .tag("meta", ["name": "color-scheme", "content": "light dark"]),
                .tag("title", [:], title),
                .tag("style", [:], [.styleSheet(SVGChart.stylesheet), .styleSheet(stylesheet)]),
            ])
        var content = [banner(profile), summary(profile)]
        for (index, head) in profile.heads.enumerated() {
            content.append(section(head, index: index, ceilings: profile.ceilings))
        }
        content += [ceilings(profile.ceilings), noise(profile.noise), context(profile), glossary]
        let body: Markup = .tag("body", [:], [.tag("main", [:], content)])
        return "<!DOCTYPE html>\n" + Markup.tag("html", ["lang": "en"], [head, body]).render() + "\n"
    }

    private static func banner(_ profile: Profile) -> Markup {
        let verdict = profile.noise.verdict
        var children: [Markup] = [
            .tag("p", ["class": "eyebrow"], "qp-gpu profile"),
            .tag("h1", [:], profile.device.name),
            .tag(
                "p", ["class": "lede"],
                "At how many allowed tokens K does gathering their rows of the output head "
                    + "stop being cheaper than scanning the whole vocabulary, on this device?"),
        ]
        if profile.device.isSoftware {
            children.append(.tag("p", ["class": "notice"], Profile.DeviceContext.softwareWarning.sentence))
        }
        children.append(
            .tag(
                "p", ["class": "notice \(verdict.rawValue)"],
                [.tag("strong", [:], "Noise: \(verdict.phrase). "), .prose(profile.noise.explanation)]))
        return .tag("header", [:], children)
    }

    /// The answer for each head and batch, before any chart.
    private static func summary(_ profile: Profile) -> Markup {
        var cards: [Markup] = []
        for (index, head) in profile.heads.enumerated() {
            for batch in head.batches {
                cards.append(card(HeadAtBatch(head: head, batch: batch), index: index))
            }
        }
        guard !cards.isEmpty else { return .tag("p", [:], "No head was profiled.") }
        return .tag("section", ["class": "cards", "aria-label": "Results"], cards)
    }

    private static func card(_ section: HeadAtBatch, index: Int) -> Markup {
        let crossover = section.leadingCrossover
        let figure = crossover?.allowedTokenCount.map { "K* = \(Format.count($0))" } ?? "no K*"
        var children: [Markup] = [
            .tag("h2", [:], [.tag("a", ["href": "#\(anchor(index, section.batch))"], section.head.title)]),
            .tag("p", ["class": "shape"], "\(section.head.shapeTitle) · \(section.batchTitle)"),
            .tag("p", ["class": "figure"], figure),
        ]
        if let low = crossover?.low, let high = crossover?.high {
            children.append(
                .tag("p", ["class": "interval"], [.prose("\(Format.count(low)) … \(Format.count(high)) (95 %)")]))
        }
        children.append(.tag("p", [:], [.prose(Conclusion(section: section).rule)]))
        return .tag("article", ["class": "card"], children)
    }

    static func anchor(_ index: Int, _ batch: Int) -> String { "head-\(index)-batch-\(batch)" }
}
