public import ArgumentParser
public import QPCore
import QPDevice
import QPHead
import QPKernels
public import QPPlanner
import QPReport
import QPShaders
import Synchronization

struct ProfileRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Measure heads on this device (the default).")

    @OptionGroup var device: DeviceOption

    @Option(help: ArgumentHelp("A published model's head; may be repeated. One of \(presetNames).", valueName: "name"))
    var head: [String] = []
    @Option(help: "V, the rows of a head that is no preset.")
    var vocabulary: Int?
    @Option(help: "d, the columns of that head.")
    var hidden: Int?
    @Option(help: "How weights are stored: f32, f16, bf16 or int8; may be repeated (default: f16).")
    var elementType: [ElementType] = []
    @Option(help: "Hidden states in a step, 1 to 64; may be repeated (default: 1).")
    var batch: [Int] = []
    @Option(help: "Index patterns beside uniform: clustered, contiguous; may be repeated (default: both).")
    var pattern: [IndexPattern] = []
    @Flag(help: "Under a minute, for CI: a small head, a coarse grid, one pattern.")
    var quick = false
    @Option(help: "Wall-clock seconds of the whole run (default: 90 for each head, type and batch; 40 with --quick).")
    var budget: Double?
    @Option(help: "Stop a batch early once every step's 95 % interval is within this fraction of its median.")
    var confidence = 0.02
    @Option(help: "Seed of weights, hidden states and index sets.")
    var seed: UInt64 = 1
    @Flag(help: "Keep a second, interleaved copy of W for scans, and tune with it.")
    var interleavedCopy = false
    @Flag(
        inversion: .prefixedNo,
        help: "Time single steps after pauses, where clocks ramp (default: on hardware, not on a CPU rasteriser).")
    var regimes: Bool?
    @Option(
        help: ArgumentHelp(
            "Also time the steps of K sequences: a JSON file {V, schemas: {name: {engine: [[K]]}}}.", valueName: "file")
    )
    var trace: String?
    @Option(help: "Which engine's K of the trace file.")
    var traceEngine = "xgrammar_fixed_ws"
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table
    @Option(help: ArgumentHelp("Where the profile is kept, and saved during the run.", valueName: "file"))
    var output: String?
    @Option(help: ArgumentHelp("Write a self-contained HTML report.", valueName: "file"))
    var report: String?
    @Flag(help: "Go on with the unfinished profile in --output, or in the cache.")
    var resume = false
    @Option(help: ArgumentHelp("Take shader files from this folder instead of the built-in ones.", valueName: "folder"))
    var shaders: String?

    private static let presetNames = HeadPreset.all.map(\.name).joined(separator: ", ")
    private static let maximumBatch = 64

    func validate() throws {
        for name in head where HeadPreset.named(name) == nil {
            throw ValidationError("no head is called \"\(name)\"; there are \(Self.presetNames)")
        }
        guard (vocabulary == nil) == (hidden == nil) else {
            throw ValidationError("--vocabulary and --hidden belong together")
        }
        for size in batch where !(1...Self.maximumBatch).contains(size) {
            throw ValidationError("--batch is \(size); it must lie in 1…\(Self.maximumBatch)")
        }
        if let budget, !(budget >= 1 && budget <= 86_400) {
            throw ValidationError("--budget is \(budget); it must lie in 1…86400 seconds")
        }
        guard confidence > 0 && confidence < 1 else {
            throw ValidationError("--confidence is \(confidence); it must lie between 0 and 1")
        }
        do { _ = try heads() } catch let error as ShapeError { throw ValidationError(error.description) }
    }

    /// The heads asked for, each in each type.
    private func heads() throws -> [ProfileRequest.HeadRequest] {
        let types = elementType.isEmpty ? [.f16] : elementType
        var presets = head.compactMap(HeadPreset.named)
        if presets.isEmpty, vocabulary == nil { presets = [HeadPreset.named(quick ? "SmolLM2-135M" : "Qwen2.5-0.5B")!] }
        var result: [ProfileRequest.HeadRequest] = []
        for type in types {
            for preset in presets {
                let shape = try HeadShape(
                    vocabularySize: preset.vocabularySize, hiddenSize: preset.hiddenSize, elementType: type)
                result.append(.init(name: preset.name, shape: shape, headShareOfWeights: preset.headShareOfWeights))
            }
            if let vocabulary, let hidden {
                let shape = try HeadShape(vocabularySize: vocabulary, hiddenSize: hidden, elementType: type)
                result.append(.init(name: nil, shape: shape, headShareOfWeights: nil))
            }
        }
        // The same head twice would be measured into one place.
        var seen: Set<HeadShape> = []
        return result.filter { seen.insert($0.shape).inserted }
    }

    func run() throws {
        let heads = try heads()
        var batches: [Int] = []
        for size in batch.isEmpty ? [1] : batch where !batches.contains(size) { batches.append(size) }
        let traces = try trace.map { path in
            let file = try TraceFile(path: path)
            let chosen = file.traces.filter { $0.engine == traceEngine }
            guard !chosen.isEmpty else {
                let engines = Set(file.traces.map(\.engine)).sorted().joined(separator: ", ")
                throw ValidationError("\(path) has no engine \"\(traceEngine)\"; there are \(engines)")
            }
            return (file.vocabularySize, chosen)
        }
        let request = ProfileRequest(
            heads: heads, batches: batches,
            patterns: pattern.isEmpty ? (quick ? [.uniform] : IndexPattern.allCases) : [.uniform] + pattern, seed: seed,
            quick: quick, timeBudgetSeconds: budget ?? (quick ? 40 : 90 * Double(heads.count * batches.count)),
            confidenceTarget: confidence, interleavedCopy: interleavedCopy, regimes: regimes, traces: traces?.1 ?? [],
            traceVocabularySize: traces?.0 ?? 1)

        let physical = try device.choice.choose(from: try Instance().physicalDevices())
        Console.error("device \(physical.index): \(physical.name), \(physical.driver)")
        if physical.isSoftware {
            Console.error("note: a software rasteriser: the figures describe this host's CPU, not a GPU")
        }
        let warn: @Sendable (DeviceError) -> Void = { Console.warnOnce($0.description) }
        let logical = try Device(physical, onWarning: warn)
        for head in heads {
            try logical.requireMemory(head.shape.weightBytes * (interleavedCopy ? 2 : 1), for: "the head \(head.label)")
        }
        let library = try KernelLibrary(
            logical, sources: try ShaderFolder.sources(overriddenBy: shaders), onWarning: warn)

        let path = output ?? ProfileStore.defaultPath(device: physical.uuid)
        let previous = try resumed(path, request, physical)
        if let path, output == nil, previous == nil, let kept = ProfileStore.keepPrevious(path) {
            Console.error("note: the earlier profile of this device is kept as \(kept)")
        }
        // Found out before the minutes of measuring, not after.
        if let output { try ProfileStore.requireWritable(output) }
        if let report { try ProfileStore.requireWritable(report) }
        Interruption.install()
        let hasCheckpoint = Mutex(previous != nil)
        let profiler = Profiler(
            library, request, report: Console.progress, isCancelled: { Interruption.isRequested },
            checkpoint: { profile in
                guard let path else { return }
                do {
                    try profile.save(to: path)
                    hasCheckpoint.withLock { $0 = true }
                } catch {
                    Console.warnOnce("\(error)")
                }
            })
        let profile: Profile
        do {
            profile = try profiler.run(resuming: previous)
        } catch ProfilerError.interrupted(let partial) {
            Console.endProgress()
            try keepInterrupted(partial, path)
            throw ExitCode(130)
        } catch {
            Console.endProgress()
            if let path, hasCheckpoint.withLock({ $0 }) {
                Console.error("note: what was sampled before is in \(path); go on with --resume")
            }
            throw error
        }
        Console.endProgress()
        // The result comes first: a full disk must not cost it.
        try ProfilePrinter.print(profile, format: format)
        if let path { try save(profile, path) }
        if let report { try ProfileStore.write(HTMLReport.render(profile), to: report) }
    }

    private func save(_ profile: Profile, _ path: String) throws {
        do {
            try profile.save(to: path)
        } catch {
            if output != nil { throw error }
            // The cache is a convenience; the profile was printed.
            Console.warnOnce("\(error)")
        }
    }

    private func keepInterrupted(_ partial: Profile, _ path: String?) throws {
        guard let path else {
            Console.error("interrupted; nothing was kept, since there is neither --output nor a cache folder")
            return
        }
        try partial.save(to: path)
        let complete = partial.heads.reduce(0) { $0 + $1.completedBatches.count }
        Console.error("interrupted; \(complete) complete and all other samples are in \(path); go on with --resume")
    }

    private func resumed(_ path: String?, _ request: ProfileRequest, _ physical: PhysicalDevice) throws -> Profile? {
        guard resume else { return nil }
        guard let path else { throw ValidationError("--resume needs --output, since there is no cache folder") }
        let profile = try Profile.load(from: path)
        try profile.requireMatches(device: physical.uuid, driver: physical.driver)
        guard profile.program.version == qpGPUVersion else {
            throw ValidationError(
                "\(path) was begun by qp-gpu \(profile.program.version), this is \(qpGPUVersion); measure anew")
        }
        let host = Profiler.hostProcessor
        guard !physical.isSoftware || profile.device.hostProcessor == host else {
            throw ValidationError(
                "\(path) was begun on a host with \(profile.device.hostProcessor), this one has \(host); a CPU "
                    + "rasteriser is only as fast as its host, so measure anew")
        }
        guard profile.settings.seed == request.seed, profile.settings.quick == request.quick else {
            throw ValidationError(
                "\(path) was measured with --seed \(profile.settings.seed)\(profile.settings.quick ? " --quick" : ""); "
                    + "resume it with the same")
        }
        return profile
    }
}

extension ElementType: ExpressibleByArgument {}
extension IndexPattern: ExpressibleByArgument {}
