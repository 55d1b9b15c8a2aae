import Testing

@testable import QPCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite struct SamplingTests {
    private func failure(_ body: () throws -> Sampling) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func parametersOutsideTheirRangeAreNamed() {
        for (value, name) in [(-0.5, "-0.5"), (.nan, "nan"), (.infinity, "inf"), (2e30, "2e+30")] as [(Float, String)] {
            #expect(
                failure { try Sampling(temperature: value, seed: 1) }
                    == "the temperature is \(name); it must lie in 0…1e+30, where 0 takes the best token")
        }
        #expect(
            failure { try Sampling(temperature: 1, topK: 0, seed: 1) }
                == "top-k is 0; it must be at least 1, or left out to keep all tokens")
        for (value, name) in [(0, "0.0"), (1.5, "1.5"), (.nan, "nan"), (-1, "-1.0")] as [(Float, String)] {
            #expect(
                failure { try Sampling(temperature: 1, topP: value, seed: 1) }
                    == "top-p is \(name); it must be above 0 and at most 1, where 1 keeps all tokens")
        }
        for (value, name) in [(-0.1, "-0.1"), (1.5, "1.5"), (.nan, "nan")] as [(Float, String)] {
            #expect(
                failure { try Sampling(temperature: 1, minP: value, seed: 1) }
                    == "min-p is \(name); it must lie in 0…1, where 0 keeps all tokens")
        }
        #expect(failure { try Sampling(temperature: 1e30, topK: 1, topP: 1, minP: 1, seed: .max) } == nil)
        #expect(failure { try Sampling(temperature: -0.0, topP: .leastNonzeroMagnitude, seed: 0) } == nil)
    }

    @Test func stagesAreThoseOfTheRows() throws {
        let plain = try Sampling(temperature: 1, topP: 1, minP: 0.5, seed: 1)
        #expect(SamplingStages([.greedy, plain]) == [])
        #expect(SamplingStages([plain], logProbability: true) == [.logProbability])
        #expect(SamplingStages([plain, try Sampling(temperature: 1, topK: 3, seed: 1)]) == [.topK])
        #expect(
            SamplingStages([
                try Sampling(temperature: 1, topK: 3, seed: 1), try Sampling(temperature: 1, topP: 0.5, seed: 1),
            ])
                == [.topK, .topP])
        // The best token needs no search.
        #expect(SamplingStages([try Sampling(temperature: 0, topK: 3, topP: 0.5, seed: 1)]) == [])
    }

    /// −ln(−ln u) in Double; near 1 by log1p, which keeps 1 − u.
    private func gumbel(_ word: UInt64) -> Double {
        let u = word | 1
        let exponential = u >> 63 == 1 ? -log1p(-Double(0 &- u) * 0x1p-64) : -log(Double(u) * 0x1p-64)
        return -log(exponential)
    }

    /// Both ends, every power of two and its neighbours from either end, all cells of 2⁻¹⁶ and their borders, and
    /// random words.
    @Test func noiseIsTheDoubleLogarithm() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var words: [UInt64] = [0, 1, .max, .max - 1, 0xAAAA_AAAA_FFFF_FFFF, 0xAAAA_AAAB_0000_0000]
        for bit in 0..<64 as Range<UInt64> {
            let power = 1 << bit as UInt64
            words += [power &- 1, power, power &+ 1, 0 &- power, 0 &- power &- 2, 0 &- power &+ 2]
        }
        for cell in 0..<UInt64(65_536) { words += [cell << 48, (cell << 48) &- 1] }
        var generator = PhiloxGenerator(seed: seed)
        for _ in 0..<500_000 {
            let word = generator.next()
            let shift = Int.random(in: 0..<64, using: &generator)
            words += [word, word >> shift, 0 &- (word >> shift)]
        }
        var worst = 0.0
        for word in words {
            let exact = gumbel(word)
            let found = Double(Noise.gumbel(word))
            // Above 16 a unit is 2⁻¹⁸, and rounded down.
            let error = (found - exact) * 0x1p20
            if exact >= 15.9999 {
                guard (-4.1...0.6).contains(error) else {
                    Issue.record("word \(word): \(found) for \(exact), seed \(seed)")
                    return
                }
            } else {
                worst = max(worst, abs(error))
            }
        }
        #expect(worst < 0.6, "\(worst) units, seed \(seed)")
        // The ends, from above −ln 44.37 and below 44.37.
        #expect(abs(Noise.gumbel(0) - -3.7923) < 1e-3 && abs(Noise.gumbel(.max) - 44.3614) < 1e-3)
    }

    @Test func weightsAreTheDoubleExponentials() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = PhiloxGenerator(seed: seed)
        var worst = 0.0
        for index in 0..<500_000 {
            let x = index < 32_000 ? Float(index) * 0x1p-10 : Float.random(in: 0..<32, using: &generator)
            let exact = exp(-Double(x)) * 0x1p43
            let found = Double(Noise.weight(distance: x, inverse: 1))
            if x >= 31 {
                #expect(found == 0)
            } else {
                worst = max(worst, (abs(found - exact) - 1) / exact)
            }
        }
        #expect(worst < 0x1p-24, "2^\(log2(worst)), seed \(seed)")
        #expect(Noise.weight(distance: .infinity, inverse: 1) == 0)
        #expect(Noise.weight(distance: 1, inverse: .greatestFiniteMagnitude) == 0)
        #expect(Noise.weight(distance: 0, inverse: .greatestFiniteMagnitude) >= (1 << 43) - (1 << 18))
        #expect(Noise.weight(distance: .nan, inverse: 1) == 0)
    }

    /// Pearson's χ² of the noise in 64 cells of equal probability, over token ids, steps and sequences in turn.
    @Test(arguments: 0..<3) func noiseIsGumbelDistributed(_ axis: Int) throws {
        let count = 200_000
        let cells = 64
        var hits = [Int](repeating: 0, count: cells)
        for index in 0..<UInt32(count) {
            let sampling = try Sampling(
                temperature: 1, seed: 0xD1CE, sequence: axis == 2 ? UInt64(index) << 16 : 7, step: axis == 1 ? index : 3
            )
            // The cumulative distribution is exp(−e^−G).
            let u = exp(-exp(-Double(Noise.gumbel(sampling, id: axis == 0 ? index : 11))))
            hits[min(cells - 1, Int(u * Double(cells)))] += 1
        }
        let expected = Double(count) / Double(cells)
        let chiSquare = hits.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // 63 degrees of freedom: exceeded with probability 10⁻⁶; the seed is fixed, so the outcome is too.
        #expect(chiSquare < 131, "\(chiSquare)")
    }
}
