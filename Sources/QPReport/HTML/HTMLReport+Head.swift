import QPCore
import QPPlanner

extension HTMLReport {
    static func section(_ head: HeadProfile, index: Int, ceilings: [Profile.Ceiling]) -> Markup {
        var children: [Markup] = [
            .tag("h2", [:], head.title),
            .tag("p", ["class": "shape"], "\(head.shapeTitle) · W is \(head.weightPhrase)"),
        ]
        if let bar = ShareBar.markup(head) {
            children.append(figure(bar, caption: "Share of the weights that one step of the model streams at batch 1"))
        } else {
            children.append(
                .tag("p", ["class": "note"], "\(Format.missing) Share of a model's step: no model was named."))
        }
        for batch in head.batches {
            children.append(batchSection(HeadAtBatch(head: head, batch: batch), index: index, ceilings: ceilings))
        }
        if head.batches.isEmpty { children.append(.tag("p", [:], "Nothing was measured for this head.")) }
        return .tag("section", ["class": "head"], children)
    }

    private static func batchSection(_ section: HeadAtBatch, index: Int, ceilings: [Profile.Ceiling]) -> Markup {
        let conclusion = Conclusion(section: section)
        let sentences = [conclusion.headSpeedUp, conclusion.endToEnd].compactMap { $0 }.joined(separator: " ")
        var children: [Markup] = [
            .tag("h3", ["id": anchor(index, section.batch)], "\(section.head.title), \(section.batchTitle)"),
            .tag("p", ["class": "rule"], [.prose(conclusion.rule)]),
            .tag("p", [:], [.prose(sentences)]),
        ]
        children += timeCharts(section)
        let roofline =
            section.rooflineChart(ceilings).map {
                figure($0.markup(), caption: "Kernels under the measured ceilings; the share of its roof beside each")
            } ?? .tag("p", ["class": "note"], "\(Format.missing) No roofline: it takes a ceiling and a fitted kernel.")
        let closeUp = section.closeUpChart().map {
            figure($0.markup(), caption: "Close-up of the crossover, linear in K and in time")
        }
        children.append(.tag("div", ["class": "pair"], [closeUp, roofline].compactMap { $0 }))
        children += [crossovers(section), steps(section), tuning(section), fits(section)]
        let regimes = section.head.regimes.filter { $0.batch == section.batch }
        if !regimes.isEmpty { children.append(Self.regimes(regimes)) }
        if section.batch == 1, !section.head.traces.isEmpty { children.append(traces(section.head.traces)) }
        return .tag("section", ["class": "batch"], children)
    }

    /// The first pattern's chart in sight, the others folded away.
    private static func timeCharts(_ section: HeadAtBatch) -> [Markup] {
        let patterns = section.patterns
        guard let first = patterns.first else {
            return [.tag("p", ["class": "note"], "\(Format.missing) No chart: no step was timed at this batch.")]
        }
        func chart(_ pattern: IndexPattern) -> Markup {
            figure(
                section.timeChart(pattern).markup(),
                caption: "Time of one whole step against the number of allowed tokens, \(pattern.phrase)")
        }
        var charts = [chart(first)]
        if patterns.count > 1 {
            let names = patterns.dropFirst().map(\.phrase).joined(separator: ", ")
            charts.append(
                .tag(
                    "details", [:],
                    [.tag("summary", [:], "Other index patterns: \(names)")] + patterns.dropFirst().map(chart)))
        }
        return charts
    }

    static func figure(_ drawing: Markup, caption: String) -> Markup {
        .tag("figure", [:], [.tag("figcaption", [:], caption), .tag("div", ["class": "drawing"], [drawing])])
    }

    private static func crossovers(_ section: HeadAtBatch) -> Markup {
        guard !section.crossovers.isEmpty else {
            return .tag("p", ["class": "note"], "\(Format.missing) No steps were compared at this batch.")
        }
        let showsPattern = section.patterns.count > 1
        let entries = section.crossovers.map { crossover -> Markup in
            let details = [crossover.bandPhrase, crossover.pricePhrase, crossover.checkPhrase].compactMap { $0 }
            let title = crossover.title + (showsPattern ? ", \(crossover.pattern.phrase)" : "")
            let parts: [Markup] = [
                .tag("dt", [:], title),
                .tag(
                    "dd", [:],
                    [.tag("strong", [:], [.prose(crossover.finding)])]
                        + details.map { .tag("span", [:], [.prose($0.sentence)]) }),
            ]
            return .tag("div", [:], parts)
        }
        let heading: Markup = .tag("h4", [:], "Crossovers: cheaper below K* → cheaper above")
        return .tag("div", ["class": "crossovers"], [heading, .tag("dl", [:], entries)])
    }
}
