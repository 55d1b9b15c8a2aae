import QPCore
import QPHead
import QPKernels
import QPPlanner
import QPTestSupport
import Testing

@testable import QPRuntime

@Suite struct ReuseReplayTests {
    /// Dense 10, sparse 20, screened 30, recompute 12, and reuse as given, everywhere; both halves alike.
    private func table(_ sequences: [[[Double]]]) -> ReuseTable {
        var rows: [ReuseTable.Row] = []
        for (sequence, steps) in sequences.enumerated() {
            for reuse in steps {
                rows.append(
                    ReuseTable.Row(
                        sequence: sequence, allowedTokenCount: 100,
                        microseconds: [10.0, 20, 30, 12].map { [$0, $0] }, screenSurvivors: 5,
                        reuse: reuse.map {
                            .init(microseconds: [$0, $0], survivors: 10, fellBack: $0 > 9, isProven: $0 < 2)
                        }))
            }
        }
        return ReuseTable(mismatches: 0, maximumAge: 2, rows: rows)
    }

    private func outcome(_ replay: ReuseReplay, _ name: String) throws -> ReuseReplay.Outcome {
        try #require(replay.policies.first { $0.name == name })
    }

    /// A recompute is dearer than a scan and pays by what it saves later: the oracle has to see that.
    @Test func theOracleLooksAhead() throws {
        let replay = ReuseReplay(table([[[], [1], [1, 1], [9, 1]]]))
        let oracle = try outcome(replay, "oracle")
        // 12 + 1 + 1, then the oldest anchor is gone: a scan beats a young one that nobody made.
        #expect(oracle.totalMicroseconds == 24)
        #expect(oracle.planShares == ["fullRecompute": 0.25, "amortizedRerank": 0.5, "dense": 0.25])
        #expect(oracle.certifiedShare == 1)
        #expect(try outcome(replay, "oracle, dense or sparse").totalMicroseconds == 40)
        let periodic = try outcome(replay, "recompute every 2 steps")
        #expect(periodic.totalMicroseconds == 12 + 1 + 12 + 9)
        #expect(try outcome(replay, "recompute every 3 steps").totalMicroseconds == 12 + 1 + 1 + 12)
    }

    /// Where reuse never pays, the oracle of everything is that of dense and sparse; anchors end with their sequence.
    @Test func reuseThatDoesNotPayIsNotTaken() throws {
        let replay = ReuseReplay(table([[[], [15]], [[], [15], [15, 15]]]))
        #expect(try outcome(replay, "oracle").totalMicroseconds == 50)
        #expect(try outcome(replay, "oracle").certifiedShare == nil)
        let periodic = try outcome(replay, "recompute every 3 steps")
        #expect(periodic.totalMicroseconds == 2 * 12 + 3 * 15 && periodic.certifiedShare == 0)
        #expect(replay.ages.map(\.steps) == [3, 1] && replay.ages[0].ratioToScoring == 1.5)
        #expect(replay.ages[0].survivorShare == 0.1 && replay.screenSurvivorShare == 0.05)
    }

    /// The oracle's total against every sequence of actions, one by one.
    @Test func theOracleIsTheBestOfAllWays() throws {
        var generator = PhiloxGenerator(seed: 17)
        for trial in 0..<20 {
            let table = table([
                (0..<5).map { step in
                    (0..<min(step, 2)).map { _ in Double(Int.random(in: 1...14, using: &generator)) }
                }
            ])
            func best(_ row: Int, _ age: Int) -> Double {
                guard row < table.rows.count else { return 0 }
                let reuse = table.rows[row].reuse
                let alive = age > 0 && age <= reuse.count
                var least = 10 + best(row + 1, alive ? age + 1 : 0)
                least = min(least, 12 + best(row + 1, 1))
                if alive { least = min(least, reuse[age - 1].microseconds[0] + best(row + 1, age + 1)) }
                return least
            }
            let oracle = try outcome(ReuseReplay(table), "oracle").totalMicroseconds
            #expect(oracle == best(0, 0), "seed 17, trial \(trial)")
        }
    }

    /// On the device: every plan gives dense's answer, an anchor of the same state proves everything, and after a jump
    /// it proves nothing.
    @Test func anchorsAreThoseOfTheTrace() throws {
        try validated { library in
            let shape = try HeadShape(vocabularySize: 2000, hiddenSize: 64, elementType: .f16)
            let rows = SyntheticRows(shape: shape, seed: 5)
            let head = try Head(library, try HeadWeights(library, synthetic: rows))
            func steps(drift: Double, jumps: Double) -> [TraceStep] {
                var trace = SyntheticTrace(rows: rows, drift: drift, jumpProbability: jumps, peak: 0.7, seed: 3)
                return [[300, 400, 0, 500], [1, 20]].enumerated().flatMap { sequence, counts in
                    counts.enumerated().compactMap { step, K in
                        K == 0
                            ? TraceStep(sequence: sequence, step: step, allowedTokenCount: 0)
                            : trace.next(allowedTokenCount: K, sequence: sequence, step: step)
                    }
                }
            }
            let meter = try ReuseMeter(head, maximumAge: 2)
            let still = try #require(try meter.measure(steps(drift: 0, jumps: 0), samples: 2))
            #expect(still.mismatches == 0)
            #expect(still.rows.map(\.allowedTokenCount) == [300, 400, 500, 1, 20])
            #expect(still.rows.map(\.reuse.count) == [0, 1, 2, 0, 1])
            #expect(still.rows.allSatisfy { $0.reuse.allSatisfy { $0.isProven && !$0.fellBack } })
            let jumping = try #require(try meter.measure(steps(drift: 0, jumps: 1), samples: 2))
            #expect(jumping.mismatches == 0)
            #expect(jumping.rows[1].reuse[0].survivors > 100, "\(jumping.rows[1].reuse)")
            #expect(
                jumping.rows.allSatisfy { $0.microseconds.allSatisfy { $0.count == 2 && $0.allSatisfy { $0 > 0 } } })
        }
    }

    @Test func syntheticStatesDriftAsAsked() throws {
        let shape = try HeadShape(vocabularySize: 500, hiddenSize: 256, elementType: .f16)
        var trace = SyntheticTrace(
            rows: SyntheticRows(shape: shape, seed: 1), drift: 0.05, jumpProbability: 0, peak: 0.5, seed: 2)
        var last: [Float]?
        for step in 0..<20 {
            let next = trace.next(allowedTokenCount: 40, sequence: 0, step: step)
            let hidden = try #require(next.hidden)
            #expect(next.allowed?.count == 40)
            #expect(abs(hidden.reduce(0) { $0 + $1 * $1 } / 256 - 1) < 1e-4)
            if let last {
                let moved = zip(hidden, last).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                #expect(abs((moved / 256).squareRoot() - 0.05) < 0.005, "step \(step)")
            }
            last = hidden
        }
    }
}
