import QPCore
import QPPlanner
import Testing

@Suite struct BatchPartitionTests {
    /// Every set partition of 0..<n, each block under its cheapest access.
    private func bruteForce(_ n: Int, _ cost: BatchPartition.GroupCost) -> Int? {
        var best: Int?
        func visit(_ row: Int, _ blocks: [[Int]]) {
            if row == n {
                var total = 0
                for block in blocks {
                    guard let least = BatchPartition.Access.allCases.compactMap({ cost($0, block) }).min() else {
                        return
                    }
                    total += least
                }
                best = min(best ?? .max, total)
                return
            }
            for index in blocks.indices {
                var more = blocks
                more[index].append(row)
                visit(row + 1, more)
            }
            visit(row + 1, blocks + [[row]])
        }
        visit(0, [])
        return best
    }

    /// Arbitrary costs, some groups impossible: nothing to lean on but the search itself.
    @Test(arguments: 1...6)
    func theOptimumIsThatOfBruteForce(rowCount: Int) {
        for seed in UInt64(1)...60 {
            var generator = PhiloxGenerator(seed: seed)
            var table: [Int: Int] = [:]
            for (index, _) in BatchPartition.Access.allCases.enumerated() {
                for set in 1..<(1 << rowCount) where Int.random(in: 0..<5, using: &generator) > 0 {
                    table[set * 4 + index] = Int.random(in: 1...1000, using: &generator)
                }
            }
            let cost: BatchPartition.GroupCost = { access, rows in
                table[rows.reduce(0) { $0 | 1 << $1 } * 4 + BatchPartition.Access.allCases.firstIndex(of: access)!]
            }
            let found = BatchPartition.optimum(rowCount: rowCount, cost: cost)
            #expect(found?.nanoseconds == bruteForce(rowCount, cost), "seed \(seed)")
            if let found {
                #expect(found.groups.flatMap(\.rows).sorted() == Array(0..<rowCount), "seed \(seed)")
                for group in found.groups {
                    #expect(cost(group.access, group.rows) == group.nanoseconds, "seed \(seed)")
                }
            }
        }
    }

    private func cost(_ counts: [Int], union: Bool) -> BatchPartition.GroupCost {
        let model = PlanFixture.model
        return { access, rows in
            let own = rows.map { counts[$0] }
            switch access {
            case .scanForAll: return model.time(.dense, allowedTokenCount: own.max()!, batch: rows.count)?.nanoseconds
            case .gatherEach: return model.gatherEach(own)?.nanoseconds
            case .gatherUnion:
                return union
                    ? model.gatherUnion(unionTokenCount: min(PlanFixture.V, own.reduce(0, +)), batch: rows.count)?
                        .nanoseconds : nil
            }
        }
    }

    private func randomCounts(_ count: Int, _ generator: inout PhiloxGenerator) -> [Int] {
        (0..<count).map { _ in max(1, min(PlanFixture.V, Int(exp2(Double.random(in: 0...16.6, using: &generator))))) }
    }

    /// Scans and single lists alone, one scan group and one list group: there the rule is exact.
    @Test func theRuleIsTheOptimumWithoutUnions() throws {
        for seed in UInt64(1)...40 {
            var generator = PhiloxGenerator(seed: seed)
            let counts = randomCounts(Int.random(in: 1...7, using: &generator), &generator)
            let cost = cost(counts, union: false)
            let best = try #require(BatchPartition.optimum(rowCount: counts.count, cost: cost))
            let rule = try #require(BatchPartition.rule(counts: counts, cost: cost))
            // Mean lengths are rounded up a group, so a split of the lists may differ by a few nanoseconds.
            #expect(Double(rule.nanoseconds) <= Double(best.nanoseconds) * 1.001, "seed \(seed): \(counts)")
        }
    }

    /// With unions the rule may miss a little; by how much is the claim.
    @Test func theRuleIsNearTheOptimumWithUnions() throws {
        var worst = 1.0
        for seed in UInt64(1)...60 {
            var generator = PhiloxGenerator(seed: seed)
            let counts = randomCounts(Int.random(in: 2...7, using: &generator), &generator)
            let cost = cost(counts, union: true)
            let best = try #require(BatchPartition.optimum(rowCount: counts.count, cost: cost))
            let rule = try #require(BatchPartition.rule(counts: counts, cost: cost))
            #expect(rule.nanoseconds >= best.nanoseconds, "seed \(seed)")
            worst = max(worst, Double(rule.nanoseconds) / Double(best.nanoseconds))
        }
        #expect(worst < 1.15, "worst \(worst)")
    }

    @Test func aWideRowIsScannedAndNarrowOnesFollowFree() throws {
        var planner = try Planner(PlanFixture.model)
        let decision = try planner.plan(PlanFixture.step([90_000, 5_000, 7_000, 80_000]))
        // One scan of four rows takes 10.86 ms; leaving out the narrow rows would save 0.57 ms and cost 2.5 ms.
        #expect(decision.assignments.map(\.access) == [.scanForAll])
        #expect(decision.assignments[0].rows == [0, 1, 2, 3])
        let narrow = try planner.plan(PlanFixture.step([90_000, 5, 7, 80_000]))
        #expect(narrow.assignments.contains { $0.access == .scanForAll && $0.rows == [0, 3] })
        #expect(narrow.assignments.contains { $0.access != .scanForAll && $0.rows == [1, 2] })
        #expect(narrow.nanoseconds < decision.nanoseconds)
    }

    @Test func rowsOfOneStateShareTheirUnion() throws {
        let rows = (0..<8).map { _ in DecodeStep.Row(allowedTokenCount: 2_000, stateID: 1) }
        let alike = try DecodeStep(head: PlanFixture.head, rows: rows)
        var planner = try Planner(PlanFixture.model)
        let decision = try planner.plan(alike)
        #expect(decision.assignments.map(\.access) == [.gatherUnion])
        let different = try planner.plan(PlanFixture.step([Int](repeating: 2_000, count: 8)))
        #expect(decision.nanoseconds < different.nanoseconds)
    }

    /// Above the size that is searched exactly the rule decides, and no batch is worse than its parts.
    @Test func largeBatchesAreServedToo() throws {
        var generator = PhiloxGenerator(seed: 4)
        let counts = randomCounts(40, &generator)
        var planner = try Planner(PlanFixture.model)
        let decision = try planner.plan(PlanFixture.step(counts))
        #expect(decision.assignments.flatMap(\.rows).sorted() == Array(0..<40))
        let alone = try counts.reduce(0) { sum, K in try sum + planner.plan(PlanFixture.step([K])).nanoseconds }
        #expect(decision.nanoseconds <= alone)
    }

    @Test func aForcedRowLeavesTheBatch() throws {
        var planner = try Planner(PlanFixture.model)
        let decision = try planner.plan(PlanFixture.step([1, 90_000], need: .token))
        #expect(decision.assignments.first { $0.rows == [0] }?.plan == .forced)
        #expect(decision.assignments.first { $0.rows == [1] }?.plan == .dense)
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
