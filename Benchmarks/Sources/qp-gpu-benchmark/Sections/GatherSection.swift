import QPCore
import QPDevice
import QPKernels

/// Rows by index beside the full scan: all of them, and 256 of them.
enum GatherSection {
    private static let fewCount = 256
    private static let repetitions = 64

    static func run(_ bench: Bench, _ shape: (V: Int, d: Int)) throws -> Block {
        let fixture = try bench.fixture(try bench.shape(shape, .f32))
        let tuned = try bench.tune(fixture)
        let pair = tuned.pair
        let evict = bench.eviction(byteCount: fixture.shape.weightBytes)
        let everyRow = try IDList(fixture.library.device, (0..<UInt32(fixture.V)).map { $0 })
        let twin = pair.scan.gatherTwin
        try verify(fixture, pair.scan, twin, everyRow)
        var candidates = [
            try fixture.scanCandidate("scan", pair.scan, prepare: evict),
            try gather(fixture, "gather K = V, scan's variant", twin, [everyRow], repetitions: 1, prepare: evict),
        ]
        let isFirst = shape == bench.shapes[0]
        let few = min(fewCount, fixture.V)
        if isFirst {
            let sets = try disjointSets(fixture, few)
            let rowBytes = "\(TextReport.fixed(Double(few * fixture.shape.bytesReadPerRow) / 1_048_576, 1)) MiB"
            candidates += [
                try gather(
                    fixture, "gather \(few) rows, warm", pair.gather, [sets[0]], repetitions: repetitions,
                    note: ", the same \(rowBytes) \(repetitions) times"),
                try gather(
                    fixture, "gather \(few) rows, cold", pair.gather, sets, repetitions: sets.count,
                    note: ", \(sets.count) disjoint sets", prepare: { [evictor = bench.evictor] in evictor.evict() }),
            ]
        }
        let title = "Gather, \(fixture.shape)"
        let comparison = try bench.compare(title, candidates)
        let isSoftware = bench.isSoftware
        var findings = [
            comparison.ratio(
                "gather K = V time / scan time, same variant", "gather K = V, scan's variant", over: "scan",
                goal: isSoftware ? .atMost(1.25) : nil)
        ]
        if isFirst {
            findings += [
                comparison.ratio(
                    "gather \(few) rows, warm, time / scan time", "gather \(few) rows, warm", over: "scan",
                    goal: isSoftware && shape == Bench.standardShapes[0] ? .atMost(0.02) : nil),
                comparison.ratio(
                    "gather \(few) rows, cold, time / scan time", "gather \(few) rows, cold", over: "scan"),
            ]
        }
        return Block(section: .gather, title: title, series: comparison.series, findings: findings)
    }

    /// Several gathers behind one another, a barrier after each; list n in repetition n.
    private static func gather(
        _ fixture: Fixture, _ name: String, _ variant: ScoreVariant, _ lists: [IDList], repetitions: Int,
        note: String = "", prepare: @escaping () -> Void = {}
    ) throws -> Candidate {
        let kernel = try ScoreKernel(
            fixture.library, fixture.weights, variant: variant, selection: .gather, output: .scores)
        let bound = try lists.map { list throws(DeviceError) in
            try kernel.bind(
                hidden: fixture.hidden, allowed: .storage(list.ids), lists: .storage(list.lists),
                result: .storage(fixture.scores))
        }
        let count = lists[0].count
        return try fixture.candidate(
            name, detail: variant.brief + note, byteCount: count * fixture.shape.bytesReadPerRow,
            load: repetitions == 1 ? nil : fixture.load == .allCores ? .short : .device, repetitions: repetitions,
            prepare: prepare
        ) { recorder, repetition in
            bound[repetition % bound.count].record(into: &recorder, .listed(count), resultStride: 0)
        }
    }

    /// Ascending sets of `count` rows, no row in two of them.
    private static func disjointSets(_ fixture: Fixture, _ count: Int) throws -> [IDList] {
        var generator = PhiloxGenerator(seed: 7)
        let shuffled = (0..<UInt32(fixture.V)).shuffled(using: &generator)
        return try (0..<min(repetitions, fixture.V / count)).map { set in
            try IDList(fixture.library.device, shuffled[set * count..<(set + 1) * count].sorted())
        }
    }

    /// Scan and gather share one reduction order: the bits of every score agree.
    private static func verify(
        _ fixture: Fixture, _ scan: ScoreVariant, _ gather: ScoreVariant, _ everyRow: IDList
    ) throws {
        let expected = try fixture.readScores(scan)
        let bound = try ScoreKernel(
            fixture.library, fixture.weights, variant: gather, selection: .gather, output: .scores
        ).bind(
            hidden: fixture.hidden, allowed: .storage(everyRow.ids), lists: .storage(everyRow.lists),
            result: .storage(fixture.scores))
        try fixture.scores.write([Float](repeating: .nan, count: fixture.V))
        try fixture.library.device.run(
            try fixture.library.device.record { recorder throws(DeviceError) in
                bound.record(into: &recorder, .listed(everyRow.count), resultStride: 0)
                recorder.barrierToHost()
            })
        let scores: [Float] = try fixture.scores.read(count: fixture.V)
        for (token, pair) in zip(scores, expected).enumerated() where pair.0.bitPattern != pair.1.bitPattern {
            throw WrongResult(
                description: "\(fixture.shape): row \(token) scores \(pair.0) by gather and \(pair.1) by scan; "
                    + "nothing was timed")
        }
    }
}
