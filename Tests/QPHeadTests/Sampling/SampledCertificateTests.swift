import QPCore
import QPDevice
import QPTestSupport
import Testing

@testable import QPHead
@testable import QPKernels

/// Filtered plans draw the dense plan's token, for the same parameters, over random heads, states, anchors, allowed
/// sets and temperatures. `QPGPU_FILTER_STEPS` sets how many steps, as in ``CertificateTests``.
@Suite struct SampledCertificateTests {
    struct Tally {
        var stepCount = 0
        var mismatches: [String] = []
        var survivorCount = 0
        var allowedCount = 0
        var fallBackCount = 0
        /// Steps that drew another token than the best one.
        var surpriseCount = 0
        /// Steps in which the drawn token had not survived a filter that only keeps what may be among the best two.
        var neededCount = 0
    }

    @Test func filteredPlansDrawTheDensePlansToken() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var tally = Tally()
        var head = 0
        let sizes = [1, 2, 7, 8, 9, 31, 32, 33, 67, 130, 600]
        try validated { library in
            while tally.stepCount < CertificateTests.stepCount {
                let family = RowFamily.allCases[head % RowFamily.allCases.count]
                let types: [ElementType] =
                    family == .denormal || family == .extreme ? [.f32, .bf16] : [.f32, .f16, .bf16, .int8]
                let (V, d) = (sizes[(head / 8 + head) % sizes.count], family == .tied ? 130 : sizes[(head / 3) % 8])
                try Self.check(
                    library, family, V: V, d: d, type: types[(head / 2) % types.count], seed: seed &+ UInt64(head),
                    rounds: max(4, CertificateTests.stepCount / 40_000), &tally)
                head += 1
            }
        }
        let first = tally.mismatches.first ?? ""
        #expect(tally.mismatches.count == 0, "\(tally.mismatches.count) of \(tally.stepCount), seed \(seed): \(first)")
        #expect(tally.survivorCount < tally.allowedCount * 3 / 4, "seed \(seed)")
        #expect(tally.fallBackCount > 0, "seed \(seed)")
        #expect(tally.surpriseCount > tally.stepCount / 10, "seed \(seed)")
        #expect(tally.neededCount > 0, "seed \(seed)")
        if CertificateTests.stepCount > 12_000 { print("sampled certificates, seed \(seed): \(tally)") }
    }

    /// Many slabs of rows of different lengths, so that some hold no survivor in one step and held some before.
    @Test(arguments: [ElementType.f32, .f16]) func slabsWithoutSurvivorsLeaveNothingBehind(_ type: ElementType) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var tally = Tally()
        try validated { library in
            try Self.check(
                library, .gaussian, V: 6000, d: 24, type: type, seed: seed, rounds: 40, batch: 4, &tally,
                length: { [1, 0.9, 0.3, 1, 0.6, 0.02][$0 / 1024 % 6] })
        }
        let first = tally.mismatches.first ?? ""
        #expect(tally.mismatches.count == 0, "\(tally.mismatches.count) of \(tally.stepCount), seed \(seed): \(first)")
    }

    /// - Parameter length: what each row is multiplied by.
    static func check(
        _ library: KernelLibrary, _ family: RowFamily, V: Int, d: Int, type: ElementType, seed: UInt64, rounds: Int,
        batch: Int = 64, _ tally: inout Tally, length: (Int) -> Float = { _ in 1 }
    ) throws {
        let rows = (0..<V).map { index in family.row(index, d: d, seed: seed).map { $0 * length(index) } }
        let bench = try FilterBench(library, batch: batch, type: type, rows: rows)
        var generator = PhiloxGenerator(seed: seed ^ 0x5A3)
        let filters = try bench.filters()
        let programs =
            try filters.map {
                ($0.name, try bench.workspace.program($0.filter, survivorCapacity: V, sampling: []))
            }
            + [
                (
                    "anchor, short list",
                    try bench.workspace.program(filters[0].filter, survivorCapacity: max(1, V / 3), sampling: [])
                )
            ]
        let bestTwo = try bench.workspace.program(filters[0].filter, survivorCapacity: V)
        let whole = try bench.workspace.program(.dense, sampling: [])
        let norms = try bench.head.rowNorms().read()
        for round in 0..<rounds {
            func masks() throws -> [TokenMask] {
                try (0..<batch).map { row in
                    let K = [1, min(2, V), V, Int.random(in: 1...V, using: &generator)][row % 4]
                    return try TokenMask.random(K, vocabularySize: V, using: &generator)
                }
            }
            let before = (0..<batch).map { _ in family.state(d: d, using: &generator) }
            let anchorMasks = try masks()
            try bench.load(before, anchorMasks)
            _ = try bench.refresh(round % 3 == 1 ? .gather : .scan, anchorMasks)
            let after = before.map { state -> [Float] in
                let share = [0, 1e-7, 1e-6, 1e-4, 1e-2, 0.1, 1].randomElement(using: &generator)! as Float
                let other = family.move(d: d, using: &generator)
                return zip(state, other).map { $0 + share * $1 }
            }
            let allowed = try masks()
            try bench.load(after, allowed)
            let scale = Float(d).squareRoot() * (family == .tied ? 100 : 1)
            let sampling = try (0..<batch).map { _ in
                try SampledStepTests.sampling(&generator, scale: scale, filters: false)
            }
            try bench.workspace.writeSampling(sampling)
            let dense = try bench.run { recorder in whole.record(into: &recorder, longestList: V) }
            _ = try bench.filtered(bestTwo, allowed)
            let narrow = try bestTwo.buffers.readLists()
            for (name, program) in programs {
                let records = try bench.filtered(program, allowed)
                for row in 0..<batch {
                    tally.stepCount += 1
                    tally.survivorCount += records[row].survivorCount
                    tally.allowedCount += allowed[row].count
                    if records[row].fellBack { tally.fallBackCount += 1 }
                    let (found, expected) = (records[row].sampled, dense[row].sampled)
                    if found?.token != expected?.token || found?.perturbedScore != expected?.perturbedScore
                        || found?.keptTokenCount != nil || !records[row].hasSameAnswer(as: dense[row])
                    {
                        tally.mismatches.append(
                            "\(name), \(family) \(V)×\(d) \(type), head seed \(seed), round \(round), row \(row), "
                                + "\(sampling[row]): \(records[row]) for \(dense[row])")
                    }
                    guard name == "anchor", let token = expected?.token else { continue }
                    if token != dense[row].token { tally.surpriseCount += programs.count }
                    if !narrow[row].contains(token) { tally.neededCount += 1 }
                }
                guard name == "anchor" else { continue }
                // What survives is the reference's, given the same scores, coefficients and reach.
                let lists = try program.buffers.readLists()
                for (row, reach) in try program.buffers.readReaches().enumerated() {
                    let expected = Reference.sampledSurvivors(
                        scores: try bench.anchor.readScores(row: row), coefficients: norms, reach: reach,
                        allowed: allowed[row].tokens, sampling[row])
                    if lists[row] != expected {
                        tally.mismatches.append(
                            "survivors, \(family) \(V)×\(d) \(type), head seed \(seed), round \(round), row \(row), "
                                + "\(sampling[row]): \(lists[row]) for \(expected)")
                    }
                }
            }
        }
    }
}
