import ArgumentParser
import QPCore
import QPKernels
import QPRuntime

struct BenchTrace: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Write a synthetic trace with hidden states along given K sequences.",
        discussion: """
            For `bench planner` and `run`, until real hidden states are recorded. States drift from step to step and jump
            now and then; they point partly along an allowed row of a synthetic W, as where a model is sure of its token.
            That is generous to reuse: a real model changes its token at almost every step. Needs no device.
            Without --head or --vocabulary: 128256×256, at which K of the usual sequences need no scaling.

            EXAMPLES
              qp-gpu bench trace --trace traces.json --engine xgrammar_fixed_ws --output synthetic.jsonl
              qp-gpu bench trace --trace traces.json --drift 0.03 --jumps 0.5 --output restless.jsonl
              qp-gpu bench planner --traces synthetic.jsonl
            """)

    @OptionGroup var trace: TraceOption
    @OptionGroup var head: HeadOption
    @Option(help: "‖Δh‖/‖h‖ from one step to the next.")
    var drift = 0.01
    @Option(help: "Probability that a step jumps instead, 0 to 1.")
    var jumps = 0.2
    @Option(help: "Share of a state's length that lies along a row of W, 0 to 1.")
    var peak = 0.5
    @Option(help: "Steps to write, from the beginning (default: all).")
    var steps: Int?
    @Option(help: "Seed of W, states and allowed sets.")
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Where to write the trace.", valueName: "file"))
    var output: String

    func validate() throws {
        guard drift >= 0, drift.isFinite else { throw ValidationError("--drift is \(drift); it must be at least 0") }
        for (name, value) in [("--jumps", jumps), ("--peak", peak)] where !(0...1).contains(value) {
            throw ValidationError("\(name) is \(value); it must lie in 0…1")
        }
        if let steps, steps < 1 { throw ValidationError("--steps is \(steps); it must be at least 1") }
        _ = try head.shape()
    }

    func run() throws {
        let shape = try head.shape(defaultVocabularySize: 128_256, hiddenSize: 256)
        let all = try trace.open().steps(for: shape)
        let rows = SyntheticRows(shape: shape, seed: seed)
        var trace = SyntheticTrace(rows: rows, drift: drift, jumpProbability: jumps, peak: peak, seed: seed)
        var writer = try TraceWriter(
            path: output,
            header: TraceHeader(
                head: shape, weights: .synthetic(seed: seed, preset: head.head),
                source: "synthetic: drift \(drift), jumps \(jumps), peak \(peak), seed \(seed)"))
        var depth = 0
        var last: Int?
        for step in all.prefix(steps ?? all.count) {
            // Steps with K = 0 are gone, and positions count from 0 again.
            depth = step.sequence == last ? depth + 1 : 0
            last = step.sequence
            try writer.write(
                trace.next(allowedTokenCount: step.allowedTokenCount, sequence: step.sequence, step: depth))
        }
        try writer.finish()
    }
}
