import QPCore
import QPPlanner
import Testing

@testable import QPHead

@Suite struct IndexSetTests {
    @Test(arguments: IndexPattern.allCases, [1, 2, 31, 32, 33, 100, 1000])
    func everyPatternGivesExactlyK(_ pattern: IndexPattern, _ V: Int) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = PhiloxGenerator(seed: seed)
        for K in Set([1, (V + 1) / 2, V / 2 + 1, V - 1, V]).filter({ (1...V).contains($0) }) {
            let mask = pattern.tokens(K, vocabularySize: V, using: &generator)
            #expect(mask.count == K, "K \(K), seed \(seed)")
            if pattern == .contiguous {
                let ids = mask.tokens
                #expect(Int(ids.last! - ids.first!) == K - 1, "K \(K), seed \(seed)")
            }
        }
    }

    @Test func heldOutTokenCountsAreNewAndInRange() {
        for seed in UInt64(0)..<20 {
            let points = Grid.heldOut(50_000, count: 20, seed: seed)
            let counts = Set(points.map(\.1))
            #expect(counts.count == 20)
            #expect(counts.allSatisfy { $0 >= 1 && $0 <= 50_000 })
            #expect(counts.isDisjoint(with: Set(Grid.powers(of: 2, 50_000))))
        }
        // A vocabulary with nothing off the grid must not hang.
        #expect(Grid.heldOut(2, count: 20, seed: 1).isEmpty)
    }
}
