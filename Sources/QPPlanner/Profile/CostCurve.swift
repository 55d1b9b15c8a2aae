public import QPCore

/// The time of one recorded step as a monotone piecewise-linear function of K.
///
/// Integers throughout, so that host and device evaluate the same curve to the same nanosecond.
public struct CostCurve: Codable, Equatable, Sendable {
    /// The step's time at one K of the grid.
    public struct Point: Codable, Equatable, Sendable {
        /// K of every batch row.
        public var allowedTokenCount: Int
        /// Time of the whole step.
        public var nanoseconds: Int
        /// Lower end of the 95 % interval.
        public var lowNanoseconds: Int
        /// Upper end of the 95 % interval.
        public var highNanoseconds: Int

        /// Takes every field as it is.
        public init(allowedTokenCount: Int, nanoseconds: Int, lowNanoseconds: Int, highNanoseconds: Int) {
            self.allowedTokenCount = allowedTokenCount
            self.nanoseconds = nanoseconds
            self.lowNanoseconds = lowNanoseconds
            self.highNanoseconds = highNanoseconds
        }
    }

    /// The step timed.
    public var step: StepName
    /// B.
    public var batch: Int
    /// How the allowed ids lay.
    public var pattern: IndexPattern
    /// Ascending in K, non-decreasing in time.
    public var points: [Point]

    /// Takes every field as it is.
    public init(step: StepName, batch: Int, pattern: IndexPattern, points: [Point]) {
        self.step = step
        self.batch = batch
        self.pattern = pattern
        self.points = points
    }
}
