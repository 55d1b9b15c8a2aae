import ArgumentParser
import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner
import QPReport
import QPRuntime

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure what planning is worth on this device.",
        subcommands: [BenchPlanner.self, BenchRouters.self, BenchTrace.self])
}

struct BenchPlanner: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "planner",
        abstract: "Replay K sequences of real outputs on this device under every policy.",
        discussion: """
            Times every plan at every K of the sequences, then lets each policy choose along them: the oracle looks at one
            half of the readings, everybody is charged the other half. In the drift worlds one kernel's launch or streaming
            time becomes 3 to 8 times as long; the calibrated threshold keeps its old profile. A trace with hidden states
            also shows what reuse and screening are worth: each step is measured with the anchors it could have had.
            Without --head or --vocabulary: the trace's head, or 128256×1024.

            EXAMPLES
              qp-gpu bench planner --traces traces.json
              qp-gpu bench planner --traces traces.json --head Llama-3.2-1B --format json
              qp-gpu bench planner --traces traces.json --vocabulary 32000 --hidden 512 --samples 10 --draws 0
              qp-gpu bench planner --traces traces.json --times measured.json --seeds 100
              qp-gpu bench planner --traces traces.json --uneven-load 400
              qp-gpu bench planner --traces synthetic.jsonl --lags 4          written by `bench trace`
            """)

    @OptionGroup var device: DeviceOption
    @Option(
        help: ArgumentHelp(
            "K sequences, a JSON file {V, schemas: {name: {engine: [[K]]}}}, or a trace of lines.", valueName: "file"))
    var traces: String
    @Option(help: "Which engine's K; may be repeated (default: all of the file).")
    var engine: [String] = []
    @OptionGroup var head: HeadOption
    @Option(help: "Readings of each plan at each K (default: 20).")
    var samples: Int?
    @Option(help: "Steps of a replay.")
    var steps = 4000
    @Option(help: "Replays of each world, each with its own order and drift.")
    var seeds = 20
    @Option(help: "Batches whose partition is measured; may be repeated (default: 4 and 8).")
    var batch: [Int] = []
    @Option(help: "Batches drawn from the sequences for each size; 0 measures none (default: 60).")
    var draws: Int?
    @Option(help: "Steps to take in turns while a background load comes and goes (default: 0, none).")
    var unevenLoad: Int?
    @Option(help: "How many steps old an anchor may be, for traces with hidden states (default: 4).")
    var lags: Int?
    @Option(help: "Seed of weights, allowed sets and draws (default: 1).")
    var seed: UInt64?
    @Option(
        help: ArgumentHelp("Replay times that an earlier run printed as JSON, without a device.", valueName: "file"))
    var times: String?
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table

    func validate() throws {
        if times != nil { try validateTimes() }
        for (name, value, range) in [
            ("--samples", samples, 2...100_000), ("--draws", draws, 0...100_000),
            ("--uneven-load", unevenLoad, 0...1_000_000), ("--lags", lags, 1...64),
        ] {
            if let value, !range.contains(value) {
                throw ValidationError(
                    "\(name) is \(value); it must lie in \(range.lowerBound)…\(range.upperBound)"
                        + (name == "--uneven-load" ? " steps" : ""))
            }
        }
        if draws == 0, !batch.isEmpty { throw ValidationError("--batch says nothing with --draws 0; leave one out") }
        guard (100...10_000_000).contains(steps) else {
            throw ValidationError("--steps is \(steps); it must lie in 100…10000000")
        }
        guard (1...1000).contains(seeds) else { throw ValidationError("--seeds is \(seeds); it must lie in 1…1000") }
        for size in batch where !(2...64).contains(size) {
            throw ValidationError("--batch is \(size); it must lie in 2…64")
        }
        _ = try head.shape()
    }

    /// Times are of one head, device and way of measuring.
    private func validateTimes() throws {
        for (name, isGiven) in [
            ("--device", device.device != nil), ("--head", head.head != nil), ("--vocabulary", head.vocabulary != nil),
            ("--hidden", head.hidden != nil), ("--element-type", head.elementType != nil),
            ("--samples", samples != nil),
            ("--batch", !batch.isEmpty), ("--draws", draws != nil), ("--uneven-load", unevenLoad != nil),
            ("--lags", lags != nil), ("--seed", seed != nil),
        ] where isGiven {
            throw ValidationError("\(name) is for measuring, but --times replays what was measured; leave one out")
        }
    }

    func run() throws {
        var result: BenchPlannerResult
        let runs: [[Int]]
        let trace = try OpenTrace(path: traces, engines: engine)
        if let times {
            result = try BenchPlannerResult(path: times)
            runs = try trace.runs(for: result.head)
            let known = Set(result.costTable.rows.map(\.allowedTokenCount))
            if let K = runs.flatMap({ $0 }).first(where: { !known.contains($0) }) {
                throw ValidationError(
                    "\(times) has no times at K = \(K); it is of other sequences, or of fewer engines")
            }
        } else {
            let shape =
                try head.shape() ?? trace.head ?? head.shape(defaultVocabularySize: 128_256, hiddenSize: 1024)
            runs = try trace.runs(for: shape)
            result = try measure(shape, runs, trace)
        }
        Interruption.install()
        let replaying = Console.Phase("replaying")
        let model = CostModel(head: result.head, curves: result.curves, bytesPerNanosecond: nil)
        let summary = try ReplaySummary(
            result.costTable, model: model, runs: runs, stepCount: steps, seeds: seeds, progress: replaying.show,
            isCancelled: { Interruption.isRequested })
        Console.endProgress()
        guard let summary else { throw try interrupted(result) }
        result.policies = summary.policies
        result.worlds = summary.worlds
        result.reuse = result.reuseTable.map { ReuseReplay($0) }
        switch format {
        case .table: try Console.output(BenchPlannerText.render(result))
        case .json: try Console.output(try JSONText.encode(result))
        }
    }

    /// Minutes of measuring are not lost with the replay: they are printed, as JSON whatever was asked for.
    private func interrupted(_ result: BenchPlannerResult) throws -> ExitCode {
        guard times == nil else {
            Console.error("interrupted in the replay; the times are still in \(times!)")
            return ExitCode(130)
        }
        try Console.output(try JSONText.encode(result))
        Console.error("interrupted in the replay; the measured times were printed as JSON: --times replays that file")
        return ExitCode(130)
    }

    private func measure(_ shape: HeadShape, _ runs: [[Int]], _ trace: OpenTrace) throws -> BenchPlannerResult {
        if lags != nil, !trace.hasStates {
            throw ValidationError("--lags is for traces with hidden states, but \(traces) has none; leave it out")
        }
        let (samples, draws, seed) = (samples ?? 20, draws ?? 60, seed ?? 1)
        let physical = try device.choice.choose(from: try Instance().physicalDevices())
        let library = try Console.library(physical)
        try library.device.requireMemory(shape.weightBytes, for: "the head \(shape)")
        let weights = try HeadWeights(
            library, synthetic: SyntheticRows(shape: shape, seed: trace.weightsSeed ?? seed))
        Interruption.install()
        let sizes = draws == 0 ? [] : batch.isEmpty ? [4, 8] : batch
        var phase = (name: "", show: Console.Phase(""))
        func show(_ name: String, _ fraction: Double) {
            if name != phase.name { phase = (name, Console.Phase(name)) }
            phase.show.show(fraction)
        }
        func finished<Part>(_ part: Part?) throws -> Part {
            Console.endProgress()
            if let part { return part }
            Console.error("interrupted; nothing was kept, since a replay needs all times")
            throw ExitCode(130)
        }
        let measured = try finished(
            PlannerBench(library, weights).measure(
                counts: runs.flatMap { $0 },
                plan: .init(samples: samples, batches: sizes, draws: draws, seed: seed), report: show,
                isCancelled: { Interruption.isRequested }))
        var result = BenchPlannerResult(
            head: shape, device: physical.name, samples: samples, policies: [], worlds: [], batches: measured.batches,
            curves: measured.curves, costTable: measured.table)
        let steps = try trace.steps(for: shape).filter { $0.hidden != nil && $0.allowed != nil }
        if !steps.isEmpty {
            result.reuseTable = try finished(
                ReuseMeter(measured.head, maximumAge: lags ?? 4).measure(
                    steps, samples: samples, progress: { show("measuring reuse", $0) },
                    isCancelled: { Interruption.isRequested }))
        }
        if let unevenLoad, unevenLoad > 0 {
            result.unevenLoad = try finished(
                LoadedRun.measure(
                    StepMeter(measured.head),
                    model: CostModel(head: shape, curves: measured.curves, bytesPerNanosecond: nil), runs: runs,
                    count: unevenLoad, threadCount: ProcessInfo.processInfo.activeProcessorCount, seed: seed,
                    progress: { show("under an uneven load", $0) }, isCancelled: { Interruption.isRequested }))
        }
        return result
    }
}

