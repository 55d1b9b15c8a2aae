public import QPCore

/// What the caller wants back from a step. A plan serves a need or is rejected by name.
public enum Need: String, Codable, CaseIterable, Sendable {
    /// The token alone.
    case token
    /// The token, the runner-up and both scores.
    case topTwo
    /// Also the token's log-probability among the allowed ones: needs every allowed score.
    case logProbability
    /// A nucleus (top-p) or top-k set: needs every allowed score.
    case nucleus

    /// Whether a filtered plan, which scores only the rows that may win, is enough.
    ///
    /// Greedy, temperature by Gumbel-max and min-p only ask for the best rows; the normaliser of a softmax and the
    /// mass of a nucleus ask for all allowed ones.
    public var isServedByBestRows: Bool {
        switch self {
        case .token, .topTwo: true
        case .logProbability, .nucleus: false
        }
    }
}

extension PlanID {
    /// Why the plan cannot serve a need; nil when it can. A registered plan answers for itself.
    public func refusal(of need: Need) -> String? {
        switch self {
        case .forced where need == .topTwo: "it scores no row, so there are no scores to give"
        case .amortized where need == .topTwo: "it reuses the anchor's scores, so today's are not known"
        case .amortized, .amortizedRerank, .screenedRerank:
            need.isServedByBestRows
                ? nil : "it scores only rows that may win, and \(need.rawValue) needs all allowed ones"
        case .forced, .dense, .sparse, .fullRecompute, .registered: nil
        }
    }
}

extension DecodeStep {
    /// What a row needs: what the step's caller wants back, or all scores where its own top-k or top-p asks for them.
    public func need(ofRow index: Int) -> Need {
        need.isServedByBestRows && SamplingStages([rows[index].sampling]) != [] ? .nucleus : need
    }
}

extension PlanID {
    /// Why the plan cannot choose a token in that way; nil when it can. What top-k and top-p need is a ``Need``.
    public func refusal(of sampling: Sampling) -> String? {
        if sampling.isGreedy { return nil }
        let wish = "a token drawn at temperature \(sampling.temperature)"
        return switch self {
        case .amortized: "it proves which token scores best, and \(wish) may be another"
        case .registered: "it was registered for the best token, not for \(wish)"
        case .forced, .dense, .sparse, .amortizedRerank, .screenedRerank, .fullRecompute: nil
        }
    }
}
