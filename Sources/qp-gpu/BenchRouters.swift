import ArgumentParser
import QPPlanner
import QPReport

struct BenchRouters: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routers",
        abstract: "Try every router in worlds whose truth is known: how fast it learns, and what it loses to drift.",
        discussion: """
            Needs no device. Linear worlds: losses linear in the features, still, changing abruptly or slowly, and one that
            is not linear. Kernel worlds: plans priced by K, one kernel's launch or bandwidth 3 to 8 times as dear.
            Intervals are 95 %, over the seeds. The full run takes about two minutes.

            EXAMPLES
              qp-gpu bench routers
              qp-gpu bench routers --horizon 10000 --seeds 5
              qp-gpu bench routers --format json
            """)

    @Option(help: ArgumentHelp("Steps of each run.", valueName: "T"))
    var horizon = 100_000
    @Option(help: "Runs of each router in each world.")
    var seeds = 20
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table

    func validate() throws {
        guard (1000...10_000_000).contains(horizon) else {
            throw ValidationError("--horizon is \(horizon); it must lie in 1000…10000000")
        }
        guard (2...1000).contains(seeds) else { throw ValidationError("--seeds is \(seeds); it must lie in 2…1000") }
    }

    func run() throws {
        Interruption.install()
        let progress = Console.Phase("trying routers")
        let result = RouterExperiments(
            horizon: horizon, seeds: seeds, progress: progress.show, isCancelled: { Interruption.isRequested })
        Console.endProgress()
        guard let result else {
            Console.error("interrupted; nothing was kept, since the routers are compared with one another")
            throw ExitCode(130)
        }
        switch format {
        case .table: try Console.output(BenchRoutersText.render(result))
        case .json: try Console.output(try JSONText.encode(result))
        }
    }
}

/// The experiments as tables, one for each world.
enum BenchRoutersText {
    static func render(_ result: RouterExperiments) -> String {
        var text =
            "T = \(Format.count(result.horizon)), \(result.seeds) seeds; exponents over \(result.horizons.count) values "
            + "of T from \(Format.count(result.horizons[0])) on\n"
        for change in LinearWorld.Change.allCases {
            text += "\n\(title(change))\n" + table(result.growth.filter { $0.change == change })
        }
        for pace in KernelWorld.Drift.Pace.allCases {
            text += "\n\(title(pace))\n" + table(result.drift.filter { $0.pace == pace })
        }
        return text
    }

    private static func title(_ change: LinearWorld.Change) -> String {
        switch change {
        case .none: "Linear losses that stay: LinUCB's own assumptions"
        case .abrupt: "Linear losses, all new at once, five times"
        case .slow: "Linear losses, moving all the time"
        case .misspecified: "Losses that are not linear"
        }
    }

    private static func title(_ pace: KernelWorld.Drift.Pace) -> String {
        switch pace {
        case .none: "Prices of kernels that stay as the cost model knows them"
        case .abrupt: "One kernel's launch or bandwidth 3 to 8 times as dear, from a quarter to three quarters of T"
        case .slow: "The same, coming on from a quarter of T to its end"
        }
    }

    private static func table(_ rows: [RouterExperiments.Growth]) -> String {
        var table = TextTable([
            ("router", .leading), ("exponent", .trailing), ("95 %", .trailing), ("regret", .trailing),
            ("95 %", .trailing), ("less LinUCB's", .trailing), ("95 %", .trailing),
        ])
        for row in rows {
            let isPlain = row.lessLinUCB.low == 0 && row.lessLinUCB.high == 0
            table.append([
                row.router, row.exponent.map { Format.fixed($0.exponent, decimals: 3) } ?? Format.missing,
                row.exponent.map { interval($0.low, $0.high, decimals: 3) } ?? "",
                Format.fixed(row.regret.mean, decimals: 0), interval(row.regret.low, row.regret.high, decimals: 0),
                isPlain ? "" : Format.fixed(row.lessLinUCB.mean, decimals: 0),
                isPlain ? "" : interval(row.lessLinUCB.low, row.lessLinUCB.high, decimals: 0),
            ])
        }
        return table.render(maximumWidth: 110)
    }

    private static func table(_ rows: [RouterExperiments.Drift]) -> String {
        var table = TextTable([
            ("router", .leading), ("of oracle", .trailing), ("95 %", .trailing),
            ("regret, of the threshold's", .trailing),
        ])
        for row in rows {
            table.append([
                row.router, Format.fixed(row.ratioToOracle.mean, decimals: 3) + "×",
                interval(row.ratioToOracle.low, row.ratioToOracle.high, decimals: 3),
                row.regretOverThreshold.map { Format.fixed($0, decimals: 2) } ?? Format.missing,
            ])
        }
        return table.render()
    }

    private static func interval(_ low: Double, _ high: Double, decimals: Int) -> String {
        "\(Format.fixed(low, decimals: decimals)) … \(Format.fixed(high, decimals: decimals))"
    }
}
