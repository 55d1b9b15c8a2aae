public import QPCore
public import QPPlanner

/// What `qp-gpu verify` found, for a terminal.
public enum VerificationText {
    public static func render(_ report: VerificationReport, shape: HeadShape, batch: Int) -> String {
        var text = "\(Format.count(report.steps)) steps of \(batch) \(batch == 1 ? "row" : "rows") over \(shape)\n\n"
        var table = TextTable([
            ("plan against dense", .leading), ("other token", .trailing), ("greatest score difference", .trailing),
        ])
        for (plan, count) in report.tokenMismatches.sorted(by: { $0.key < $1.key }) {
            let difference = report.scoreDifferences[plan] ?? 0
            table.append([plan, Format.count(count), difference == 0 ? "0" : Format.significant(difference)])
        }
        text += table.render()
        if let epsilon = report.epsilon {
            text +=
                "\nscan and gather, all allowed scores: "
                + (epsilon == 0 ? "the same bits (0-equivalent)" : "differ by up to \(Format.significant(epsilon))")
                + "\n"
        }
        for example in report.examples.prefix(exampleCount) {
            let runnersUp =
                example.runnerUp == example.denseRunnerUp
                ? "" : " (runner-up \(name(example.runnerUp)), dense \(name(example.denseRunnerUp)))"
            text +=
                "step \(example.step), row \(example.batchRow), \(example.plan), K = "
                + "\(Format.count(example.allowedTokenCount)): token \(name(example.token)), dense "
                + "\(name(example.denseToken))\(runnersUp), scores apart by "
                + "\(Format.significant(example.scoreDifference))\n"
        }
        if report.examples.count > exampleCount {
            text += "… and \(Format.count(report.examples.count - exampleCount)) more, which --format json lists\n"
        }
        return text
    }

    private static let exampleCount = 10

    private static func name(_ token: Int?) -> String { token.map(String.init) ?? "none" }
}
