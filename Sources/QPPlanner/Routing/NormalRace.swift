internal import QPCore

/// Independent normal variables of which the least wins.
struct NormalRace {
    private var means = SIMD8<Double>(repeating: .infinity)
    private var deviations = SIMD8<Double>(repeating: 1)

    /// Beyond this many deviations a variable is taken for impossible: 10⁻⁹ a side.
    private static let reach = 6.0
    /// Five-point Gauss–Legendre rule on −1…1: the positive nodes, their weights, and that of the middle.
    private static let nodes = (0.538469310105683, 0.906179845938664)
    private static let weights = (0.478628670499366, 0.236926885056189)
    private static let middleWeight = 0.568888888888889

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
    /// In closed form where at most one other can win. Else by five-point Gauss–Legendre rules between the points where
    /// a factor bends, each mean and three deviations around it: a narrow variable is a step to a wide one. The test
    /// holds the error below 10⁻³. Never 0, since it is divided by.
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
        // Nothing bends within one deviation of the narrowest, so bends that close are passed over.
        var narrowest = deviation
        for other in 0..<8 where lows[other] < high { narrowest = min(narrowest, deviations[other]) }
        let bends = (means - 3 * deviations, means + 3 * deviations)
        var sum = 0.0
        var start = lows[index]
        while start < high {
            let close = start + narrowest
            let end = min(
                high, Self.least(of: bends.0, above: close), Self.least(of: means, above: close),
                Self.least(of: bends.1, above: close))
            let (middle, half) = ((start + end) / 2, (end - start) / 2)
            func pair(_ node: Double) -> Double {
                density(index, at: middle - half * node) + density(index, at: middle + half * node)
            }
            let inner = Self.weights.0 * pair(Self.nodes.0) + Self.weights.1 * pair(Self.nodes.1)
            sum += half * (inner + Self.middleWeight * density(index, at: middle))
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
            if s > Self.reach { return 0 }
            if s > -Self.reach { value *= NormalTail.upper(s) }
        }
        return value
    }

    private static func least(of values: SIMD8<Double>, above bound: Double) -> Double {
        values.replacing(with: .infinity, where: values .<= bound).min()
    }
}

/// The upper tail of the standard normal distribution by a table: some 3 ns instead of 15.
private enum NormalTail {
    private static let low = -6.0
    private static let high = 3.5
    private static let pointsPerUnit = 200.0
    private static let table: [Double] = (0...Int((high - low) * pointsPerUnit) + 1).map {
        ElementaryMath.upperTail(low + Double($0) / pointsPerUnit)
    }

    /// Exact to 10⁻⁶, for z ≥ −6; beyond 3.5, where that would be coarse, by the error function.
    static func upper(_ z: Double) -> Double {
        guard z < high else { return ElementaryMath.upperTail(z) }
        let position = (z - low) * pointsPerUnit
        let index = Int(position)
        let (left, right) = (table[index], table[index + 1])
        return left + (position - Double(index)) * (right - left)
    }
}
