internal import QPCore

/// Independent normal variables of which the least wins.
struct NormalRace {
    private var means = SIMD8<Double>(repeating: .infinity)
    private var deviations = SIMD8<Double>(repeating: 1)

    /// Beyond this many deviations a variable is taken for impossible: 6·10⁻¹⁶ a side.
    private static let reach = 8.0
    /// Intervals of Simpson's rule. The range is cut to where the winner can lie, so that the narrowest step in it spans
    /// several; the test holds the error below 10⁻³.
    private static let intervalCount = 32

    var hasEntrant: Bool { means.min() < .infinity }

    mutating func enter(_ index: Int, mean: Double, deviation: Double) {
        means[index] = mean
        // A width of zero has no density.
        deviations[index] = max(deviation, 1e-12)
    }

    /// Draws every variable, in the order of their numbers.
    func winner(using random: inout PhiloxGenerator) -> Int {
        var best = 0
        var least = Double.infinity
        for pair in stride(from: 0, to: 8, by: 2) where means[pair] < .infinity || means[pair + 1] < .infinity {
            let normal = ElementaryMath.normalPair(using: &random)
            let values = (means[pair] + deviations[pair] * normal.0, means[pair + 1] + deviations[pair + 1] * normal.1)
            if values.0 < least { (best, least) = (pair, values.0) }
            if values.1 < least { (best, least) = (pair + 1, values.1) }
        }
        return best
    }

    /// P(variable `index` is least) = ∫ φ_index(z) · Π P(others > z) dz.
    ///
    /// In closed form where at most one other can win, else by Simpson's rule. Never 0, since it is divided by.
    func probability(of index: Int) -> Double {
        let lows = means - Self.reach * deviations
        // Some variable is below this for sure.
        let ceiling = (means + Self.reach * deviations).min()
        let (mean, deviation) = (means[index], deviations[index])
        var rivals = 0
        var rival = index
        for other in 0..<8 where other != index && lows[other] < min(ceiling, mean + Self.reach * deviation) {
            rivals += 1
            rival = other
        }
        let floor = Double.leastNormalMagnitude
        if rivals == 0 { return 1 }
        if rivals == 1 {
            let difference = mean - means[rival]
            let spread = (deviation * deviation + deviations[rival] * deviations[rival]).squareRoot()
            return max(floor, ElementaryMath.upperTail(difference / spread))
        }
        let low = max(lows[index], lows.min())
        let step = (min(ceiling, mean + Self.reach * deviation) - low) / Double(Self.intervalCount)
        guard step > 0 else { return floor }
        var sum = 0.0
        for point in 0...Self.intervalCount {
            let z = low + Double(point) * step
            let t = (z - mean) / deviation
            var value = ElementaryMath.exponential(-0.5 * t * t)
            for other in 0..<8 where other != index && lows[other] < z {
                value *= ElementaryMath.upperTail((z - means[other]) / deviations[other])
            }
            sum += value * (point == 0 || point == Self.intervalCount ? 1 : point % 2 == 1 ? 4 : 2)
        }
        return min(1, max(floor, sum * step / (3 * deviation * (2 * Double.pi).squareRoot())))
    }
}
