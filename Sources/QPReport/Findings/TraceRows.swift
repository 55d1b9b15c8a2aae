import QPPlanner

/// The traces of a head as rows of a table, with their sum last.
enum TraceRows {
    static let columns: [(heading: String, alignment: TextTable.Alignment)] = [
        ("trace", .leading), ("steps", .trailing), ("median K", .trailing), ("always dense", .trailing),
        ("always sparse", .trailing), ("planned", .trailing), ("saved", .trailing), ("over oracle", .trailing),
        ("sparse steps", .trailing),
    ]

    static func rows(_ traces: [TraceResult]) -> [[String]] {
        guard traces.count > 1 else { return traces.map(row) }
        let steps = traces.reduce(0) { $0 + $1.stepCount }
        let all = TraceResult(
            name: "all", engine: traces[0].engine, traceVocabularySize: traces[0].traceVocabularySize,
            stepCount: steps, medianAllowedTokenCount: -1,
            denseMicroseconds: traces.reduce(0) { $0 + $1.denseMicroseconds },
            sparseMicroseconds: traces.reduce(0) { $0 + $1.sparseMicroseconds },
            plannedMicroseconds: traces.reduce(0) { $0 + $1.plannedMicroseconds },
            oracleMicroseconds: traces.reduce(0) { $0 + $1.oracleMicroseconds },
            sparseShare: traces.reduce(0) { $0 + $1.sparseShare * Double($1.stepCount) } / Double(max(1, steps)))
        return traces.map(row) + [row(all)]
    }

    private static func row(_ trace: TraceResult) -> [String] {
        func ratio(_ a: Double, _ b: Double) -> String { b > 0 ? Format.ratio(a / b) : Format.missing }
        return [
            trace.name, Format.count(trace.stepCount),
            trace.medianAllowedTokenCount < 0 ? Format.missing : Format.count(trace.medianAllowedTokenCount),
            Format.duration(microseconds: trace.denseMicroseconds),
            Format.duration(microseconds: trace.sparseMicroseconds),
            Format.duration(microseconds: trace.plannedMicroseconds),
            ratio(trace.denseMicroseconds, trace.plannedMicroseconds),
            ratio(trace.plannedMicroseconds, trace.oracleMicroseconds), Format.percent(trace.sparseShare, decimals: 0),
        ]
    }
}
