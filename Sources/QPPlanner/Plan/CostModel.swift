public import QPCore

/// Times of recorded steps for any K and batch, from one head's profile.
///
/// Unit: nanoseconds of a whole step, submission and wait excluded, as the curves were measured. Between two batch
/// sizes that were profiled, times are interpolated; beyond the largest they grow in proportion to the batch, which is
/// an upper bound for a scan. Ignored: uploads of lists and masks by the host, contention with other work.
public struct CostModel: Sendable {
    /// The head it speaks of.
    public let head: HeadShape
    /// Measured read bandwidth, bytes a nanosecond; nil when the profile has no such ceiling.
    public let bytesPerNanosecond: Double?
    /// Batch sizes that were profiled, ascending.
    public let batches: [Int]
    /// By ``StepName``'s place in its cases, ascending in batch.
    private let series: [[Series]]
    private let isForeign: Bool

    /// A step's curves at one batch size.
    private struct Series: Sendable {
        let batch: Int
        var uniform: CostCurve?
        var others: [IndexPattern: CostCurve] = [:]

        func curve(_ pattern: IndexPattern) -> CostCurve? {
            pattern == .uniform ? uniform : others[pattern] ?? uniform
        }
    }

    /// A time and how well it is known.
    public struct Time: Equatable, Sendable {
        public var nanoseconds: Int
        public var evidence: Evidence
    }

    /// - Parameter isForeign: the profile is of another device or driver; everything is then graded `foreign`.
    /// - Throws: ``PlanningError/headNotProfiled(_:profiled:)``.
    public init(_ profile: Profile, head: HeadShape, isForeign: Bool = false) throws(PlanningError) {
        let found = profile.heads.first { (try? $0.shape) == head }
        guard let found, found.curves.contains(where: { $0.step == .dense }),
            found.curves.contains(where: { $0.step == .sparse })
        else {
            throw .headNotProfiled("\(head)", profiled: profile.heads.compactMap { try? $0.shape }.map { "\($0)" })
        }
        // Both ceilings count 10⁹ a second, which is one a nanosecond.
        let bandwidth = profile.ceilings.first { $0.name == .readBandwidth }?.value
        self.init(head: head, curves: found.curves, bytesPerNanosecond: bandwidth, isForeign: isForeign)
    }

    /// A model of given curves; `dense` and `sparse` at one batch size at least.
    public init(head: HeadShape, curves: [CostCurve], bytesPerNanosecond: Double?, isForeign: Bool = false) {
        self.head = head
        // Less than a megabyte a second is no measurement, and would price bytes beyond what a time can hold.
        self.bytesPerNanosecond = bytesPerNanosecond.flatMap { $0 >= 1e-3 && $0.isFinite ? $0 : nil }
        self.isForeign = isForeign
        series = StepName.allCases.map { step in
            let own = curves.filter { $0.step == step }
            return Set(own.map(\.batch)).sorted().map { batch in
                var result = Series(batch: batch)
                for curve in own where curve.batch == batch {
                    if curve.pattern != .uniform {
                        result.others[curve.pattern] = result.others[curve.pattern] ?? curve
                    } else {
                        result.uniform = result.uniform ?? curve
                    }
                }
                return result
            }
        }
        batches = Set(curves.filter { $0.step == .dense }.map(\.batch)).sorted()
        precondition(!batches.isEmpty, "a cost model needs a curve of the dense step")
    }

    /// The time of a step whose rows have `allowedTokenCount` tokens each; nil when the step was never timed.
    public func time(
        _ step: StepName, allowedTokenCount K: Int, batch: Int, pattern: IndexPattern = .uniform
    ) -> Time? {
        // No allocation and no hashing: a partition of a batch asks hundreds of times.
        var below: Series?
        var above: Series?
        for own in series[step.place] {
            if own.batch == batch, let curve = own.curve(pattern) { return time(curve, K) }
            guard own.uniform != nil else { continue }
            if own.batch < batch {
                below = own
            } else if own.batch > batch {
                above = own
                break
            }
        }
        guard let above else {
            guard let below, let time = below.curve(pattern).map({ time($0, K) }) else { return nil }
            return Time(
                nanoseconds: time.nanoseconds * batch / below.batch,
                evidence: time.evidence.combined(with: .extrapolated))
        }
        let upper = time(above.curve(pattern)!, K)
        guard let below else {
            // A smaller batch costs no more.
            return Time(nanoseconds: upper.nanoseconds, evidence: upper.evidence.combined(with: .extrapolated))
        }
        let lower = time(below.curve(pattern)!, K)
        let rise = (upper.nanoseconds - lower.nanoseconds) * (batch - below.batch) / (above.batch - below.batch)
        return Time(
            nanoseconds: lower.nanoseconds + rise,
            evidence: lower.evidence.combined(with: upper.evidence).combined(with: .interpolated))
    }

