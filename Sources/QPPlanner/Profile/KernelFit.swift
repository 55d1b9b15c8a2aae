public import QPCore

/// The roofline of one kernel: what explains its time, and extrapolates it where nothing was measured.
///
///     t(K) = t₀ + c·(R + (startFactor − 1)·min(R, startRows))
///     c    = max(bytes/bandwidth, elements/rate)·slowdown + gatherPenalty
///
/// R is the number of rows worked on: K, except for `maskedScanTopTwo` (see ``rowsReadPerAllowedToken``). The start
/// term is for few rows, which do not behave as many do: below 1, they hide in the latency of a device that they do
/// not fill; above 1, part of the device idles (one workgroup on one of several cores). It is there only where the
/// samples ask for it; otherwise `startRows` is 0.
public struct KernelFit: Codable, Equatable, Sendable {
    /// The kernel timed.
    public var kernel: KernelName
    /// B.
    public var batch: Int
    /// How the rows it worked on lay.
    public var pattern: IndexPattern
    /// t₀.
    public var fixedMicroseconds: Double
    /// What one row would take on the measured ceilings.
    public var roofMicrosecondsPerRow: Double
    /// Measured time a row over its roof, ≥ 0; 1 is a kernel on its roof. A gather takes it from the scan of the same
    /// batch, so that the penalty is what gathering alone costs, unless gathering is the cheaper of the two.
    public var slowdown: Double
    /// What a gathered row costs beyond a scanned one; 0 for kernels that do not gather.
    public var gatherPenaltyMicrosecondsPerRow: Double
    /// Rows until which the start term applies; 0 without one.
    public var startRows: Int
    /// Cost of each of the first `startRows` rows over the cost of a later one, ≥ 0; 1 without a start term.
    public var startFactor: Double
    /// b: rows that the kernel reads for one allowed token standing alone, when R = V·(1 − (1 − K/V)ᵇ), the expected
    /// number of rows in blocks that are not skipped. Only for `maskedScanTopTwo`; null where R = K.
    public var rowsReadPerAllowedToken: Double?
    /// 95 % block-bootstrap interval of the whole cost a row, `roof·slowdown + penalty`.
    public var lowMicrosecondsPerRow: Double
    /// Upper end of that interval.
    public var highMicrosecondsPerRow: Double
    /// `bandwidth` or `arithmetic`: which ceiling binds. (Latency and overheads are in t₀.)
    public var boundBy: String
    /// |predicted − measured| / measured over held-out K; null when none were measured.
    public var heldOutMedianRelativeError: Double?
    /// Its 90th percentile; null when none were measured.
    public var heldOutP90RelativeError: Double?
    /// Held-out K measured.
    public var heldOutCount: Int
    /// Fraction of its roof that the kernel reaches at the largest K measured, as measured: a ceiling has an
    /// interval too, so this may come out slightly above 1.
    public var utilisation: Double

    /// Takes every field as it is.
    public init(
        kernel: KernelName, batch: Int, fixedMicroseconds: Double, roofMicrosecondsPerRow: Double, slowdown: Double,
        gatherPenaltyMicrosecondsPerRow: Double, lowMicrosecondsPerRow: Double, highMicrosecondsPerRow: Double,
        boundBy: String, heldOutMedianRelativeError: Double?, heldOutP90RelativeError: Double?, heldOutCount: Int,
        utilisation: Double, pattern: IndexPattern = .uniform, startRows: Int = 0, startFactor: Double = 1,
        rowsReadPerAllowedToken: Double? = nil
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
        self.pattern = pattern
        self.startRows = startRows
        self.startFactor = startFactor
        self.rowsReadPerAllowedToken = rowsReadPerAllowedToken
    }
}

extension KernelFit {
    private enum CodingKeys: String, CodingKey {
        case kernel, batch, pattern, fixedMicroseconds, roofMicrosecondsPerRow, slowdown
        case gatherPenaltyMicrosecondsPerRow, startRows, startFactor, rowsReadPerAllowedToken
        case lowMicrosecondsPerRow, highMicrosecondsPerRow, boundBy
        case heldOutMedianRelativeError, heldOutP90RelativeError, heldOutCount, utilisation
    }

    /// Writes every field, null where there is no value: a reader who looks for a number finds that there is none, and
    /// can tell that from a file of another schema. Decoding takes an absent field for null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kernel, forKey: .kernel)
        try container.encode(batch, forKey: .batch)
        try container.encode(pattern, forKey: .pattern)
        try container.encode(fixedMicroseconds, forKey: .fixedMicroseconds)
        try container.encode(roofMicrosecondsPerRow, forKey: .roofMicrosecondsPerRow)
        try container.encode(slowdown, forKey: .slowdown)
        try container.encode(gatherPenaltyMicrosecondsPerRow, forKey: .gatherPenaltyMicrosecondsPerRow)
        try container.encode(startRows, forKey: .startRows)
        try container.encode(startFactor, forKey: .startFactor)
        try container.encode(rowsReadPerAllowedToken, forKey: .rowsReadPerAllowedToken)
        try container.encode(lowMicrosecondsPerRow, forKey: .lowMicrosecondsPerRow)
        try container.encode(highMicrosecondsPerRow, forKey: .highMicrosecondsPerRow)
        try container.encode(boundBy, forKey: .boundBy)
        try container.encode(heldOutMedianRelativeError, forKey: .heldOutMedianRelativeError)
        try container.encode(heldOutP90RelativeError, forKey: .heldOutP90RelativeError)
        try container.encode(heldOutCount, forKey: .heldOutCount)
        try container.encode(utilisation, forKey: .utilisation)
    }
}
