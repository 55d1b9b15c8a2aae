internal import QPCore
internal import QPDevice
internal import QPKernels
internal import QPPlanner

/// Times the probes of one head and batch in interleaved blocks, a fixed reference kernel around each.
struct BatchMeasurement {
    let bench: ProbeBench
    let batch: Int
    private(set) var probes: [Probe] = []
    private var generator: PhiloxGenerator
    private let reference: CommandBuffer
    /// Cores a full dispatch should keep busy on a software device; 0 where that says nothing.
    private let coresNeeded: Double
    private let isSoftware: Bool
    private var nextBlock: Int

    private(set) var referenceMicroseconds: [Double] = []
    private(set) var blockCount = 0
    private var movements: [(movement: Double, wasAlone: Bool)] = []

    /// Of what needs no set of allowed tokens each time: short kernels differ by a fifth from run to run on a software
    /// rasteriser, whose threads are woken for each.
    private static let maximumRepetitions = 64
    /// Probes between two readings of the reference.
    private static let probesPerBlock = 8

    init(_ bench: ProbeBench, batch: Int, seed: UInt64, firstBlock: Int, hostCoreCount: Int) throws(DeviceError) {
        self.bench = bench
        self.batch = batch
        generator = PhiloxGenerator(seed: seed)
        nextBlock = firstBlock
        isSoftware = bench.head.library.device.physical.isSoftware
        // The rasteriser measured starts sixteen threads at most.
        coresNeeded = isSoftware ? 0.85 * Double(min(hostCoreCount, 16)) : 0
        // A scan of so many rows that it takes some milliseconds: long enough to feel a disturbance.
        let V = bench.head.shape.vocabularySize
        var rows = min(V, 1024)
        var command = try bench.record(.kernel(.scanTopTwo), tokenCount: rows, repetitions: 1)
        _ = try bench.stopwatch.time(command)
        while rows < V, try bench.stopwatch.time(command).duration.nanoseconds < (isSoftware ? 4e6 : 2e5) {
            rows = min(V, rows * 2)
            command = try bench.record(.kernel(.scanTopTwo), tokenCount: rows, repetitions: 1)
            _ = try bench.stopwatch.time(command)
        }
        reference = command
    }

    /// Adds a probe, unless there is one of that kind; runs it twice to compile, warm up, and see how long it takes.
    mutating func add(
        _ subject: TimedSubject, pattern: IndexPattern, tokenCount: Int, role: SampleSeries.Role
    ) throws(DeviceError) {
        guard
            !probes.contains(where: {
                $0.subject == subject && $0.pattern == pattern && $0.tokenCount == tokenCount && $0.role == role
            })
        else { return }
        func probe(_ repetitions: Int) throws(DeviceError) -> Probe {
            try Probe(
                subject, pattern: pattern, tokenCount: tokenCount, role: role, repetitions: repetitions, bench: bench)
        }
        let once = try probe(1)
        _ = try once.time(bench, using: &generator)
        let microseconds = try once.time(bench, using: &generator)
        let wanted = (isSoftware ? 3000 : 300) / max(microseconds, 1)
        let repetitions = max(1, min(once.needsSets ? bench.setCount : Self.maximumRepetitions, Int(wanted)))
        probes.append(repetitions == 1 ? once : try probe(repetitions))
    }

    /// Takes one reading of every probe that `includes` accepts, forwards and backwards in turn.
    /// - Returns: false when `shouldStop` said so before the turn was over.
    mutating func turn(
        where includes: (Probe) -> Bool, shouldStop: () -> Bool
    ) throws(DeviceError) -> Bool {
        let chosen = probes.indices.filter { includes(probes[$0]) }
        let order = nextBlock % 2 == 0 ? chosen : chosen.reversed()
        defer { nextBlock += 1 }
        for start in stride(from: 0, to: order.count, by: Self.probesPerBlock) {
            if shouldStop() { return false }
            let block = order[start..<min(start + Self.probesPerBlock, order.count)]
            let before = try bench.stopwatch.time(reference)
            var values: [(Int, Double)] = []
            for index in block { values.append((index, try probes[index].time(bench, using: &generator))) }
            let after = try bench.stopwatch.time(reference)
            let movement = abs(after.duration.nanoseconds / before.duration.nanoseconds - 1)
            let alone = min(before.coresUsed, after.coresUsed) >= coresNeeded
            for (index, value) in values {
                probes[index].keep(value, block: nextBlock, movement: movement, wasAlone: alone)
            }
            blockCount += 1
            referenceMicroseconds += [before.duration.nanoseconds / 1000, after.duration.nanoseconds / 1000]
            movements.append((movement, alone))
        }
        return true
    }

    /// Blocks dropped because the reference moved, and because the process lacked its cores.
    func droppedBlocks(tolerance: Double) -> (moved: Int, shared: Int) {
        (
            movements.count { $0.wasAlone && $0.movement > tolerance },
            movements.count { !$0.wasAlone }
        )
    }

    func series(tolerance: Double) -> [SampleSeries] {
        probes.filter { !$0.microseconds.isEmpty }
            .map { $0.series(batch: batch, tolerance: tolerance, minimumCount: 5) }
    }
}
