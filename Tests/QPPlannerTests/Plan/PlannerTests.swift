import QPCore
import QPPlanner
import Testing

@Suite struct PlannerTests {
    private func planner(_ plans: [PhysicalPlan] = PhysicalPlan.builtIn(weightsID: 7)) throws -> Planner {
        try Planner(PlanFixture.model, plans: plans)
    }

    private func decide(_ step: DecodeStep, _ planner: Planner? = nil) throws -> Decision {
        var planner = try planner ?? self.planner()
        return try planner.plan(step)
    }

    private func verdict(_ decision: Decision, _ plan: PlanID) throws -> Verdict {
        try #require(decision.candidates.first { $0.plan == plan }).verdict
    }

    @Test(arguments: [
        (16, PlanID.sparse, StepName.sparse, 53_200), (40_000, .sparse, .sparse, 8_050_000),
        (49_000, .sparse, .sparse, 9_850_000), (50_001, .dense, .dense, 10_000_000),
        (100_000, .dense, .dense, 10_000_000),
    ])
    func theCheaperExactPlanIsTaken(K: Int, plan: PlanID, form: StepName, nanoseconds: Int) throws {
        let decision = try decide(PlanFixture.step([K]))
        #expect(decision.assignments.map(\.plan) == [plan] && decision.assignments[0].form == form)
        #expect(decision.nanoseconds == nanoseconds)
        #expect(decision.candidates.count == 7 && decision.candidates.filter { $0.verdict == .chosen }.count == 1)
        #expect(decision.candidates.map(\.plan) == PlanID.builtIn)
    }

