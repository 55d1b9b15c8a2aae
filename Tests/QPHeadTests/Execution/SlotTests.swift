import QPCore
import QPDevice
import QPKernels
import QPTestSupport
import Testing

@testable import QPHead
@testable import QPPlanner

@Suite struct SlotTests {
    private struct Open {
        let ticket: StepTicket
        let expected: [StepRecord]
        let seed: UInt64
    }

    private func check(_ open: Open) throws {
        let result = try open.ticket.wait()
        #expect(result.observation.decisionID == open.ticket.decisionID && result.observation.failures.isEmpty)
        for (row, record) in result.records.enumerated() {
            #expect(record.hasSameAnswer(as: open.expected[row]), "seed \(open.seed), row \(row)")
        }
    }

    /// Steps are submitted, finished in any order, finished twice or let go of, with one to three slots: each ticket
    /// has its own step's answer.
    @Test(arguments: [1, 2, 3]) func anyOrderOfSubmitAndFinish(_ slotCount: Int) throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head, slotCount: slotCount)
            var planner = try Planner(bench.model)
            for seed in UInt64(1)...6 {
                var generator = PhiloxGenerator(seed: seed)
                let cases = try bench.cases(12, K: [2, 7, 40, 300, 600], &generator)
                var open: [Open] = []
                for _ in 0..<80 {
                    switch Int.random(in: 0..<6, using: &generator) {
                    case 0...2:
                        let next = cases.randomElement(using: &generator)!
                        let ticket = try executor.submit(
                            try planner.plan(bench.step(next.masks)), hidden: next.hidden, allowed: next.masks)
                        open.append(Open(ticket: ticket, expected: next.expected, seed: seed))
                    case 3...4 where !open.isEmpty:
                        let index = Int.random(in: 0..<open.count, using: &generator)
                        try check(open[index])
                        try check(open[index])
                        open.remove(at: index)
                    case 5 where !open.isEmpty:
                        open.remove(at: Int.random(in: 0..<open.count, using: &generator))
                    default: break
                    }
                }
                for step in open { try check(step) }
            }
        }
    }

    /// What is at fault in one step does not reach its neighbours in flight, and shows when that step is finished.
    @Test func errorsStayWithTheirStep() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head, slotCount: 3)
            var planner = try Planner(bench.model)
            var generator = PhiloxGenerator(seed: 4)
            let mask = ExecutorBench.mask(40, &generator)
            let good = [ExecutorBench.state(&generator)]
            let bad = [[Float](repeating: .infinity, count: ExecutorBench.d)]
            let expected = try bench.dense(good, [mask])[0]
            let tickets = try [good, bad, good].map {
                try executor.submit(try planner.plan(bench.step([mask])), hidden: $0, allowed: [mask])
            }
            #expect(throws: StepError.hiddenNotFinite(batchRow: 0)) { _ = try tickets[1].wait() }
            #expect(try tickets[0].wait().records[0].hasSameAnswer(as: expected))
            #expect(try tickets[2].wait().records[0].hasSameAnswer(as: expected))
            #expect(throws: StepError.hiddenNotFinite(batchRow: 0)) { _ = try tickets[1].wait() }
        }
    }

    /// Tickets and executor may go while their steps run: the executor waits for them.
    @Test func lettingGoIsSafe() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            var generator = PhiloxGenerator(seed: 4)
            let mask = ExecutorBench.mask(40, &generator)
            let hidden = [ExecutorBench.state(&generator)]
            for _ in 0..<20 {
                var planner = try Planner(bench.model)
                let executor = try PlanExecutor(bench.head)
                for _ in 0..<3 {
                    _ = try executor.submit(try planner.plan(bench.step([mask])), hidden: hidden, allowed: [mask])
                }
            }
        }
    }

    /// A queue that refuses once: the step is not lost in silence, and the next ones are right.
    @Test func afterAFailureTheExecutorGoesOn() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head)
            var planner = try Planner(bench.model)
            var generator = PhiloxGenerator(seed: 4)
            let mask = ExecutorBench.mask(40, &generator)
            let hidden = [ExecutorBench.state(&generator)]
            let expected = try bench.dense(hidden, [mask])[0]
            func submit() throws -> StepTicket {
                try executor.submit(try planner.plan(bench.step([mask])), hidden: hidden, allowed: [mask])
            }
            let queue = executor.queue
            let lost = DeviceError(.callFailed, "the queue is gone")
            let before = try submit()
            executor.queue.submit = { _ throws(DeviceError) in throw lost }
            #expect(throws: StepError.device(lost)) { _ = try submit() }
            executor.queue.submit = queue.submit
            #expect(try before.wait().records[0].hasSameAnswer(as: expected))

            let unknown = try submit()
            executor.queue.wait = { _ throws(DeviceError) in throw lost }
            #expect(throws: StepError.device(lost)) { _ = try unknown.wait() }
            executor.queue.wait = queue.wait
            for _ in 0..<4 { #expect(try submit().wait().records[0].hasSameAnswer(as: expected)) }
        }
    }

    /// A part is recorded once for each slot and four lengths to a power of two, however many steps use it.
    @Test func recordingsAreMadeOnce() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head)
            let plan = PhysicalPlan(.registered("mine"), guarantee: .exact) { _, _, _ in
                .applies(PlanCost(nanoseconds: 1, evidence: .default, trafficBytes: 0))
            }
            var planner = try Planner(bench.model, plans: [plan])
            var recorded: [Int] = []
            executor.register(.registered("mine")) { recorder, workspace, longest throws(DeviceError) in
                recorded.append(longest)
                try workspace.program(.sparse).record(into: &recorder, longestList: longest)
            }
            var generator = PhiloxGenerator(seed: 9)
            func run(_ K: Int) throws {
                let masks = [ExecutorBench.mask(K, &generator)]
                let hidden = [ExecutorBench.state(&generator)]
                let expected = try bench.dense(hidden, masks)[0]
                let result = try executor.run(try planner.plan(bench.step(masks)), hidden: hidden, allowed: masks)
                #expect(result.records[0].hasSameAnswer(as: expected), "K = \(K)")
            }
            for K in [33, 64, 40, 65, 100, 600, 513, 1, 2] { try run(K) }
            #expect(recorded == [40, 64, 80, 112, 600, 1, 2])
            // Another fragment under the name takes the place of what was recorded.
            executor.register(.registered("mine")) { recorder, workspace, longest throws(DeviceError) in
                recorded.append(-longest)
                try workspace.program(.dense).record(into: &recorder, longestList: longest)
            }
            try run(64)
            #expect(recorded.last == -64)
        }
    }

    /// A fragment that throws while another step is in flight costs its own step nothing but time.
    @Test func aFragmentThatThrowsFallsBackInItsSlot() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head)
            let plan = PhysicalPlan(.registered("broken"), guarantee: .exact) { row, _, _ in
                row.allowedTokenCount! > 100
                    ? .applies(PlanCost(nanoseconds: 1, evidence: .default, trafficBytes: 0)) : .lacks("K is small")
            }
            executor.register(.registered("broken")) { recorder, workspace, longest throws(DeviceError) in
                try workspace.program(.sparse).record(into: &recorder, longestList: longest)
                throw DeviceError(.callFailed, "half-way")
            }
            var planner = try Planner(bench.model, plans: PhysicalPlan.builtIn() + [plan])
            var generator = PhiloxGenerator(seed: 5)
            let small = [ExecutorBench.mask(20, &generator)]
            let mixed = [20, 300, 400].map { ExecutorBench.mask($0, &generator) }
            let states = (0..<3).map { _ in ExecutorBench.state(&generator) }
            let first = try executor.submit(try planner.plan(bench.step(small)), hidden: [states[0]], allowed: small)
            let second = try executor.submit(try planner.plan(bench.step(mixed)), hidden: states, allowed: mixed)
            let expected = try bench.dense(states, mixed)
            let result = try second.wait()
            #expect(result.observation.plans == [.sparse, .dense, .dense])
            #expect(result.observation.failures == ["broken: half-way"])
            for row in 0..<3 { #expect(result.records[row].hasSameAnswer(as: expected[row]), "row \(row)") }
            let alone = try bench.dense([states[0]], small)[0]
            #expect(try first.wait().records[0].hasSameAnswer(as: alone))
        }
    }
}
