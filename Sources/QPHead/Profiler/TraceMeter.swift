internal import QPCore
internal import QPDevice
internal import QPKernels
internal import QPPlanner

/// Times the steps of K sequences, each as dense and as sparse, at batch 1.
struct TraceMeter {
    let bench: ProbeBench
    let head: HeadProfile

    /// The plan that the curves choose.
    func isSparse(_ K: Int) -> Bool {
        func nanoseconds(_ step: StepName) -> Int? {
            head.curves.first { $0.step == step && $0.batch == 1 && $0.pattern == .uniform }?
                .nanoseconds(at: K).nanoseconds
        }
        guard let sparse = nanoseconds(.sparse), let dense = nanoseconds(.dense) else { return true }
        return sparse <= dense
    }

    /// Nil when `isCancelled` said so.
    func measure(
        _ trace: TraceFile.Trace, vocabularySize traceV: Int, seed: UInt64, isCancelled: () -> Bool
    ) throws(DeviceError) -> TraceResult? {
        let shape = bench.head.shape
        // A finished constraint allows nothing more; such steps run no head.
        let counts = trace.runs.flatMap { $0 }.filter { $0 > 0 }.map { shape.scaled($0, from: traceV) }
        guard !counts.isEmpty else { return nil }
        var generator = PhiloxGenerator(seed: seed)
        var dense: [Double] = []
        var sparse: [Double] = []
        for (index, K) in counts.enumerated() {
            if isCancelled() { return nil }
            try bench.loadSets(tokenCount: K, pattern: .uniform, count: 1, using: &generator)
            // In turns, so that neither always finds what the other left in the caches.
            for step in index % 2 == 0 ? [StepName.dense, .sparse] : [.sparse, .dense] {
                let commands = try bench.record(.step(step), tokenCount: K, repetitions: 1)
                let microseconds = try bench.stopwatch.time(commands).duration.nanoseconds / 1000
                if step == .dense { dense.append(microseconds) } else { sparse.append(microseconds) }
            }
        }
        let choices = counts.map(isSparse)
        let both = zip(dense, sparse)
        return TraceResult(
            name: trace.name, engine: trace.engine, traceVocabularySize: traceV, stepCount: counts.count,
            medianAllowedTokenCount: counts.sorted()[counts.count / 2], denseMicroseconds: dense.reduce(0, +),
            sparseMicroseconds: sparse.reduce(0, +),
            plannedMicroseconds: zip(choices, both).reduce(0) { $0 + ($1.0 ? $1.1.1 : $1.1.0) },
            oracleMicroseconds: both.reduce(0) { $0 + min($1.0, $1.1) },
            sparseShare: Double(choices.count { $0 }) / Double(choices.count))
    }
}
