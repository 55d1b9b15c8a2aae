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

    @Test func heldOutTokenCountsAreNewAndInRange() throws {
        for seed in UInt64(0)..<20 {
            let shape = try HeadShape(vocabularySize: 50_000, hiddenSize: 8, elementType: .f16)
            let grid = Grid.fit(shape, patterns: IndexPattern.allCases, quick: false, hasScreen: true)
            let fitted = Set(grid.map(\.2))
            let points = Grid.heldOut(50_000, count: 20, seed: seed, excluding: fitted, hasScreen: true)
            let counts = Set(points.map(\.1))
            #expect(counts.count == 20)
            #expect(counts.allSatisfy { $0 >= 1 && $0 <= 50_000 })
            #expect(counts.isDisjoint(with: fitted))
            // Neighbours of one K would find each other's rows in the caches.
            #expect(!zip(grid, grid.dropFirst()).contains { $0.1 == $1.1 && $0.2 == $1.2 })
            #expect(!zip(points, points.dropFirst()).contains { $0.1 == $1.1 })
        }
        // A vocabulary with nothing off the grid must not hang.
        #expect(Grid.heldOut(2, count: 20, seed: 1, excluding: [1, 2], hasScreen: true).isEmpty)
    }
}
