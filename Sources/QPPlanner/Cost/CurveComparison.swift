import QPCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Two cost curves on K = 1…V, compared exactly.
///
/// Every question is of the form a·first(K) − b·second(K) ≥ c with small integers a, b, so that "within 5 %" and an
/// expected cost with a refinement probability are answered by the same exact search as the crossover itself.
struct CurveComparison {
    let first: CostCurve
    let second: CostCurve
    /// V.
    let vocabularySize: Int

    /// The K at which either curve changes slope, and 1 and V, ascending: between two neighbours both are linear.
    private var breakpoints: [Int] {
        let grid = (first.points + second.points).map(\.allowedTokenCount).filter { (1...vocabularySize).contains($0) }
        return Set(grid + [1, vocabularySize]).sorted()
    }

    /// The smallest K ≥ `start` with `a·first(K) − b·second(K) ≥ c`; null when there is none up to V.
    ///
    /// Exact on the integer curves. Rounding down makes the left side differ from the straight line through the real
    /// values by less than a above and b below, so a segment on which both ends are below c by a + b holds no such
    /// K and is skipped; anything else is halved. O(points · log V) unless the curves stay within a few
    /// nanoseconds of each other.
    func smallestTokenCount(
        from start: Int = 1, where a: Int = 1, timesFirstExceeds b: Int = 1, timesSecondBy c: Int = 0
    ) -> Int? {
        func surplus(_ k: Int) -> Int {
            a * first.nanoseconds(at: k).nanoseconds - b * second.nanoseconds(at: k).nanoseconds - c
        }
        func search(_ low: Int, _ lowSurplus: Int, _ high: Int, _ highSurplus: Int) -> Int? {
            if lowSurplus >= 0 { return low }
            if high - low <= 1 { return highSurplus >= 0 ? high : nil }
            if lowSurplus <= -(a + b), highSurplus <= -(a + b) { return nil }
            let middle = (low + high) / 2
            let middleSurplus = surplus(middle)
            return search(low, lowSurplus, middle, middleSurplus)
                ?? search(middle, middleSurplus, high, highSurplus)
        }
        guard start <= vocabularySize else { return nil }
        var low = start
        var lowSurplus = surplus(low)
        if lowSurplus >= 0 { return low }
        for high in breakpoints where high > start {
            let highSurplus = surplus(high)
            if let found = search(low, lowSurplus, high, highSurplus) { return found }
            (low, lowSurplus) = (high, highSurplus)
        }
        return nil
    }

    /// The smallest second(K)/first(K) over 1…V. The ratio of two straight lines is monotone, so its least value is
    /// at a breakpoint.
    var leastRatioOfSecondToFirst: Double { breakpoints.map { ratioOfSecondToFirst(at: $0) }.min()! }

    /// The smallest first(K)/second(K) over 1…V.
    var leastRatioOfFirstToSecond: Double { breakpoints.map { 1 / ratioOfSecondToFirst(at: $0) }.min()! }

    /// second(K)/first(K), with a nanosecond for a time of zero.
    func ratioOfSecondToFirst(at k: Int) -> Double {
        Double(max(1, second.nanoseconds(at: k).nanoseconds)) / Double(max(1, first.nanoseconds(at: k).nanoseconds))
    }

    /// Where `first` stops being the cheaper one, or why that never happens.
    var outcome: CrossoverOutcome {
        guard let crossing = smallestTokenCount() else {
            return .none(
                reason: "\(first.step.rawValue) is cheaper at every K up to V = \(vocabularySize), "
                    + "by at least \(times(leastRatioOfSecondToFirst))")
        }
        if crossing > 1 { return .at(crossing) }
        guard
            let other = CurveComparison(first: second, second: first, vocabularySize: vocabularySize)
                .smallestTokenCount(timesSecondBy: 1)
        else {
            return .none(
                reason: "\(second.step.rawValue) is cheaper at every K, by at least \(times(leastRatioOfFirstToSecond))"
            )
        }
        return .none(
            reason: "\(second.step.rawValue) is cheaper at K = 1 and \(first.step.rawValue) at K = \(other): "
                + "the curves cross the other way round; measure again with more samples at small K")
    }
}

/// K\*, or the reason that there is none.
enum CrossoverOutcome: Equatable {
    case at(Int)
    case none(reason: String)
}

/// `1.07×`, rounded down: the text says "at least".
func times(_ ratio: Double) -> String {
    let hundredths = Int(min(1e15, floor(ratio * 100 + 1e-9)))
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)×"
}
