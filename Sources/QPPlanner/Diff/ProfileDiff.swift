public import QPCore

/// How the times of two profiles differ, series by series.
///
/// A row is a subject at one head, batch, pattern and K that both profiles timed. It is called a regression only if
/// the whole interval of candidate/baseline lies above 1 + threshold.
///
/// With hundreds of rows, hundreds of 95 % intervals would raise false alarms in every run; the intervals are
/// therefore widened so that *all* of them hold together with 95 % (Bonferroni: each row has 1 − 0.05/rows). Such
/// levels lie beyond what a few hundred replicates resolve, so the interval is log-normal: the bootstrap gives the
/// standard error of the logarithm of the ratio, Student's t with (blocks − 1) degrees of freedom the width.
///
/// What differs from run to run (clocks, memory layout) is in no interval of one run; the threshold is there for it.
public struct ProfileDiff: Codable, Equatable, Sendable {
    /// What a row says.
    public enum Verdict: String, Codable, Sendable {
        /// The whole interval lies above 1 + threshold.
        case regression
        /// The whole interval lies below 1/(1 + threshold).
        case improvement
        /// The whole interval lies between the two.
        case unchanged
        /// The interval crosses a bound, or there are too few blocks for one.
        case unclear
    }

    /// One subject at one K in both profiles.
    public struct Row: Codable, Equatable, Sendable {
        /// V.
        public var vocabularySize: Int
        /// d.
        public var hiddenSize: Int
        /// How a weight is stored.
        public var elementType: ElementType
        /// What was timed.
        public var subject: TimedSubject
        /// B.
        public var batch: Int
        /// How the allowed ids lay.
        public var pattern: IndexPattern
        /// K.
        public var allowedTokenCount: Int
        /// Whether rows came from memory.
        public var coldRows: Bool
        /// Median of the baseline.
        public var baselineMicroseconds: Double
        /// Median of the candidate.
        public var candidateMicroseconds: Double
        /// Candidate over baseline: above 1 is slower. Null when the baseline reads zero.
        public var ratio: Double?
        /// Interval of the ratio; null with fewer than two blocks on a side.
        public var low: Double?
        /// Upper end of that interval.
        public var high: Double?
        /// What the interval says.
        public var verdict: Verdict
    }

    /// A K\* in both profiles.
    public struct CrossoverRow: Codable, Equatable, Sendable {
        /// What became of K\*.
        public enum Change: String, Codable, Sendable {
            /// The intervals are disjoint.
            case moved
            /// The intervals overlap, or neither has one.
            case same
            /// Only the candidate has a K\*.
            case appeared
            /// Only the baseline has a K\*.
            case disappeared
        }

        /// V.
        public var vocabularySize: Int
        /// d.
        public var hiddenSize: Int
        /// How a weight is stored.
        public var elementType: ElementType
        /// K\* as the baseline has it.
        public var baseline: Crossover
        /// K\* as the candidate has it.
        public var candidate: Crossover
        /// What became of it.
        public var change: Change
    }

    /// A difference up to this is none, as a share: 0.05 is 5 %.
    public var threshold: Double
    /// Level of each row's interval after the guard.
    public var rowConfidence: Double
    /// Whether both profiles are of one device and driver. If not, the rows compare machines, not programs.
    public var isSameDevice: Bool
    /// What a reader must know before the rows, in sentences; empty when nothing.
    public var notes: [String]
    /// Ordered as in the baseline.
    public var rows: [Row]
    /// One entry for each pair of steps, batch and pattern that both profiles hold.
    public var crossovers: [CrossoverRow]
    /// Heads that the candidate lacks, for example `262144×640 f16`.
    public var headsOnlyInBaseline: [String]
    /// Heads that the baseline lacks.
    public var headsOnlyInCandidate: [String]

    /// Whether CI should fail. False without rows: a comparison of nothing must be caught by ``isEmpty``.
    public var hasRegression: Bool { rows.contains { $0.verdict == .regression } }
    /// Whether the two had nothing in common to compare.
    public var isEmpty: Bool { rows.isEmpty }