/// The document of `bench planner --format json`.
struct BenchPlannerResult: Codable {
    var head: HeadShape
    var device: String
    var samples: Int
    var policies: [Replay.Outcome]
    var worlds: [ReplaySummary.World]
    var batches: [PlannerBench.BatchReplay]
    var curves: [CostCurve]
    var costTable: CostTable
    /// Of a trace with hidden states.
    var reuse: ReuseReplay?
    var reuseTable: ReuseTable?
    /// With --uneven-load.
    var unevenLoad: LoadedRun?
}

extension BenchPlannerResult {
    /// - Throws: ``FileError`` for what is no such document.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw FileError(path: path, reason: "it cannot be read", advice: "check the path")
        }
        let wrong = FileError(
            path: path, reason: "it is no result of `bench planner --format json`",
            advice: "give what that command printed")
        guard let decoded = try? JSONDecoder().decode(Self.self, from: data) else { throw wrong }
        // Decoding takes the numbers as they are.
        let table = decoded.costTable
        guard
            (try? HeadShape(
                vocabularySize: decoded.head.vocabularySize, hiddenSize: decoded.head.hiddenSize,
                elementType: decoded.head.elementType)) != nil,
            table.forms == PlannerBench.forms, !table.rows.isEmpty,
            Set(table.rows.map(\.allowedTokenCount)).count == table.rows.count,
            table.rows.allSatisfy({ row in
                row.microseconds.count == table.forms.count
                    && row.microseconds.allSatisfy { $0.count >= 2 && $0.allSatisfy { $0 > 0 && $0.isFinite } }
            }),
            decoded.curves.contains(where: { $0.step == .dense && $0.batch == 1 }),
            decoded.curves.allSatisfy({ (try? $0.validate(at: "curve", source: path)) != nil }),
            decoded.reuseTable?.isUsable ?? true
        else { throw wrong }
        self = decoded
    }
}

