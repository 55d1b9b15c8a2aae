import QPCore
import Testing

@testable import QPPlanner

@Suite struct LivePlannerTests {
    /// A device on which each step takes what the model says times a factor of its own.
    struct Device {
        var factors: [StepName: Double] = [:]

        func microseconds(_ assignment: Decision.Assignment, _ rows: [DecodeStep.Row]) -> Double {
            guard assignment.plan != .forced else { return 0 }
            let own = assignment.rows.map { rows[$0] }
            let access = assignment.access ?? (assignment.plan == .sparse ? .gatherEach : .scanForAll)
            let form = assignment.form ?? .dense
            let model = PlanFixture.model
            let time =
                assignment.form == .denseSkipping && assignment.access == nil
                ? model.time(.denseSkipping, allowedTokenCount: own[0].allowedTokenCount!, batch: 1)
                : model.groupCost(access, own, at: Array(own.indices))
            return Double(time!.nanoseconds) / 1000 * factors[form, default: 1]
        }

        func run(_ decision: Decision, _ rows: [DecodeStep.Row]) -> Observation {
            let times = decision.assignments.map { microseconds($0, rows) }
            var plans = [PlanID](repeating: .dense, count: rows.count)
            for assignment in decision.assignments { for row in assignment.rows { plans[row] = assignment.plan } }
            return Observation(
                decisionID: decision.id, epoch: decision.epoch, plans: plans,
                allowedTokenCounts: rows.map(\.allowedTokenCount),
                estimatedMicroseconds: Double(decision.nanoseconds) / 1000, durationMicroseconds: times.reduce(0, +),
                survivorCounts: rows.map { _ in 0 }, fellBack: rows.map { _ in false }, margins: rows.map { _ in nil },
                failures: [], groupMicroseconds: times.count > 1 ? times : nil,
                shadow: decision.shadow.map {
                    .init(plan: $0.plan, durationMicroseconds: microseconds($0, rows), mismatchedRows: [])
                })
        }
    }

    private func live(
        shadowShare: Double = 0, outstandingLimit: Int = 64, plans: [PhysicalPlan] = PhysicalPlan.builtIn()
    ) throws -> LivePlanner<ResidualLinUCBRouter> {
        try LivePlanner(
            try Planner(PlanFixture.model, plans: plans), router: try ResidualLinUCBRouter(), shadowShare: shadowShare,
            random: PhiloxGenerator(seed: 3), outstandingLimit: outstandingLimit)
    }

    /// Gathers turn out five times as dear as profiled: for K around the old crossover the live planner comes to scan,
    /// and its estimate comes to what is true.
    @Test func oneRowFollowsTheDevice() throws {
        var live = try live()
        let device = Device(factors: [.sparse: 5])
        let step = try PlanFixture.step([20_000])
        let first = try live.plan(step)
        #expect(first.assignments[0].plan == .sparse && first.propensity == 1)
        live.observe(device.run(first, step.rows))
        let small = try PlanFixture.step([1000])
        for index in 0..<60 {
            let next = index % 2 == 0 ? small : step
            live.observe(device.run(try live.plan(next), next.rows))
        }
        #expect(try live.plan(step).assignments[0].plan == .dense)
        // At small K the gather is the better one all the same, and is known for what it takes.
        let decision = try live.plan(small)
        #expect(decision.assignments[0].plan == .sparse)
        let estimate = Double(decision.nanoseconds) / 1000 / device.microseconds(decision.assignments[0], small.rows)
        #expect(abs(estimate - 1) < 0.1, "\(estimate)")
        // The candidates keep the model's price; the verdicts are by the corrected ones.
        let sparse = try #require(decision.candidates.first { $0.plan == .sparse })
        #expect(sparse.cost?.nanoseconds == 250_000 && sparse.verdict == .chosen)
    }

    /// The same in a batch, where the router acts through the prices of groups.
    @Test func aBatchFollowsTheDevice() throws {
        var live = try live()
        let device = Device(factors: [.sparse: 6])
        let step = try PlanFixture.step([9000, 9000, 8000, 2])
        let before = try live.plan(step)
        #expect(before.assignments.allSatisfy { $0.plan == .sparse })
        live.observe(device.run(before, step.rows))
        for _ in 0..<40 { live.observe(device.run(try live.plan(step), step.rows)) }
        let after = try live.plan(step)
        #expect(after.assignments.contains { $0.access == .scanForAll && $0.rows.count >= 3 }, "\(after.assignments)")
        #expect(after.propensity == 1)
        let real = after.assignments.reduce(0) { $0 + device.microseconds($1, step.rows) }
        let old = before.assignments.reduce(0) { $0 + device.microseconds($1, step.rows) }
        #expect(real < 0.6 * old)
        #expect(abs(Double(after.nanoseconds) / 1000 / real - 1) < 0.15)
    }