    /// Compares `candidate` with `baseline`.
    /// - Parameters:
    ///   - threshold: > 0; 5 % by default, above the run-to-run differences of an idle machine.
    ///   - seed: draws the blocks.
    /// - Complexity: O(replicates · samples).
    public init(
        baseline: Profile, candidate: Profile, threshold: Double = 0.05, seed: UInt64, replicateCount: Int = 400
    ) {
        precondition(threshold > 0, "a threshold of zero calls every difference a regression")
        self.threshold = threshold
        isSameDevice =
            baseline.device.uuid == candidate.device.uuid && baseline.device.driver == candidate.device.driver
        notes = Self.notes(baseline, candidate)
        let before = baseline.heads.map(HeadKey.init)
        let after = candidate.heads.map(HeadKey.init)
        headsOnlyInBaseline = before.filter { !after.contains($0) }.map(\.description)
        headsOnlyInCandidate = after.filter { !before.contains($0) }.map(\.description)

        let pairs = zip(before, baseline.heads).compactMap { key, head in
            after.firstIndex(of: key).map { (key, head, candidate.heads[$0]) }
        }
        crossovers = pairs.flatMap { Self.crossoverRows($0, $1, $2) }
        let comparison = SeriesComparison(seed: seed, replicateCount: replicateCount)
        let ratios = pairs.flatMap { key, before, after in comparison.ratios(key, before, after) }
        let rowConfidence = 1 - 0.05 / Double(max(1, ratios.count))
        self.rowConfidence = rowConfidence
        rows = ratios.map { $0.row(confidence: rowConfidence, threshold: threshold) }
    }

    private static func notes(_ baseline: Profile, _ candidate: Profile) -> [String] {
        var notes: [String] = []
        if baseline.device.uuid != candidate.device.uuid {
            notes.append(
                "different devices: \(baseline.device.name) (\(baseline.device.uuid)) and "
                    + "\(candidate.device.name) (\(candidate.device.uuid)); the rows compare machines, not programs")
        } else if baseline.device.driver != candidate.device.driver {
            notes.append(
                "different drivers: \(baseline.device.driver) and \(candidate.device.driver); "
                    + "the rows include what the driver changed")
        }
        if baseline.device.isSoftware, baseline.device.hostProcessor != candidate.device.hostProcessor {
            notes.append(
                "different hosts: \(baseline.device.hostProcessor) and \(candidate.device.hostProcessor); "
                    + "a CPU rasteriser is only as fast as its host")
        }
        if baseline.device.timing.method != candidate.device.timing.method {
            notes.append(
                "different clocks: \(baseline.device.timing.method) and \(candidate.device.timing.method); "
                    + "only one of them includes the time of the submission")
        }
        for (name, profile) in [("baseline", baseline), ("candidate", candidate)]
        where profile.noise.verdict != .quiet {
            notes.append("the \(name) is \(profile.noise.verdict.rawValue): \(profile.noise.explanation)")
        }
        return notes
    }

    private static func crossoverRows(_ key: HeadKey, _ before: HeadProfile, _ after: HeadProfile) -> [CrossoverRow] {
        before.crossovers.compactMap { old in
            let match = after.crossovers.first {
                $0.between == old.between && $0.batch == old.batch && $0.pattern == old.pattern
            }
            return match.map { new in
                CrossoverRow(
                    vocabularySize: key.vocabularySize, hiddenSize: key.hiddenSize, elementType: key.elementType,
                    baseline: old, candidate: new, change: change(from: old, to: new))
            }
        }
    }

    private static func change(from old: Crossover, to new: Crossover) -> CrossoverRow.Change {
        switch (old.allowedTokenCount, new.allowedTokenCount) {
        case (nil, nil): return .same
        case (nil, _?): return .appeared
        case (_?, nil): return .disappeared
        case (let oldCount?, let newCount?):
            let isDisjoint =
                (old.high ?? oldCount) < (new.low ?? newCount) || (new.high ?? newCount) < (old.low ?? oldCount)
            return isDisjoint ? .moved : .same
        }
    }
}

/// Which head: two profiles are compared where these agree, whatever the heads are called.
struct HeadKey: Hashable, CustomStringConvertible {
    let vocabularySize: Int
    let hiddenSize: Int
    let elementType: ElementType

    init(_ head: HeadProfile) {
        vocabularySize = head.vocabularySize
        hiddenSize = head.hiddenSize
        elementType = head.elementType
    }

    var description: String { "\(vocabularySize)×\(hiddenSize) \(elementType.rawValue)" }
}
