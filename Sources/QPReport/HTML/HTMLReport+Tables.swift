import QPCore
import QPPlanner

extension HTMLReport {
    static func steps(_ section: HeadAtBatch) -> Markup {
        guard !section.curves.isEmpty else {
            return .tag("p", ["class": "note"], "\(Format.missing) No curve was measured at this batch.")
        }
        let counts = section.tabulatedTokenCounts
        let cheapest = counts.map(section.cheapest)
        let showsPattern = Set(section.curves.map(\.pattern)).count > 1
        var table = HTMLTable(
            "Steps, by the number K of allowed tokens; the cheapest at each K is bold",
            [("step", .leading)] + (showsPattern ? [("ids", .leading)] : [])
                + counts.map { (($0 == counts.first ? "K = " : "") + Format.count($0), .trailing) })
        for curve in section.orderedCurves {
            let times = zip(counts, cheapest).map { count, best -> HTMLTable.Cell in
                guard let time = curve.reading(at: Double(count))?.microseconds else { return "\(Format.missing)" }
                return .init(Format.duration(microseconds: time), isEmphasised: time == best)
            }
            table.rows.append(["\(curve.step.rawValue)"] + (showsPattern ? ["\(curve.pattern.phrase)"] : []) + times)
        }
        return table.markup
    }

    static func tuning(_ section: HeadAtBatch) -> Markup {
        guard let tuning = section.tuning, let winner = tuning.candidates.first else {
            return .tag("p", ["class": "note"], "\(Format.missing) No variant was tuned at this batch.")
        }
        func table(_ caption: String, _ candidates: some Sequence<(String, Tuning.Candidate)>) -> Markup {
            var table = HTMLTable(
                caption,
                [
                    ("place", .leading), ("variant", .leading), ("scan", .trailing),
                    ("gather of \(Format.count(tuning.gatherTokenCount))", .trailing), ("spread", .trailing),
                    ("both, over the winner", .trailing),
                ])
            for (place, candidate) in candidates {
                table.rows.append([
                    .init(place), .init(candidate.variant),
                    .init(Format.duration(microseconds: candidate.scanMicroseconds)),
                    .init(Format.duration(microseconds: candidate.gatherMicroseconds)),
                    .init(Format.percent(candidate.spread)), .init(Format.ratio(candidate.cost(over: winner))),
                ])
            }
            return table.markup
        }
        let places = tuning.candidates.enumerated().map { index, candidate in
            (["winner", "runner-up"].dropFirst(index).first ?? Format.count(index + 1), candidate)
        }
        var children = [table("Tuned variants", places.prefix(2))]
        if places.count > 2 {
            let rest = places.dropFirst(2)
            children.append(
                .tag(
                    "details", [:],
                    [.tag("summary", [:], "The other \(rest.count) variants"), table("Slower variants", rest)]))
        }
        children.append(.tag("p", ["class": "note"], tuning.orderPhrase.sentence))
        return .tag("div", [:], children)
    }

    static func fits(_ section: HeadAtBatch) -> Markup {
        guard !section.fits.isEmpty else {
            return .tag("p", ["class": "note"], "\(Format.missing) No kernel was fitted at this batch.")
        }
        var table = HTMLTable(
            "Kernel fits: fixed time and cost of a row; error is the median, p90 the 90th percentile, over n K that the "
                + "fit had not seen",
            [
                ("kernel", .leading), ("fixed", .trailing), ("per row", .trailing), ("95 % interval", .trailing),
                ("of it gathering", .trailing), ("bound by", .leading), ("of its roof", .trailing),
                ("error", .trailing), ("p90", .trailing), ("n", .trailing),
            ])
        for fit in section.fits {
            let gathering = fit.gatherPenaltyMicrosecondsPerRow
            table.rows.append([
                .init(fit.kernel.rawValue), .init(Format.duration(microseconds: fit.fixedMicroseconds)),
                .init(Format.duration(microseconds: fit.microsecondsPerRow)), .init(fit.intervalPhrase),
                .init(gathering > 0 ? Format.duration(microseconds: gathering) : Format.missing), .init(fit.boundBy),
                .init(Format.percent(fit.utilisation, decimals: 0)),
                .init(fit.heldOutMedianRelativeError.map { Format.percent($0) } ?? Format.missing),
                .init(fit.heldOutP90RelativeError.map { Format.percent($0) } ?? Format.missing),
                .init(Format.count(fit.heldOutCount)),
            ])
        }
        let note = "\(Format.missing) in a column: the kernel does not gather, or no K was held out for it."
        return .tag("div", [:], [table.markup, .tag("p", ["class": "note"], note)])
    }

    static func regimes(_ results: [RegimeResult]) -> Markup {
        var table = HTMLTable("One step after a pause: what the device's clocks do to it", RegimeRows.columns)
        for row in RegimeRows.rows(results) { table.rows.append(row.map { .init($0) }) }
        return table.markup
    }

    static func traces(_ traces: [TraceResult]) -> Markup {
        var table = HTMLTable(
            "Head time of all steps along K sequences of real outputs (\(traces[0].engine)); saved is always dense over "
                + "planned, the oracle takes the faster plan of each step",
            TraceRows.columns)
        for row in TraceRows.rows(traces) { table.rows.append(row.map { .init($0) }) }
        return table.markup
    }

    static func ceilings(_ ceilings: [Profile.Ceiling]) -> Markup {
        let heading: Markup = .tag("h2", [:], "Ceilings of the device")
        guard !ceilings.isEmpty else {
            return .tag("section", [:], [heading, .tag("p", [:], "\(Format.missing) None was measured.")])
        }
        var table = HTMLTable(
            "Measured in the same run",
            [
                ("ceiling", .leading), ("value", .trailing), ("unit", .leading), ("95 % interval", .trailing),
                ("samples", .trailing),
            ])
        for ceiling in ceilings {
            table.rows.append([
                .init(ceiling.name.phrase), .init(Format.significant(ceiling.value)), .init(ceiling.unit),
                .init("\(Format.significant(ceiling.low)) … \(Format.significant(ceiling.high))"),
                .init(Format.count(ceiling.sampleCount)),
            ])
        }
        return .tag("section", [:], [heading, table.markup])
    }
}
