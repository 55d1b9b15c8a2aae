public import QPCore

/// One way to execute a step: when it applies, what it costs, what it promises. Its execution is found by ``id`` where
/// the device is (`QPHead`), so a plan is a plain value here.
///
/// A user adds a plan by registering one with the planner and, under the same name, what it records:
///
/// ```swift
/// let mine = PhysicalPlan(.registered("hotRows"), guarantee: .approximate) { row, batch, model in
///     .applies(PlanCost(nanoseconds: 40_000, evidence: .default, trafficBytes: model.bytes(rows: 64), qualityLoss:
///     0.01))
/// }
/// let planner = try Planner(model, plans: PhysicalPlan.builtIn() + [mine])
/// ```
public struct PhysicalPlan: Sendable {
    /// Its name.
    public let id: PlanID
    /// What it promises.
    public let guarantee: Guarantee
    /// Why it cannot serve a need; nil when it can.
    public let refusal: @Sendable (Need) -> String?
    /// Why it cannot choose a token in that way; nil when it can.
    public let samplingRefusal: @Sendable (Sampling) -> String?
    /// Its cost for one row of a batch of that size, all rows alike, or why it does not apply.
    public let cost: @Sendable (DecodeStep.Row, _ batch: Int, CostModel) -> Applicability

    /// Whether a plan can be taken for a row.
    public enum Applicability: Equatable, Sendable {
        /// With the physical form it takes, where it has several.
        case applies(PlanCost, form: StepName? = nil)
        /// The row lacks what the plan needs.
        case lacks(String)
        /// It could be taken, but its answer could not be trusted.
        case unsafe(String)
    }

    /// - Parameters:
    ///   - refusal: what ``PlanID/refusal(of:)-(Need)`` says, if nil.
    ///   - samplingRefusal: what ``PlanID/refusal(of:)-(Sampling)`` says, if nil: a registered plan takes the best
    ///     token.
    public init(
        _ id: PlanID, guarantee: Guarantee, refusal: (@Sendable (Need) -> String?)? = nil,
        samplingRefusal: (@Sendable (Sampling) -> String?)? = nil,
        cost: @escaping @Sendable (DecodeStep.Row, _ batch: Int, CostModel) -> Applicability
    ) {
        self.id = id
        self.guarantee = guarantee
        self.refusal = refusal ?? { id.refusal(of: $0) }
        self.samplingRefusal = samplingRefusal ?? { id.refusal(of: $0) }
        self.cost = cost
    }
}

extension PhysicalPlan {
    /// The exact and certified plans of the paper and our own, in the order of ``PlanID/builtIn``.
    /// - Parameters:
    ///   - screen: what is known of the head's low-bit copy; nil without one.
    ///   - weightsID: which W anchors must belong to.
    public static func builtIn(screen: ScreenSummary? = nil, weightsID: UInt64 = 0) -> [PhysicalPlan] {
        [
            forced, dense, sparse, amortized(weightsID: weightsID), amortizedRerank(weightsID: weightsID),
            screenedRerank(screen), fullRecompute,
        ]
    }

    /// Nothing runs: the token is known.
    public static let forced = PhysicalPlan(.forced, guarantee: .exact) { row, _, _ in
        guard let K = row.allowedTokenCount else { return .lacks("K is not known to the host") }
        guard K == 1 else { return .lacks("\(K) tokens are allowed, not one") }
        guard row.place == .host else { return .lacks("the one token is known on the device alone") }
        return .applies(PlanCost(nanoseconds: 0, evidence: .measured, trafficBytes: 0))
    }

    /// The cheaper of scanning everything and skipping blocks in which nothing is allowed.
    public static let dense = PhysicalPlan(.dense, guarantee: .exact) { row, batch, model in
        let V = model.head.vocabularySize
        let K = row.allowedTokenCount ?? V
        guard let scan = model.time(.dense, allowedTokenCount: K, batch: batch, pattern: row.pattern) else {
            return .lacks("the profile has no curve of it")
        }
        let skipping = model.time(.denseSkipping, allowedTokenCount: K, batch: batch, pattern: row.pattern)
        if let skipping, skipping.nanoseconds < scan.nanoseconds {
            // At least so many bytes: it reads whole blocks of rows, whose size only the tuned variant knows.
            var cost = model.cost(skipping, bytes: model.bytes(rows: min(V, K * batch)))
            cost.utilisation = nil
            return .applies(cost, form: .denseSkipping)
        }
        return .applies(model.cost(scan, bytes: model.bytes(rows: V)), form: .dense)
    }

