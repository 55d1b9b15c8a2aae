internal import QPCore
public import QPPlanner

/// An explanation for a terminal: what was asked, the plan as a tree, every candidate with its price.
public enum ExplanationText {
    /// - Returns: lines, each ended by a newline.
    public static func render(_ explanation: Explanation) -> String {
        var text = header(explanation) + "\n"
        for assignment in explanation.assignments {
            var tree = PlanTree(assignment, in: explanation)
            tree.operation +=
                "  (\(Format.duration(microseconds: assignment.estimatedMicroseconds)) estimated"
                + (assignment.actualMicroseconds.map { ", \(Format.duration(microseconds: $0)) measured" } ?? "") + ")"
            text += lines(tree, margin: "", childMargin: "")
        }
        let isBatch = explanation.allowedTokenCounts.count > 1
        for row in explanation.allowedTokenCounts.indices {
            text += "\n"
            let entries = explanation.candidates.filter { $0.batchRow == row }
            guard isBatch else {
                text +=
                    table(entries.filter { $0.loss != nil })
                    + rejected(entries.filter { $0.loss == nil }, isBatch: false)
                continue
            }
            text += "row \(row)\(count(explanation.allowedTokenCounts[row])), by itself:\n"
            text += table(entries.filter { $0.loss != nil })
        }
        // What does not apply is much the same for every row.
        return isBatch ? text + rejected(explanation.candidates.filter { $0.loss == nil }, isBatch: true) : text
    }

    private static func header(_ explanation: Explanation) -> String {
        let head = explanation.head
        let counts = explanation.allowedTokenCounts
        let rows = counts.count == 1 ? "1 row" : "\(counts.count) rows"
        let K = Set(counts).count == 1 ? count(counts[0]) : ", K = " + counts.map(number).joined(separator: ", ")
        let lambda = explanation.lambda == 1 ? "" : ", λ = \(Format.trimmed(explanation.lambda))"
        return "DecodeStep  \(Format.count(head.vocabularySize)) × \(head.hiddenSize) \(head.elementType.rawValue), "
            + "\(rows)\(K), need \(explanation.need.rawValue)\(lambda)\n"
    }

    private static func count(_ K: Int?) -> String { ", K = \(number(K))" }
    private static func number(_ K: Int?) -> String { K.map(Format.count) ?? "?" }

    private static func lines(_ tree: PlanTree, margin: String, childMargin: String) -> String {
        var text = margin + tree.operation + "\n"
        for (index, input) in tree.inputs.enumerated() {
            let isLast = index == tree.inputs.count - 1
            text += lines(
                input, margin: childMargin + (isLast ? "└─ " : "├─ "),
                childMargin: childMargin + (isLast ? "   " : "│  "))
        }
        return text
    }

    private static func table(_ entries: [Explanation.Entry]) -> String {
        let hasActual = entries.contains { $0.actualMicroseconds != nil }
        let hasRefinement = entries.contains { ($0.refinementProbability ?? 0) > 0 }
        let hasLoss = entries.contains { ($0.qualityLoss ?? 0) > 0 }
        var columns: [(heading: String, alignment: TextTable.Alignment)] = [
            ("plan", .leading), ("estimate", .trailing), ("evidence", .leading),
        ]
        if hasActual { columns += [("actual", .trailing), ("ratio", .trailing), ("n", .trailing)] }
        columns += [("traffic", .trailing), ("of roof", .trailing)]
        if hasRefinement { columns.append(("p_r", .trailing)) }
        if hasLoss { columns.append(("wrong", .trailing)) }
        columns += [("promise", .leading), ("verdict", .leading)]
        var table = TextTable(columns)
        for entry in entries {
            var cells = [
                name(entry), entry.estimatedMicroseconds.map { Format.duration(microseconds: $0) } ?? Format.missing,
                entry.evidence?.rawValue ?? "",
            ]
            if hasActual {
                cells += [
                    entry.actualMicroseconds.map { Format.duration(microseconds: $0) } ?? Format.missing,
                    entry.actualRatio.map { Format.ratio($0) } ?? "", entry.actualCount.map { Format.count($0) } ?? "",
                ]
            }
            cells += [
                entry.trafficBytes.map { Format.bytes(Double($0)) } ?? "",
                entry.utilisation.map { Format.percent($0, decimals: 0) } ?? "",
            ]
            if hasRefinement { cells.append(share(entry.refinementProbability)) }
            if hasLoss { cells.append(share(entry.qualityLoss)) }
            cells += [entry.guarantee.rawValue, verdict(entry)]
            table.append(cells)
        }
        return table.render(maximumWidth: 118)
    }

    /// What cannot be had at any price, and why; in a batch, rows with the same reason in one line.
    private static func rejected(_ entries: [Explanation.Entry], isBatch: Bool) -> String {
        guard !entries.isEmpty else { return "" }
        var table = TextTable(
            [("rejected", .leading)] + (isBatch ? [("rows", .leading)] : []) + [("why", .leading)])
        var lines: [(plan: PlanID, why: String, rows: [Int])] = []
        for entry in entries {
            let why = verdict(entry)
            if let line = lines.firstIndex(where: { $0.plan == entry.plan && $0.why == why }) {
                lines[line].rows.append(entry.batchRow)
            } else {
                let end = lines.lastIndex { $0.plan == entry.plan }.map { $0 + 1 } ?? lines.endIndex
                lines.insert((entry.plan, why, [entry.batchRow]), at: end)
            }
        }
        for line in lines { table.append([line.plan.name] + (isBatch ? [ranges(line.rows)] : []) + [line.why]) }
        return "\n" + table.render(maximumWidth: 118)
    }

    /// `0–3, 7` of ascending numbers.
    private static func ranges(_ rows: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for row in rows {
            if let last = runs.last, last.upperBound + 1 == row {
                runs[runs.count - 1] = last.lowerBound...row
            } else {
                runs.append(row...row)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
            .joined(separator: ", ")
    }

    private static func share(_ value: Double?) -> String { value.flatMap { $0 > 0 ? Format.percent($0) : nil } ?? "" }

    private static func name(_ entry: Explanation.Entry) -> String {
        guard let form = entry.form, form.rawValue != entry.plan.name else { return entry.plan.name }
        return "\(entry.plan.name) (\(form.rawValue))"
    }

    private static func verdict(_ entry: Explanation.Entry) -> String {
        switch entry.verdict {
        case "chosen": "chosen"
        case "costlier": entry.reason ?? "costlier"
        default: [entry.verdict.spaced, entry.reason].compactMap { $0 }.joined(separator: ": ")
        }
    }
}

extension String {
    /// `cannotServe` as `cannot serve`.
    fileprivate var spaced: String {
        reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
    }
}
