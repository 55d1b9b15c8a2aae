/// What a plan is expected to cost, with the annotations of LLM-QP §6.3.
public struct PlanCost: Equatable, Sendable {
    /// Time of the whole recorded step, from the allowed set to the token.
    public var nanoseconds: Int
    /// The weakest evidence that enters the time.
    public var evidence: Evidence
    /// Bytes of W, and of stored scores where a filter reads them, that the step moves.
    public var trafficBytes: Int
    /// p_r: probability that the plan scores all rows after all; 0 for plans without a filter.
    public var refinementProbability: Double
    /// Time that the traffic takes at the measured read bandwidth, over the expected time; nil without a ceiling.
    public var utilisation: Double?
    /// Expected share of tokens that differ from dense's, 0…1; 0 for exact and certified plans.
    public var qualityLoss: Double

    public init(
        nanoseconds: Int, evidence: Evidence, trafficBytes: Int, refinementProbability: Double = 0,
        utilisation: Double? = nil, qualityLoss: Double = 0
    ) {
        self.nanoseconds = nanoseconds
        self.evidence = evidence
        self.trafficBytes = trafficBytes
        self.refinementProbability = refinementProbability
        self.utilisation = utilisation
        self.qualityLoss = qualityLoss
    }

    /// C = λ·latency + (1 − λ)·quality loss, LLM-QP §5, without a unit: latency in dense steps of the same batch (1 is
    /// what scanning takes), quality loss as the share of wrong tokens. So at λ = ½ a plan may be wrong in one token of
    /// a hundred if it saves a hundredth of a dense step.
    public func loss(lambda: Double, denseNanoseconds: Int) -> Double {
        let latency = Double(nanoseconds) / Double(max(1, denseNanoseconds))
        // At λ = 1 an unknown quality must not turn the sum into NaN.
        return lambda * latency + (lambda == 1 ? 0 : (1 - lambda) * qualityLoss)
    }
}

/// What a plan promises about its token.
public enum Guarantee: String, Codable, Sendable {
    /// Scores every allowed row.
    case exact
    /// Leaves out only rows that interval arithmetic shows cannot win.
    case certified
    /// May differ; the loss is estimated.
    case approximate
}
