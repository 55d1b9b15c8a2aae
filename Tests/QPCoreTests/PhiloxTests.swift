import QPCore
import Testing

@Suite struct PhiloxTests {
    /// The known answers that the authors publish for philox4x32-10 (Random123, `tests/kat_vectors`).
    @Test(arguments: [
        (
            SIMD4<UInt32>(0, 0, 0, 0), UInt64(0),
            SIMD4<UInt32>(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)
        ),
        (
            SIMD4(.max, .max, .max, .max), .max,
            SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
        ),
        (
            SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), 0x299F_31D0_A409_3822,
            SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
        ),
    ])
    func knownAnswers(counter: SIMD4<UInt32>, seed: UInt64, words: SIMD4<UInt32>) {
        #expect(Philox(seed: seed)(counter) == words)
    }

    @Test func seedIsTheKeyLowWordFirst() {
        #expect(Philox(seed: 0x299F_31D0_A409_3822).key == SIMD2(0xA409_3822, 0x299F_31D0))
    }

    @Test(arguments: [0, 1, .max] as [UInt64])
    func sequenceIsTheBlocksOfTheCounter(seed: UInt64) {
        var generator = PhiloxGenerator(seed: seed)
        let philox = Philox(seed: seed)
        for block in UInt32(0)..<40 {
            let words = philox(SIMD4(block, 0, 0, 0))
            #expect(generator.next() == UInt64(words.x) | UInt64(words.y) << 32, "block \(block), seed \(seed)")
            #expect(generator.next() == UInt64(words.z) | UInt64(words.w) << 32, "block \(block), seed \(seed)")
        }
    }

    @Test func uniformNumbersFillTheUnitInterval() {
        let seed: UInt64 = 20_240_601
        var generator = PhiloxGenerator(seed: seed)
        let n = 65_536
        var counts = [Int](repeating: 0, count: 16)
        var sum = 0.0
        for _ in 0..<n {
            let value = generator.uniform()
            #expect(value >= 0 && value < 1, "seed \(seed)")
            counts[Int(value * 16)] += 1
            sum += value
        }
        // Six standard deviations: 1/√(12 n) of the mean, √(n·15)/16 of a sixteenth.
        #expect(abs(sum / Double(n) - 0.5) < 6 * 0.0011277, "seed \(seed)")
        #expect(counts.allSatisfy { abs($0 - n / 16) < 6 * 62 }, "\(counts), seed \(seed)")
    }
}
