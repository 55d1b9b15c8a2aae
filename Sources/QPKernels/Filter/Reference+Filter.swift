/// How far a filter's score of a batch row reaches; see ``ReachKernel``.
public struct Reach: Equatable, Sendable {
    public var x: Float
    public var y: Float

    public init(x: Float, y: Float) {
        self.x = x
        self.y = y
    }
}

extension Reference {
    /// The interval that a filter gives a row: the operations of `Shaders/interval.glsl`, one by one.
    /// - Returns: nil where nothing is known of the row.
    public static func interval(score: Float, coefficient: Float, reach: Reach) -> (lower: Float, upper: Float)? {
        let radius = coefficient * reach.x + reach.y
        let whole = radius * (1 + 0x1p-20) + (score.magnitude * 0x1p-21 + 0x1p-120)
        guard score.isFinite, whole.isFinite else { return nil }
        return (score - whole, score + whole)
    }

    /// The rows that may be among the best two of `allowed`, ascending: those whose upper end reaches the
    /// second-largest lower end, and those without a usable interval. Also how many may be the best; 0 where
    /// nothing is known of any.
    /// - Parameters:
    ///   - scores: of the filter, `[V]`.
    ///   - coefficients: `[V]`.
    public static func survivors(
        scores: [Float], coefficients: [Float], reach: Reach, allowed: [UInt32]
    ) -> (ids: [UInt32], contenderCount: Int) {
        let intervals = allowed.map {
            interval(score: scores[Int($0)], coefficient: coefficients[Int($0)], reach: reach)
        }
        var largest = -Float.infinity
        var second = -Float.infinity
        for case let interval? in intervals {
            second = max(second, min(largest, interval.lower))
            largest = max(largest, interval.lower)
        }
        let ids = zip(allowed, intervals).filter { $1.map { $0.upper >= second } ?? true }.map(\.0)
        // Where nothing is known of any row, no count proves anything.
        let isAnyKnown = intervals.contains { $0 != nil }
        return (ids, isAnyKnown ? intervals.count { $0.map { $0.upper >= largest } ?? true } : 0)
    }

    /// ‖v‖₂ in Double.
    public static func norm(_ values: some Sequence<Double>) -> Double {
        values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
}
