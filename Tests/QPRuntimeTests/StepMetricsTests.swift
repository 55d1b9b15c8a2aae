import MetricsTestKit
import QPPlanner
import QPRuntime
import Testing

@Suite struct StepMetricsTests {
    static func observation(
        id: UInt64 = 0, plans: [PlanID] = [.sparse], duration: Double? = 80, estimate: Double = 40,
        fellBack: [Bool] = [false], failures: [String] = []
    ) -> Observation {
        Observation(
            decisionID: id, epoch: 0, plans: plans, allowedTokenCounts: plans.map { _ in 5 },
            estimatedMicroseconds: estimate, durationMicroseconds: duration, survivorCounts: plans.map { _ in 0 },
            fellBack: fellBack, margins: plans.map { _ in nil }, failures: failures)
    }

    @Test func stepsAreCountedByPlan() throws {
        let metrics = TestMetrics()
        let sink = StepMetrics(factory: metrics)
        sink.record(Self.observation(plans: [.sparse, .dense, .sparse], fellBack: [false, true, false]))
        sink.record(Self.observation(plans: [.registered("hotRows")], failures: ["hotRows: half-way"]))
        #expect(try metrics.expectCounter("qpgpu_steps").totalValue == 2)
        #expect(try metrics.expectCounter("qpgpu_rows", [("plan", "sparse")]).totalValue == 2)
        #expect(try metrics.expectCounter("qpgpu_rows", [("plan", "dense")]).totalValue == 1)
        #expect(try metrics.expectCounter("qpgpu_rows", [("plan", "hotRows")]).totalValue == 1)
        #expect(try metrics.expectCounter("qpgpu_fallbacks").totalValue == 1)
        #expect(try metrics.expectCounter("qpgpu_failures").totalValue == 1)
    }

    /// What was not timed is left out, not counted as 0.
    @Test func durationsAndRatiosAreOfTimedSteps() throws {
        let metrics = TestMetrics()
        let sink = StepMetrics(factory: metrics)
        sink.record(Self.observation(duration: 80, estimate: 40))
        sink.record(Self.observation(duration: nil))
        sink.record(Self.observation(duration: 3, estimate: 0))
        #expect(try metrics.expectTimer("qpgpu_step_duration").values == [80_000, 3000])
        #expect(try metrics.expectRecorder("qpgpu_step_actual_over_estimate").values == [2])
    }
}
