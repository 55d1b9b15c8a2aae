import QPPlanner

/// One timed run of a candidate.
struct Reading {
    /// By the device's timestamps where it has them; host work and devices without: wall time.
    let microseconds: Double
    /// Wall time; for device work from submission until the wait returned.
    let hostMicroseconds: Double
    /// CPU time of this process over wall time.
    let coresUsed: Double
}

/// A reading kept in a series, for one repetition of the work.
struct Sample: Encodable {
    let microseconds: Double
    let hostMicroseconds: Double
    let coresUsed: Double
    /// Whether this process had its cores while the sample was taken.
    var hadItsCores: Bool
}

/// Median of a sample, its spread (median absolute deviation over median), and its size.
struct Summary: Encodable {
    let median: Double
    let spread: Double
    let count: Int

    init?(_ values: some Collection<Double>) {
        guard let median = Statistics.median(values) else { return nil }
        self.median = median
        spread = Statistics.relativeSpread(values) ?? 0
        count = values.count
    }
}

/// What one candidate took, turn by turn.
struct Series: Encodable {
    let name: String
    /// The tuned variant, or other words on how.
    let detail: String
    /// Bytes of W that one repetition reads; nil where bandwidth says nothing.
    let byteCount: Int?
    let samples: [Sample]

    /// Of the samples that had their cores.
    var alone: Summary? { Summary(samples.filter(\.hadItsCores).map(\.microseconds)) }
    var all: Summary? { Summary(samples.map(\.microseconds)) }
    /// Wall time of those that had their cores; of all where none had.
    var host: Summary? {
        Summary(samples.filter(\.hadItsCores).map(\.hostMicroseconds)) ?? Summary(samples.map(\.hostMicroseconds))
    }
    var droppedCount: Int { samples.count { !$0.hadItsCores } }

    /// CPU time of this process over wall time, median of all samples.
    var coresUsed: Double? { Statistics.median(samples.map(\.coresUsed)) }

    func gigabytesPerSecond(_ summary: Summary?) -> Double? {
        guard let byteCount, let summary, summary.median > 0 else { return nil }
        return Double(byteCount) / summary.median / 1000
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case detail
        case byteCount
        case aloneMicroseconds
        case allMicroseconds
        case hostMicroseconds
        case droppedCount
        case samples
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(detail, forKey: .detail)
        try container.encode(byteCount, forKey: .byteCount)
        try container.encode(alone, forKey: .aloneMicroseconds)
        try container.encode(all, forKey: .allMicroseconds)
        try container.encode(host, forKey: .hostMicroseconds)
        try container.encode(droppedCount, forKey: .droppedCount)
        try container.encode(samples, forKey: .samples)
    }
}
