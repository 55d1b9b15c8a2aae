internal import QPCore

/// The context of LLM-QP §5.4 (K, depth, margin proxies, churn of the allowed set) as eight numbers with ‖x‖ ≤ 1.
///
/// Each lies in 0…1 before all are divided by √8.
public enum StepFeatures {
    /// Lanes of the vector.
    public enum Lane: Int, CaseIterable, Sendable {
        /// Always 1: what does not depend on anything.
        case constant
        /// log K / log V: where a threshold on K belongs.
        case logTokenCount
        /// K / V.
        case tokenShare
        /// log₂(1 + depth) / 16, at most 1.
        case depth
        /// m / (1 + m) of the last step's margin; ½ when unknown.
        case margin
        /// Share of the allowed set that changed.
        case churn
        /// log₂ B / 6, at most 1.
        case batch
        /// ‖Δh‖ / ‖h₀‖ of the anchor, at most 1; 1 without an anchor.
        case drift
    }

    static let scale = 1 / 8.0.squareRoot()

    /// x of a row in a batch of `batch` rows.
    public static func vector(_ row: DecodeStep.Row, batch: Int, vocabularySize V: Int) -> SIMD8<Double> {
        let K = row.allowedTokenCount ?? V
        let margin = row.lastMargin.map { $0 > 0 ? $0 / (1 + $0) : 0 } ?? 0.5
        let drift = row.anchor.map { $0.relativeDrift.isFinite ? min(1, max(0, $0.relativeDrift)) : 1 } ?? 1
        return SIMD8(
            1, logTokenCount(K, vocabularySize: V), Double(K) / Double(V),
            min(1, ElementaryMath.binaryLogarithm(1 + Double(max(0, row.depth))) / 16),
            margin, min(1, max(0, row.churn)), 0, drift) * scale + batchLane(batch)
    }

    /// The mean of the rows that are served together.
    static func vector(_ rows: [SIMD8<Double>]) -> SIMD8<Double> {
        var mean = rows.reduce(SIMD8<Double>.zero, +) / Double(rows.count)
        mean[Lane.batch.rawValue] = 0
        return mean + batchLane(rows.count)
    }

    /// ``Lane/batch`` alone.
    private static func batchLane(_ rowCount: Int) -> SIMD8<Double> {
        var vector = SIMD8<Double>.zero
        vector[Lane.batch.rawValue] = min(1, ElementaryMath.binaryLogarithm(Double(rowCount)) / 6) * scale
        return vector
    }

    /// The value of ``Lane/logTokenCount`` before scaling.
    static func logTokenCount(_ K: Int, vocabularySize V: Int) -> Double {
        V > 1 ? ElementaryMath.binaryLogarithm(Double(max(1, K))) / ElementaryMath.binaryLogarithm(Double(V)) : 0
    }

    /// The scaled lane value at which a threshold on K stands.
    public static func threshold(allowedTokenCount K: Int, vocabularySize V: Int) -> Double {
        logTokenCount(K, vocabularySize: V) * scale
    }
}
