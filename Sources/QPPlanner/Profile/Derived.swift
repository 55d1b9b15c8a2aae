public import QPCore

/// How well a number is known.
public enum Evidence: String, Codable, Sendable {
    case measured
    case interpolated
    case extrapolated
    /// Assumed without measurement.
    case `default`
    /// Measured on another device, driver or shape.
    case foreign
}

/// The time of one recorded step as a monotone piecewise-linear function of K.
///
/// Integers throughout, so that host and device evaluate the same curve to the same nanosecond.
public struct CostCurve: Codable, Equatable, Sendable {
    public struct Point: Codable, Equatable, Sendable {
        public var allowedTokenCount: Int
        public var nanoseconds: Int
        /// 95 % interval.
        public var lowNanoseconds: Int
        public var highNanoseconds: Int

        public init(allowedTokenCount: Int, nanoseconds: Int, lowNanoseconds: Int, highNanoseconds: Int) {
            self.allowedTokenCount = allowedTokenCount
            self.nanoseconds = nanoseconds
            self.lowNanoseconds = lowNanoseconds
            self.highNanoseconds = highNanoseconds
        }
    }

    public var step: StepName
    public var batch: Int
    public var pattern: IndexPattern
    /// Ascending in K, non-decreasing in time.
    public var points: [Point]

    public init(step: StepName, batch: Int, pattern: IndexPattern, points: [Point]) {
        self.step = step
        self.batch = batch
        self.pattern = pattern
        self.points = points
    }
}

/// The roofline of one kernel: `t(K) = fixed + K·(max(bytes/bandwidth, elements/rate)·slowdown + gatherPenalty)`.
public struct KernelFit: Codable, Equatable, Sendable {
    public var kernel: KernelName
    public var batch: Int
    /// t₀.
    public var fixedMicroseconds: Double
    /// What one row would take on the measured ceilings.
    public var roofMicrosecondsPerRow: Double
    /// Measured time a row over its roof, ≥ 0; 1 is a kernel on its roof.
    public var slowdown: Double
    /// What a gathered row costs beyond a scanned one; 0 for kernels that do not gather.
    public var gatherPenaltyMicrosecondsPerRow: Double
    /// 95 % block-bootstrap interval of the whole cost a row, `roof·slowdown + penalty`.
    public var lowMicrosecondsPerRow: Double
    public var highMicrosecondsPerRow: Double
    /// `bandwidth` or `arithmetic`: which ceiling binds.
    public var boundBy: String
    /// |predicted − measured| / measured over held-out K; null when none were measured.
    public var heldOutMedianRelativeError: Double?
    public var heldOutP90RelativeError: Double?
    public var heldOutCount: Int
    /// Fraction of its roof that the kernel reaches at the largest K measured.
    public var utilisation: Double

    public init(
        kernel: KernelName, batch: Int, fixedMicroseconds: Double, roofMicrosecondsPerRow: Double, slowdown: Double,
        gatherPenaltyMicrosecondsPerRow: Double, lowMicrosecondsPerRow: Double, highMicrosecondsPerRow: Double,
        boundBy: String, heldOutMedianRelativeError: Double?, heldOutP90RelativeError: Double?, heldOutCount: Int,
        utilisation: Double
    ) {
        self.kernel = kernel
        self.batch = batch
        self.fixedMicroseconds = fixedMicroseconds
        self.roofMicrosecondsPerRow = roofMicrosecondsPerRow
        self.slowdown = slowdown
        self.gatherPenaltyMicrosecondsPerRow = gatherPenaltyMicrosecondsPerRow
        self.lowMicrosecondsPerRow = lowMicrosecondsPerRow
        self.highMicrosecondsPerRow = highMicrosecondsPerRow
        self.boundBy = boundBy
        self.heldOutMedianRelativeError = heldOutMedianRelativeError
        self.heldOutP90RelativeError = heldOutP90RelativeError
        self.heldOutCount = heldOutCount
        self.utilisation = utilisation
    }
}

/// The K at which one step stops being cheaper than another.
public struct Crossover: Codable, Equatable, Sendable {
    /// The step that is cheaper below K\*, then the one that is cheaper above.
    public var between: [StepName]
    public var batch: Int
    public var pattern: IndexPattern
    /// K\*; null when one step is always cheaper, which is a valid result.
    public var allowedTokenCount: Int?
    /// Why there is no K\*, in words; null when there is one.
    public var reason: String?
    /// 95 % interval of K\*; null without one.
    public var low: Int?
    public var high: Int?
    /// K between which the two are within 5 % of each other; null without K\*.
    public var bandLow: Int?
    public var bandHigh: Int?
    /// Time of the wrong step over the right one, at half and at twice K\* (clamped to V); null without K\*.
    public var wrongChoiceRatioAtHalf: Double?
    public var wrongChoiceRatioAtDouble: Double?
    /// Of the held-out K outside the band, the share at which the curves name the step that measured cheaper.
    public var heldOutCorrectShare: Double?
    public var heldOutCount: Int

    public init(
        between: [StepName], batch: Int, pattern: IndexPattern, allowedTokenCount: Int?, reason: String?, low: Int?,
        high: Int?, bandLow: Int?, bandHigh: Int?, wrongChoiceRatioAtHalf: Double?, wrongChoiceRatioAtDouble: Double?,
        heldOutCorrectShare: Double?, heldOutCount: Int
    ) {
        self.between = between
        self.batch = batch
        self.pattern = pattern
        self.allowedTokenCount = allowedTokenCount
        self.reason = reason
        self.low = low
        self.high = high
        self.bandLow = bandLow
        self.bandHigh = bandHigh
        self.wrongChoiceRatioAtHalf = wrongChoiceRatioAtHalf
        self.wrongChoiceRatioAtDouble = wrongChoiceRatioAtDouble
        self.heldOutCorrectShare = heldOutCorrectShare
        self.heldOutCount = heldOutCount
    }
}
