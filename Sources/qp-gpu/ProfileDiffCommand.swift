import ArgumentParser
import QPPlanner
import QPReport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct ProfileDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two profiles of one device; exit with 1 when something became slower.",
        discussion: """
            A row is a regression only if its whole interval lies above 1 + threshold; intervals are widened so that
            all rows hold together with 95 %. Exit status: 0 no regression, 1 a regression or nothing to compare,
            2 a command line that cannot be understood.

            EXAMPLES
              qp-gpu profile diff before.json after.json
              qp-gpu profile diff before.json after.json --threshold 0.1 --all
            """)

    @Argument(help: "The profile measured before.")
    var baseline: String
    @Argument(help: "The profile measured after.")
    var candidate: String
    @Option(help: "A difference up to this fraction is none.")
    var threshold = 0.05
    @Flag(help: "Show every row, not only regressions and improvements.")
    var all = false
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table
    @Option(help: "Seed of the bootstrap.")
    var seed: UInt64 = 1

    func validate() throws {
        guard threshold > 0 && threshold < 10 else {
            throw ValidationError("--threshold is \(threshold); it must lie between 0 and 10")
        }
    }

    func run() throws {
        let diff = ProfileDiff(
            baseline: try Profile.load(from: baseline), candidate: try Profile.load(from: candidate),
            threshold: threshold, seed: seed)
        switch format {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try Console.output(String(decoding: try encoder.encode(diff), as: UTF8.self))
        case .table:
            try Console.output(DiffTable.render(diff, all: all))
        }
        if diff.isEmpty {
            Console.error("qp-gpu: error: the two profiles share no head, batch and K, so nothing was compared")
            throw ExitCode(1)
        }
        if diff.hasRegression { throw ExitCode(1) }
    }
}