    /// From a list that the host gives, or from a mask that the device compacts.
    public static let sparse = PhysicalPlan(.sparse, guarantee: .exact) { row, batch, model in
        guard let K = row.allowedTokenCount else {
            return .lacks("K is not known to the host; let the device route this step")
        }
        let form = row.place == .device ? StepName.sparseFromMask : .sparse
        guard let time = model.time(form, allowedTokenCount: K, batch: batch, pattern: row.pattern) else {
            return .lacks("the profile has no curve of it")
        }
        return .applies(model.cost(time, bytes: model.bytes(rows: K * batch)), form: form)
    }

    /// One survivor expected: the filter alone answers.
    public static func amortized(weightsID: UInt64) -> PhysicalPlan {
        PhysicalPlan(.amortized, guarantee: .certified) { row, batch, model in
            reuse(row, batch, model, weightsID: weightsID) { anchor, K, filter, dense in
                // Before the filter has run nobody knows that one row is left; where more are expected, do not try.
                guard anchor.survivorShare * Double(K) <= 1 else {
                    return .lacks("more than one row is expected to stay in play")
                }
                return .applies(filter.adding(0, refinement: anchor.refinementProbability, dense: dense))
            }
        }
    }

    /// Filter, then score the survivors.
    public static func amortizedRerank(weightsID: UInt64) -> PhysicalPlan {
        PhysicalPlan(.amortizedRerank, guarantee: .certified) { row, batch, model in
            reuse(row, batch, model, weightsID: weightsID) { anchor, K, filter, dense in
                let survivors = max(min(2, K), Int((anchor.survivorShare * Double(K)).rounded(.up)))
                guard let rerank = model.time(.sparse, allowedTokenCount: survivors, batch: batch) else {
                    return .lacks("the profile has no curve of the rerank")
                }
                // A measured filter reranks two survivors; only more of them cost more.
                let least = model.time(.sparse, allowedTokenCount: min(2, K), batch: batch)?.nanoseconds ?? 0
                let more = filter.evidence == .default ? rerank.nanoseconds : max(0, rerank.nanoseconds - least)
                var cost = filter.adding(more, refinement: anchor.refinementProbability, dense: dense)
                cost.trafficBytes += model.bytes(rows: survivors * batch)
                return .applies(cost)
            }
        }
    }

    /// Filter by the low-bit copy, then score the survivors.
    public static func screenedRerank(_ screen: ScreenSummary?) -> PhysicalPlan {
        PhysicalPlan(.screenedRerank, guarantee: .certified) { row, batch, model in
            guard let screen else { return .lacks("the head has no low-bit copy") }
            guard let K = row.allowedTokenCount else { return .lacks("K is not known to the host") }
            guard let gather = model.time(.sparse, allowedTokenCount: K, batch: batch, pattern: row.pattern),
                let least = model.time(.sparse, allowedTokenCount: min(2, K), batch: batch),
                let dense = model.time(.dense, allowedTokenCount: K, batch: batch)
            else { return .lacks("the profile has no curve to derive it from") }
            let survivors = max(min(2, K), Int((screen.survivorShare * Double(K)).rounded(.up)))
            guard let rerank = model.time(.sparse, allowedTokenCount: survivors, batch: batch) else {
                return .lacks("the profile has no curve of the rerank")
            }
            let exact = min(gather.nanoseconds, dense.nanoseconds)
            let derived = CostModel.Time(
                nanoseconds: Int((Double(exact) * screen.timeShare).rounded(.up)) + least.nanoseconds,
                evidence: screen.evidence)
            // A measured step reranks the few survivors of the rows it was timed on; only more of them cost more.
            let measured =
                screen.format == .bits8
                ? model.time(.screenedRerank, allowedTokenCount: K, batch: batch, pattern: row.pattern) : nil
            let screening = measured ?? derived
            let bytes = Int((Double(model.bytes(rows: K * batch)) * screen.byteShare).rounded(.up))
            var cost = PlanCost(
                nanoseconds: screening.nanoseconds, evidence: screening.evidence, trafficBytes: bytes
            ).adding(
                max(0, rerank.nanoseconds - least.nanoseconds), refinement: screen.refinementProbability, dense: dense)
            cost.trafficBytes += model.bytes(rows: survivors * batch)
            return .applies(cost, form: .screenedRerank)
        }
    }

    /// Scan, and keep the scores for later steps.
    public static let fullRecompute = PhysicalPlan(.fullRecompute, guarantee: .exact) { row, batch, model in
        let V = model.head.vocabularySize
        let K = row.allowedTokenCount ?? V
        let scores = 4 * V * batch
        if let time = model.time(.fullRecompute, allowedTokenCount: K, batch: batch) {
            return .applies(model.cost(time, bytes: model.bytes(rows: V) + scores), form: .fullRecompute)
        }
        guard let scan = model.time(.dense, allowedTokenCount: K, batch: batch) else {
            return .lacks("the profile has no curve of it")
        }
        var cost = model.cost(scan, bytes: model.bytes(rows: V) + scores)
        cost.nanoseconds += model.nanoseconds(bytes: scores)
        cost.evidence = cost.evidence.combined(with: .extrapolated)
        return .applies(cost, form: .fullRecompute)
    }

