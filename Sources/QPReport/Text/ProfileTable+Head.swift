import QPCore
import QPPlanner

extension ProfileTable {
    /// Columns of the longest pair of steps, and a gap.
    private static let labelWidth = 32

    static func section(_ section: HeadAtBatch) -> String {
        let title = "\(section.head.title) · \(section.head.shapeTitle) · \(section.batchTitle)"
        let parts = [
            rule(titled: title) + "\n" + headFacts(section), steps(section), crossovers(section), fits(section),
            conclusion(section), regimes(section), traces(section),
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func headFacts(_ section: HeadAtBatch) -> String {
        let head = section.head
        var text = ""
        if let share = head.headShareOfWeights {
            text += fact(
                "head",
                "W is \(head.weightPhrase), \(Format.percent(share)) of the weights that a step of the model streams")
        } else {
            text += fact(
                "head",
                "W is \(head.weightPhrase); its share of a model's step is \(Format.missing) (no model was named)")
        }
        guard let tuning = section.tuning, let winner = tuning.candidates.first else {
            return text + fact("variant", "\(Format.missing) none was tuned at this batch")
        }
        text += fact("variant", winner.variant)
        text += fact("", winner.timesPhrase(gatherTokenCount: tuning.gatherTokenCount))
        if tuning.candidates.count > 1 {
            text += fact("runner-up", tuning.candidates[1].variant)
            text += fact("", "scan and gather together \(Format.ratio(tuning.candidates[1].cost(over: winner)))")
        }
        return text + fact("order", tuning.orderPhrase)
    }

    private static func steps(_ section: HeadAtBatch) -> String {
        let counts = section.tabulatedTokenCounts
        let showsPattern = Set(section.curves.map(\.pattern)).count > 1
        var columns: [(String, TextTable.Alignment)] = [("step", .leading)]
        if showsPattern { columns.append(("ids", .leading)) }
        columns += counts.map { (($0 == counts.first ? "K = " : "") + Format.count($0) + " ", .trailing) }
        var table = TextTable(columns)
        let cheapest = counts.map(section.cheapest)
        var hasGap = false
        for curve in section.orderedCurves {
            let readings = counts.map { curve.reading(at: Double($0)) }
            hasGap = hasGap || readings.contains { $0 == nil }
            let cells = zip(readings, cheapest).map { reading, best in
                guard let reading else { return "\(Format.missing) " }
                return Format.duration(microseconds: reading.microseconds) + (reading.microseconds == best ? "*" : " ")
            }
            table.append([curve.step.rawValue] + (showsPattern ? [curve.pattern.rawValue] : []) + cells)
        }
        guard !section.curves.isEmpty else { return "Steps: \(Format.missing) no curve was measured.\n" }
        return table.render(maximumWidth: width) + "* cheapest at this K\n"
            + (hasGap ? "\(Format.missing) outside the measured K\n" : "")
    }

    private static func crossovers(_ section: HeadAtBatch) -> String {
        guard !section.crossovers.isEmpty else { return "Crossovers: \(Format.missing) no steps were compared.\n" }
        var text = "Cheaper below K* → cheaper above\n"
        for crossover in section.crossovers {
            let lines = [crossover.finding, crossover.bandPhrase, crossover.pricePhrase, crossover.checkPhrase]
            let wrapped = lines.compactMap { $0 }.flatMap { $0.withoutControls.wrapped(to: width - labelWidth) }
            let labels = [crossover.title, "  \(crossover.pattern.phrase)"]
            for row in 0..<max(wrapped.count, labels.count) {
                let label = row < labels.count ? labels[row] : ""
                let line = row < wrapped.count ? wrapped[row] : ""
                text += "\(label.padded(to: labelWidth, .leading))\(line)".withoutTrailingSpaces + "\n"
            }
        }
        return text
    }

    private static func fits(_ section: HeadAtBatch) -> String {
        guard !section.fits.isEmpty else { return "Kernel fits: \(Format.missing) none was made.\n" }
        var table = TextTable([
            ("kernel", .leading), ("fixed", .trailing), ("per row", .trailing), ("95 % interval", .trailing),
            ("bound by", .leading), ("of roof", .trailing), ("error", .trailing), ("p90", .trailing), ("n", .trailing),
        ])
        for fit in section.fits {
            table.append([
                fit.kernel.rawValue, Format.duration(microseconds: fit.fixedMicroseconds),
                Format.duration(microseconds: fit.microsecondsPerRow),
                fit.intervalPhrase,
                fit.boundBy, Format.percent(fit.utilisation, decimals: 0),
                fit.heldOutMedianRelativeError.map { Format.percent($0) } ?? Format.missing,
                fit.heldOutP90RelativeError.map { Format.percent($0) } ?? Format.missing,
                Format.count(fit.heldOutCount),
            ])
        }
        let unchecked = section.fits.contains { $0.heldOutMedianRelativeError == nil }
        return table.render(maximumWidth: width)
            + "error: median and 90th percentile over n K that the fit had not seen\n"
            + (unchecked ? "\(Format.missing) no K was held out for this kernel\n" : "")
    }

    private static func conclusion(_ section: HeadAtBatch) -> String {
        let conclusion = Conclusion(section: section)
        let sentences = [conclusion.rule, conclusion.headSpeedUp, conclusion.endToEnd]
        return sentences.compactMap { $0 }.enumerated().map { fact($0 == 0 ? "it means" : "", $1) }.joined()
    }

    private static func traces(_ section: HeadAtBatch) -> String {
        guard section.batch == 1, !section.head.traces.isEmpty else { return "" }
        var table = TextTable(TraceRows.columns)
        for row in TraceRows.rows(section.head.traces) { table.append(row) }
        return "Head time of all steps along K sequences of real outputs (\(section.head.traces[0].engine))\n"
            + table.render(maximumWidth: 110)
            + "saved: always dense over planned; oracle: the faster plan of each step\n"
    }

    private static func regimes(_ section: HeadAtBatch) -> String {
        let results = section.head.regimes.filter { $0.batch == section.batch }
        guard !results.isEmpty else { return "" }
        var table = TextTable(RegimeRows.columns)
        for row in RegimeRows.rows(results) { table.append(row) }
        return "One step after a pause: what the device's clocks do to it\n" + table.render(maximumWidth: width)
    }
}
