import QPCore
import QPDevice
import QPKernels
import QPTestSupport
import Testing

@testable import QPHead
@testable import QPPlanner

@Suite struct LiveStepTests {
    /// Plan, submit, finish and observe in random interleavings, observations late and out of order, shadows on, curves
    /// published now and then: every token is dense's, and two planners that hear the same go the same way, though one
    /// of them was saved and loaded on the way.
    @Test func aLiveLoopGivesDensesTokens() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head, slotCount: 3)
            for seed in UInt64(1)...4 {
                var generator = PhiloxGenerator(seed: seed)
                var live = try LivePlanner(
                    try Planner(bench.model), router: try ResidualLinUCBRouter(), shadowShare: 0.3,
                    random: PhiloxGenerator(seed: seed))
                var twin = live
                executor.update(live.routingCurves)
                let cases = try bench.cases(60, K: [1, 7, 40, 90, 110, 300], &generator)
                var open: [(ticket: StepTicket, expected: [StepRecord])] = []
                var seen: [Observation] = []
                var shadows = 0
                for (step, now) in cases.enumerated() {
                    let (masks, hidden) = (now.masks, now.hidden)
                    let isOnDevice = Bool.random(using: &generator) && masks.allSatisfy { $0.count > 1 }
                    var allowed: [AllowedSet] = masks.map { .host($0) }
                    var rows = masks.map { DecodeStep.Row(allowedTokenCount: $0.count) }
                    if isOnDevice {
                        allowed = try masks.map { mask in
                            let buffer = try Buffer(library.device, byteCount: mask.words.count * 4, use: .upload)
                            try buffer.write(mask.words)
                            return .device(buffer)
                        }
                        rows = masks.map { _ in DecodeStep.Row(allowedTokenCount: nil, place: .device) }
                    }
                    let decodeStep = try DecodeStep(head: bench.head.shape, rows: rows)
                    let decision = try live.plan(decodeStep)
                    let twinDecision = try twin.plan(decodeStep)
                    #expect(twinDecision == decision, "seed \(seed), step \(step)")
                    shadows += decision.shadow == nil ? 0 : 1
                    open.append(
                        (
                            try executor.submit(decision, hidden: hidden, allowed: allowed),
                            now.expected
                        ))
                    while let index = open.indices.randomElement(using: &generator),
                        Bool.random(using: &generator) || open.count > 5
                    {
                        let (ticket, expected) = open.remove(at: index)
                        let result = try ticket.wait()
                        for (row, record) in result.records.enumerated() {
                            #expect(record.token == expected[row].token, "seed \(seed), step \(step), row \(row)")
                        }
                        #expect(result.observation.failures.isEmpty)
                        #expect(result.observation.shadow?.mismatchedRows ?? [] == [])
                        seen.append(result.observation)
                    }
                    seen.shuffle(using: &generator)
                    while !seen.isEmpty, Bool.random(using: &generator) {
                        let observation = seen.removeLast()
                        live.observe(observation)
                        twin.observe(observation)
                    }
                    if step == 30 {
                        try twin.restoreRouter(from: try live.savedRouter())
                        #expect(twin.router == live.router)
                    }
                    if step % 10 == 0, live.publishCorrections() {
                        let hasPublished = twin.publishCorrections()
                        #expect(hasPublished)
                        executor.update(live.routingCurves)
                    }
                }
                for (ticket, _) in open { _ = try ticket.wait() }
                #expect(shadows > 0 && live.epoch > 0 && live.ignoredObservationCount == 0, "seed \(seed)")
            }
        }
    }

    /// Another token from a plan that should be exact is never silent; its time is apart from the step's.
    @Test func aShadowThatDisagreesIsReported() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head)
            executor.register(.registered("wrong")) { recorder, workspace, longest throws(DeviceError) in
                try workspace.program(.sparse).record(into: &recorder, longestList: longest)
                recorder.barrier()
                // Token 0 in the second row's record.
                recorder.fill(workspace.records, offset: StepRecord.byteCount, byteCount: 4, with: 0)
            }
            var generator = PhiloxGenerator(seed: 5)
            let masks = [40, 40].map { _ in
                let mask = ExecutorBench.mask(40, &generator)
                return try! TokenMask(allowing: mask.tokens.map { Int($0) }.filter { $0 > 0 }, vocabularySize: 600)
            }
            let hidden = masks.map { _ in ExecutorBench.state(&generator) }
            for (shadow, wrong) in [(PlanID.registered("wrong"), [1]), (.dense, [])] {
                let decision = Decision(
                    id: 3, epoch: 0,
                    assignments: [.init(plan: .sparse, form: .sparse, rows: [0, 1], nanoseconds: 1)], candidates: [],
                    propensity: 1, shadow: .init(plan: shadow, rows: [0, 1], nanoseconds: 1))
                let result = try executor.run(decision, hidden: hidden, allowed: masks)
                let found = try #require(result.observation.shadow)
                #expect(found.plan == shadow && found.mismatchedRows == wrong)
                #expect(found.durationMicroseconds ?? 0 > 0 && result.observation.durationMicroseconds ?? 0 > 0)
                let expected = try bench.dense(hidden, masks)
                #expect(result.records[1].hasSameAnswer(as: expected[1]))
            }
            // A shadow that cannot run is named, and compared with nothing.
            let missing = Decision(
                id: 3, epoch: 0, assignments: [.init(plan: .dense, rows: [0, 1], nanoseconds: 1)], candidates: [],
                propensity: 1, shadow: .init(plan: .registered("missing"), rows: [0, 1], nanoseconds: 1))
            let result = try executor.run(missing, hidden: hidden, allowed: masks)
            #expect(result.observation.shadow == nil && result.observation.failures.count == 1)
        }
    }
}
