public import QPCore

/// One threshold between two arms, set from a profile and then left alone: the baseline that a learning router has to
/// beat where costs drift.
public struct CalibratedThresholdRouter: Router, Equatable {
    public static let name = "calibratedThreshold"

    /// Which arms, and by what.
    public let rule: ThresholdRule
    /// τ ≥ 0, in the unit of the feature.
    public private(set) var threshold: Double

    /// A loss that was measured to calibrate by.
    public struct Sample: Equatable, Sendable {
        /// Of the rule's feature.
        public var value: Double
        /// One of the rule's two arms; samples of others are left out.
        public var arm: Int
        public var loss: Double

        public init(value: Double, arm: Int, loss: Double) {
            self.value = value
            self.arm = arm
            self.loss = loss
        }
    }

    /// - Throws: ``RouterError/outOfRange(_:value:)`` for τ < 0 or one that is not finite.
    public init(rule: ThresholdRule, threshold: Double) throws(RouterError) {
        self.rule = rule
        self.threshold = threshold
        try validate()
    }

    /// By the threshold; O(1).
    public mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
        RouterChoice(arm: rule.arm(context, threshold: threshold), propensity: 1)
    }

    /// Learns nothing: it has to be told to recalibrate.
    public mutating func observe(_ feedback: RouterFeedback) {}

    public func validate() throws(RouterError) {
        try rule.validate()
        try RouterParameter.threshold.check(threshold)
    }

    /// Moves the threshold to where it would have cost least over the samples.
    ///
    /// Each arm's loss is its median at each value, between values by linear interpolation; at each value, every sample
    /// of either arm counts as one step. Candidates are the points half-way between values, 0, and beyond the last.
    /// O(n log n) and allocates: not for the decode loop.
    /// - Throws: ``RouterError/noSample(arm:)`` unless both arms have one. The threshold then stays.
    public mutating func recalibrate(_ samples: some Sequence<Sample>) throws(RouterError) {
        let usable = samples.filter { $0.loss.isFinite && $0.value.isFinite && $0.value >= 0 }
        let below = Self.medians(usable.filter { $0.arm == rule.armBelow })
        let from = Self.medians(usable.filter { $0.arm == rule.armFrom })
        guard !below.isEmpty else { throw .noSample(arm: rule.armBelow) }
        guard !from.isEmpty else { throw .noSample(arm: rule.armFrom) }

        let steps = usable.filter { $0.arm == rule.armBelow || $0.arm == rule.armFrom }.map(\.value).sorted()
        // From "all take the second arm" on, each step that moves below the threshold changes the cost by this.
        var cost = 0.0
        var least = (cost: 0.0, threshold: 0.0)
        for (index, value) in steps.enumerated() {
            cost += Self.interpolate(below, at: value) - Self.interpolate(from, at: value)
            let next = index + 1 < steps.count ? steps[index + 1] : value * 2 + 1
            if next > value, cost < least.cost { least = (cost, (value + next) / 2) }
        }
        threshold = least.threshold
    }

    private static func medians(_ samples: [Sample]) -> [(value: Double, loss: Double)] {
        Dictionary(grouping: samples, by: \.value)
            .map { (value: $0.key, loss: Statistics.median($0.value.map(\.loss))!) }
            .sorted { $0.value < $1.value }
    }

    /// Constant beyond the first and last point.
    private static func interpolate(_ points: [(value: Double, loss: Double)], at value: Double) -> Double {
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if points[middle].value < value { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return points[0].loss }
        guard low < points.count else { return points[points.count - 1].loss }
        let (before, after) = (points[low - 1], points[low])
        let share = (value - before.value) / (after.value - before.value)
        return before.loss + share * (after.loss - before.loss)
    }
}
