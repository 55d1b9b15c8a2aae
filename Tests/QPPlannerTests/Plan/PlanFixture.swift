import QPCore
import QPPlanner

/// A head whose steps cost what simple formulas say, in microseconds; batch 1 and 8 profiled.
enum PlanFixture {
    static let V = 100_000
    static let head = try! HeadShape(vocabularySize: V, hiddenSize: 512, elementType: .f16)
    static let grid = [1, 2, 4, 8, 16, 64, 256, 1024, 4096, 16_384, 65_536, V]

    static func curve(_ step: StepName, batch: Int, _ microseconds: (Double) -> Double) -> CostCurve {
        CostCurve(
            step: step, batch: batch, pattern: .uniform,
            points: grid.map { K in
                let nanoseconds = Int((microseconds(Double(K)) * 1000).rounded())
                return .init(
                    allowedTokenCount: K, nanoseconds: nanoseconds, lowNanoseconds: nanoseconds,
                    highNanoseconds: nanoseconds)
            })
    }

    /// A scan takes 10 ms for one row and 12 ms for eight; a gathered row 0.2 µs, after 50 µs.
    static let curves: [CostCurve] = [
        curve(.dense, batch: 1) { _ in 10_000 },
        curve(.dense, batch: 8) { _ in 12_000 },
        curve(.denseSkipping, batch: 1) { min(10_500, 300 + 5 * $0) },
        curve(.denseSkipping, batch: 8) { min(12_500, 400 + 4 * $0) },
        curve(.sparse, batch: 1) { 50 + 0.2 * $0 },
        curve(.sparse, batch: 8) { 60 + 1.6 * $0 },
        curve(.sparseFromMask, batch: 1) { 130 + 0.2 * $0 },
    ]

    static let model = CostModel(head: head, curves: curves, bytesPerNanosecond: 20)

    static func row(
        _ K: Int?, place: DecodeStep.Place = .host, anchor: DecodeStep.AnchorSummary? = nil
    ) -> DecodeStep.Row {
        DecodeStep.Row(allowedTokenCount: K, place: place, anchor: anchor)
    }

    static func step(_ counts: [Int], need: Need = .topTwo, lambda: Double = 1) throws -> DecodeStep {
        try DecodeStep(head: head, rows: counts.map { row($0) }, need: need, lambda: lambda)
    }

    static func anchor(
        survivorShare: Double = 0.001, refinement: Double = 0, margin: Double = 2, drift: Double = 0.01,
        weightsID: UInt64 = 7
    ) -> DecodeStep.AnchorSummary {
        .init(
            relativeDrift: drift, margin: margin, survivorShare: survivorShare, refinementProbability: refinement,
            weightsID: weightsID)
    }
}
