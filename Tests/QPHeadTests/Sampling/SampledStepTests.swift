import QPCore
import QPDevice
import QPHead
import QPKernels
import QPTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite struct SampledStepTests {
    private func all(_ V: Int, _ batch: Int = 1) -> [TokenMask] {
        Array(repeating: TokenMask.all(vocabularySize: V), count: batch)
    }

    /// Temperatures about the spread of a state's scores, so that noise has a say and does not have it all.
    static func sampling(_ generator: inout PhiloxGenerator, scale: Float, filters: Bool) throws -> Sampling {
        func pick<T>(_ values: [T]) -> T { values.randomElement(using: &generator)! }
        return try Sampling(
            temperature: pick([0, 1e-20, 0.01 * scale, 0.2 * scale, scale, 5 * scale, 1e30]),
            topK: filters ? pick([nil, 1, 2, 5, 1000]) : nil, topP: filters ? pick([1, 0.1, 0.6, 0.95]) : 1,
            minP: pick([0, 0, 0.001, 0.3, 1]), seed: generator.next(), sequence: generator.next(),
            step: UInt32(truncatingIfNeeded: generator.next()))
    }

    /// Every plan that scores all allowed rows, against the reference on the device's own scores: rows of one batch
    /// differ in everything.
    @Test(arguments: RowFamily.allCases) func everyPlanDrawsTheReferencesToken(_ family: RowFamily) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = PhiloxGenerator(seed: seed)
        try validated { library in
            for (V, batch) in [(1, 1), (9, 3), (67, 5), (300, 2)] {
                let rows = (0..<V).map { family.row($0, d: 20, seed: seed) }
                let bench = try FilterBench(library, batch: batch, rows: rows, windowBytes: V == 67 ? 32 * 128 : nil)
                for round in 0..<6 {
                    let states = (0..<batch).map { _ in family.state(d: 20, using: &generator) }
                    let masks = try (0..<batch).map { row in
                        let K = [V, 1, Int.random(in: 1...V, using: &generator)][(row + round) % 3]
                        return try TokenMask.random(K, vocabularySize: V, using: &generator)
                    }
                    let sampling = try (0..<batch).map { _ in
                        try Self.sampling(&generator, scale: 3, filters: round % 2 == 0)
                    }
                    try bench.load(states, masks)
                    _ = try bench.refresh(.scan, masks)
                    let expected = try (0..<batch).map { row in
                        let scores = try bench.anchor.readScores(row: row)
                        return Reference.sample(masks[row].tokens.map { ($0, scores[Int($0)]) }, sampling[row])
                    }
                    guard expected.allSatisfy({ $0 != nil }) else { continue }
                    func check(_ name: String, _ records: [StepRecord]) {
                        for (row, record) in records.enumerated() where record.sampled != expected[row] {
                            Issue.record(
                                """
                                \(name), \(family) V = \(V), seed \(seed), round \(round), row \(row), \(sampling[row]): \
                                \(String(describing: record.sampled)) for \(expected[row]!)
                                """
                            )
                        }
                    }
                    for step in StepName.allCases where step != .screenedRerank && step != .amortizedRerank {
                        check(
                            step.rawValue,
                            try bench.workspace.run(
                                step, hidden: states, allowed: masks, sampling: sampling, logProbability: true))
                    }
                    for access in [RowAccess.scan, .gather] {
                        check(
                            "refresh by \(access)",
                            try bench.workspace.run(
                                refreshing: bench.anchor, access: access, hidden: states, allowed: masks,
                                sampling: sampling, logProbability: true))
                    }
                }
            }
        }
    }

    /// A program recorded once draws by whatever was written before it is submitted.
    @Test func aRecordedStepTakesNewParameters() throws {
        try validated { library in
            let rows = (0..<50).map { RowFamily.gaussian.row($0, d: 16, seed: 3) }
            let bench = try FilterBench(library, rows: rows)
            try bench.load([rows[7].map { $0 / 4 }], all(50))
            let device = library.device
            let program = try bench.workspace.program(.dense, sampling: [.topK])
            let commands = try device.record { recorder throws(DeviceError) in
                program.record(into: &recorder, longestList: 50)
                recorder.barrierToHost()
            }
            var tokens: Set<UInt32> = []
            for step in 0..<20 as Range<UInt32> {
                let sampling = try Sampling(temperature: 20, topK: 10, seed: 5, step: step)
                try bench.workspace.writeSampling([sampling])
                try device.run(commands)
                let record = try bench.workspace.readRecords()[0]
                #expect(record.sampled?.keptTokenCount == 10)
                let again = try bench.workspace.run(
                    .sparse, hidden: [rows[7].map { $0 / 4 }], allowed: all(50), sampling: [sampling])[0]
                #expect(record.chosenToken == again.chosenToken && again.sampled == record.sampled)
                tokens.insert(record.chosenToken!)
            }
            #expect(tokens.count > 3)
            // What was not recorded is not left out in silence.
            try bench.workspace.writeSampling([try Sampling(temperature: 20, topK: 10, topP: 0.5, seed: 5)])
            try device.run(commands)
            let record = try bench.workspace.readRecords()[0]
            #expect(record.token != nil && record.sampled == nil && record.chosenToken == nil)
            // Without sampling the record says nothing of it, and greedy takes the best.
            let plain = try bench.workspace.run(.dense, hidden: [rows[7]], allowed: all(50))[0]
            #expect(plain.sampled == nil && plain.chosenToken == plain.token)
            for greedy in [Sampling.greedy, try Sampling(temperature: 3, minP: 1, seed: 1)] {
                let record = try bench.workspace.run(
                    .dense, hidden: [rows[7]], allowed: all(50), sampling: [greedy])[0]
                #expect(record.hasSameAnswer(as: plain) && record.chosenToken == plain.token)
                #expect(record.sampled?.keptTokenCount == 1 && record.sampled?.logProbability == nil)
            }
        }
    }

    /// Pearson's χ² of drawn tokens against the softmax that the scores and the filters give, in Double.
    @Test(arguments: [false, true]) func tokensAreDrawnFromTheSoftmax(_ isFiltered: Bool) throws {
        let (V, batch) = (12, 64)
        try validated { library in
            let rows = (0..<V).map { RowFamily.gaussian.row($0, d: 8, seed: 11) }
            let bench = try FilterBench(library, batch: batch, rows: rows)
            let state = rows[4].map { $0 / 3 }
            let states = Array(repeating: state, count: batch)
            try bench.load(states, all(V, batch))
            _ = try bench.refresh(.scan, all(V, batch))
            let scores = try bench.anchor.readScores(row: 0)
            let T: Float = 2
            let best = scores.max()!
            var shares = scores.map { exp(Double($0 - best) / Double(T)) }
            let whole = shares.reduce(0, +)
            if isFiltered {
                var sum = 0.0
                for (rank, id) in shares.indices.sorted(by: { shares[$0] > shares[$1] }).enumerated() {
                    let isKept = rank < 7 && sum < 0.9 * whole && shares[id] >= 0.02
                    sum += shares[id]
                    if !isKept { shares[id] = 0 }
                }
            }
            let total = shares.reduce(0, +)
            let stages: SamplingStages = isFiltered ? [.topK, .topP] : []
            let program = try bench.workspace.program(.dense, sampling: stages)
            var hits = [Int](repeating: 0, count: V)
            let stepCount = 300
            for step in 0..<UInt32(stepCount) {
                try bench.workspace.writeSampling(
                    try (0..<UInt64(batch)).map {
                        try Sampling(
                            temperature: T, topK: isFiltered ? 7 : nil, topP: isFiltered ? 0.9 : 1,
                            minP: isFiltered ? 0.02 : 0, seed: 99, sequence: $0, step: step)
                    })
                let records = try bench.run { recorder in program.record(into: &recorder, longestList: V) }
                for record in records { hits[Int(record.chosenToken!)] += 1 }
            }
            var chiSquare = 0.0
            for id in 0..<V {
                let expected = shares[id] / total * Double(stepCount * batch)
                if expected == 0 {
                    #expect(hits[id] == 0, "token \(id)")
                } else {
                    chiSquare += (Double(hits[id]) - expected) * (Double(hits[id]) - expected) / expected
                }
            }
            // 11 degrees of freedom at most: exceeded with probability 10⁻⁶; seeds are fixed, so the outcome is too.
            #expect(chiSquare < 49, "\(hits)")
            #expect(hits.count { $0 > 100 } > 2)
        }
    }

    @Test func whatCannotBeDrawnIsNamed() throws {
        try validated { library in
            let rows = (0..<40).map { RowFamily.gaussian.row($0, d: 8, seed: 3) }
            let bench = try FilterBench(library, rows: rows + [[Float](repeating: .nan, count: 8)])
            func failure(_ body: () throws -> [StepRecord]) -> String? {
                do {
                    _ = try body()
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            let topK = try Sampling(temperature: 1, topK: 3, seed: 1)
            #expect(
                failure {
                    try bench.workspace.run(
                        .anchor(bench.anchor), hidden: [rows[0]], allowed: all(41), sampling: [topK])
                }
                    == "batch row 0 asks for top-k, top-p or a log-probability, but a filtered step scores only rows "
                    + "that may win; take dense, sparse or a recompute, or filter by min-p")
            #expect(
                failure {
                    try bench.workspace.run(.dense, hidden: [rows[0]], allowed: all(41), sampling: [topK, topK])
                }
                    == "2 sampling parameters are given for a batch of 1; give one for every batch row")
            let broken = [try TokenMask(allowing: [40], vocabularySize: 41)]
            #expect(
                failure { try bench.workspace.run(.dense, hidden: [rows[0]], allowed: broken, sampling: [topK]) }
                    == "none of the 1 tokens allowed in batch row 0 has a finite score; their rows of W hold NaN or "
                    + "infinities: check how the weights were loaded")
            // Noise cannot make up for a score that is none.
            for step in 0..<40 as Range<UInt32> {
                let hot = try Sampling(temperature: 1e30, seed: 1, step: step)
                let record = try bench.workspace.run(.dense, hidden: [rows[0]], allowed: all(41), sampling: [hot])[0]
                #expect(record.chosenToken != 40 && record.nonFiniteRowCount == 1)
                #expect(record.sampled?.keptTokenCount == 40)
            }
        }
    }
}