/// The same as tables.
enum BenchPlannerText {
    static func render(_ result: BenchPlannerResult) -> String {
        var text = "\(result.head) on \(result.device), \(result.samples) readings of each plan at each K\n"
        text += "\nOne replay without drift\n" + policies(result.policies)
        for world in result.worlds {
            text += "\n\(title(world.pace)), \(world.seeds) replays of \(Format.count(world.steps)) steps\n"
            text += table(world)
        }
        if !result.worlds.isEmpty {
            text +=
                "of old regret: dynamic regret over that of the threshold with its old profile, over all replays\n"
                + "of recalibrated: total over that of the threshold which is measured again\n"
        }
        for batch in result.batches { text += "\n" + render(batch) }
        if let reuse = result.reuse, let table = result.reuseTable {
            text += Self.reuse(reuse, mismatches: table.mismatches, steps: table.rows.count)
        }
        if let run = result.unevenLoad { text += load(run) }
        return text
    }

    private static func title(_ pace: DriftWorld.Pace) -> String {
        switch pace {
        case .none: "No drift"
        case .abrupt: "Abrupt drift: launch or streaming of scans or gathers 3 to 8 times as long from the middle on"
        case .slow: "Slow drift: the same, coming on over half the replay"
        }
    }

    private static func policies(_ policies: [Replay.Outcome]) -> String {
        let forms = PlannerBench.forms.map(\.rawValue)
        var table = TextTable(
            [("policy", .leading), ("total", .trailing), ("regret", .trailing), ("of oracle", .trailing)]
                + forms.map { ($0, .trailing) })
        let oracle = policies[0].totalMicroseconds
        for policy in policies {
            table.append(
                [
                    policy.name, Format.duration(microseconds: policy.totalMicroseconds),
                    Format.duration(microseconds: policy.dynamicRegretMicroseconds),
                    Format.fixed(policy.totalMicroseconds / oracle, decimals: 3) + "×",
                ] + forms.map { Format.percent(policy.planShares[$0] ?? 0) })
        }
        return table.render()
    }

    private static func table(_ world: ReplaySummary.World) -> String {
        var table = TextTable([
            ("policy", .leading), ("of oracle", .trailing), ("± 95 %", .trailing),
            ("of old regret", .trailing), ("95 %", .trailing),
            ("of recalibrated", .trailing), ("± 95 %", .trailing),
        ])
        for policy in world.policies {
            table.append([
                policy.name, Format.fixed(policy.oracleRatio, decimals: 3) + "×",
                fixed(policy.oracleRatioHalfWidth), fixed(policy.regretOverOldThreshold, decimals: 2),
                policy.regretOverOldThresholdInterval.map {
                    "\(Format.fixed($0.low, decimals: 2)) … \(Format.fixed($0.high, decimals: 2))"
                } ?? Format.missing,
                policy.recalibratedRatio.map { Format.fixed($0, decimals: 3) + "×" } ?? Format.missing,
                fixed(policy.recalibratedRatioHalfWidth),
            ])
        }
        return table.render()
    }

    private static func fixed(_ value: Double?, decimals: Int = 3) -> String {
        value.map { Format.fixed($0, decimals: decimals) } ?? Format.missing
    }

    private static func render(_ batch: PlannerBench.BatchReplay) -> String {
        var table = TextTable([("batch of \(batch.batch)", .leading), ("total", .trailing)])
        for (name, value) in [
            ("scan for all", batch.scanForAllMicroseconds), ("gather each", batch.gatherEachMicroseconds),
            ("partition", batch.partitionMicroseconds),
            ("best of the three, known afterwards", batch.oracleMicroseconds),
        ] { table.append([name, Format.duration(microseconds: value)]) }
        let shares = batch.shares.sorted { $0.value > $1.value }
            .map { "\($0.key) \(Format.percent($0.value, decimals: 0))" }.joined(separator: ", ")
        return table.render()
            + "partition takes \(Format.fixed(batch.ratio, decimals: 2)) of the better of the two "
            + "(\(Format.fixed(batch.lowRatio, decimals: 2)) … \(Format.fixed(batch.highRatio, decimals: 2))), "
            + "\(Format.count(batch.draws)) draws: \(shares)\n"
    }
}
