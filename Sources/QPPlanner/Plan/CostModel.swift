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
    private let curves: [Key: CostCurve]
    private let isForeign: Bool

    private struct Key: Hashable {
        let step: StepName
        let batch: Int
        let pattern: IndexPattern
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
        self.curves = Dictionary(
            curves.map { (Key(step: $0.step, batch: $0.batch, pattern: $0.pattern), $0) },
            uniquingKeysWith: { first, _ in first })
        batches = Set(curves.filter { $0.step == .dense }.map(\.batch)).sorted()
        precondition(!batches.isEmpty, "a cost model needs a curve of the dense step")
    }

    /// The time of a step whose rows have `allowedTokenCount` tokens each; nil when the step was never timed.
    public func time(
        _ step: StepName, allowedTokenCount K: Int, batch: Int, pattern: IndexPattern = .uniform
    ) -> Time? {
        if let exact = measured(step, K, batch, pattern) { return exact }
        let known = batches.filter { curves[Key(step: step, batch: $0, pattern: .uniform)] != nil }
        guard let above = known.first(where: { $0 > batch }) else {
            guard let largest = known.last, let time = measured(step, K, largest, pattern) else { return nil }
            return Time(nanoseconds: time.nanoseconds * batch / largest, evidence: grade(.extrapolated, with: time))
        }
        guard let upper = measured(step, K, above, pattern) else { return nil }
        guard let below = known.last(where: { $0 < batch }), let lower = measured(step, K, below, pattern) else {
            // A smaller batch costs no more.
            return Time(nanoseconds: upper.nanoseconds, evidence: grade(.extrapolated, with: upper))
        }
        let rise = (upper.nanoseconds - lower.nanoseconds) * (batch - below) / (above - below)
        return Time(
            nanoseconds: lower.nanoseconds + rise,
            evidence: grade(.interpolated, with: lower).combined(with: upper.evidence))
    }

    /// One dispatch in which each row gathers its own list: as if every list had the mean length, since the rows of all
    /// lists stream one after another.
    /// - Parameter form: ``StepName/sparse``, or ``StepName/sparseFromMask`` where the device makes the lists.
    public func gatherEach(
        _ counts: [Int], pattern: IndexPattern = .uniform, form: StepName = .sparse
    ) -> Time? {
        guard !counts.isEmpty else { return nil }
        let mean = (counts.reduce(0, +) + counts.count - 1) / counts.count
        guard var time = time(form, allowedTokenCount: mean, batch: counts.count, pattern: pattern) else {
            return nil
        }
        if counts.contains(where: { $0 != counts[0] }) { time.evidence = time.evidence.combined(with: .interpolated) }
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
        if let measured = curves[Key(step: step, batch: batch, pattern: .uniform)] { return measured }
        let counts = Set(curves.filter { $0.key.step == step }.flatMap { $0.value.points.map(\.allowedTokenCount) })
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

    private func measured(_ step: StepName, _ K: Int, _ batch: Int, _ pattern: IndexPattern) -> Time? {
        let curve =
            curves[Key(step: step, batch: batch, pattern: pattern)]
            ?? curves[Key(step: step, batch: batch, pattern: .uniform)]
        guard let found = curve?.nanoseconds(at: K) else { return nil }
        return Time(nanoseconds: found.nanoseconds, evidence: isForeign ? .foreign : found.evidence)
    }

    private func grade(_ evidence: Evidence, with time: Time) -> Evidence { evidence.combined(with: time.evidence) }
}