    @Test func oneAllowedTokenNeedsNoDevice() throws {
        let decision = try decide(PlanFixture.step([1], need: .token))
        #expect(decision.assignments.map(\.plan) == [.forced] && decision.nanoseconds == 0)
        #expect(try verdict(decision, .sparse) == .costlier(.infinity))
        let scored = try decide(PlanFixture.step([1], need: .topTwo))
        #expect(scored.assignments.map(\.plan) == [.sparse])
        #expect(
            try verdict(scored, .forced)
                == .cannotServe(.topTwo, why: "it scores no row, so there are no scores to give"))
    }

    @Test(arguments: [Need.logProbability, .nucleus])
    func filteredPlansCannotServeWhatNeedsAllScores(need: Need) throws {
        let step = try DecodeStep(
            head: PlanFixture.head, rows: [PlanFixture.row(20_000, anchor: PlanFixture.anchor())], need: need)
        let screen = ScreenSummary(
            byteShare: 0.5, timeShare: 0.7, evidence: .measured, survivorShare: 0.001, refinementProbability: 0)
        let plans = PhysicalPlan.builtIn(screen: screen, weightsID: 7).map { plan in
            // Let every filtered plan apply, whatever survives.
            plan.id == .amortized
                ? PhysicalPlan(.amortized, guarantee: .certified) { _, _, _ in
                    .applies(PlanCost(nanoseconds: 1, evidence: .default, trafficBytes: 0))
                } : plan
        }
        let decision = try decide(step, try planner(plans))
        #expect(decision.assignments[0].plan == .sparse)
        for plan in [PlanID.amortized, .amortizedRerank, .screenedRerank] {
            #expect(
                try verdict(decision, plan)
                    == .cannotServe(
                        need, why: "it scores only rows that may win, and \(need.rawValue) needs all allowed ones"))
        }
    }

    /// What a row draws by decides what can serve it, whatever the step's caller wants back.
    @Test func filteredPlansServeTemperatureAndMinPAlone() throws {
        let screen = ScreenSummary(
            byteShare: 0.5, timeShare: 0.7, evidence: .measured, survivorShare: 0.001, refinementProbability: 0)
        let free = PlanCost(nanoseconds: 1, evidence: .default, trafficBytes: 0)
        let mine = PlanID.registered("mine")
        let plans =
            PhysicalPlan.builtIn(screen: screen, weightsID: 7).map { plan in
                plan.id == .amortized
                    ? PhysicalPlan(.amortized, guarantee: .certified) { _, _, _ in .applies(free) } : plan
            } + [PhysicalPlan(mine, guarantee: .exact) { _, _, _ in .applies(free) }]
        func decision(_ sampling: Sampling) throws -> Decision {
            var row = PlanFixture.row(20_000, anchor: PlanFixture.anchor())
            row.sampling = sampling
            return try decide(try DecodeStep(head: PlanFixture.head, rows: [row], need: .token), try planner(plans))
        }
        let greedy = try decision(.greedy)
        for plan in [PlanID.amortized, .amortizedRerank, .screenedRerank, mine] {
            #expect(try verdict(greedy, plan).reason?.contains("×") ?? true, "\(plan)")
        }
        let warm = try decision(try Sampling(temperature: 0.7, minP: 0.1, seed: 1))
        #expect(warm.assignments[0].plan == .amortizedRerank)
        #expect(
            try verdict(warm, .amortized)
                == .cannotServe(
                    .token,
                    why: "it proves which token scores best, and a token drawn at temperature 0.7 may be another"))
        #expect(
            try verdict(warm, mine)
                == .cannotServe(
                    .token, why: "it was registered for the best token, not for a token drawn at temperature 0.7"))
        for sampling in [
            try Sampling(temperature: 0.7, topK: 40, seed: 1), try Sampling(temperature: 0.7, topP: 0.9, seed: 1),
        ] {
            let decision = try decision(sampling)
            #expect(decision.assignments[0].plan == .sparse)
            for plan in [PlanID.amortized, .amortizedRerank, .screenedRerank] {
                #expect(
                    try verdict(decision, plan)
                        == .cannotServe(
                            .nucleus, why: "it scores only rows that may win, and nucleus needs all allowed ones"))
            }
        }
        // Greedy rows leave top-k and top-p aside.
        #expect(try decision(try Sampling(temperature: 0, topK: 40, seed: 1)).assignments == greedy.assignments)
    }

    /// Filter (two passes like compaction's, 130.2 µs each, and 8 bytes a row at 20 a nanosecond), rerank of 20 rows
    /// (54 µs), a dense step with probability 0.01 (100 µs). A filter that was timed costs what its curve says, and
    /// what more survivors than two take.
    @Test func aReuseLadderCostsWhatItsRungsCost() throws {
        let row = PlanFixture.row(20_000, anchor: PlanFixture.anchor(survivorShare: 0.001, refinement: 0.01))
        let decision = try decide(DecodeStep(head: PlanFixture.head, rows: [row]))
        #expect(decision.assignments[0].plan == .amortizedRerank)
        #expect(decision.nanoseconds == 260_400 + 8_000 + 54_000 + 100_000)
        let chosen = try #require(decision.candidates.first { $0.verdict == .chosen })
        #expect(chosen.guarantee == .certified && chosen.cost?.refinementProbability == 0.01)
        #expect(chosen.cost?.evidence == .default)
        let timed = PlanFixture.curves + [PlanFixture.curve(.amortizedRerank, batch: 1) { 300 + 0.0005 * $0 }]
        var planner = try Planner(
            CostModel(head: PlanFixture.head, curves: timed, bytesPerNanosecond: 20),
            plans: PhysicalPlan.builtIn(weightsID: 7))
        let measured = try planner.plan(DecodeStep(head: PlanFixture.head, rows: [row]))
        #expect(measured.assignments[0].plan == .amortizedRerank)
        #expect(measured.nanoseconds == 310_000 + (54_000 - 50_400) + 100_000)
        #expect(measured.candidates.first { $0.verdict == .chosen }?.cost?.evidence == .interpolated)
    }

    /// A screened step that was timed costs what its curve says, and what more survivors take than its rows left; one
    /// in another format is derived: its share of the gather, and the rerank.
    @Test func aScreenIsPricedByItsCurve() throws {
        let curves =
            PlanFixture.curves + [
                PlanFixture.curve(.screenedRerank, batch: 1) { 160 + 0.12 * $0 },
                PlanFixture.curve(.fullRecompute, batch: 1) { _ in 10_400 },
            ]
        let model = CostModel(head: PlanFixture.head, curves: curves, bytesPerNanosecond: 20)
        func decide(_ format: ScreenFormat) throws -> Decision {
            var screen = ScreenSummary(format, of: PlanFixture.head)
            screen.survivorShare = 0.001
            var planner = try Planner(model, plans: PhysicalPlan.builtIn(screen: screen))
            return try planner.plan(PlanFixture.step([16_384]))
        }
        func candidate(_ decision: Decision, _ plan: PlanID) throws -> Candidate {
            try #require(decision.candidates.first { $0.plan == plan })
        }
        let measured = try decide(.bits8)
        #expect(measured.assignments[0].plan == .screenedRerank && measured.assignments[0].form == .screenedRerank)
        // 17 survivors instead of two, at 0.2 µs.
        #expect(measured.nanoseconds == 2_126_080 + 3_000)
        #expect(try candidate(measured, .screenedRerank).cost?.evidence == .measured)
        let recompute = try candidate(measured, .fullRecompute)
        #expect(recompute.cost?.nanoseconds == 10_400_000 && recompute.cost?.evidence == .measured)
        #expect(recompute.form == .fullRecompute)
        // d = 512: 26 units a row at 6 bits, 1,024 bytes in f16; a gather of 16,384 rows takes 3,326,800 ns.
        let derived = try candidate(try decide(.bits6), .screenedRerank)
        #expect(derived.cost?.nanoseconds == Int((3_326_800 * 416.0 / 1024).rounded(.up)) + 53_400)
        #expect(derived.cost?.evidence == .default && derived.form == .screenedRerank)
        #expect(derived.cost?.trafficBytes == 16_384 * 416 + 17 * 1024)
    }

    @Test func anAnchorOfAnotherHeadIsUnsafe() throws {
        let row = PlanFixture.row(20_000, anchor: PlanFixture.anchor(weightsID: 8))
        let decision = try decide(DecodeStep(head: PlanFixture.head, rows: [row]))
        #expect(decision.assignments[0].plan == .sparse)
        #expect(
            try verdict(decision, .amortizedRerank)
                == .unsafe("the anchor belongs to another W; its scores say nothing about this one"))
    }

    @Test func theBareMarginRuleIsOffUnlessAskedFor() throws {
        let row = PlanFixture.row(20_000, anchor: PlanFixture.anchor(survivorShare: 0.5, margin: 3))
        let step = try DecodeStep(head: PlanFixture.head, rows: [row], need: .token, lambda: 0.5)
        #expect(try decide(step).assignments[0].plan != .amortized)
        var planner = try planner()
        planner.approximateReuse = try .init(threshold: 3, qualityLoss: 0.02)
        let decision = try planner.plan(step)
        #expect(decision.assignments[0].plan == .amortized)
        let chosen = try #require(decision.candidates.first { $0.verdict == .chosen })
        #expect(chosen.guarantee == .approximate && chosen.cost?.qualityLoss == 0.02)
        // Below τ the scores are recomputed.
        planner.approximateReuse = try .init(threshold: 3.1, qualityLoss: 0.02)
        #expect(try planner.plan(step).assignments[0].plan != .amortized)
        #expect(throws: PlannerParameterError.threshold(-1)) {
            _ = try Planner.ApproximateReuse(threshold: -1, qualityLoss: 0)
        }
        #expect(
            PlannerParameterError.threshold(-1).description == "the margin threshold τ is -1.0; it must be at least 0")
    }

    /// With λ below 1 a wrong token costs as much as (1 − λ)/λ dense steps.
    @Test func lambdaWeighsTimeAgainstWrongTokens() throws {
        let row = PlanFixture.row(20_000, anchor: PlanFixture.anchor(survivorShare: 0.5, margin: 3))
        var planner = try planner()
        planner.approximateReuse = try .init(threshold: 1, qualityLoss: 0.6)
        func plan(_ lambda: Double) throws -> PlanID {
            try planner.plan(DecodeStep(head: PlanFixture.head, rows: [row], need: .token, lambda: lambda))
                .assignments[0].plan
        }
        #expect(try plan(1) == .amortized)
        #expect(try plan(0.5) == .amortizedRerank || plan(0.5) == .sparse)
    }

    @Test func aMaskOnTheDeviceIsCompactedThere() throws {
        let step = try DecodeStep(head: PlanFixture.head, rows: [PlanFixture.row(100, place: .device)])
        let decision = try decide(step)
        #expect(decision.assignments[0].form == .sparseFromMask && decision.nanoseconds == 150_000)
        // Nobody knows K: the scan serves any.
        let unknown = try decide(DecodeStep(head: PlanFixture.head, rows: [PlanFixture.row(nil, place: .device)]))
        #expect(unknown.assignments[0].plan == .dense)
        #expect(
            try verdict(unknown, .sparse)
                == .notApplicable("K is not known to the host; let the device route this step"))
    }

    @Test func aForeignProfileIsGraded() throws {
        var planner = try Planner(
            CostModel(head: PlanFixture.head, curves: PlanFixture.curves, bytesPerNanosecond: nil, isForeign: true))
        let decision = try planner.plan(PlanFixture.step([16]))
        let costs = decision.candidates.compactMap(\.cost)
        #expect(costs.count == 3 && costs.allSatisfy { $0.evidence == .foreign && $0.utilisation == nil })
    }

    @Test func aPlanOfTheUsersTakesPart() throws {
        let mine = PhysicalPlan(.registered("hotRows"), guarantee: .approximate) { _, _, model in
            .applies(
                PlanCost(
                    nanoseconds: 30_000, evidence: .default, trafficBytes: model.head.bytesReadPerRow * 64,
                    qualityLoss: 0.01))
        }
        var planner = try planner(PhysicalPlan.builtIn() + [mine])
        #expect(try planner.plan(PlanFixture.step([5_000])).assignments[0].plan == .registered("hotRows"))
        planner.disabled = [.registered("hotRows")]
        let decision = try planner.plan(PlanFixture.step([5_000]))
        #expect(decision.assignments[0].plan == .sparse)
        #expect(try verdict(decision, .registered("hotRows")) == .notAllowed("it is switched off"))
        #expect(throws: PlanningError.duplicatePlan("sparse")) {
            _ = try Planner(PlanFixture.model, plans: [.sparse, .sparse])
        }
        let many = (0..<9).map { index in
            PhysicalPlan(.registered("plan\(index)"), guarantee: .exact) { _, _, _ in .lacks("nothing") }
        }
        #expect(throws: PlanningError.tooManyPlans(9, maximum: 8)) { _ = try Planner(PlanFixture.model, plans: many) }
    }

    @Test func whatNobodyCanServeIsAnError() throws {
        var planner = try planner()
        planner.disabled = Set(PlanID.builtIn)
        #expect(throws: PlanningError.self) { _ = try planner.plan(PlanFixture.step([5])) }
        #expect(throws: PlanningError.self) { _ = try planner.plan(PlanFixture.step([5, 6])) }
    }

    static let texts: [(PlanningError, String)] = [
        (.noRow, "a step without rows has nothing to plan; give at least one"),
        (.lambda(1.5), "λ is 1.5; it must lie in 0…1, where 1 weighs time alone and 0 quality alone"),
        (
            .tokenCount(11, vocabularySize: 10, batchRow: 2),
            "11 allowed tokens in batch row 2 do not lie in 1…V = 10"
        ),
        (
            .deadEnd(batchRow: 1, depth: 7),
            "no token is allowed in batch row 1 after 7 tokens: the constraint has reached a dead end; "
                + "go back to a state that has a continuation"
        ),
        (
            .deadEnd(batchRow: 0, depth: 1, stateID: 12, recordedAs: "step 4 of a"),
            "no token is allowed in batch row 0, step 4 of a, in state 12 after 1 token: the constraint has reached a "
                + "dead end; go back to a state that has a continuation"
        ),
        (
            .headNotProfiled("10×4 f16", profiled: ["20×4 f16"]),
            "the profile has no curves for the head 10×4 f16; it has 20×4 f16; measure it with `qp-gpu profile`"
        ),
        (.duplicatePlan("sparse"), "there is a plan named sparse already; register yours under another name"),
        (
            .tooManyPlans(9, maximum: 8),
            "9 plans are registered, but a router tells 8 apart; leave some out"
        ),
    ]

    @Test(arguments: texts)
    func messages(error: PlanningError, text: String) { #expect(error.description == text) }

    @Test func badStepsAreRefused() {
        let head = PlanFixture.head
        #expect(throws: PlanningError.noRow) { _ = try DecodeStep(head: head, rows: []) }
        #expect(throws: PlanningError.lambda(-0.1)) {
            _ = try DecodeStep(head: head, rows: [PlanFixture.row(1)], lambda: -0.1)
        }
        #expect(throws: PlanningError.self) { _ = try DecodeStep(head: head, rows: [PlanFixture.row(1)], lambda: .nan) }
        #expect(throws: PlanningError.deadEnd(batchRow: 1, depth: 3, stateID: 9)) {
            _ = try DecodeStep(
                head: head, rows: [PlanFixture.row(1), .init(allowedTokenCount: 0, stateID: 9, depth: 3)])
        }
        #expect(throws: PlanningError.tokenCount(-1, vocabularySize: PlanFixture.V, batchRow: 0)) {
            _ = try DecodeStep(head: head, rows: [PlanFixture.row(-1)])
        }
    }

    /// At λ = 0 all exact plans lose nothing; the fastest of them is taken, alone and in a batch.
    @Test func equalLossesAreDecidedByTime() throws {
        for counts in [[300], [300, 90_000]] {
            let quality = try decide(PlanFixture.step(counts, lambda: 0))
            let time = try decide(PlanFixture.step(counts, lambda: 1))
            #expect(quality.assignments == time.assignments, "\(counts)")
        }
    }

    /// One denominator for all of a row's candidates, its share of its group; none of them is called costlier at less
    /// without saying why it was not taken.
    @Test func aBatchComparesWithTheRowsShare() throws {
        let decision = try decide(PlanFixture.step([90_000, 5, 80_000, 47_000]))
        for assignment in decision.assignments {
            for row in assignment.rows {
                for candidate in decision.candidates where candidate.rows == [row] {
                    guard let cost = candidate.cost else { continue }
                    let share = Double(assignment.nanoseconds) / Double(assignment.rows.count)
                    if candidate.plan == assignment.plan {
                        #expect(candidate.verdict == .chosen)
                    } else {
                        let ratio = Double(cost.nanoseconds) / share
                        guard case .costlier(let found) = candidate.verdict else {
                            Issue.record("\(candidate)")
                            continue
                        }
                        #expect(abs(found - ratio) < 1e-9 * ratio, "row \(row), \(candidate.plan)")
                        #expect(candidate.verdict.reason!.contains("more in all") == (ratio < 1))
                    }
                }
            }
        }
    }

    /// A ceiling of nothing is no ceiling.
    @Test(arguments: [0, 1e-300, -1, .nan, .infinity]) func aDamagedCeilingIsNone(value: Double) throws {
        let model = CostModel(head: PlanFixture.head, curves: PlanFixture.curves, bytesPerNanosecond: value)
        #expect(model.bytesPerNanosecond == nil)
        let step = try DecodeStep(head: PlanFixture.head, rows: [PlanFixture.row(300, anchor: PlanFixture.anchor())])
        var planner = try Planner(model, plans: PhysicalPlan.builtIn(weightsID: 7))
        #expect(try planner.plan(step).assignments.count == 1)
    }
}
