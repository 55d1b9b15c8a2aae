public import QPCore

/// In which state the device was when a step began: clocks ramp, so the same step takes different times.
public enum DeviceRegime: String, Codable, CaseIterable, Sendable {
    /// Steps behind one another, as every other figure of a profile was taken.
    case saturated
    /// A pause of some milliseconds before each step, as a decode loop leaves one while the body of the model runs
    /// elsewhere.
    case dutyCycle
    /// Half a second of idleness before the step.
    case afterIdle

    /// Pause before a step, seconds.
    public var pauseSeconds: Double {
        switch self {
        case .saturated: 0
        case .dutyCycle: 0.005
        case .afterIdle: 0.5
        }
    }
}

/// Time of one step in one regime.
public struct RegimeResult: Codable, Equatable, Sendable {
    /// The step.
    public var step: StepName
    /// B.
    public var batch: Int
    /// K.
    public var allowedTokenCount: Int
    /// The device's state.
    public var regime: DeviceRegime
    /// Median, by the device's clock.
    public var medianMicroseconds: Double
    /// Median from submission until the wait returned, by the host's clock.
    public var hostMedianMicroseconds: Double
    /// Median absolute deviation over median.
    public var spread: Double
    /// Readings.
    public var sampleCount: Int

    /// Takes every field as it is.
    public init(
        step: StepName, batch: Int, allowedTokenCount: Int, regime: DeviceRegime, medianMicroseconds: Double,
        hostMedianMicroseconds: Double, spread: Double, sampleCount: Int
    ) {
        self.step = step
        self.batch = batch
        self.allowedTokenCount = allowedTokenCount
        self.regime = regime
        self.medianMicroseconds = medianMicroseconds
        self.hostMedianMicroseconds = hostMedianMicroseconds
        self.spread = spread
        self.sampleCount = sampleCount
    }
}
