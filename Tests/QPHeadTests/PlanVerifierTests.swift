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
                    .init(.sparseFromMask, counts: [1]),
                ], count: 3, seed: 1)
            #expect(
                readings?.map(\.count) == [3, 3, 3, 3] && readings?.allSatisfy { $0.allSatisfy { $0 > 0 } } == true)
            #expect(
                try StepMeter(head).measure([.init(.dense, counts: [1])], count: 3, seed: 1, isCancelled: { true })
                    == nil)
        }
    }
}