    /// One dispatch in which each row gathers its own list: as if every list had the mean length, since the rows of all
    /// lists stream one after another.
    /// - Parameter form: ``StepName/sparse``, or ``StepName/sparseFromMask`` where the device makes the lists.
    public func gatherEach(
        _ counts: [Int], pattern: IndexPattern = .uniform, form: StepName = .sparse
    ) -> Time? {
        guard !counts.isEmpty else { return nil }
        return gatherEach(
            total: counts.reduce(0, +), rowCount: counts.count, isEven: !counts.contains { $0 != counts[0] },
            pattern: pattern, form: form)
    }

    func gatherEach(
        total: Int, rowCount: Int, isEven: Bool, pattern: IndexPattern, form: StepName
    ) -> Time? {
        let mean = (total + rowCount - 1) / rowCount
        guard var time = time(form, allowedTokenCount: mean, batch: rowCount, pattern: pattern) else { return nil }
        if !isEven { time.evidence = time.evidence.combined(with: .interpolated) }
        return time
    }

    /// One pass over the union of the rows' sets, each row competing in its own: the masked scan that skips what
    /// nobody allows. Its curve was measured with independent sets of K each, whose union is V·(1 − (1 − K/V)ᴮ); the K
    /// with the union at hand is looked up.
    public func gatherUnion(unionTokenCount: Int, batch: Int) -> Time? {
        let V = Double(head.vocabularySize)
        let share = min(1, Double(unionTokenCount) / V)
        let each = V * (1 - ElementaryMath.power(1 - share, 1 / Double(batch)))
        let K = max(1, min(head.vocabularySize, Int(each.rounded(.up))))
        guard var time = time(.denseSkipping, allowedTokenCount: K, batch: batch) else { return nil }
        time.evidence = time.evidence.combined(with: .interpolated)
        return time
    }

    /// A step's curve at any batch size, over every K that was measured for the step; nil when it never was.
    public func curve(_ step: StepName, batch: Int) -> CostCurve? {
        let own = series[step.place]
        if let measured = own.first(where: { $0.batch == batch })?.uniform { return measured }
        let counts = Set(
            own.flatMap { [$0.uniform].compactMap { $0 } + $0.others.values }
                .flatMap { $0.points.map(\.allowedTokenCount) })
        guard !counts.isEmpty else { return nil }
        var points: [CostCurve.Point] = []
        for K in counts.sorted() {
            guard let time = time(step, allowedTokenCount: K, batch: batch)?.nanoseconds else { return nil }
            points.append(.init(allowedTokenCount: K, nanoseconds: time, lowNanoseconds: time, highNanoseconds: time))
        }
        return CostCurve(step: step, batch: batch, pattern: .uniform, points: points)
    }

    /// Bytes of W that `rowCount` rows take.
    public func bytes(rows rowCount: Int) -> Int { rowCount * head.bytesReadPerRow }

    private func time(_ curve: CostCurve, _ K: Int) -> Time {
        let found = curve.nanoseconds(at: K)
        return Time(nanoseconds: found.nanoseconds, evidence: isForeign ? .foreign : found.evidence)
    }
}

extension StepName {
    /// Position among all cases.
    fileprivate var place: Int {
        switch self {
        case .dense: 0
        case .denseSkipping: 1
        case .sparse: 2
        case .sparseFromMask: 3
        case .sparseRouted: 4
        case .screenedRerank: 5
        case .fullRecompute: 6
        case .amortizedRerank: 7
        }
    }
}
