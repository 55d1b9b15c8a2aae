import QPCore
import Testing

@testable import QPPlanner

@Suite struct CorrectionTests {
    private func curve(_ live: LivePlanner<some Router>, _ step: StepName, batch: Int = 1) throws -> CostCurve {
        try #require(live.routingCurves.curve(step, batch: batch))
    }

    /// What the router learnt of a plan reaches the curve of the device, with a new epoch; nothing new, no new epoch.
    @Test func correctionsArePublishedByEpoch() throws {
        var live = try LivePlanner(try Planner(PlanFixture.model), router: try ResidualLinUCBRouter())
        let fresh = try curve(live, .sparseFromMask)
        #expect(fresh == PlanFixture.model.curve(.sparseFromMask, batch: 1))
        var published = live.publishCorrections()
        #expect(!published && live.epoch == 0)
        let device = LivePlannerTests.Device(factors: [.sparse: 3])
        for K in [10, 300, 1000, 5000, 300, 1000].cycled(20) {
            let step = try PlanFixture.step([K])
            live.observe(device.run(try live.plan(step), step.rows))
        }
        // Learnt, and not yet published: decisions and curves stay with their epoch.
        #expect(try curve(live, .sparseFromMask) == fresh)
        published = live.publishCorrections()
        #expect(published && live.epoch == 1 && live.routingCurves.epoch == 1)
        #expect(try live.plan(PlanFixture.step([300])).epoch == 1)
        let corrected = try curve(live, .sparseFromMask)
        let middle = try #require(fresh.points.firstIndex { $0.allowedTokenCount == 1024 })
        let ratio = Double(corrected.points[middle].nanoseconds) / Double(fresh.points[middle].nanoseconds)
        #expect(abs(ratio - 3) < 0.3, "\(ratio)")
        published = live.publishCorrections()
        #expect(!published && live.epoch == 1)
    }

    /// Corrections are kept within 1/16…16, no number leaves a time alone, and times never fall with K.
    @Test func correctedCurvesAreSane() throws {
        let model = PlanFixture.model
        let factors: [Int: Double] = [1: 1000, 2: 0, 4: .nan, 8: .infinity, 16: 0.5]
        let curves = RoutingCurves(model, epoch: 1) { _, _, point in factors[point.allowedTokenCount, default: 1] }
        for batch in [1, 3, 8, 20] {
            for step in [StepName.dense, .sparseFromMask] {
                let before = try #require(model.curve(step, batch: batch))
                let after = try #require(curves.curve(step, batch: batch))
                let times = after.points.map(\.nanoseconds)
                #expect(times == times.sorted(), "batch \(batch)")
                #expect(after.points.map(\.allowedTokenCount) == before.points.map(\.allowedTokenCount))
                #expect(times[0] == before.points[0].nanoseconds * 16)
                #expect(
                    after.points.allSatisfy {
                        $0.lowNanoseconds <= $0.nanoseconds && $0.nanoseconds <= $0.highNanoseconds
                    })
                // Every batch size has the times that the planner counts with.
                for point in before.points {
                    #expect(
                        point.nanoseconds
                            == model.time(step, allowedTokenCount: point.allowedTokenCount, batch: batch)?.nanoseconds)
                }
            }
        }
        #expect(curves.curve(.sparse, batch: 1) != nil)
    }
}

extension Array {
    fileprivate func cycled(_ count: Int) -> [Element] { (0..<count).flatMap { _ in self } }
}
