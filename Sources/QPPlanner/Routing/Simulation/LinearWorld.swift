internal import QPCore

/// Losses linear in the features, still or moving: where the papers' bounds apply, and one where they do not.
///
/// Contexts are x = (1, u)/√2 with u uniform on the unit sphere of the other dimensions, so ‖x‖ = 1. An arm's mean loss
/// is
/// 0.5 + 0.1·n + 0.3·(u·w) with n standard normal and w a uniform direction, both drawn anew for every segment of the
/// horizon; noise is normal. Predicted losses are 1 throughout: there is no cost model here.
public struct LinearWorld: RouterWorld {
    /// How the arms' coefficients change over the horizon.
    public enum Change: String, CaseIterable, Codable, Sendable {
        /// Not at all: the realizable stationary problem.
        case none
        /// At once, at the end of each segment.
        case abrupt
        /// Linearly over each segment, from one draw to the next.
        case slow
        /// Not at all, but the loss has a part that is not linear, 0.2·sin(3·u₁ + arm).
        case misspecified
    }

    /// What kind it is.
    public let change: Change
    private let armCount: Int
    private let featureCount: Int
    private let noise: Double
    private let segmentLength: Int
    /// θ of each arm at the start of each segment and at the end of the last: `[segment][arm]`.
    private let anchors: [[SIMD8<Double>]]
    private var random: PhiloxGenerator
    private var time = 0

    /// - Parameters:
    ///   - horizon: T, which the segments share; the last one lasts beyond it.
    ///   - armCount: 2…8.
    ///   - featureCount: d in 2…8.
    ///   - segmentCount: at least 1; of no consequence where nothing changes.
    ///   - noise: standard deviation of a loss around its mean.
    public init(
        _ change: Change, horizon: Int, armCount: Int = 4, featureCount: Int = 5, segmentCount: Int = 5,
        noise: Double = 0.1, seed: UInt64
    ) {
        precondition((2...8).contains(armCount) && (2...8).contains(featureCount) && segmentCount >= 1)
        self.change = change
        self.armCount = armCount
        self.featureCount = featureCount
        self.noise = noise
        let changes = change == .abrupt || change == .slow
        segmentLength = changes ? max(1, horizon / segmentCount) : Int.max
        var random = PhiloxGenerator(seed: seed)
        var drawn: [[SIMD8<Double>]] = []
        for _ in 0..<(changes ? segmentCount + 1 : 1) {
            drawn.append(
                (0..<armCount).map { _ in
                    var theta = Self.direction(featureCount, using: &random) * 0.3
                    theta[0] = 0.5 + 0.1 * ElementaryMath.normalPair(using: &random).0
                    return theta * 2.0.squareRoot()
                })
        }
        anchors = drawn
        self.random = random
    }

    public mutating func next() -> WorldStep {
        var features = Self.direction(featureCount, using: &random)
        features[0] = 1
        features *= 0.5.squareRoot()

        let segment = min(time / segmentLength, anchors.count - (change == .slow ? 2 : 1))
        let share = change == .slow ? min(1, Double(time - segment * segmentLength) / Double(segmentLength)) : 0
        var expected = SIMD8(repeating: Double.infinity)
        var losses = expected
        var predicted = expected
        for arm in 0..<armCount {
            var theta = anchors[segment][arm]
            if share > 0 { theta += (anchors[segment + 1][arm] - theta) * share }
            expected[arm] = (theta * features).sum()
            if change == .misspecified {
                expected[arm] += 0.2 * ElementaryMath.sine(3 * features[1] * 2.0.squareRoot() + Double(arm))
            }
            predicted[arm] = 1
        }
        for arm in stride(from: 0, to: armCount, by: 2) {
            let pair = ElementaryMath.normalPair(using: &random)
            losses[arm] = expected[arm] + noise * pair.0
            if arm + 1 < armCount { losses[arm + 1] = expected[arm + 1] + noise * pair.1 }
        }
        time += 1
        return WorldStep(
            context: RouterContext(features: features, predictedLoss: predicted), expectedLoss: expected, loss: losses)
    }

    /// A uniform direction in the components 1..<count.
    private static func direction(_ count: Int, using random: inout PhiloxGenerator) -> SIMD8<Double> {
        var result = SIMD8<Double>.zero
        for index in stride(from: 1, to: count, by: 2) {
            let pair = ElementaryMath.normalPair(using: &random)
            result[index] = pair.0
            if index + 1 < count { result[index + 1] = pair.1 }
        }
        return result / (result * result).sum().squareRoot()
    }
}
