import ArgumentParser

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Measure at which number of allowed tokens K gathering rows stops being cheaper than scanning all.",
        discussion: """
            EXAMPLES
              qp-gpu profile --head Gemma-3-270M --batch 1 --batch 8
              qp-gpu profile --vocabulary 32000 --hidden 2048 --element-type int8
              qp-gpu profile --quick --format json --output new.json
              qp-gpu profile --head GPT-2 --report report.html
              qp-gpu profile show new.json --report report.html
              qp-gpu profile diff old.json new.json
            """,
        subcommands: [ProfileRun.self, ProfileShow.self, ProfileDiffCommand.self], defaultSubcommand: ProfileRun.self)
}

/// How a profile is shown.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}
