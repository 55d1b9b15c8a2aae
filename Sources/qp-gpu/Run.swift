import ArgumentParser
import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner
import QPReport
import QPRuntime

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take the steps of a trace on this device as planned, and write down what came of each.",
        discussion: """
            The planner decides by a profile, as in `explain`; the steps are then executed one at a time at batch 1. A trace
            is a file of K sequences, or one of lines with allowed ids and hidden states (Profiles/README.md); what it lacks
            is drawn by --seed. Without --head or --vocabulary: the trace's head, or the profile's first.

            EXAMPLES
              qp-gpu run --trace traces.json
              qp-gpu run --trace traces.json --steps 1000 --observations steps.jsonl
              qp-gpu run --trace traces.json --steps 50 --timeline steps.json      open it at ui.perfetto.dev
            """)

    @OptionGroup var device: DeviceOption
    @OptionGroup var profile: ProfileOption
    @OptionGroup var head: HeadOption
    @OptionGroup var trace: TraceOption
    @Option(help: "Steps to take, from the beginning of the trace and around again (default: the trace once).")
    var steps: Int?
    @Option(help: "Seed of weights, and of allowed sets and hidden states that the trace lacks.")
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Append one JSON line for each step.", valueName: "file"))
    var observations: String?
    @Option(
        help: ArgumentHelp(
            "Write host and device slices for ui.perfetto.dev; stages are then timed, which costs a little.",
            valueName: "file"))
    var timeline: String?
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table

    func validate() throws {
        if let steps, !(1...10_000_000).contains(steps) {
            throw ValidationError("--steps is \(steps); it must lie in 1…10000000")
        }
    }

    func run() throws {
        let trace = try trace.open()
        let physical = try device.choice.choose(from: try Instance().physicalDevices())
        let (profile, isForeign) = try profile.load(for: [physical])
        let shape = try head.shape() ?? trace.head ?? head.shape(in: profile)
        let all = try trace.steps(for: shape)
        let count = steps ?? all.count
        let planner = try Planner(CostModel(profile, head: shape, isForeign: isForeign))
        let log = try observations.map { try ObservationLog(path: $0) }
        if let timeline { try Timeline().write(to: timeline) }
        let library = try Console.library(physical)
        try library.device.requireMemory(shape.weightBytes, for: "the head \(shape)")
        let weights = try HeadWeights(
            library, synthetic: SyntheticRows(shape: shape, seed: trace.weightsSeed ?? seed))
        let runner = try TraceRunner(
            Head(library, weights, profile: profile), planner: planner, seed: seed, isTraced: timeline != nil)
        Interruption.install()
        let progress = Console.Phase("taking steps")
        var tally = RunTally()
        var taken = 0
        while taken < count, !Interruption.isRequested {
            let observation = try runner.take(all[taken % all.count])
            try log?.record(observation)
            tally.add(observation)
            taken += 1
            progress.show(Double(taken) / Double(count))
        }
        Console.endProgress()
        try log?.flush()
        if let timeline { try runner.timeline.write(to: timeline) }
        switch format {
        case .table: try Console.output(RunText.render(tally.summary, shape, physical.name))
        case .json: try Console.output(try JSONText.encode(tally.summary))
        }
        if taken < count {
            Console.error("interrupted after \(taken) of \(count) steps; what was taken is written")
            throw ExitCode(130)
        }
    }
}

extension Console {
    /// The kernels on a device, with a line that says which device it is.
    static func library(_ physical: PhysicalDevice) throws -> KernelLibrary {
        error("device \(physical.index): \(physical.name), \(physical.driver)")
        if physical.isSoftware {
            error("note: a software rasteriser: the figures describe this host's CPU, not a GPU")
        }
        return try KernelLibrary(
            try Device(physical, onWarning: { warnOnce($0.description) }), onWarning: { warnOnce($0.description) })
    }
}

/// A run as a table.
enum RunText {
    static func render(_ summary: RunSummary, _ shape: HeadShape, _ device: String) -> String {
        var table = TextTable([
            ("plan", .leading), ("steps", .trailing), ("estimated", .trailing), ("measured", .trailing),
            ("ratio p10", .trailing), ("median", .trailing), ("p90", .trailing),
        ])
        func ratio(_ value: Double?) -> String { value.map(Format.ratio) ?? Format.missing }
        for plan in summary.plans {
            table.append([
                plan.plan.name, Format.count(plan.steps), Format.duration(microseconds: plan.estimatedMicroseconds),
                Format.duration(microseconds: plan.measuredMicroseconds), ratio(plan.ratioP10),
                ratio(plan.ratioMedian), ratio(plan.ratioP90),
            ])
        }
        var text = "\(Format.count(summary.stepCount)) steps of \(shape) on \(device)\n\n" + table.render()
        text += "ratio: measured over estimated, of single steps\n"
        if summary.fallbackCount > 0 { text += "\(summary.fallbackCount) steps fell back to scoring all rows\n" }
        for failure in summary.failures { text += "failed: \(failure)\n" }
        return text
    }
}
