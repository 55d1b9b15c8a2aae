public import QPCore

/// What every kernel must compute, on the host, in float64 and without cleverness: the yardstick of the tests and of
/// the check that precedes each timing.
public enum Reference {
    /// Score of one row, exact up to float64 rounding, and `Σ|w·h|`, the scale of its permitted error.
    public static func score(
        _ row: EncodedRow, _ hidden: [Float], shape: HeadShape
    ) -> (score: Double, magnitude: Double) {
        var score = 0.0
        var magnitude = 0.0
        for (weight, value) in zip(row.weights(shape: shape), hidden) {
            let product = weight * Double(value)
            score += product
            magnitude += product.magnitude
        }
        return (score, magnitude)
    }

    /// Best and second best of scores with their ids: the higher score wins, ties go to the lower id, scores that are
    /// not finite are counted and never win.
    public static func topTwo(_ scores: some Sequence<(id: UInt32, score: Float)>) -> StepRecord {
        var best: (id: UInt32, score: Float)?
        var second: (id: UInt32, score: Float)?
        var nonFinite = 0
        func wins(_ a: (id: UInt32, score: Float), _ b: (id: UInt32, score: Float)?) -> Bool {
            guard let b else { return true }
            return a.score > b.score || (a.score == b.score && a.id < b.id)
        }
        for candidate in scores {
            guard candidate.score.isFinite else {
                nonFinite += 1
                continue
            }
            if wins(candidate, best) {
                (second, best) = (best, candidate)
            } else if wins(candidate, second) {
                second = candidate
            }
        }
        return StepRecord(
            token: best?.id, score: best?.score ?? -.infinity, runnerUp: second?.id,
            runnerUpScore: second?.score ?? -.infinity, nonFiniteRowCount: nonFinite)
    }

    /// The ids of a mask, ascending.
    public static func compact(_ mask: TokenMask) -> [UInt32] { mask.tokens }

    /// Bound on |device − exact| of one score: `γ_m ‖w‖ ‖h‖` plus what flushed denormals may lose.
    ///
    /// m counts the additions on the longest path of the reduction tree; `u = 2⁻²³` since Vulkan leaves the rounding
    /// mode open.
    public static func errorBound(
        _ row: EncodedRow, _ hidden: [Float], shape: HeadShape, lanesPerRow: Int
    ) -> Double {
        let weights = row.weights(shape: shape)
        let d = Double(shape.hiddenSize)
        let depth = ScoreRounding(shape: shape, lanesPerRow: lanesPerRow).depth
        let m = Double(depth)
        let u = 0x1p-23
        let gamma = m * u / (1 - m * u)
        let norm = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let hiddenNorm = hidden.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        let largest = weights.reduce(1) { max($0, $1.magnitude) }
        let largestHidden = hidden.reduce(1) { max($0, Double($1).magnitude) }
        return gamma * norm * hiddenNorm + (2 * d + m) * 0x1p-126 * max(largest, largestHidden)
    }
}
