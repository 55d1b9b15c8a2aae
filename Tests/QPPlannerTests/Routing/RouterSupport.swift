import QPCore

@testable import QPPlanner

extension RouterContext {
    /// A context of given prices, without features.
    static func priced(_ losses: Double..., features: SIMD8<Double> = .zero) -> RouterContext {
        var predicted = SIMD8(repeating: Double.infinity)
        for (arm, loss) in losses.enumerated() { predicted[arm] = loss }
        return RouterContext(features: features, predictedLoss: predicted)
    }
}

extension Router {
    /// Chooses without caring for the draw.
    mutating func arm(_ context: RouterContext, seed: UInt64 = 1) -> Int {
        var random = PhiloxGenerator(seed: seed)
        return choose(context, using: &random).arm
    }

    /// Learns that `arm` lost so much.
    mutating func learn(_ context: RouterContext, arm: Int, loss: Double, propensity: Double = 1) {
        observe(
            RouterFeedback(context: context, choice: RouterChoice(arm: arm, propensity: propensity), loss: loss))
    }
}

extension ThresholdRule {
    /// Arm 1 below the threshold on feature 0, arm 0 from there on.
    static let test = try! ThresholdRule(feature: 0, armBelow: 1, armFrom: 0)
}

extension SIMD8<Double> {
    /// Uniform in the unit cube around 0, of length at most 1.
    static func random(using generator: inout PhiloxGenerator) -> Self {
        var result = Self.zero
        for index in 0..<8 { result[index] = generator.uniform() - 0.5 }
        return result / Swift.max(1, (result * result).sum().squareRoot())
    }

    /// With these first components and zeros.
    init(first values: [Double]) {
        self = .zero
        for (index, value) in values.enumerated() { self[index] = value }
    }
}

/// What a failure is told by.
func difference(_ a: Double, _ b: Double) -> Double { abs(a - b) / max(1, abs(a), abs(b)) }
