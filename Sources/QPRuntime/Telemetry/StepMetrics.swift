public import CoreMetrics
public import QPPlanner
internal import Synchronization

/// Observations as counters and timers of swift-metrics, for whatever backend the program has bootstrapped.
///
/// | name | kind | what it counts |
/// |---|---|---|
/// | `qpgpu_steps` | counter | steps, whatever their batch |
/// | `qpgpu_rows` | counter, dimension `plan` | batch rows, by the plan that served them |
/// | `qpgpu_fallbacks` | counter | batch rows whose filter failed, so that all allowed rows were scored |
/// | `qpgpu_failures` | counter | plans that failed and were replaced by dense |
/// | `qpgpu_step_duration` | timer | device time of a step; steps that were not timed are left out |
/// | `qpgpu_step_actual_over_estimate` | recorder | that time over the planner's estimate, where there is one above 0 |
///
/// For any number of threads.
public final class StepMetrics: Sendable {
    private let factory: any MetricsFactory
    private let steps: Counter
    private let fallbacks: Counter
    private let failures: Counter
    private let duration: CoreMetrics.Timer
    private let ratio: Recorder
    private let rows = Mutex<[PlanID: Counter]>([:])

    /// - Parameter factory: where the metrics are made; the bootstrapped one if nil.
    public init(factory: (any MetricsFactory)? = nil) {
        let factory = factory ?? MetricsSystem.factory
        self.factory = factory
        steps = Counter(label: "qpgpu_steps", factory: factory)
        fallbacks = Counter(label: "qpgpu_fallbacks", factory: factory)
        failures = Counter(label: "qpgpu_failures", factory: factory)
        duration = CoreMetrics.Timer(label: "qpgpu_step_duration", factory: factory)
        ratio = Recorder(label: "qpgpu_step_actual_over_estimate", factory: factory)
    }

    /// Counts one step.
    public func record(_ observation: Observation) {
        steps.increment()
        for plan in observation.plans { counter(plan).increment() }
        fallbacks.increment(by: observation.fellBack.count { $0 })
        failures.increment(by: observation.failures.count)
        guard let microseconds = observation.durationMicroseconds, microseconds.isFinite else { return }
        duration.recordNanoseconds(Int64(microseconds * 1000))
        if observation.estimatedMicroseconds > 0 { ratio.record(microseconds / observation.estimatedMicroseconds) }
    }

    private func counter(_ plan: PlanID) -> Counter {
        rows.withLock { rows in
            if let known = rows[plan] { return known }
            let made = Counter(label: "qpgpu_rows", dimensions: [("plan", plan.name)], factory: factory)
            rows[plan] = made
            return made
        }
    }
}