    /// What both reuse plans ask of a row. The filter reads the mask, and a stored score and a norm for each allowed
    /// row; where it was not measured it is taken for two passes like compaction's, since it selects and then lists.
    private static func reuse(
        _ row: DecodeStep.Row, _ batch: Int, _ model: CostModel, weightsID: UInt64,
        _ body: (DecodeStep.AnchorSummary, Int, PlanCost, CostModel.Time) -> Applicability
    ) -> Applicability {
        guard let anchor = row.anchor else { return .lacks("there is no anchor yet; fullRecompute makes one") }
        guard anchor.weightsID == weightsID else {
            return .unsafe("the anchor belongs to another W; its scores say nothing about this one")
        }
        guard anchor.relativeDrift.isFinite else { return .unsafe("the drift of the hidden state is not finite") }
        guard let K = row.allowedTokenCount else { return .lacks("K is not known to the host") }
        let bytes = 8 * K * batch
        guard let dense = model.time(.dense, allowedTokenCount: K, batch: batch),
            let pass = model.time(.sparseFromMask, allowedTokenCount: 1, batch: batch)
                ?? model.time(.sparse, allowedTokenCount: 1, batch: batch)
        else { return .lacks("the profile has no curve to derive it from") }
        let measured = model.time(.amortizedRerank, allowedTokenCount: K, batch: batch, pattern: row.pattern)
        let filter = PlanCost(
            nanoseconds: measured?.nanoseconds ?? 2 * pass.nanoseconds + model.nanoseconds(bytes: bytes),
            evidence: measured?.evidence ?? .default, trafficBytes: bytes)
        return body(anchor, K, filter, dense)
    }
}

/// What is known of a head's low-bit copy.
public struct ScreenSummary: Equatable, Sendable {
    /// How it is stored. A profile that timed the screened step knows the time at 8 bits.
    public var format: ScreenFormat
    /// Its bytes over those of W.
    public var byteShare: Double
    /// Its scan's time over that of W.
    public var timeShare: Double
    /// How well the time is known.
    public var evidence: Evidence
    /// Share of the allowed rows expected to stay in play.
    public var survivorShare: Double
    /// Probability that too many stay and all rows are scored after all.
    public var refinementProbability: Double

    public init(
        format: ScreenFormat = .bits8, byteShare: Double, timeShare: Double, evidence: Evidence, survivorShare: Double,
        refinementProbability: Double
    ) {
        self.format = format
        self.byteShare = byteShare
        self.timeShare = timeShare
        self.evidence = evidence
        self.survivorShare = survivorShare
        self.refinementProbability = refinementProbability
    }
}

extension ScreenSummary {
    /// What to expect of a copy of `head` of which nothing was measured: time in proportion to bytes, as where memory
    /// is the limit, and the survivors of Gaussian rows under a state of length 4, measured at 32768 × 1024 (medians of
    /// eight states).
    public init(_ format: ScreenFormat, of head: HeadShape) {
        let bytes = format.bytesReadPerRow(hiddenSize: head.hiddenSize)
        let share = Double(bytes) / Double(head.bytesReadPerRow)
        let survivorShare: Double =
            switch format {
            case .bits8: 0.0003
            case .bits6: 0.003
            case .bits5: 0.08
            }
        self.init(
            format: format, byteShare: share, timeShare: share, evidence: .default, survivorShare: survivorShare,
            refinementProbability: 0)
    }
}

extension CostModel {
    /// Time that bytes take at the measured read bandwidth; 0 without that ceiling.
    func nanoseconds(bytes: Int) -> Int { bytesPerNanosecond.map { Int((Double(bytes) / $0).rounded(.up)) } ?? 0 }

    func cost(_ time: Time, bytes: Int) -> PlanCost {
        PlanCost(
            nanoseconds: time.nanoseconds, evidence: time.evidence, trafficBytes: bytes,
            utilisation: bytesPerNanosecond.map { Double(bytes) / $0 / Double(max(1, time.nanoseconds)) })
    }
}

extension PlanCost {
    /// The ladder reuse → rerank → recompute: this filter, `nanoseconds` more, and with probability p_r a dense step.
    func adding(_ nanoseconds: Int, refinement: Double, dense: CostModel.Time) -> PlanCost {
        var result = self
        result.nanoseconds += nanoseconds + Int((refinement * Double(dense.nanoseconds)).rounded(.up))
        result.refinementProbability = refinement
        result.evidence = evidence.combined(with: dense.evidence)
        return result
    }
}
