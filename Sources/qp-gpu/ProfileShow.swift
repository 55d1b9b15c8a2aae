import ArgumentParser
import QPCore
import QPPlanner
import QPReport

struct ProfileShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a profile that was measured before.",
        discussion: """
            EXAMPLES
              qp-gpu profile show Profiles/llvmpipe-amd-epyc.json
              qp-gpu profile show new.json --report report.html
              qp-gpu profile show new.json --refinement-probability 0.05
            """)

    @Argument(help: "The profile.")
    var file: String
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table
    @Option(help: ArgumentHelp("Write a self-contained HTML report.", valueName: "file"))
    var report: String?

    @Option(
        help: ArgumentHelp(
            "Also print K* when a sparse step falls back to a dense one with this probability, 0 to 1.",
            valueName: "p"))
    var refinementProbability: Double?

    func validate() throws {
        if let p = refinementProbability, !(0...1).contains(p) {
            throw ValidationError("--refinement-probability is \(p); it must lie in 0…1")
        }
    }

    func run() throws {
        let profile = try Profile.load(from: file)
        try ProfilePrinter.print(profile, format: format)
        if let p = refinementProbability, format == .table { try printExpected(profile, p) }
        if let report { try ProfileStore.write(HTMLReport.render(profile), to: report) }
    }

    /// K\* of the expected cost C_sparse(K) = sparse(K) + p · dense, head by head.
    private func printExpected(_ profile: Profile, _ p: Double) throws {
        for head in profile.heads {
            for dense in head.curves where dense.step == .dense {
                guard
                    let sparse = head.curves.first(where: {
                        $0.step == .sparse && $0.batch == dense.batch && $0.pattern == dense.pattern
                    })
                else { continue }
                let found = try ExpectedCost(sparse: sparse, dense: dense, refinementProbability: p)
                    .crossover(vocabularySize: head.vocabularySize)
                let name = head.name ?? "\(head.vocabularySize)×\(head.hiddenSize)"
                let answer =
                    found.allowedTokenCount.map { "K* = \(Format.count($0))" } ?? "no K*: \(found.reason ?? "")"
                print("\(name), batch \(dense.batch), with refinement probability \(p): \(answer)")
            }
        }
    }
}
