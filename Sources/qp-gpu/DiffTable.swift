import QPCore
import QPPlanner
import QPReport

/// A comparison of two profiles as text.
enum DiffTable {
    static func render(_ diff: ProfileDiff, all: Bool) -> String {
        var text = diff.notes.map { "note: \($0)\n" }.joined()
        for head in diff.headsOnlyInBaseline { text += "note: \(head) is only in the baseline\n" }
        for head in diff.headsOnlyInCandidate { text += "note: \(head) is only in the candidate\n" }
        let shown = diff.rows.filter { all || $0.verdict == .regression || $0.verdict == .improvement }
            .sorted { ($0.ratio ?? 0) > ($1.ratio ?? 0) }
        if !shown.isEmpty {
            var table = TextTable([
                ("head", .leading), ("what", .leading), ("B", .trailing), ("pattern", .leading), ("K", .trailing),
                ("before", .trailing), ("after", .trailing), ("ratio", .trailing), ("interval", .leading),
                ("verdict", .leading),
            ])
            for row in shown {
                table.append([
                    "\(row.vocabularySize)×\(row.hiddenSize) \(row.elementType.rawValue)", row.subject.description,
                    "\(row.batch)", row.pattern.rawValue, Format.count(row.allowedTokenCount),
                    Format.duration(microseconds: row.baselineMicroseconds),
                    Format.duration(microseconds: row.candidateMicroseconds), row.ratio.map(Format.ratio) ?? "–",
                    interval(row.low, row.high), row.verdict.rawValue,
                ])
            }
            text += table.render(maximumWidth: 140) + "\n"
        }
        for row in diff.crossovers where all || row.change != .same {
            text += "K* of \(row.baseline.between.map(\.rawValue).joined(separator: " and ")), "
            text += "\(row.vocabularySize)×\(row.hiddenSize) \(row.elementType.rawValue), batch \(row.baseline.batch), "
            text += "\(row.baseline.pattern.rawValue): \(crossing(row.baseline)) → \(crossing(row.candidate)), "
            text += "\(row.change.rawValue)\n"
        }
        func count(_ verdict: ProfileDiff.Verdict) -> Int { diff.rows.count { $0.verdict == verdict } }
        text += "\(diff.rows.count) rows: \(count(.regression)) regressions, \(count(.improvement)) improvements, "
        text += "\(count(.unchanged)) unchanged, \(count(.unclear)) unclear; threshold "
        text += "\(Format.percent(diff.threshold)), each interval at \(Format.percent(diff.rowConfidence, decimals: 2))"
        return text
    }

    private static func interval(_ low: Double?, _ high: Double?) -> String {
        guard let low, let high else { return "–" }
        return "\(Format.fixed(low, decimals: 2)) … \(Format.fixed(high, decimals: 2))"
    }

    private static func crossing(_ crossover: Crossover) -> String {
        crossover.allowedTokenCount.map { Format.crossing($0, low: crossover.low, high: crossover.high) }
            ?? "none (\(crossover.reason ?? ""))"
    }
}
