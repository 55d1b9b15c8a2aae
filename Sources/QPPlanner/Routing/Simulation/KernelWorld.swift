internal import QPCore

/// Plans priced as launch + K·price of a row, of which one kernel's launch or bandwidth may change: what a planner with
/// an ageing profile meets.
///
/// Loss is time over that of the dense step. K is drawn as schemas make it: half log-uniform (names, punctuation), a
/// third uniform in 2…80 % of V, the rest nearly all of V (free text). Predictions are the unchanged prices. Noise is
/// relative, with outliers: on a shared machine one step in some hundreds takes three times as long.
public struct KernelWorld: RouterWorld {
    /// A plan's price: launch + base + rowPrice·K/V, where base is what it reads whatever K is.
    private struct Plan {
        let launch: Double
        let base: Double
        let rowPrice: Double
    }

    /// How prices change over the horizon.
    public struct Drift: Equatable, Sendable {
        /// How fast.
        public enum Pace: String, CaseIterable, Codable, Sendable {
            /// Not at all.
            case none
            /// At a quarter of the horizon, and back at three quarters.
            case abrupt
            /// From a quarter of the horizon to its end, linearly.
            case slow
        }

        /// What of a plan's price moves.
        public enum Part: String, CaseIterable, Codable, Sendable {
            /// What a step costs before it reads anything.
            case launch
            /// What it pays for bytes.
            case bandwidth
        }

        /// How fast the price moves.
        public var pace: Pace
        /// Which part of it.
        public var part: Part
        /// Which plan's kernel.
        public var arm: Int
        /// What its price is multiplied by in the end.
        public var factor: Double

        public init(pace: Pace, part: Part, arm: Int, factor: Double) {
            self.pace = pace
            self.part = part
            self.arm = arm
            self.factor = factor
        }

        /// No drift at all.
        public static let none = Drift(pace: .none, part: .launch, arm: 0, factor: 1)
    }

    /// A dense scan, 1; a gather that breaks even at about 0.7 V; a gather from a mask, with one more dispatch; and a
    /// screen that does not pay unless the others get dearer.
    private static let plans = [
        Plan(launch: 0.02, base: 0.98, rowPrice: 0), Plan(launch: 0.025, base: 0, rowPrice: 1.4),
        Plan(launch: 0.045, base: 0, rowPrice: 1.35), Plan(launch: 0.06, base: 1.05, rowPrice: 0),
    ]
    /// Arms of the dense scan and the gather, and the feature that is K/V/√3: for a threshold between the two.
    public static let denseArm = 0
    public static let gatherArm = 1
    public static let shareFeature = 1
    public static let armCount = 4

    private let drift: Drift
    private let horizon: Int
    private let noise: Double
    private let outlierShare: Double
    private var random: PhiloxGenerator
    private var time = 0
    private static let vocabularySize = 128_256.0

    /// - Parameters:
    ///   - horizon: T, which the drift refers to.
    ///   - noise: relative standard deviation.
    ///   - outlierShare: of steps that take three times as long.
    public init(
        _ drift: Drift, horizon: Int, noise: Double = 0.05, outlierShare: Double = 0.003, seed: UInt64
    ) {
        self.drift = drift
        self.horizon = horizon
        self.noise = noise
        self.outlierShare = outlierShare
        random = PhiloxGenerator(seed: seed)
    }

    public mutating func next() -> WorldStep {
        let share = drawShare()
        let factor = 1 + (drift.factor - 1) * progress()
        var expected = SIMD8(repeating: Double.infinity)
        var predicted = expected
        var losses = expected
        for (arm, plan) in Self.plans.enumerated() {
            let bytes = plan.base + plan.rowPrice * share
            let isMoved = arm == drift.arm
            predicted[arm] = plan.launch + bytes
            expected[arm] =
                plan.launch * (isMoved && drift.part == .launch ? factor : 1)
                + bytes * (isMoved && drift.part == .bandwidth ? factor : 1)
        }
        for arm in stride(from: 0, to: Self.armCount, by: 2) {
            let pair = ElementaryMath.normalPair(using: &random)
            losses[arm] = expected[arm] * max(0.2, 1 + noise * pair.0)
            losses[arm + 1] = expected[arm + 1] * max(0.2, 1 + noise * pair.1)
        }
        if random.uniform() < outlierShare { losses *= 3 }
        time += 1

        var features = SIMD8<Double>.zero
        features[0] = 1
        features[1] = share
        features[2] =
            ElementaryMath.logarithm(share * Self.vocabularySize)
            / ElementaryMath.logarithm(Self.vocabularySize)
        return WorldStep(
            context: RouterContext(features: features / 3.0.squareRoot(), predictedLoss: predicted),
            expectedLoss: expected, loss: losses)
    }

    /// How far the drift has come, 0…1.
    private func progress() -> Double {
        let position = Double(time) / Double(horizon)
        return switch drift.pace {
        case .none: 0
        case .abrupt: position >= 0.25 && position < 0.75 ? 1 : 0
        case .slow: min(1, max(0, (position - 0.25) / 0.75))
        }
    }

    /// K/V.
    private mutating func drawShare() -> Double {
        let kind = random.uniform()
        let u = random.uniform()
        let K: Double
        if kind < 0.5 {
            K = ElementaryMath.power(Self.vocabularySize * 0.05, u)
        } else if kind < 5.0 / 6 {
            K = (0.02 + 0.78 * u) * Self.vocabularySize
        } else {
            K = (0.95 + 0.05 * u) * Self.vocabularySize
        }
        return max(1, K.rounded()) / Self.vocabularySize
    }
}
