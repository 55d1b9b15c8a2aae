import QPCore
import QPDevice
import QPTestSupport
import Testing

@testable import QPKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite struct SamplerTests {
    /// 10⁶ words and 10⁶ pairs, both ends of everything among them.
    @Test func hostAndDeviceAgreeBitForBit() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = PhiloxGenerator(seed: seed)
        try validated { library in
            let shape = try HeadShape(vocabularySize: 8, hiddenSize: 8, elementType: .f32)
            let kernels = try SamplerKernels(library, shape: shape)
            var words: [UInt64] = [0, 1, .max, .max - 1, 0xAAAA_AAAA_FFFF_FFFF, 0xAAAA_AAAB_0000_0000]
            for bit in 0..<64 as Range<UInt64> { words += [1 << bit, (1 << bit) &- 1, 0 &- (1 << bit)] }
            while words.count < 1_000_000 {
                let word = generator.next()
                let shift = Int.random(in: 0..<64, using: &generator)
                words += [word, word >> shift, 0 &- (word >> shift)]
            }
            for (word, found) in zip(words, try kernels.probe(words, weights: false)) {
                guard UInt32(truncatingIfNeeded: found) == Noise.gumbel(word).bitPattern else {
                    Issue.record("word \(word), seed \(seed): \(Float(bitPattern: UInt32(found)))")
                    return
                }
            }
            var pairs: [(Float, Float)] = [
                (0, 1), (31, 1), (30.999_998, 1), (.infinity, 1), (1, .greatestFiniteMagnitude),
            ]
            while pairs.count < 1_000_000 {
                let distance = Float.random(in: 0..<Float.random(in: 0..<100, using: &generator), using: &generator)
                pairs.append((distance, [1, 1, 0.5, 1.3, 100].randomElement(using: &generator)!))
            }
            let inputs = pairs.map { UInt64($0.bitPattern) | UInt64($1.bitPattern) << 32 }
            for (pair, found) in zip(pairs, try kernels.probe(inputs, weights: true)) {
                guard found == Noise.weight(distance: pair.0, inverse: pair.1) else {
                    Issue.record("\(pair), seed \(seed): \(found)")
                    return
                }
            }
        }
    }

    @Test func weightsOfTooManyTokensAreRefused() throws {
        let shape = try HeadShape(vocabularySize: (1 << 20) + 1, hiddenSize: 8, elementType: .f32)
        try validated { library in
            do throws(DeviceError) {
                _ = try SamplerKernels(library, shape: shape)
                Issue.record("more tokens than weights can be added up for")
            } catch {
                #expect(
                    "\(error)".contains("sampling adds up the weights of at most 1048576 tokens, and V is 1048577"))
            }
        }
    }

    /// Scores in which each cut meets ties and near-ties, and some that are not finite.
    private static func score(_ family: Int, _ generator: inout PhiloxGenerator) -> Float {
        let value = Float.random(in: -8...8, using: &generator)
        switch family {
        case 0: return value
        case 1: return (value / 4).rounded()
        case 2: return 1 + Float(Int(value)) * Float.ulpOfOne
        case 3:
            return Int(value) % 3 == 0
                ? [.nan, .infinity, -.infinity, -0.0, 0].randomElement(using: &generator)! : value
        case 4: return value * 1e30
        default: return Int(value) == 0 ? 5 : -5 + value / 100
        }
    }

    static func sampling(_ generator: inout PhiloxGenerator, V: Int) throws -> Sampling {
        func pick<T>(_ values: [T]) -> T { values.randomElement(using: &generator)! }
        return try Sampling(
            temperature: pick([0, 1e-30, 1e-3, 0.3, 1, 1, 2, 50, 1e10, 1e30]),
            topK: pick([nil, nil, 1, 2, 7, V / 2 + 1, V, V + 5, .max]),
            topP: pick([1, 1, 1e-9, 0.1, 0.5, 0.9, 0.999_999, Float(1).nextDown]),
            minP: pick([0, 0, 1e-6, 0.1, 0.5, 1]),
            seed: generator.next(), sequence: generator.next(), step: UInt32(truncatingIfNeeded: generator.next()))
    }

    /// Scores are uploaded, so that what is drawn is judged apart from how rows are scored.
    @Test(arguments: [1, 7, 8, 9, 31, 32, 33, 256, 257, 5000, 70_001])
    func theDeviceDrawsTheReferencesToken(_ V: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = PhiloxGenerator(seed: seed)
        let batch = 6
        try validated { library in
            let shape = try HeadShape(vocabularySize: V, hiddenSize: 8, elementType: .f32)
            let kernels = try SamplerKernels(library, shape: shape)
            let device = library.device
            let buffers = try kernels.buffers(batch: batch)
            let values = try RowValues(library, vocabularySize: V, setCount: batch)
            let mask = try Buffer(device, byteCount: batch * shape.maskWordCount * 4)
            let records = try Buffer(device, byteCount: batch * StepRecord.byteCount, use: .readback)
            let sampler = try kernels.bind(
                buffers, scores: values, mask: .storage(mask),
                hidden: try HiddenStates(device, shape: shape, batch: batch),
                arguments: .storage(mask), records: .storage(records))
            for round in 0..<(V > 1000 ? 8 : 40) {
                let scores = (0..<batch).map { row in (0..<V).map { _ in Self.score((row + round) % 6, &generator) } }
                let allowed = try (0..<batch).map { row in
                    let K = [1, V, Int.random(in: 1...V, using: &generator)][row % 3]
                    return try TokenMask(
                        allowing: (0..<V).shuffled(using: &generator).prefix(K), vocabularySize: V)
                }
                let rows = try (0..<batch).map { _ in try Self.sampling(&generator, V: V) }
                for (row, set) in scores.enumerated() { try values.buffer.write(set, at: row * values.stride * 4) }
                // Bits beyond V stand for nothing.
                var words = allowed.flatMap(\.words)
                if V % 32 != 0 { words[shape.maskWordCount - 1] |= ~0 << UInt32(V % 32) }
                try mask.write(words)
                try buffers.write(rows)
                let isAsked = round % 2 == 0
                try device.run(
                    try device.record { recorder throws(DeviceError) in
                        sampler.record(into: &recorder, SamplingStages(rows, logProbability: isAsked))
                        recorder.barrierToHost()
                    })
                for (row, record) in try StepRecord.read(records, batch: batch).enumerated() {
                    let candidates = allowed[row].tokens.map { ($0, scores[row][Int($0)]) }
                    let expected = Reference.sample(candidates, rows[row])
                    let found = record.sampled
                    let isSame =
                        found?.token == expected?.token && found?.score.bitPattern == expected?.score.bitPattern
                        && found?.perturbedScore.bitPattern == expected?.perturbedScore.bitPattern
                        && found?.keptTokenCount == expected?.keptTokenCount
                        && found?.logProbability == (isAsked ? expected?.logProbability : nil)
                    if !isSame {
                        Issue.record(
                            """
                            seed \(seed), round \(round), row \(row), \(rows[row]): \(String(describing: found)) for \
                            \(String(describing: expected))
                            """
                        )
                        return
                    }
                    if let found, let logProbability = found.logProbability {
                        let best = Double(record.score)
                        let finite = candidates.map(\.1).filter(\.isFinite)
                        let total = finite.reduce(0) { $0 + exp(Double($1) - best) }
                        let exact = Double(found.score) - best - log(total)
                        #expect(abs(logProbability - exact) <= 0x1p-20, "\(logProbability), \(exact), seed \(seed)")
                    }
                    let top = Reference.topTwo(candidates)
                    #expect(record.token == top.token && record.runnerUp == top.runnerUp, "seed \(seed)")
                    #expect(record.nonFiniteRowCount == top.nonFiniteRowCount, "seed \(seed)")
                }
            }
        }
    }
}
