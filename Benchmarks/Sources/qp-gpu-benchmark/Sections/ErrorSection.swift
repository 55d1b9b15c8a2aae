import QPCore
import QPKernels

/// Errors of the scores against float64, relative to `Σ|w·h|`, for every type and every reduction order.
enum ErrorSection {
    private static let rowCount = 2048
    private static let bound = 1e-6

    static func run(_ bench: Bench, _ shape: (V: Int, d: Int)) throws -> Block {
        var findings: [Finding] = []
        for type in ElementType.allCases {
            let fixture = try bench.fixture(try bench.shape(shape, type))
            let variants = Self.variants(fixture)
            let step = max(1, fixture.V / rowCount)
            let sampled = Array(stride(from: 0, to: fixture.V, by: step))
            let references = sampled.map {
                Reference.score(fixture.rows.row($0), fixture.hiddenValues, shape: fixture.shape)
            }
            var worst = 0.0
            for variant in variants {
                let scores = try fixture.readScores(variant)
                for (row, reference) in zip(sampled, references) {
                    let error = abs(Double(scores[row]) - reference.score) / reference.magnitude
                    // A NaN must not pass for a small error.
                    worst = error.isNaN ? .infinity : max(worst, error)
                }
            }
            findings.append(
                Finding(
                    what: "\(type.rawValue), \(sampled.count) rows, "
                        + "\(variants.map { "\($0.lanesPerRow)" }.joined(separator: ", ")) lanes a row",
                    unit: "", exact: worst, goal: .atMost(bound)))
        }
        return Block(
            section: .error, title: "Largest |score − float64| / Σ|w·h|, scan \(shape.V)×\(shape.d)",
            findings: findings)
    }

    /// One variant for each reduction order that the tuner may choose.
    private static func variants(_ fixture: Fixture) -> [ScoreVariant] {
        var orders: Set<Int> = []
        return ScoreVariant.candidates(fixture.library, shape: fixture.shape, batch: 1)
            .filter { orders.insert($0.lanesPerRow).inserted }
    }
}
