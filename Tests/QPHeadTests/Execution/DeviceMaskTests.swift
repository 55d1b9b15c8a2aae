import QPCore
import QPDevice
import QPKernels
import QPTestSupport
import Testing

@testable import QPHead
@testable import QPPlanner

@Suite struct DeviceMaskTests {
    private func buffer(_ mask: TokenMask, _ library: KernelLibrary, offset: Int = 0) throws -> Buffer {
        let buffer = try Buffer(library.device, byteCount: offset + mask.words.count * 4, use: .upload)
        try buffer.write(mask.words, at: offset)
        return buffer
    }

    private func unknown(_ count: Int, _ head: HeadShape) throws -> DecodeStep {
        try DecodeStep(
            head: head,
            rows: Array(repeating: .init(allowedTokenCount: nil, place: .device), count: count))
    }

    /// Nobody on the host knows K: the device counts, chooses on either side of the crossover, and says what it took.
    @Test(arguments: [1, 3]) func aStepRoutesItself(_ batch: Int) throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head)
            executor.update(RoutingCurves(bench.model))
            var planner = try Planner(bench.model)
            var generator = PhiloxGenerator(seed: 2)
            // Compaction and gather cost less than the scan below K ≈ 95, and for B rows below a B-th of it.
            for (K, plan) in [(2, PlanID.sparse), (20, .sparse), (300, .dense), (600, .dense)] {
                let masks = (0..<batch).map { _ in ExecutorBench.mask(K, &generator) }
                let hidden = masks.map { _ in ExecutorBench.state(&generator) }
                let decision = try planner.plan(unknown(batch, bench.head.shape))
                #expect(decision.assignments.map(\.isRouted) == [true])
                let allowed = try masks.map { AllowedSet.device(try buffer($0, library, offset: 64), offset: 64) }
                let result = try executor.submit(decision, hidden: hidden, allowed: allowed).wait()
                let expected = try bench.dense(hidden, masks)
                for row in 0..<batch {
                    #expect(result.records[row].hasSameAnswer(as: expected[row]), "K = \(K), row \(row)")
                }
                #expect(result.observation.plans == Array(repeating: plan, count: batch), "K = \(K)")
                #expect(result.observation.allowedTokenCounts == Array(repeating: K, count: batch))
                #expect(result.observation.fellBack == Array(repeating: false, count: batch))
                #expect(result.observation.failures.isEmpty)
            }
        }
    }

    /// New curves move the crossover; those of a step in flight are left alone until it has run.
    @Test func correctionsReachTheRoutedStep() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head, slotCount: 2)
            var planner = try Planner(bench.model)
            var generator = PhiloxGenerator(seed: 2)
            let mask = ExecutorBench.mask(40, &generator)
            let hidden = [ExecutorBench.state(&generator)]
            let expected = try bench.dense(hidden, [mask])[0]
            let allowed = [AllowedSet.device(try buffer(mask, library))]
            func submit() throws -> StepTicket {
                try executor.submit(
                    try planner.plan(unknown(1, bench.head.shape)), hidden: hidden, allowed: allowed)
            }
            let missing = try submit().wait()
            #expect(missing.observation.plans == [.dense] && missing.records[0].hasSameAnswer(as: expected))
            #expect(
                missing.observation.failures == [
                    """
                    routing: no routing curves are given
                    Call PlanExecutor.update before a step whose K the host does not know.
                    """
                ])
            var tickets: [(StepTicket, PlanID)] = []
            for (epoch, factor) in [1.0, 9, 1, 1, 9, 1].enumerated() {
                executor.update(
                    RoutingCurves(bench.model, epoch: UInt64(epoch)) { step, _, _ in step == .dense ? 1 : factor })
                tickets.append((try submit(), factor > 1 ? .dense : .sparse))
            }
            for (index, (ticket, plan)) in tickets.enumerated() {
                let result = try ticket.wait()
                #expect(result.observation.plans == [plan], "step \(index)")
                #expect(result.records[0].hasSameAnswer(as: expected))
            }
        }
    }

    /// Masks on the host and on the device in one batch, K known: each plan that can takes them, the others fall back.
    @Test func masksOfBothPlacesShareABatch() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head)
            var generator = PhiloxGenerator(seed: 6)
            let masks = [30, 500, 5].map { ExecutorBench.mask($0, &generator) }
            let hidden = masks.map { _ in ExecutorBench.state(&generator) }
            let expected = try bench.dense(hidden, masks)
            let allowed: [AllowedSet] = [
                .device(try buffer(masks[0], library)), .host(masks[1]), .device(try buffer(masks[2], library)),
            ]
            var planner = try Planner(bench.model)
            let rows = zip(masks, [DecodeStep.Place.device, .host, .device]).map {
                DecodeStep.Row(allowedTokenCount: $0.count, place: $1)
            }
            let planned = try planner.plan(DecodeStep(head: bench.head.shape, rows: rows))
            func check(_ decision: Decision) throws -> Observation {
                let result = try executor.submit(decision, hidden: hidden, allowed: allowed).wait()
                for row in 0..<3 { #expect(result.records[row].hasSameAnswer(as: expected[row]), "row \(row)") }
                return result.observation
            }
            #expect(try check(planned).failures.isEmpty)
            for form in [StepName.dense, .denseSkipping, .sparseFromMask] {
                let plan: PlanID = form == .sparseFromMask ? .sparse : .dense
                let decision = Decision(
                    id: 0, epoch: 0, assignments: [.init(plan: plan, form: form, rows: [0, 1, 2], nanoseconds: 1)],
                    candidates: [], propensity: 1)
                #expect(try check(decision).failures.isEmpty, "\(form)")
            }
            let listed = Decision(
                id: 0, epoch: 0, assignments: [.init(plan: .sparse, form: .sparse, rows: [0, 1, 2], nanoseconds: 1)],
                candidates: [], propensity: 1)
            let observation = try check(listed)
            #expect(observation.plans == [.dense, .dense, .dense])
            #expect(
                observation.failures == [
                    """
                    sparse: sparse takes a list of ids, and a mask of its rows is on the device
                    Plan such rows with place = .device.
                    """
                ])
        }
    }

    @Test func badMasksOnTheDeviceAreRefused() throws {
        try validated { library in
            let bench = try ExecutorBench(library)
            let executor = try PlanExecutor(bench.head)
            executor.update(RoutingCurves(bench.model))
            var planner = try Planner(bench.model)
            var generator = PhiloxGenerator(seed: 6)
            let hidden = [ExecutorBench.state(&generator)]
            let decision = try planner.plan(unknown(1, bench.head.shape))
            let short = try Buffer(library.device, byteCount: 72, use: .upload)
            #expect(
                throws: StepError.allowed(.tooFewWords(given: 18, needed: 19, vocabularySize: ExecutorBench.V))
            ) { _ = try executor.submit(decision, hidden: hidden, allowed: [.device(short)]) }
            #expect(throws: StepError.allowed(.tooFewWords(given: 0, needed: 19, vocabularySize: ExecutorBench.V))) {
                _ = try executor.submit(decision, hidden: hidden, allowed: [.device(short, offset: -4)])
            }
            let empty = try Buffer(library.device, byteCount: 76, use: .upload)
            try empty.write([UInt32](repeating: 0, count: 19))
            // Routed, and scanned because it is told to.
            let scanned = Decision(
                id: 0, epoch: 0, assignments: [.init(plan: .dense, rows: [0], nanoseconds: 1)], candidates: [],
                propensity: 1)
            for decision in [decision, scanned] {
                let ticket = try executor.submit(decision, hidden: hidden, allowed: [.device(empty)])
                #expect(throws: StepError.allowed(.empty(batchRow: 0))) { _ = try ticket.wait() }
            }
        }
    }
}
