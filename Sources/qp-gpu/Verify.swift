import ArgumentParser
import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner
import QPReport
import QPRuntime

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run all plans on the same steps, and compare their tokens and scores with dense's.",
        discussion: """
            Exact plans must agree to the token and in both best scores, bit for bit; exits with 1 where one does not.
            Without --head or --vocabulary: GPT-2's head, 50257×768.

            EXAMPLES
              qp-gpu verify
              qp-gpu verify --head Qwen2.5-0.5B --batch 4 --steps 100
              qp-gpu verify --vocabulary 1000 --hidden 96 --element-type int8 --format json
              qp-gpu verify --profile profile.json --trace traces.json
            """)

    @OptionGroup var device: DeviceOption
    @OptionGroup var head: HeadOption
    @Option(help: "Hidden states in a step, 1 to 64.")
    var batch = 1
    @Option(help: ArgumentHelp("Screen by a copy of W in 8, 6 or 5 bits.", valueName: "bits"))
    var screen = ScreenFormat.bits8
    @Option(help: "Steps to take.")
    var steps = 200
    @Option(help: "Seed of weights, hidden states and allowed sets.")
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Use the variants that this profile found best.", valueName: "file"))
    var profile: String?
    @Option(help: ArgumentHelp("Draw K from a trace, in either format, instead of log-uniformly.", valueName: "file"))
    var trace: String?
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table

    func validate() throws {
        guard (1...64).contains(batch) else { throw ValidationError("--batch is \(batch); it must lie in 1…64") }
        guard (1...100_000_000).contains(steps) else {
            throw ValidationError("--steps is \(steps); it must lie in 1…100000000")
        }
        _ = try head.shape()
    }

    private var shape: HeadShape {
        get throws { try head.shape(defaultVocabularySize: 50_257, hiddenSize: 768) }
    }

    func run() throws {
        let shape = try shape
        let counts = try trace.map { path in
            try OpenTrace(path: path, engines: []).steps(for: shape).map(\.allowedTokenCount)
        }
        let physical = try device.choice.choose(from: try Instance().physicalDevices())
        Console.error("device \(physical.index): \(physical.name), \(physical.driver)")
        let library = try KernelLibrary(
            try Device(physical, onWarning: { Console.warnOnce($0.description) }),
            onWarning: { Console.warnOnce($0.description) })
        try library.device.requireMemory(shape.weightBytes, for: "the head \(shape)")
        let weights = try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: seed))
        let head =
            try profile.map { path in
                let profile = try Profile.load(from: path)
                try profile.requireMatches(device: physical.uuid, driver: physical.driver)
                return try Head(library, weights, profile: profile, screenFormat: screen)
            } ?? Head(library, weights, screenFormat: screen)
        Interruption.install()
        let progress = Console.Phase("\(shape), batch \(batch)")
        let report = try PlanVerifier(head, batch: batch).verify(
            steps: steps, counts: counts, seed: seed, progress: progress.show,
            isCancelled: { Interruption.isRequested })
        Console.endProgress()
        switch format {
        case .table: try Console.output(VerificationText.render(report, shape: shape, batch: batch))
        case .json: try Console.output(try JSONText.encode(report))
        }
        if report.steps < steps {
            Console.error("interrupted after \(report.steps) of \(steps) steps")
            throw ExitCode(130)
        }
        guard report.isClean else {
            Console.error("qp-gpu: error: plans disagree with dense; see the table, and report it with this seed")
            throw ExitCode(1)
        }
    }
}
