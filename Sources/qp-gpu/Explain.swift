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
            measured times beside them. Without --head or --vocabulary: the profile's first head.

            EXAMPLES
              qp-gpu explain --head Qwen2.5-0.5B --allowed 300
              qp-gpu explain --allowed 300 --analyze
              qp-gpu explain --allowed 20 --allowed 150000 --allowed 7 --allowed 40000
              qp-gpu explain --allowed 20000 --survivors 0.001 --need token
              qp-gpu explain --allowed 100000 --screen 8 --analyze
              qp-gpu explain --profile Profiles/llvmpipe-amd-epyc.json --allowed 12 --format mermaid
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
    @Option(help: "The anchor's margin between its two best scores.")
    var margin = 0.0
    @Option(help: "Probability that the anchor's filter fails and all rows are scored after all.")
    var refinementProbability = 0.0
    @Option(
        help: ArgumentHelp("Allow reuse by the bare margin rule, margin ≥ τ, which proves nothing.", valueName: "τ"))
    var approximateThreshold: Double?
    @Option(help: "The share of wrong tokens that was measured under that rule.")
    var approximateLoss = 0.0
    @Option(help: ArgumentHelp("Switch a plan off; may be repeated.", valueName: "plan"))
    var disable: [String] = []
    @Option(help: ArgumentHelp("Take K from a step of a trace, in either format.", valueName: "file"))
    var trace: String?
    @Option(help: "Which sequences of the trace file, by name (default: the first).")
    var traceName: String?
    @Option(help: "Which engine's K, of K sequences.")
    var traceEngine = "xgrammar_fixed_ws"
    @Option(help: "Which step of the sequence, from 0.")
    var traceStep = 0
    @Flag(help: "Run every plan that can be run, and set its time beside the estimate.")
    var analyze = false
    @Option(help: "Runs of each plan under --analyze.")
    var runs = 20
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
        for value in [survivors ?? 0, refinementProbability, approximateLoss] where !(0...1).contains(value) {
            throw ValidationError("\(value) is no share; it must lie in 0…1")
        }
        guard (1...10_000).contains(runs) else { throw ValidationError("--runs is \(runs); it must lie in 1…10000") }
        for name in disable where !PlanID.builtIn.contains(PlanID(name: name)) {
            let names = PlanID.builtIn.map(\.name).joined(separator: ", ")
            throw ValidationError("no plan is called \"\(name)\"; there are \(names)")
        }
    }

    func run() throws {
        // Without --analyze and with a profile named, no device is needed.
        let physical =
            analyze || profile.profile == nil
            ? try device.choice.choose(from: try Instance().physicalDevices()) : nil
        let (profile, isForeign) = try profile.load(for: physical)
        let shape = try head.shape(in: profile)
        var planner = try Planner(
            CostModel(profile, head: shape, isForeign: isForeign),
            plans: PhysicalPlan.builtIn(screen: screen.map { ScreenSummary($0, of: shape) }),
            disabled: Set(disable.map(PlanID.init(name:))),
            approximateReuse: try approximateThreshold.map {
                try .init(threshold: $0, qualityLoss: approximateLoss)
            })
        let step = try DecodeStep(head: shape, rows: try rows(shape), need: need, lambda: lambda)
        var explanation = Explanation(try planner.plan(step), of: step)
        if analyze, let physical {
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
            try PlanAnalysis(meter: StepMeter(head), runs: runs).measure(&explanation, step)
        }
        switch format {
        case .text: try Console.output(ExplanationText.render(explanation))
        case .json: try Console.output(try JSONText.encode(explanation))
        case .mermaid: try Console.output(ExplanationMermaid.render(explanation))
        }
    }

    private func rows(_ shape: HeadShape) throws -> [DecodeStep.Row] {
        let counts = try trace.map { [try tracedCount($0, shape)] } ?? allowed
        let anchor = survivors.map {
            DecodeStep.AnchorSummary(
                relativeDrift: 0, margin: margin, survivorShare: $0, refinementProbability: refinementProbability,
                weightsID: 0)
        }
        let rows = counts.map {
            DecodeStep.Row(allowedTokenCount: $0, place: place, pattern: pattern, anchor: anchor)
        }
        return batch.map { Array(repeating: rows[0], count: $0) } ?? rows
    }

    /// K of the step asked for, as the same share of this head's vocabulary.
    private func tracedCount(_ path: String, _ shape: HeadShape) throws -> Int {
        if try TraceReader.isTrace(path: path) {
            let steps = try OpenTrace(path: path, engines: []).steps(for: shape)
            guard steps.indices.contains(traceStep) else {
                throw ValidationError("\(path) has \(steps.count) steps; there is no step \(traceStep)")
            }
            return steps[traceStep].allowedTokenCount
        }
        let file = try TraceFile(path: path)
        let traces = file.traces.filter { $0.engine == traceEngine }
        guard let trace = traces.first(where: { traceName == nil || $0.name == traceName }) else {
            throw ValidationError(
                "\(path) has no sequences \"\(traceName ?? "")\" of engine \"\(traceEngine)\"; there are "
                    + (traces.isEmpty ? file.traces : traces).map { "\($0.name) of \($0.engine)" }
                    .joined(separator: ", "))
        }
        let counts = trace.runs.flatMap { $0 }
        guard counts.indices.contains(traceStep) else {
            throw ValidationError("\(trace.name) has \(counts.count) steps; there is no step \(traceStep)")
        }
        return shape.scaled(counts[traceStep], from: file.vocabularySize)
    }
}

/// Sets measured times into an explanation.
struct PlanAnalysis {
    let meter: StepMeter
    let runs: Int

    func measure(_ explanation: inout Explanation, _ step: DecodeStep) throws {
        var tasks: [StepMeter.Task] = []
        func index(_ task: StepMeter.Task) -> Int {
            if let known = tasks.firstIndex(of: task) { return known }
            tasks.append(task)
            return tasks.count - 1
        }
        func task(_ form: StepName, _ rows: [Int]) -> Int {
            let V = step.head.vocabularySize
            return index(
                .init(
                    form, counts: rows.map { step.rows[$0].allowedTokenCount ?? V }, pattern: step.rows[rows[0]].pattern
                ))
        }
        let candidates = explanation.candidates.map { entry in entry.form.map { task($0, [entry.batchRow]) } }
        let groups = explanation.assignments.map { group in group.form.map { task($0, group.batchRows) } }
        let progress = Console.Phase("running the plans")
        let readings = try meter.measure(tasks, count: runs, seed: 1, progress: progress.show)
        Console.endProgress()
        guard let medians = readings?.map({ Statistics.median($0) }) else { return }
        for (entry, task) in candidates.enumerated() {
            guard let task else { continue }
            explanation.candidates[entry].actualMicroseconds = medians[task]
            explanation.candidates[entry].actualCount = runs
        }
        for (group, task) in groups.enumerated() {
            if let task { explanation.assignments[group].actualMicroseconds = medians[task] }
        }
        // Nothing runs for a forced row.
        for entry in explanation.candidates.indices
        where explanation.candidates[entry].plan == .forced && explanation.candidates[entry].loss != nil {
            explanation.candidates[entry].actualMicroseconds = 0
            explanation.candidates[entry].actualCount = runs
        }
    }
}
