import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner

/// Top-2, mask compaction and complete steps beside the scan.
enum StepsSection {
    private static let shortRepetitions = 16
    private static let tokenCounts = [16, 256, 4096]

    static func run(_ bench: Bench, _ shape: (V: Int, d: Int)) throws -> Block {
        let fixture = try bench.fixture(try bench.shape(shape, .f32))
        let pair = try bench.tune(fixture).pair
        let evict = bench.eviction(byteCount: fixture.shape.weightBytes)
        var candidates = [try fixture.scanCandidate("scan", pair.scan, prepare: evict)]
        candidates.append(try topTwo(fixture))
        candidates.append(try fusedScan(fixture, pair.scan, evict))
        candidates.append(try compaction(fixture))
        let head = try Head(fixture.library, fixture.weights, pairs: [1: pair])
        candidates.append(try denseStep(fixture, head, evict))
        let counts = tokenCounts.filter { $0 <= fixture.V }
        for K in counts { candidates.append(try sparseStep(fixture, head, K, bench.evictor)) }
        let title = "Top-2, compaction and steps, \(fixture.shape)"
        let comparison = try bench.compare(title, candidates)
        var findings = [
            comparison.ratio("top-2 of V scores / scan, time", "top-2 of V scores", over: "scan"),
            comparison.ratio("fused scan + top-2 / scan, time", "fused scan + top-2", over: "scan"),
            comparison.ratio("compaction / scan, time", "compaction of a mask", over: "scan"),
            comparison.ratio("dense step / scan, time", "dense step", over: "scan"),
        ]
        for K in counts {
            findings.append(comparison.ratio("sparse step K = \(K) / dense step, time", name(K), over: "dense step"))
        }
        return Block(section: .steps, title: title, series: comparison.series, findings: findings)
    }

    private static func name(_ K: Int) -> String { "sparse step K = \(K)" }

    private static func short(_ fixture: Fixture) -> Candidate.Load { fixture.load == .allCores ? .short : .device }

    /// Scores in memory to a record: reduction and finalisation, two dispatches.
    private static func topTwo(_ fixture: Fixture) throws -> Candidate {
        let device = fixture.library.device
        let V = fixture.V
        let kernel = try TopTwoKernel(fixture.library, isListed: false)
        let partialCount = kernel.partialCount(count: V)
        let partials = try Buffer(device, byteCount: partialCount * 20)
        let records = try Buffer(device, byteCount: StepRecord.byteCount)
        let bound = try kernel.bind(
            scores: .storage(fixture.scores), ids: .storage(fixture.none), partials: .storage(partials))
        let finalize = try FinalizeKernel(fixture.library).bind(
            partials: .storage(partials), hidden: fixture.hidden, arguments: .storage(fixture.none),
            records: .storage(records))
        return try fixture.candidate(
            "top-2 of V scores", detail: "two dispatches, \(shortRepetitions) times", load: short(fixture),
            repetitions: shortRepetitions
        ) { recorder, _ in
            kernel.record(
                into: &recorder, bound, count: V, batch: 1, scoreStride: V, partialStride: partialCount)
            recorder.barrier()
            finalize.record(into: &recorder, partialStride: partialCount, partialCount: partialCount)
        }
    }

    /// The scan that keeps two scores of each subgroup, and the finalisation.
    private static func fusedScan(
        _ fixture: Fixture, _ variant: ScoreVariant, _ evict: @escaping () -> Void
    ) throws -> Candidate {
        let device = fixture.library.device
        let extent = BoundScoreKernel.Extent.rows(0..<fixture.V)
        let kernel = try ScoreKernel(
            fixture.library, fixture.weights, variant: variant, selection: .scan, output: .topTwo)
        let partialCount = kernel.partialCount(extent)
        let partials = try Buffer(device, byteCount: partialCount * 20)
        let records = try Buffer(device, byteCount: StepRecord.byteCount)
        let scan = try kernel.bind(
            hidden: fixture.hidden, allowed: .storage(fixture.none), lists: .storage(fixture.none),
            result: .storage(partials))
        let finalize = try FinalizeKernel(fixture.library).bind(
            partials: .storage(partials), hidden: fixture.hidden, arguments: .storage(fixture.none),
            records: .storage(records))
        return try fixture.candidate(
            "fused scan + top-2", detail: variant.brief, byteCount: fixture.shape.weightBytes, prepare: evict
        ) { recorder, _ in
            scan.record(into: &recorder, extent, resultStride: partialCount)
            recorder.barrier()
            finalize.record(into: &recorder, partialStride: partialCount, partialCount: partialCount)
        }
    }

    /// Packed mask, half of it allowed, to list and count.
    private static func compaction(_ fixture: Fixture) throws -> Candidate {
        let device = fixture.library.device
        let kernel = try CompactMaskKernel(fixture.library, shape: fixture.shape)
        var generator = PhiloxGenerator(seed: 11)
        let mask = IndexPattern.uniform.tokens(max(1, fixture.V / 2), vocabularySize: fixture.V, using: &generator)
        let words = try Buffer(device, byteCount: mask.words.count * 4, use: .upload)
        try words.write(mask.words)
        let arguments = try Buffer(device, byteCount: 16)
        let set = try kernel.bind(
            mask: .storage(words), counts: .storage(try Buffer(device, byteCount: kernel.countsByteCount(batch: 1))),
            ids: .storage(try Buffer(device, byteCount: fixture.V * 4)),
            lists: .storage(try Buffer(device, byteCount: 8)), arguments: .storage(arguments))
        return try fixture.candidate(
            "compaction of a mask", detail: "K = V/2, \(shortRepetitions) times", load: short(fixture),
            repetitions: shortRepetitions
        ) { recorder, _ in kernel.record(into: &recorder, set, batch: 1, arguments: arguments) }
    }

    private static func denseStep(
        _ fixture: Fixture, _ head: Head, _ evict: @escaping () -> Void
    ) throws -> Candidate {
        let workspace = try workspace(fixture, head, K: min(256, fixture.V), setCount: 1)
        let program = try workspace.program(.dense)
        return try fixture.candidate(
            "dense step", detail: "masked scan + top-2", byteCount: fixture.shape.weightBytes, prepare: evict
        ) { recorder, _ in program.record(into: &recorder, longestList: 0) }
    }

    /// Cold rows: other ids in each repetition, after the caches were emptied.
    private static func sparseStep(
        _ fixture: Fixture, _ head: Head, _ K: Int, _ evictor: Evictor
    ) throws -> Candidate {
        let workspace = try workspace(fixture, head, K: K, setCount: shortRepetitions)
        let programs = try (0..<shortRepetitions).map { try workspace.program(.sparse, set: $0) }
        return try fixture.candidate(
            name(K), detail: "gather + top-2, cold rows, \(shortRepetitions) sets",
            byteCount: K * fixture.shape.bytesReadPerRow, load: short(fixture), repetitions: shortRepetitions,
            prepare: evictor.evict
        ) { recorder, repetition in programs[repetition].record(into: &recorder, longestList: K) }
    }

    /// Hidden states and random sets of K tokens.
    static func workspace(_ fixture: Fixture, _ head: Head, K: Int, setCount: Int) throws -> Workspace {
        let workspace = try Workspace(head, batch: 1, setCount: setCount, maximumTokenCount: K)
        try workspace.hidden.write(fixture.hiddenValues, row: 0)
        var generator = PhiloxGenerator(seed: 13)
        for set in 0..<setCount {
            try workspace.load(
                [IndexPattern.uniform.tokens(K, vocabularySize: fixture.V, using: &generator)], set: set)
        }
        return workspace
    }
}
