import QPPlanner

/// The report as people read it.
enum TextReport {
    static let missing = "–"

    static func context(_ context: Report.Context) -> String {
        """
        date    \(context.date)
        device  \(context.device)\(context.isSoftware ? " (a CPU executes the shaders)" : ""), \(context.driver)
        host    \(context.hostProcessor), \(context.hostThreadCount) threads
        BLAS    \(context.openBLAS)
        timing  \(context.timingMethod), \(fixed(context.secondsPerComparison, 1)) s a comparison\
        \(context.isQuick ? ", quick run" : "")

        "alone": median of the samples in which this process had its cores; "all": of all samples.
        spread: median absolute deviation over median; n: samples; lost: samples without their cores.
        cores: CPU time over wall time; host: wall time, for device work from submission until the wait returned.

        """
    }

    static func block(_ block: Block) -> String {
        var text = "\(block.title)\n"
        if !block.series.isEmpty { text += series(block.series) }
        if !block.findings.isEmpty { text += (block.series.isEmpty ? "" : "\n") + findings(block.findings) }
        for note in block.notes { text += "  \(note)\n" }
        return text
    }

    private static func series(_ series: [Series]) -> String {
        let hasBandwidth = series.contains { $0.byteCount != nil }
        var table = Table(
            ["", "alone"] + (hasBandwidth ? ["GB/s"] : []) + ["spread", "n", "lost", "all"]
                + (hasBandwidth ? ["GB/s"] : []) + ["cores", "host", "how"], leading: [0, hasBandwidth ? 10 : 8])
        for entry in series {
            let alone = entry.alone
            table.append(
                [entry.name, duration(alone?.median)]
                    + (hasBandwidth ? [bandwidth(entry.gigabytesPerSecond(alone))] : [])
                    + [
                        percent(alone?.spread), "\(alone?.count ?? 0)", "\(entry.droppedCount)",
                        duration(entry.all?.median),
                    ] + (hasBandwidth ? [bandwidth(entry.gigabytesPerSecond(entry.all))] : [])
                    + [
                        entry.coresUsed.map { fixed($0, 2) } ?? missing, duration(entry.host?.median), entry.detail,
                    ])
        }
        return table.render()
    }

    private static func findings(_ findings: [Finding]) -> String {
        var table = Table(["", "alone", "spread", "n", "all", "goal", ""], leading: [0, 5, 6])
        for finding in findings {
            let verdict =
                switch finding.verdict {
                case .undecided: "undecided: n is below \(Finding.minimumCount)"
                case let verdict?: verdict.rawValue
                case nil: ""
                }
            table.append([
                finding.what, value(finding.alone?.median, finding.unit),
                finding.isExact ? "" : percent(finding.alone?.spread),
                finding.isExact ? "" : "\(finding.alone?.count ?? 0)",
                finding.isExact ? "" : value(finding.all?.median, finding.unit),
                finding.goal.map { goal($0, finding.unit) } ?? "", verdict,
            ])
        }
        return table.render()
    }

    static func summary(_ report: Report) -> String {
        "Goals: \(report.count(.reached)) reached, \(report.count(.notReached)) not reached, "
            + "\(report.count(.undecided)) undecided.\n"
    }

    private static func goal(_ goal: Goal, _ unit: String) -> String {
        (goal.direction == .atLeast ? "≥ " : "≤ ") + value(goal.bound, unit)
    }

    static func duration(_ microseconds: Double?) -> String {
        guard let microseconds else { return missing }
        return microseconds >= 1000 ? "\(significant(microseconds / 1000)) ms" : "\(significant(microseconds)) µs"
    }

    private static func bandwidth(_ value: Double?) -> String { value.map { fixed($0, 1) } ?? missing }
    private static func percent(_ value: Double?) -> String { value.map { "\(fixed($0 * 100, 1)) %" } ?? missing }

    /// A number without a unit.
    static func number(_ value: Double) -> String { self.value(value, "") }

    private static func value(_ value: Double?, _ unit: String) -> String {
        guard let value else { return missing }
        if unit == "MiB" { return "\(fixed(value, 0)) MiB" }
        if value != 0, abs(value) < 1e-3 { return scientific(value) }
        return fixed(value, value < 0.1 ? 4 : 2)
    }

    /// Three significant digits.
    private static func significant(_ value: Double) -> String {
        fixed(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)
    }

    private static func scientific(_ value: Double) -> String {
        var exponent = 0
        var mantissa = value
        // Below 0.995, so that 9.96e-6 becomes 1.0e-5 and not 10.0e-6.
        while abs(mantissa) < 0.995 {
            mantissa *= 10
            exponent -= 1
        }
        return "\(fixed(mantissa, 1))e\(exponent)"
    }

    static func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((abs(value) * scale).rounded())
        let whole = scaled / Int(scale)
        guard digits > 0 else { return (value < 0 ? "−" : "") + "\(whole)" }
        let rest = String(scaled % Int(scale))
        return (value < 0 ? "−" : "") + "\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
