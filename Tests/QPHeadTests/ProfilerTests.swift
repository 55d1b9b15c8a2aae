import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner
import QPTestSupport
import Testing

/// The whole profiler under the validation layer: tuner, verification, ceilings, probes, regimes, traces.
@Suite struct ProfilerTests {
    private func request(_ batches: [Int], interleaved: Bool = false) throws -> ProfileRequest {
        let shape = try HeadShape(vocabularySize: 777, hiddenSize: 40, elementType: .f16)
        return ProfileRequest(
            heads: [.init(name: nil, shape: shape, headShareOfWeights: nil)], batches: batches, quick: true,
            timeBudgetSeconds: 1, interleavedCopy: interleaved, regimes: false,
            traces: [.init(name: "t", engine: "e", runs: [[1, 40, 0], [1000]])], traceVocabularySize: 1000)
    }

    @Test func aRunGivesACompleteProfile() throws {
        try validated { library in
            let profile = try Profiler(library, try request([1, 3], interleaved: true)).run()
            let head = try #require(profile.heads.first)
            #expect(head.completedBatches == [1, 3])
            #expect(Set(head.fits.map(\.kernel)) == Set(KernelName.allCases))
            #expect(head.fits.allSatisfy { $0.heldOutCount > 0 })
            #expect(Set(head.curves.map(\.step)) == Set(StepName.allCases))
            #expect(head.crossovers.contains { $0.between == [.sparse, .dense] && $0.batch == 3 })
            #expect(Set(head.tunings.compactMap(\.winner).map(\.scan.lanesPerRow)).count == 1)
            #expect(profile.ceilings.count == 5 && profile.ceilings.allSatisfy { $0.value >= 0 })
            let trace = try #require(head.traces.first)
            // The finished step counts no head; K is scaled from V = 1000 to 777.
            #expect(trace.stepCount == 3)
            #expect(trace.oracleMicroseconds <= min(trace.denseMicroseconds, trace.sparseMicroseconds) + 1e-9)
            // It survives its own format, and a head takes its variants from it.
            #expect(try Profile(json: profile.encoded().utf8, source: "test") == profile)
            let weights = try HeadWeights(
                library, synthetic: SyntheticRows(shape: head.shape, seed: 1), interleaved: true)
            let tuned = try Head(library, weights, profile: profile)
            #expect(tuned.pair(batch: 1) == head.tunings[0].winner)
            #expect(tuned.pair(batch: 2).scan.lanesPerRow == head.tunings[0].winner?.scan.lanesPerRow)
        }
    }

    @Test func anInterruptedRunIsResumed() throws {
        try validated { library in
            var asked = 0
            let first = Profiler(
                library, try request([1]),
                isCancelled: {
                    asked += 1
                    return asked > 60
                })
            var partial: Profile?
            do {
                _ = try first.run()
                Issue.record("it was not interrupted")
            } catch ProfilerError.interrupted(let profile) {
                partial = profile
            }
            let begun = try #require(partial)
            #expect(begun.heads.first?.completedBatches == [])
            // A saved winner that cannot run here is tuned again, not trapped on.
            var damaged = begun
            if let winner = damaged.heads[0].tunings.first?.winner {
                var scan = winner.scan
                scan.layout = .interleaved
                scan.workgroupSize = 12
                damaged.heads[0].tunings[0].winner = VariantPair(scan: scan, gather: winner.gather)
            }
            for start in [begun, damaged] {
                let finished = try Profiler(library, try request([1])).run(resuming: start)
                #expect(finished.heads[0].completedBatches == [1])
                #expect(finished.heads[0].samples.count >= begun.heads[0].samples.count)
            }
        }
    }
}
