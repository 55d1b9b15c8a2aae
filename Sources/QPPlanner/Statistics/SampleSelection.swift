import QPCore

/// The durations of one subject at one K.
struct SampleAtTokenCount {
    let allowedTokenCount: Int
    let sample: BlockedSample
}

extension [SampleSeries] {
    /// What was measured of `subject`, ascending in K, series of equal K merged.
    ///
    /// Where any series has cold rows the warm ones are left out: rows that rotate through memory are what a decode
    /// step sees, and a mixture of the two would describe neither. Series without durations are left out.
    func byTokenCount(
        _ subject: TimedSubject, batch: Int, pattern: IndexPattern, role: SampleSeries.Role
    ) -> [SampleAtTokenCount] {
        let matching = filter {
            $0.subject == subject && $0.batch == batch && $0.pattern == pattern && $0.role == role
                && !$0.durationsMicroseconds.isEmpty
        }
        let cold = matching.filter(\.coldRows)
        return Dictionary(grouping: cold.isEmpty ? matching : cold, by: \.allowedTokenCount)
            .map { SampleAtTokenCount(allowedTokenCount: $0.key, sample: BlockedSample($0.value)) }
            .sorted { $0.allowedTokenCount < $1.allowedTokenCount }
    }

    /// The pattern under which `subject` was measured: `pattern` itself, or another one for a subject that reads all
    /// of W whatever the pattern, so that a profiler need not time the same work three times.
    func measuredPattern(of subject: TimedSubject, batch: Int, wanted pattern: IndexPattern) -> IndexPattern? {
        let present = Set(filter { $0.subject == subject && $0.batch == batch && $0.role == .fit }.map(\.pattern))
        if present.contains(pattern) { return pattern }
        return subject.isPatternIndependent ? IndexPattern.allCases.first(where: present.contains) : nil
    }
}

extension TimedSubject {
    /// Whether where the allowed ids lie cannot matter, because none are used to address W.
    var isPatternIndependent: Bool {
        switch self {
        case .step(.dense), .kernel(.scan), .kernel(.scanTopTwo), .kernel(.topTwo): true
        case .step, .kernel: false
        }
    }
}
