public import QPCore

/// The K at which one step stops being cheaper than another.
public struct Crossover: Codable, Equatable, Sendable {
    /// The step that is cheaper below K\*, then the one that is cheaper above.
    public var between: [StepName]
    /// B.
    public var batch: Int
    /// How the allowed ids lay.
    public var pattern: IndexPattern
    /// K\*; null when one step is always cheaper, which is a valid result.
    public var allowedTokenCount: Int?
    /// Why there is no K\*, in words; null when there is one.
    public var reason: String?
    /// 95 % interval of K\*; null without one.
    public var low: Int?
    /// Upper end of that interval; null without K\*.
    public var high: Int?
    /// K between which the two are within 5 % of each other; null without K\*.
    public var bandLow: Int?
    /// Largest K of that band; null without K\*.
    public var bandHigh: Int?
    /// Time of the wrong step over the right one at half of K\*; null without K\*.
    public var wrongChoiceRatioAtHalf: Double?
    /// The same at twice K\*, at most V; null without K\*.
    public var wrongChoiceRatioAtDouble: Double?
    /// Of the held-out K outside the band, the share at which the curves name the step that measured cheaper.
    public var heldOutCorrectShare: Double?
    /// Held-out K outside the band that both steps were timed at.
    public var heldOutCount: Int

    /// Takes every field as it is.
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

extension Crossover {
    private enum CodingKeys: String, CodingKey {
        case between, batch, pattern, allowedTokenCount, reason, low, high, bandLow, bandHigh
        case wrongChoiceRatioAtHalf, wrongChoiceRatioAtDouble, heldOutCorrectShare, heldOutCount
    }

    /// Writes every field, null where there is no value: a reader who looks for a number finds that there is none, and
    /// can tell that from a file of another schema. Decoding takes an absent field for null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(between, forKey: .between)
        try container.encode(batch, forKey: .batch)
        try container.encode(pattern, forKey: .pattern)
        try container.encode(allowedTokenCount, forKey: .allowedTokenCount)
        try container.encode(reason, forKey: .reason)
        try container.encode(low, forKey: .low)
        try container.encode(high, forKey: .high)
        try container.encode(bandLow, forKey: .bandLow)
        try container.encode(bandHigh, forKey: .bandHigh)
        try container.encode(wrongChoiceRatioAtHalf, forKey: .wrongChoiceRatioAtHalf)
        try container.encode(wrongChoiceRatioAtDouble, forKey: .wrongChoiceRatioAtDouble)
        try container.encode(heldOutCorrectShare, forKey: .heldOutCorrectShare)
        try container.encode(heldOutCount, forKey: .heldOutCount)
    }
}
