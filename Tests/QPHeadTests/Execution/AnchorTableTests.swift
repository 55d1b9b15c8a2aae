import QPCore
import QPDevice
import QPKernels
import QPTestSupport
import Testing

@testable import QPHead
@testable import QPPlanner

@Suite struct AnchorTableTests {
    /// Reuse for each row alone, or a refresh of its anchor.
    private func decision(_ id: UInt64, refreshing: [Bool]) -> Decision {
        Decision(
            id: id, epoch: 0,
            assignments: refreshing.enumerated().map { row, refreshes in
                .init(plan: refreshes ? .fullRecompute : .amortizedRerank, rows: [row], nanoseconds: 1)
            }, candidates: [], propensity: 1)
    }

    /// Three sequences in one batch, two steps in flight, hidden states that drift: every row reuses its own anchor,
    /// and every token is dense's.
    @Test(arguments: [8, 2]) func sequencesOfABatchReuseTheirAnchors(_ capacity: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head, weightsID: 3, anchorCapacity: capacity)
            var generator = PhiloxGenerator(seed: seed)
            var states = (0..<3).map { _ in ExecutorBench.state(&generator) }
            let sequences: [UInt64] = [70, 71, 72]
            let cases = try (0..<200).map { _ in
                let masks = (0..<3).map { _ in ExecutorBench.mask(500, &generator) }
                let now = states
                for row in 0..<3 {
                    states[row] = states[row].map { $0 + Float.random(in: -2e-4...2e-4, using: &generator) }
                }
                return ExecutorBench.Case(masks: masks, hidden: now, expected: try bench.dense(now, masks))
            }
            var open: [(ticket: StepTicket, expected: [StepRecord], refreshing: [Bool])] = []
            var reused = 0
            var survivors = 0
            for (step, now) in cases.enumerated() {
                let refreshing = (0..<3).map { (step + 7 * $0) % 20 == 0 || step == 0 }
                // Rows come in another order at each step: an anchor belongs to its sequence, not to its row.
                let order = [0, 1, 2].shuffled(using: &generator)
                let ticket = try executor.submit(
                    decision(UInt64(step), refreshing: order.map { refreshing[$0] }),
                    hidden: order.map { now.hidden[$0] }, allowed: order.map { now.masks[$0] },
                    sequences: order.map { sequences[$0] })
                open.append((ticket, order.map { now.expected[$0] }, order.map { refreshing[$0] }))
                if open.count == 2 {
                    let (ticket, expected, refreshing) = open.removeFirst()
                    let result = try ticket.wait()
                    #expect(result.observation.failures.isEmpty)
                    for row in 0..<3 {
                        #expect(
                            result.records[row].hasSameAnswer(as: expected[row]),
                            "seed \(seed), step \(step), row \(row)")
                        guard !refreshing[row] else { continue }
                        reused += 1
                        survivors += result.records[row].survivorCount
                    }
                }
            }
            // Where each sequence has its own, few rows stay in play; where three share two, it is right all the same.
            if capacity >= 3 { #expect(survivors < reused * 100, "seed \(seed): \(survivors) of \(reused) · 500") }
        }
    }

    /// The summary says what was seen: drift of the last step, margin of the refresh, survivors and overflows.
    @Test func summariesSayWhatWasSeen() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head, weightsID: 3)
            var generator = PhiloxGenerator(seed: 8)
            let mask = ExecutorBench.mask(400, &generator)
            let state = ExecutorBench.state(&generator)
            func run(_ refreshes: Bool, _ state: [Float]) throws -> PlanExecutor.Result {
                try executor.run(decision(0, refreshing: [refreshes]), hidden: [state], allowed: [mask])
            }
            // Before a refresh the anchor rules nothing out, and there is nothing to say of it.
            let unknown = try run(false, state)
            #expect(unknown.anchors == [nil] && unknown.records[0].fellBack)
            let refreshed = try run(true, state)
            let first = try #require(refreshed.anchors[0])
            #expect(first.relativeDrift == 0 && first.weightsID == 3)
            #expect(first.margin == Double(try #require(refreshed.records[0].margin)))
            let near = try run(false, state.map { $0 * 1.001 })
            let second = try #require(near.anchors[0])
            #expect(abs(second.relativeDrift - 0.001) < 1e-6)
            #expect(second.survivorShare > 0 && second.survivorShare < 1)
            #expect(second.refinementProbability < first.refinementProbability)
            let far = try run(false, state.map { -$0 })
            let third = try #require(far.anchors[0])
            #expect(abs(third.relativeDrift - 2) < 1e-6 && third.survivorShare > second.survivorShare)
            #expect(third.refinementProbability > second.refinementProbability)
        }
    }

    /// The sequence unused longest gives its anchor up.
    @Test func theOldestSequenceIsForgotten() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            var table = AnchorTable(capacity: 2, weightsID: 0)
            func index(_ sequence: UInt64) throws -> Int {
                try table.index(of: sequence) { () throws(DeviceError) in try Anchor(bench.head, batch: 1) }
            }
            #expect(try [index(5), index(6), index(5), index(7), index(5), index(6)] == [0, 1, 0, 1, 0, 1])
            #expect(table.anchors.count == 2)
            table.refresh(5, hidden: [1])
            #expect(table.summary(5) != nil && table.summary(6) == nil && table.summary(7) == nil)
        }
    }
}
