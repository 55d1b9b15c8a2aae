import QPCore
import QPHead
import QPKernels
import QPTestSupport
import Testing

@testable import QPRuntime

@Suite(.timeLimit(.minutes(2))) struct LoadTests {
    @Test func aLoadWorksWhileItIsOn() {
        let load = BackgroundLoad(threadCount: 2)
        #expect(load.threadCount == 2 && load.passes == 0)
        load.switchOn(true)
        // The time limit ends this if no thread works.
        while load.passes < 3 {}
        load.end()
        let passes = load.passes
        load.switchOn(true)
        #expect(load.passes == passes, "a thread works after its end")
        let off = BackgroundLoad(threadCount: 1)
        off.end()
        #expect(off.passes == 0)
    }

    @Test func policiesTakeTurns() throws {
        try validated { library in
            let shape = try HeadShape(vocabularySize: 400, hiddenSize: 32, elementType: .f16)
            let head = try Head(
                library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 1)))
            func measure(cancelled: Bool) throws -> LoadedRun? {
                try LoadedRun.measure(
                    StepMeter(head), model: FixtureModel.model(shape), runs: [[3, 380], [40]], count: 70,
                    threadCount: 1, seed: 5, isCancelled: { cancelled })
            }
            let run = try #require(try measure(cancelled: false))
            // Phases last 20…60 steps: both kinds occur in 70.
            #expect(run.loadedShare > 0 && run.loadedShare < 1)
            #expect(run.policies.count == 5)
            for policy in run.policies {
                #expect(policy.quietMicroseconds > 0 && policy.loadedMicroseconds > 0, "\(policy.name)")
                #expect(policy.totalMicroseconds == policy.quietMicroseconds + policy.loadedMicroseconds)
                #expect(abs(policy.planShares.values.reduce(0, +) - 1) < 1e-9, "\(policy.name)")
            }
            #expect(run.policies[0].planShares["dense"] == 1 && run.policies[1].planShares["sparse"] == 1)
            // By its model a gathered row costs 1 µs, a scan 1 ms: V = 400 is all gathered.
            #expect(run.policies[2].planShares["sparse"] == 1)
            #expect(try measure(cancelled: true) == nil)
        }
    }
}
