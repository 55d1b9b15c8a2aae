public import QPPlanner

/// What the steps of a run came to, by plan.
public struct RunSummary: Codable, Equatable, Sendable {
    /// The steps that one plan served.
    public struct Plan: Codable, Equatable, Sendable {
        public var plan: PlanID
        public var steps: Int
        /// Estimates and measured times of the steps that were timed, summed.
        public var estimatedMicroseconds: Double
        public var measuredMicroseconds: Double
        /// Measured over estimated, by step: 10th percentile, median, 90th percentile. Null where none was timed.
        @ExplicitNull public var ratioP10: Double?
        @ExplicitNull public var ratioMedian: Double?
        @ExplicitNull public var ratioP90: Double?
    }

    public var stepCount: Int
    /// Steps whose filter failed.
    public var fallbackCount: Int
    /// Each failure once.
    public var failures: [String]
    /// In the order in which they first served a step.
    public var plans: [Plan]
}

/// Counts observations.
public struct RunTally: Sendable {
    private struct Series {
        let plan: PlanID
        var steps = 0
        var estimated = 0.0
        var measured = 0.0
        var ratios: [Double] = []
    }

    private var series: [Series] = []
    private var stepCount = 0
    private var fallbackCount = 0
    private var failures: [String] = []

    public init() {}

    /// Adds a step; one that several plans served counts under their names together.
    public mutating func add(_ observation: Observation) {
        stepCount += 1
        fallbackCount += observation.fellBack.contains(true) ? 1 : 0
        for failure in observation.failures where !failures.contains(failure) { failures.append(failure) }
        var names: [String] = []
        for plan in observation.plans where !names.contains(plan.name) { names.append(plan.name) }
        let plan = PlanID(name: names.joined(separator: " + "))
        let index = series.firstIndex { $0.plan == plan } ?? series.count
        if index == series.count { series.append(Series(plan: plan)) }
        series[index].steps += 1
        guard let measured = observation.durationMicroseconds else { return }
        series[index].estimated += observation.estimatedMicroseconds
        series[index].measured += measured
        if observation.estimatedMicroseconds > 0 {
            series[index].ratios.append(measured / observation.estimatedMicroseconds)
        }
    }

    /// What was added so far. O(n log n).
    public var summary: RunSummary {
        RunSummary(
            stepCount: stepCount, fallbackCount: fallbackCount, failures: failures,
            plans: series.map { series in
                RunSummary.Plan(
                    plan: series.plan, steps: series.steps, estimatedMicroseconds: series.estimated,
                    measuredMicroseconds: series.measured,
                    ratioP10: Statistics.quantile(series.ratios, at: 0.1),
                    ratioMedian: Statistics.median(series.ratios),
                    ratioP90: Statistics.quantile(series.ratios, at: 0.9))
            })
    }
}
