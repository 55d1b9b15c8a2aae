import QPCore

/// The expected time of a sparse step that is sometimes repeated densely: the paper's refinement cost, in time.
///
/// LLM-QP §3 counts operations, `C_sparse(K) = 2dK + C_gather(K) + p_r·2d|V|`: score K rows, pay for gathering them,
/// and with probability p_r score all V after all. Here the first two terms are the measured curve of the sparse
/// step and the last is p_r times that of the dense one:
///
///     sparse(K) + p_r·dense(K)
///
/// With p_r = 0 this is the sparse curve. The steps of this package are exact and never need refinement; p_r is for
/// plans that filter and sometimes fail.
///
/// p_r enters as the nearest multiple of 2⁻²⁰, so that the comparison with the dense curve stays exact in 64-bit
/// integers.
public struct ExpectedCost: Sendable {
    /// The step that scores K rows.
    public let sparse: CostCurve
    /// The step that scores all V.
    public let dense: CostCurve
    /// p_r, 0…1.
    public let refinementProbability: Double

    private static let one = 1 << 20
    private let scaledProbability: Int

    /// - Throws: ``CostModelError/refinementProbability(_:)`` outside 0…1, NaN included.
    public init(sparse: CostCurve, dense: CostCurve, refinementProbability: Double) throws(CostModelError) {
        guard (0...1).contains(refinementProbability) else { throw .refinementProbability(refinementProbability) }
        self.sparse = sparse
        self.dense = dense
        self.refinementProbability = refinementProbability
        scaledProbability = Int((refinementProbability * Double(Self.one)).rounded())
    }

    /// The expected time, rounded down, and the weaker evidence of the curves that enter it. O(log points).
    public func nanoseconds(at allowedTokenCount: Int) -> (nanoseconds: Int, evidence: Evidence) {
        let first = sparse.nanoseconds(at: allowedTokenCount)
        guard scaledProbability > 0 else { return first }
        let second = dense.nanoseconds(at: allowedTokenCount)
        return (
            first.nanoseconds + scaledProbability * second.nanoseconds / Self.one,
            first.evidence.combined(with: second.evidence)
        )
    }

    /// K\* under p_r: the smallest K at which `sparse(K) + p_r·dense(K) ≥ dense(K)`, or null with the reason.
    public func crossover(vocabularySize: Int) -> (allowedTokenCount: Int?, reason: String?) {
        let comparison = CurveComparison(first: sparse, second: dense, vocabularySize: vocabularySize)
        // Both sides times 2²⁰, p_r·dense taken to the right; products stay below 2⁶¹.
        let crossing = comparison.smallestTokenCount(
            where: Self.one, timesFirstExceeds: Self.one - scaledProbability)
        let refined = "\(sparse.step.rawValue) with refinement probability \(refinementProbability)"
        let probability = Double(scaledProbability) / Double(Self.one)
        guard let crossing else {
            let least = 1 / (1 / comparison.leastRatioOfSecondToFirst + probability)
            return (
                nil, "\(refined) is cheaper at every K up to V = \(vocabularySize), by at least \(times(least))"
            )
        }
        if crossing == 1 {
            let least = comparison.leastRatioOfFirstToSecond + probability
            let denseName = dense.step.rawValue
            return (
                nil,
                least >= 1
                    ? "\(denseName) is cheaper than \(refined) at every K, by at least \(times(least))"
                    : "\(denseName) is cheaper than \(refined) at K = 1 and costlier at some larger K: "
                        + "the curves cross the other way round; measure again with more samples at small K"
            )
        }
        return (crossing, nil)
    }
}

/// A parameter that the cost model does not take.
public enum CostModelError: Error, Equatable, CustomStringConvertible {
    /// p_r is no probability.
    case refinementProbability(Double)

    /// What failed, with the value, and the range that works.
    public var description: String {
        switch self {
        case .refinementProbability(let value):
            "the refinement probability is \(value); it must lie in 0…1, where 0 means that the sparse step never "
                + "needs a dense repeat"
        }
    }
}
