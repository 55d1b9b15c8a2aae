import QPCore
import QPPlanner

/// Steps after pauses as rows of a table.
enum RegimeRows {
    static let columns: [(heading: String, alignment: TextTable.Alignment)] = [
        ("step", .leading), ("K", .trailing), ("pause before", .trailing), ("device", .trailing),
        ("host, until the wait returns", .trailing), ("spread", .trailing), ("n", .trailing),
    ]

    static func rows(_ results: [RegimeResult]) -> [[String]] {
        results.map { result in
            [
                result.step.rawValue, Format.count(result.allowedTokenCount),
                result.regime == .saturated
                    ? "none" : Format.duration(microseconds: result.regime.pauseSeconds * 1e6),
                Format.duration(microseconds: result.medianMicroseconds),
                Format.duration(microseconds: result.hostMedianMicroseconds), Format.percent(result.spread),
                Format.count(result.sampleCount),
            ]
        }
    }
}
