internal import QPCore

/// Independent normal variables of which the least wins.
struct NormalRace {
    private var means = SIMD8<Double>(repeating: .infinity)
    private var deviations = SIMD8<Double>(repeating: 1)

    /// Beyond this many deviations a variable is taken for impossible: 6·10⁻¹⁶ a side.
    private static let reach = 8.0
    /// Gauss–Legendre nodes in 0…1 from the middle of a piece, and their weights; each stands for both signs.
    private static let nodes = (0.238619186083197, 0.661209386466265, 0.932469514203152)
    private static let weights = (0.467913934572691, 0.360761573048139, 0.171324492379170)

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
    /// In closed form where at most one other can win. Else by six-point Gauss–Legendre rules between the points where a
    /// factor bends, each mean and three deviations around it: a narrow variable is a step to a wide one. The test holds the
    /// error below 10⁻³. Never 0, since it is divided by.
    func probability(of index: Int) -> Double {
        let lows = means - Self.reach * deviations
        let (mean, deviation) = (means[index], deviations[index])
        // Some variable is below the first for sure.
        let high = min((means + Self.reach * deviations).min(), mean + Self.reach * deviation)
        var rivals = 0
        var rival = index
        for other in 0..<8 where other != index && lows[other] < high {
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
        let bends = (means - 3 * deviations, means + 3 * deviations)
        let tails = (mean - 5.5 * deviation, mean + 5.5 * deviation)
        var sum = 0.0
        var start = lows[index]
        while start < high {
            var end = min(high, Self.least(of: bends.0, above: start), Self.least(of: bends.1, above: start))
            end = min(end, Self.least(of: means, above: start))
            if tails.0 > start { end = min(end, tails.0) }
            if tails.1 > start { end = min(end, tails.1) }
            let (middle, half) = ((start + end) / 2, (end - start) / 2)
            func pair(_ node: Double) -> Double {
                density(index, at: middle - half * node) + density(index, at: middle + half * node)
            }
            sum +=
                half
                * (Self.weights.0 * pair(Self.nodes.0) + Self.weights.1 * pair(Self.nodes.1)
                    + Self.weights.2 * pair(Self.nodes.2))
            start = end
        }
        return min(1, max(floor, sum / (deviation * (2 * Double.pi).squareRoot())))
    }

    /// The integrand, without the constant of the normal density.
    private func density(_ index: Int, at z: Double) -> Double {
        let t = (z - means[index]) / deviations[index]
        var value = ElementaryMath.exponential(-0.5 * t * t)
        for other in 0..<8 where other != index && means[other] < .infinity {
            let s = (z - means[other]) / deviations[other]
            // Further out the factor is 1 or 0 to ten digits.
            if s > 6.5 { return 0 }
            if s > -6.5 { value *= ElementaryMath.upperTail(s) }
        }
        return value
    }

    private static func least(of values: SIMD8<Double>, above bound: Double) -> Double {
        values.replacing(with: .infinity, where: values .<= bound).min()
    }
}
