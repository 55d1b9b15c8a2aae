public import ArgumentParser
import QPCore
import QPDevice
import QPHead
import QPKernels
public import QPPlanner
import QPReport
import QPRuntime

/// How an explanation is shown.
enum ExplainFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case mermaid
}

extension Need: ExpressibleByArgument {}
extension DecodeStep.Place: ExpressibleByArgument {}
extension ScreenFormat: ExpressibleByArgument {}

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show which plan a decode step would take, every plan that was rejected, and the price of each.",
        discussion: """
            Estimates come from a profile that `qp-gpu profile` measured; --analyze runs what can be run and sets the
            measured times beside them. Without --head or --vocabulary: the profile's first head. A profile is compared
            with this machine's device, where there is one; one of another device needs --foreign.

            EXAMPLES
              qp-gpu explain --head Qwen2.5-0.5B --allowed 300
              qp-gpu explain --allowed 300 --analyze
              qp-gpu explain --allowed 20 --allowed 150000 --allowed 7 --allowed 40000
              qp-gpu explain --allowed 20000 --survivors 0.001 --need token
              qp-gpu explain --allowed 100000 --screen 8 --analyze
              qp-gpu explain --profile Profiles/llvmpipe-amd-epyc.json --foreign --allowed 12 --format mermaid
              qp-gpu explain --trace traces.json --trace-step 4
            """)

    @OptionGroup var device: DeviceOption
    @OptionGroup var profile: ProfileOption
    @OptionGroup var head: HeadOption

    @Option(help: ArgumentHelp("Allowed tokens of a batch row; once for each row.", valueName: "K"))
    var allowed: [Int] = []
    @Option(help: "Batch rows, all with the one K given.")
    var batch: Int?
    @Option(help: "What the caller wants back: token, topTwo, logProbability or nucleus.")
    var need = Need.topTwo
    @Option(help: "λ of C = λ·latency + (1 − λ)·quality loss, 0 to 1.")
    var lambda = 1.0
    @Option(help: "Where the allowed sets are: host or device.")
    var place = DecodeStep.Place.host
    @Option(help: "How the allowed ids lie: uniform, clustered or contiguous.")
    var pattern = IndexPattern.uniform
    @Option(help: "There is an anchor, of which this share of the allowed rows stays in play.")
    var survivors: Double?
    @Option(help: ArgumentHelp("The head keeps a copy of W in 8, 6 or 5 bits to screen by.", valueName: "bits"))
    var screen: ScreenFormat?
    @Option(help: "With --survivors: the anchor's margin between its two best scores (default: 0).")
    var margin: Double?
    @Option(help: "With --survivors: probability that the filter fails and all rows are scored (default: 0).")
    var refinementProbability: Double?
    @Option(
        help: ArgumentHelp("Allow reuse by the bare margin rule, margin ≥ τ, which proves nothing.", valueName: "τ"))
    var approximateThreshold: Double?
    @Option(help: "The share of wrong tokens that was measured under that rule, 0 to 1.")
    var approximateLoss: Double?
    @Option(help: ArgumentHelp("Switch a plan off; may be repeated.", valueName: "plan"))
    var disable: [String] = []
    @Option(help: ArgumentHelp("Take K from a step of a trace, in either format.", valueName: "file"))
    var trace: String?
    @Option(help: "Which sequences of the trace file, by name (default: the first).")
    var traceName: String?
    @Option(help: "Which engine's K, of K sequences (default: xgrammar_fixed_ws).")
    var traceEngine: String?
    @Option(help: "Which step of the sequence, from 0 (default: 0).")
    var traceStep: Int?
    @Flag(help: "Run every plan that can be run, and set its time beside the estimate.")
    var analyze = false
    @Option(help: "Runs of each plan under --analyze (default: 20).")
    var runs: Int?
    @Option(help: "What to print: text, json or mermaid.")
    var format = ExplainFormat.text

    func validate() throws {
        if let batch, batch < 1 || batch > 64 { throw ValidationError("--batch is \(batch); it must lie in 1…64") }
        guard allowed.count <= 64 else { throw ValidationError("\(allowed.count) rows are given; 64 at most") }
        if batch != nil, allowed.count > 1 {
            throw ValidationError("--batch repeats one K; with several --allowed the rows are counted already")
        }
        guard (trace == nil) != allowed.isEmpty else {
            throw ValidationError("give the allowed tokens of each row with --allowed, or a sequence with --trace")
        }
        try validateReuse()
        if trace == nil {
            for (name, isGiven) in [
                ("--trace-step", traceStep != nil), ("--trace-name", traceName != nil),
                ("--trace-engine", traceEngine != nil),
            ] where isGiven { throw ValidationError.needs(name, "--trace") }
        }
        if let runs {
            guard analyze else { throw ValidationError.needs("--runs", "--analyze") }
            guard (1...10_000).contains(runs) else {
                throw ValidationError("--runs is \(runs); it must lie in 1…10000")
            }
        }
        for name in disable where !PlanID.builtIn.contains(PlanID(name: name)) {
            let names = PlanID.builtIn.map(\.name).joined(separator: ", ")
            throw ValidationError("no plan is called \"\(name)\"; there are \(names)")
        }
    }

    private func validateReuse() throws {
        for (name, value) in [
            ("--survivors", survivors), ("--refinement-probability", refinementProbability),
            ("--approximate-loss", approximateLoss),
        ] {
            if let value, !(0...1).contains(value) {
                throw ValidationError("\(name) is \(value); it is a share and must lie in 0…1")
            }
        }
        if let margin, !(margin >= 0 && margin.isFinite) {
            throw ValidationError("--margin is \(margin); it must be a finite number, at least 0")
        }
        for (name, value) in [
            ("--margin", margin), ("--refinement-probability", refinementProbability),
            ("--approximate-threshold", approximateThreshold),
        ] where value != nil && survivors == nil { throw ValidationError.needs(name, "--survivors") }
        if approximateLoss != nil, approximateThreshold == nil {
            throw ValidationError.needs("--approximate-loss", "--approximate-threshold")
        }
        // A rule that proves nothing is not free of loss because nobody measured it.
        if approximateThreshold != nil, approximateLoss == nil {
            throw ValidationError.needs("--approximate-threshold", "--approximate-loss")
        }
    }

    /// The devices that the profile may be of, the one to run on first; none where there is none and none is needed.
    private func devices() throws -> [PhysicalDevice] {
        guard !analyze, profile.profile != nil, device.choice.request == nil else {
            return [try device.choice.choose(from: try Instance().physicalDevices())]
        }
        let found = (try? Instance().physicalDevices()) ?? []
        guard let chosen = try? device.choice.choose(from: found) else {
            Console.error("note: there is no usable device here, so the profile was not compared with one")
            return []
        }
        return [chosen] + found.filter { $0.index != chosen.index }
    }

    func run() throws {
        let devices = try devices()
        let (profile, isForeign) = try profile.load(for: devices)
        let shape = try head.shape(in: profile)
        var planner = try Planner(
            CostModel(profile, head: shape, isForeign: isForeign),
            plans: PhysicalPlan.builtIn(screen: screen.map { ScreenSummary($0, of: shape) }),
            disabled: Set(disable.map(PlanID.init(name:))),
            approximateReuse: try approximateThreshold.map {
                try .init(threshold: $0, qualityLoss: approximateLoss ?? 1)
            })
        let step = try DecodeStep(head: shape, rows: try rows(shape), need: need, lambda: lambda)
        var explanation = Explanation(try planner.plan(step), of: step)
        if analyze, let physical = devices.first {
            let library = try KernelLibrary(
                try Device(physical, onWarning: { Console.warnOnce($0.description) }),
                onWarning: { Console.warnOnce($0.description) })
            let screenBytes = screen.map { $0.bytesReadPerRow(hiddenSize: shape.hiddenSize) * shape.vocabularySize }
            try library.device.requireMemory(shape.weightBytes + (screenBytes ?? 0), for: "the head \(shape)")
            if physical.isSoftware {
                Console.error("note: a software rasteriser: the figures describe this host's CPU, not a GPU")
            }
            let weights = try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 1))
            let head = try Head(library, weights, profile: profile, screenFormat: screen ?? .bits8)
            try PlanAnalysis(meter: StepMeter(head), runs: runs ?? 20).measure(&explanation, step)
        }
        switch format {
        case .text: try Console.output(ExplanationText.render(explanation))
        case .json: try Console.output(try JSONText.encode(explanation))
        case .mermaid: try Console.output(ExplanationMermaid.render(explanation))
        }
    }

    private func rows(_ shape: HeadShape) throws -> [DecodeStep.Row] {
        let traced = try trace.map { path in
            // A trace of lines refuses an engine that was asked for.
            let isLines = try TraceReader.isTrace(path: path)
            let engines = traceEngine.map { [$0] } ?? (isLines ? [] : ["xgrammar_fixed_ws"])
            return try OpenTrace(path: path, engines: engines).step(traceStep ?? 0, of: traceName, for: shape)
        }
        let counts = traced.map { [$0.allowedTokenCount] } ?? allowed
        let anchor = survivors.map {
            DecodeStep.AnchorSummary(
                relativeDrift: 0, margin: margin ?? 0, survivorShare: $0,
                refinementProbability: refinementProbability ?? 0,
                weightsID: 0)
        }
        let rows = counts.map {
            DecodeStep.Row(
                allowedTokenCount: $0, place: place, pattern: pattern, anchor: anchor, stateID: traced?.stateID,
                depth: traced?.step ?? 0)
        }
        return batch.map { Array(repeating: rows[0], count: $0) } ?? rows
    }
}