    /// Observations late, out of order, twice, of unknown decisions, or never: each counts once or not at all.
    @Test func observationsMayComeInAnyOrder() throws {
        var live = try live(outstandingLimit: 8)
        var generator = PhiloxGenerator(seed: 5)
        let device = Device(factors: [.sparse: 3])
        var waiting: [Observation] = []
        for _ in 0..<200 {
            let counts = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                Int.random(in: 1...50_000, using: &generator)
            }
            let step = try PlanFixture.step(counts)
            waiting.append(device.run(try live.plan(step), step.rows))
            if waiting.count > 5 {
                live.observe(waiting.remove(at: Int.random(in: 0..<waiting.count, using: &generator)))
            }
        }
        // Six at most wait for their observation among the last eight; some may have waited for longer.
        let ignored = live.ignoredObservationCount
        #expect(live.forgottenDecisionCount == ignored + waiting.count { $0.decisionID < 192 })
        let last = waiting.last!
        live.observe(last)
        let router = live.router
        live.observe(last)
        var stranger = last
        stranger.decisionID = 7777
        live.observe(stranger)
        #expect(live.ignoredObservationCount == ignored + 2 && live.router == router)
        // Untimed steps teach nothing.
        let step = try PlanFixture.step([500])
        let decision = try live.plan(step)
        var untimed = device.run(decision, step.rows)
        untimed.durationMicroseconds = nil
        let before = live.router
        live.observe(untimed)
        #expect(live.router == before && live.ignoredObservationCount == ignored + 2)
    }

    /// Saved and loaded in the midst of it: the same choices from there on.
    @Test func aSavedRouterGoesOnTheSame() throws {
        var first = try live()
        var second = try live()
        var generator = PhiloxGenerator(seed: 6)
        let device = Device(factors: [.sparse: 4, .dense: 0.8])
        func walk(_ live: inout LivePlanner<ResidualLinUCBRouter>, _ K: Int) throws -> PlanID {
            let step = try PlanFixture.step([K])
            let decision = try live.plan(step)
            live.observe(device.run(decision, step.rows))
            return decision.assignments[0].plan
        }
        for _ in 0..<100 { _ = try walk(&first, Int.random(in: 2...60_000, using: &generator)) }
        try second.restoreRouter(from: try first.savedRouter())
        var taken: Set<PlanID> = []
        for _ in 0..<100 {
            let K = Int.random(in: 2...60_000, using: &generator)
            let plan = try walk(&first, K)
            #expect(try walk(&second, K) == plan, "K = \(K)")
            taken.insert(plan)
        }
        #expect(taken == [.sparse, .dense])
        var other = try LivePlanner(try Planner(PlanFixture.model), router: CostModelRouter())
        #expect(throws: RouterError.kind(found: "residualLinUCB", expected: "costModel")) {
            try other.restoreRouter(from: try first.savedRouter())
        }
    }

    /// A router that randomises is logged with the probability that it drew.
    @Test func propensitiesAreTheRouters() throws {
        var live = try LivePlanner(
            try Planner(PlanFixture.model, disabled: [.fullRecompute]),
            router: try EpsilonGreedyRouter(armCount: 7, epsilon: 0.4), random: PhiloxGenerator(seed: 2))
        let step = try PlanFixture.step([1000])
        let decisions = try (0..<100).map { _ in try live.plan(step) }
        // Dense and sparse can serve the step: the one that it takes for the better, and now and then the other.
        let drawn = Set(decisions.map { "\($0.assignments[0].plan) \($0.propensity)" })
        #expect([["dense 0.8", "sparse 0.2"], ["dense 0.2", "sparse 0.8"]].contains { drawn == Set($0) }, "\(drawn)")
    }

    /// A token that is known costs nothing, asks no router and teaches nothing.
    @Test func aForcedRowTeachesNothing() throws {
        var live = try live(shadowShare: 1)
        let router = live.router
        let step = try DecodeStep(head: PlanFixture.head, rows: [PlanFixture.row(1)], need: .token)
        let decision = try live.plan(step)
        #expect(decision.assignments[0].plan == .forced && decision.shadow == nil)
        live.observe(Device().run(decision, step.rows))
        #expect(live.router == router && live.ignoredObservationCount == 0)
    }

    /// A refresh of the anchor costs more than it gives at once, so it has to be asked for: by what is left.
    @Test func plansCanBeSwitchedOff() throws {
        var live = try live()
        let step = try PlanFixture.step([1000])
        live.disabled = Set(PlanID.builtIn).subtracting([.fullRecompute])
        #expect(try live.plan(step).assignments[0].plan == .fullRecompute)
        live.disabled = []
        #expect(try live.plan(step).assignments[0].plan == .sparse)
    }

    /// The host cannot name the one token of a mask that is on the device.
    @Test func oneTokenOnTheDeviceIsNotForced() throws {
        var planner = try Planner(PlanFixture.model)
        let step = try DecodeStep(head: PlanFixture.head, rows: [PlanFixture.row(1, place: .device)], need: .token)
        let decision = try planner.plan(step)
        #expect(decision.assignments[0].form == .sparseFromMask)
        #expect(decision.candidates[0].verdict == .notApplicable("the one token is known on the device alone"))
    }

    /// A batch that gathers with one mask on the device makes its lists there.
    @Test func oneMaskOnTheDeviceMakesAllListsThere() throws {
        var planner = try Planner(PlanFixture.model)
        let rows = [PlanFixture.row(40, place: .device), PlanFixture.row(40)]
        let decision = try planner.plan(DecodeStep(head: PlanFixture.head, rows: rows))
        for assignment in decision.assignments {
            let isOnDevice = assignment.rows.contains(0)
            #expect(assignment.form == (isOnDevice ? .sparseFromMask : .sparse), "\(assignment)")
        }
    }

    /// The mask is on the device and nobody counted it: the device routes, and what it took is learnt from.
    @Test func anUnknownCountIsRouted() throws {
        var live = try live()
        let step = try DecodeStep(head: PlanFixture.head, rows: [PlanFixture.row(nil, place: .device)])
        let decision = try live.plan(step)
        #expect(decision.assignments[0].isRouted && decision.assignments[0].plan == .dense)
        var observation = Observation(
            decisionID: 0, epoch: 0, plans: [.sparse], allowedTokenCounts: [1000], estimatedMicroseconds: 1,
            durationMicroseconds: 330 * 4, survivorCounts: [0], fellBack: [false], margins: [nil], failures: [])
        live.observe(observation)
        for id in UInt64(1)...40 {
            observation.decisionID = id
            _ = try live.plan(step)
            live.observe(observation)
        }
        var context = RouterContext(
            features: StepFeatures.vector(PlanFixture.row(1000), batch: 1, vocabularySize: PlanFixture.V),
            predictedLoss: SIMD8(repeating: .infinity))
        context.predictedLoss[2] = 0.033
        #expect(abs(live.router.expectedLoss(context, arm: 2) / 0.132 - 1) < 0.1)
        // Rows whose K is known are not routed, nor are those of the host, nor where sparse is switched off.
        var planner = try Planner(PlanFixture.model)
        func isRouted(_ rows: [DecodeStep.Row]) throws -> [Bool] {
            try planner.plan(DecodeStep(head: PlanFixture.head, rows: rows)).assignments.map(\.isRouted)
        }
        #expect(try isRouted([PlanFixture.row(nil)]) == [false])
        #expect(try isRouted([PlanFixture.row(10, place: .device)]) == [false])
        planner.disabled = [.sparse]
        #expect(try isRouted([PlanFixture.row(nil, place: .device)]) == [false])
    }

    /// However dear a step was, or whatever the clock said, the next one can be planned.
    @Test(arguments: [1e300, 1e18, .infinity, .nan, -1, 0]) func wildTimesDoNoHarm(_ microseconds: Double) throws {
        var live = try live()
        for counts in [[20_000], [3, 40_000, 40_000]] {
            let step = try PlanFixture.step(counts)
            for _ in 0..<50 {
                let decision = try live.plan(step)
                #expect(decision.nanoseconds >= 0)
                var observation = Device().run(decision, step.rows)
                observation.durationMicroseconds = microseconds
                observation.groupMicroseconds = observation.groupMicroseconds?.map { _ in microseconds }
                live.observe(observation)
            }
        }
        _ = live.publishCorrections()
        #expect(live.routingCurves.curve(.dense, batch: 1) != nil)
    }

    @Test func badParametersAreNamed() throws {
        #expect(
            throws: PlannerParameterError.shadowShare(1.5)
        ) { _ = try LivePlanner(try Planner(PlanFixture.model), router: CostModelRouter(), shadowShare: 1.5) }
        #expect(
            PlannerParameterError.shadowShare(1.5).description
                == "the shadow share is 1.5; it is a share of steps and must lie in 0…1, where 0 turns shadows off")
    }
}
