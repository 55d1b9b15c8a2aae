import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner
import QPTestSupport
import Testing

@Suite struct PlanExecutorTests {
    private static let V = 600
    private static let d = 24

    private func head(_ library: KernelLibrary) throws -> Head {
        let shape = try HeadShape(vocabularySize: Self.V, hiddenSize: Self.d, elementType: .f16)
        return try Head(library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 11)))
    }

    /// A scan costs 1 ms for any batch, a gathered row 10 µs.
    private func model(_ head: Head) -> CostModel {
        func curve(_ step: StepName, _ from: Int, _ to: Int) -> CostCurve {
            CostCurve(
                step: step, batch: 1, pattern: .uniform,
                points: [(1, from), (Self.V, to)].map {
                    .init(allowedTokenCount: $0, nanoseconds: $1, lowNanoseconds: $1, highNanoseconds: $1)
                })
        }
        return CostModel(
            head: head.shape,
            curves: [curve(.dense, 1_000_000, 1_000_000), curve(.sparse, 10_000, 6_000_000)], bytesPerNanosecond: nil)
    }

    private func masks(_ counts: [Int], _ generator: inout PhiloxGenerator) -> [TokenMask] {
        counts.map { IndexPattern.uniform.tokens($0, vocabularySize: Self.V, using: &generator) }
    }

    private func states(_ count: Int, _ generator: inout PhiloxGenerator) -> [[Float]] {
        (0..<count).map { _ in (0..<Self.d).map { _ in Float.random(in: -1...1, using: &generator) } }
    }

    /// Random batches: whatever the partition, each row gets dense's token and both scores.
    @Test func everyPartitionGivesDensesAnswers() throws {
        try validated { library in
            let head = try head(library)
            let executor = try PlanExecutor(head)
            var planner = try Planner(model(head))
            var accesses: Set<BatchPartition.Access> = []
            for seed in UInt64(1)...12 {
                var generator = PhiloxGenerator(seed: seed)
                let counts = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                    [2, 7, 40, 300, Self.V].randomElement(using: &generator)!
                }
                let masks = masks(counts, &generator)
                let hidden = states(counts.count, &generator)
                let step = try DecodeStep(head: head.shape, rows: counts.map { .init(allowedTokenCount: $0) })
                let decision = try planner.plan(step)
                accesses.formUnion(decision.assignments.compactMap(\.access))
                let result = try executor.run(decision, hidden: hidden, allowed: masks)
                let dense = try Workspace(head, batch: counts.count).run(.dense, hidden: hidden, allowed: masks)
                for row in counts.indices {
                    #expect(result.records[row].hasSameAnswer(as: dense[row]), "seed \(seed), row \(row): \(counts)")
                }
                #expect(result.observation.failures.isEmpty && result.observation.durationMicroseconds ?? 0 > 0)
                #expect(result.observation.decisionID == seed - 1)
            }
            #expect(accesses.contains(.scanForAll) && accesses.contains(.gatherEach))
        }
    }

    @Test func aForcedRowNeedsNoDevice() throws {
        try validated { library in
            let head = try head(library)
            var planner = try Planner(model(head))
            let step = try DecodeStep(head: head.shape, rows: [.init(allowedTokenCount: 1)], need: .token)
            let mask = try TokenMask(ascending: [77], vocabularySize: Self.V)
            let result = try PlanExecutor(head).run(
                try planner.plan(step), hidden: [[Float](repeating: 1, count: Self.d)], allowed: [mask])
            #expect(result.records[0].token == 77 && result.records[0].proof == .tokenUnscored)
            #expect(result.records[0].margin == nil && result.observation.durationMicroseconds == nil)
            #expect(result.observation.plans == [.forced])
        }
    }

    private func hotRows(_ guarantee: Guarantee = .exact) -> PhysicalPlan {
        PhysicalPlan(.registered("hotRows"), guarantee: guarantee) { _, _, _ in
            .applies(PlanCost(nanoseconds: 1, evidence: .default, trafficBytes: 0))
        }
    }

    /// A user's plan: cost for the planner, fragment for the executor, both under one name.
    @Test func aRegisteredPlanIsExecuted() throws {
        try validated { library in
            let head = try head(library)
            var planner = try Planner(model(head), plans: PhysicalPlan.builtIn() + [hotRows()])
            let executor = try PlanExecutor(head)
            var recordings = 0
            executor.register(.registered("hotRows")) { recorder, workspace, longest throws(DeviceError) in
                recordings += 1
                try workspace.program(.sparse).record(into: &recorder, longestList: longest)
            }
            var generator = PhiloxGenerator(seed: 5)
            let masks = masks([40], &generator)
            let hidden = states(1, &generator)
            let step = try DecodeStep(head: head.shape, rows: [.init(allowedTokenCount: 40)])
            let result = try executor.run(try planner.plan(step), hidden: hidden, allowed: masks)
            let dense = try Workspace(head, batch: 1).run(.dense, hidden: hidden, allowed: masks)
            #expect(recordings == 1 && result.observation.plans == [.registered("hotRows")])
            #expect(result.records[0].hasSameAnswer(as: dense[0]))
        }
    }

    /// A plan that throws costs its step nothing but time: dense serves the row, and the observation says why.
    @Test func aPlanThatFailsFallsBackToDense() throws {
        try validated { library in
            let head = try head(library)
            var planner = try Planner(model(head), plans: PhysicalPlan.builtIn() + [hotRows()])
            let executor = try PlanExecutor(head)
            var generator = PhiloxGenerator(seed: 6)
            let masks = masks([40], &generator)
            let hidden = states(1, &generator)
            let decision = try planner.plan(
                DecodeStep(head: head.shape, rows: [.init(allowedTokenCount: 40)]))
            let dense = try Workspace(head, batch: 1).run(.dense, hidden: hidden, allowed: masks)
            // Not registered at all.
            let missing = try executor.run(decision, hidden: hidden, allowed: masks)
            #expect(missing.records[0].hasSameAnswer(as: dense[0]) && missing.observation.plans == [.dense])
            #expect(
                missing.observation.failures == [
                    """
                    hotRows: no execution is registered for the plan hotRows
                    Register one with PlanExecutor.register before the planner may choose it.
                    """
                ])
            // Fails in the midst of recording.
            executor.register(.registered("hotRows")) { recorder, workspace, longest throws(DeviceError) in
                try workspace.program(.sparse).record(into: &recorder, longestList: longest)
                throw DeviceError(.callFailed, "half-way")
            }
            let half = try executor.run(decision, hidden: hidden, allowed: masks)
            #expect(half.records[0].hasSameAnswer(as: dense[0]) && half.observation.failures == ["hotRows: half-way"])
        }
    }

    /// Recompute, then steps that reuse: tokens and scores are dense's.
    @Test func reuseFollowsARecompute() throws {
        try validated { library in
            let head = try head(library)
            let executor = try PlanExecutor(head, weightsID: 3)
            var planner = try Planner(model(head), plans: PhysicalPlan.builtIn(weightsID: 3))
            var generator = PhiloxGenerator(seed: 8)
            var hidden = states(1, &generator)
            let workspace = try Workspace(head, batch: 1)
            for step in 0..<6 {
                let masks = masks([500], &generator)
                planner.disabled = step == 0 ? Set(PlanID.builtIn).subtracting([.fullRecompute]) : []
                let anchor = DecodeStep.AnchorSummary(
                    relativeDrift: 0.001, margin: 1, survivorShare: 0.01, refinementProbability: 0, weightsID: 3)
                let row = DecodeStep.Row(allowedTokenCount: 500, anchor: step == 0 ? nil : anchor)
                let decision = try planner.plan(DecodeStep(head: head.shape, rows: [row]))
                #expect(decision.assignments[0].plan == (step == 0 ? .fullRecompute : .amortizedRerank))
                let result = try executor.run(decision, hidden: hidden, allowed: masks)
                let dense = try workspace.run(.dense, hidden: hidden, allowed: masks)
                #expect(result.records[0].hasSameAnswer(as: dense[0]), "step \(step)")
                if step > 0 { #expect(result.observation.survivorCounts[0] < 500) }
                hidden[0] = hidden[0].map { $0 * 1.0001 }
            }
        }
    }

    @Test func badInputIsRefused() throws {
        try validated { library in
            let head = try head(library)
            let executor = try PlanExecutor(head)
            var planner = try Planner(model(head))
            let decision = try planner.plan(DecodeStep(head: head.shape, rows: [.init(allowedTokenCount: 4)]))
            var generator = PhiloxGenerator(seed: 5)
            let mask = masks([4], &generator)[0]
            #expect(throws: StepError.batchMismatch(hiddenStates: 0, allowedSets: 1, batch: 1)) {
                _ = try executor.run(decision, hidden: [], allowed: [mask])
            }
            let sequences = StepError.sequenceMismatch(sequences: 2, batch: 1)
            #expect(throws: sequences) {
                _ = try executor.run(
                    decision, hidden: [[Float](repeating: 1, count: Self.d)], allowed: [mask], sequences: [1, 2])
            }
            #expect(
                sequences.description
                    == "2 sequences are named for a batch of 1; name one for every batch row, or none at all")
            #expect(throws: StepError.hiddenNotFinite(batchRow: 0)) {
                _ = try executor.run(decision, hidden: [[Float](repeating: .nan, count: Self.d)], allowed: [mask])
            }
            #expect(throws: StepError.hiddenSize(given: 3, expected: Self.d, batchRow: 0)) {
                _ = try executor.run(decision, hidden: [[1, 2, 3]], allowed: [mask])
            }
        }
    }

    @Test func anObservationIsOneLineOfJSON() {
        let observation = Observation(
            decisionID: 7, epoch: 2, plans: [.sparse], allowedTokenCounts: [5], estimatedMicroseconds: 50,
            durationMicroseconds: nil, survivorCounts: [0], fellBack: [false], margins: [nil], failures: [])
        #expect(
            observation.jsonLine
                == #"{"allowedTokenCounts":[5],"decisionID":7,"durationMicroseconds":null,"epoch":2,"#
                + #""estimatedMicroseconds":50,"failures":[],"fellBack":[false],"margins":[null],"plans":["sparse"],"#
                + #""survivorCounts":[0]}"#)
    }
}
