import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner
import QPTestSupport
import Testing

@Suite struct PlanVerifierTests {
    @Test(arguments: [(ElementType.f16, 1), (.f32, 3), (.int8, 2), (.bf16, 8)])
    func allPlansAgree(type: ElementType, batch: Int) throws {
        try validated { library in
            let shape = try HeadShape(vocabularySize: 777, hiddenSize: 72, elementType: type)
            let head = try Head(library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 3)))
            let report = try PlanVerifier(head, batch: batch).verify(steps: 12, seed: 5)
            #expect(report.steps == 12 && report.isClean && report.epsilon == 0, "\(report)")
            #expect(
                Set(report.tokenMismatches.keys).isSuperset(of: [
                    "denseSkipping", "sparse", "sparseFromMask", "amortized", "amortizedRerank", "screenedRerank",
                    "fullRecompute",
                ]))
        }
    }

    @Test func aVerifiedRunCanBeStopped() throws {
        try validated { library in
            let shape = try HeadShape(vocabularySize: 64, hiddenSize: 8, elementType: .f16)
            let head = try Head(library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 3)))
            var turns = 0
            let report = try PlanVerifier(head, batch: 1).verify(
                steps: 50, seed: 5,
                isCancelled: {
                    turns += 1
                    return turns > 3
                })
            #expect(report.steps == 3)
        }
    }

    /// The meter returns as many readings as asked for, of every task, ragged batches among them.
    @Test func theMeterTimesRaggedBatches() throws {
        try validated { library in
            let shape = try HeadShape(vocabularySize: 512, hiddenSize: 16, elementType: .f16)
            let head = try Head(library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 3)))
            let readings = try StepMeter(head).measure(
                [
                    .init(.dense, counts: [512]), .init(.sparse, counts: [3, 200]),
                    .init(.denseSkipping, counts: [3, 200]),
                    .init(.sparseFromMask, counts: [1]), .init(.fullRecompute, counts: [9]),
                    .init(.screenedRerank, counts: [9]),
                ], count: 3, seed: 1)
            #expect(
                readings?.map(\.count) == [3, 3, 3, 3, 3, 3]
                    && readings?.allSatisfy { $0.allSatisfy { $0 > 0 } } == true)
            #expect(
                try StepMeter(head).measure([.init(.dense, counts: [1])], count: 3, seed: 1, isCancelled: { true })
                    == nil)
        }
    }

    /// The state is moved until as many rows survive as asked for, and no more; the token alone needs no other state.
    @Test func theMeterTimesReuse() throws {
        try validated { library in
            let shape = try HeadShape(vocabularySize: 4096, hiddenSize: 16, elementType: .f16)
            let head = try Head(library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 3)))
            let meter = try StepMeter(head)
            func task(_ share: Double, _ K: Int, tokenOnly: Bool = false) -> StepMeter.Task {
                .init(.init(survivorShare: share, tokenOnly: tokenOnly), count: K)
            }
            let tasks = [
                task(0, 4096), task(0, 4096, tokenOnly: true), task(0.1, 4096), task(0.5, 300), task(1, 40), task(1, 1),
            ]
            #expect(meter.drift(of: tasks[0]) == nil)
            let readings = try meter.measure(tasks, count: 2, seed: 1)
            #expect(readings?.allSatisfy { $0.count == 2 && $0.allSatisfy { $0 > 0 } } == true)
            let drifts = try tasks.map { try #require(meter.drift(of: $0)) }
            #expect(drifts[0] == drifts[1])
            #expect(drifts[0].survivorCount == 2)
            #expect((400...410).contains(drifts[2].survivorCount), "\(drifts)")
            #expect((140...150).contains(drifts[3].survivorCount), "\(drifts)")
            #expect(drifts[4].survivorCount == 40 && drifts[4].relative > 0.9, "\(drifts)")
            #expect(drifts[0].relative < drifts[2].relative && drifts[2].relative < drifts[3].relative)
        }
    }
}
