import ArgumentParser
import QPCore

@main
struct QPGPU: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qp-gpu",
        abstract: "A query planner for the output head of a language model, on Vulkan compute.",
        discussion: """
            EXAMPLES
              qp-gpu devices                            the devices, and why one is refused
              qp-gpu profile --head Qwen2.5-0.5B        where gathering stops paying on this device
              qp-gpu profile --quick --format json      under a minute, for CI
              qp-gpu profile diff before.json after.json
              qp-gpu explain --allowed 300 --analyze    which plan a step takes, and what the others would cost
              qp-gpu run --trace traces.json --timeline steps.json
              qp-gpu grammar check schema.json          does the constraint compile, and how large is it

            ENVIRONMENT
              QPGPU_DEVICE   the device, as --device takes it
              QPGPU_CACHE    folder for compiled shaders and profiles; empty keeps nothing

            EXIT STATUS
              0  success
              1  failed, `profile diff` found a regression, or a text was judged wrongly
              2  the command line cannot be understood
              130  interrupted; what was measured is kept
            """,
        version: qpGPUVersion,
        subcommands: [
            Devices.self, ProfileCommand.self, Explain.self, Run.self, Verify.self, Bench.self, GrammarCommand.self,
            VocabularyCommand.self,
        ])

    /// Runs the command line. Results go to stdout, everything else to stderr.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let code as ExitCode {
            Self.exit(withError: code)
        } catch {
            // The parser's own code for a bad command line is 64; ours is the customary 2.
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code == .success {
                print(text)
            } else if code == .validationFailure {
                Console.error(text)
                Self.exit(withError: ExitCode(2))
            } else {
                Console.error("qp-gpu: error: \(error)")
                Self.exit(withError: ExitCode(1))
            }
        }
    }
}
