/// A number that a router is made with.
public enum RouterParameter: String, CaseIterable, Sendable {
    /// Arms that a router tells apart.
    case armCount
    /// Which arm.
    case arm
    /// Which component of the features.
    case feature
    /// β, the factor of the confidence width.
    case beta
    /// α, the ridge.
    case ridge
    /// ε, the share of random choices.
    case epsilon
    /// η, the rate at which experts are weighted.
    case learningRate
    /// τ, a threshold on a feature.
    case threshold
    /// How many thresholds there are.
    case thresholdCount
    /// v, the factor of the posterior's standard deviation.
    case posteriorScale
    /// γ, what a step leaves of old evidence.
    case discount
    /// Observations that a window holds.
    case window
    /// Observations between two restarts.
    case restartInterval
    /// Relative standard deviation of a loss around its mean.
    case noise
    /// Relative standard deviation of the cost model's error.
    case priorSpread

    /// Name, and symbol where papers have one.
    var label: String {
        switch self {
        case .armCount: "the number of arms"
        case .arm: "the arm"
        case .feature: "the feature"
        case .beta: "the width factor β"
        case .ridge: "the ridge α"
        case .epsilon: "the random share ε"
        case .learningRate: "the learning rate η"
        case .threshold: "the threshold τ"
        case .thresholdCount: "the number of thresholds"
        case .posteriorScale: "the posterior scale v"
        case .discount: "the discount γ"
        case .window: "the window"
        case .restartInterval: "the restart interval"
        case .noise: "the noise of a loss"
        case .priorSpread: "the spread of the cost model's error"
        }
    }

    /// What works, and what is usual.
    var range: String {
        switch self {
        case .armCount: "it must lie in 1…8"
        case .arm, .feature: "it must lie in 0…7"
        case .beta: "it must be finite and at least 0; 0.1…1 is usual"
        case .ridge: "it must be finite and above 0; 1 is usual"
        case .epsilon: "it is a share of steps and must lie in 0…1; 0.05 is usual"
        case .learningRate: "it must be finite and above 0; √(ln N / (A·T)) for N experts, A arms and T steps is usual"
        case .threshold: "it must be finite and at least 0"
        case .thresholdCount: "give at least one"
        case .posteriorScale: "it must be finite and above 0; the standard deviation of a loss is usual"
        case .discount: "it must lie in (0, 1], where 1 forgets nothing; 0.999 remembers some 1000 steps"
        case .window, .restartInterval: "it must be at least 1; some thousand observations are usual"
        case .noise, .priorSpread: "it is relative, and must be finite and above 0; 0.1 is usual"
        }
    }

    func allows(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        return switch self {
        case .armCount: (1...8).contains(value)
        case .arm, .feature: (0...7).contains(value)
        case .beta, .threshold: value >= 0
        case .ridge, .learningRate, .posteriorScale, .noise, .priorSpread: value > 0
        case .epsilon: (0...1).contains(value)
        case .discount: value > 0 && value <= 1
        case .thresholdCount, .window, .restartInterval: value >= 1
        }
    }

    /// - Throws: ``RouterError/outOfRange(_:value:)``.
    func check(_ value: Double) throws(RouterError) {
        guard allows(value) else { throw .outOfRange(self, value: value) }
    }

    /// - Throws: ``RouterError/outOfRange(_:value:)``.
    func check(_ value: Int) throws(RouterError) { try check(Double(value)) }
}

/// A router that cannot be made, calibrated or loaded as asked.
public enum RouterError: Error, Equatable, CustomStringConvertible {
    /// A parameter outside its range.
    case outOfRange(RouterParameter, value: Double)
    /// Thresholds that are not in ascending order.
    case thresholdsNotAscending(Double, after: Double)
    /// A calibration without a sample of one of the arms.
    case noSample(arm: Int)
    /// A saved router of another version.
    case version(found: Int, supported: Int)
    /// A saved router of another kind.
    case kind(found: String, expected: String)
    /// Saved text that is no saved router, or whose state does not fit together.
    case damaged(kind: String, reason: String)

    /// What failed, with which values, and what to try.
    public var description: String {
        switch self {
        case .outOfRange(let parameter, let value):
            "\(parameter.label) is \(Self.short(value)); \(parameter.range)"
        case .thresholdsNotAscending(let second, let first):
            "the threshold \(Self.short(second)) follows \(Self.short(first)); give thresholds in ascending order, each once"
        case .noSample(let arm):
            "there is no sample of arm \(arm), so no threshold can be calibrated; time both arms"
        case .version(let found, let supported):
            "the saved router has version \(found), but this program reads version \(supported); start with a new router"
        case .kind(let found, let expected):
            "the saved router is of kind \(found), not \(expected); load it as \(found), or start with a new router"
        case .damaged(let kind, let reason):
            "the saved router cannot be read as \(kind): \(reason); start with a new router"
        }
    }

    /// Whole numbers without a fraction.
    private static func short(_ value: Double) -> String {
        abs(value) < 1e15 && value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
}
