import ArgumentParser
import QPPlanner
import QPReport

struct ProfileShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a profile that was measured before.",
        discussion: """
            EXAMPLES
              qp-gpu profile show Profiles/llvmpipe.json
              qp-gpu profile show new.json --report report.html
            """)

    @Argument(help: "The profile.")
    var file: String
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table
    @Option(help: ArgumentHelp("Write a self-contained HTML report.", valueName: "file"))
    var report: String?

    func run() throws {
        let profile = try Profile.load(from: file)
        try ProfilePrinter.print(profile, format: format)
        if let report { try ProfileStore.write(HTMLReport.render(profile), to: report) }
    }
}
