/// An estimate of regret where only the taken arm's loss was seen: in production.
///
/// Two sources, never mixed. *Inverse propensity*: a step on which the router happened to take the comparator's arm,
/// with probability p, stands for 1/p steps (D. G. Horvitz and D. J. Thompson, J. Am. Stat. Assoc. 47 (1952),
/// doi:10.1080/01621459.1952.10483446). *Shadow steps*: on a share of steps, drawn at random, a second plan ran too, so
/// both losses are known. Either is unbiased, and noisy: read it with its standard error.
public struct LiveRegretEstimate: Equatable, Codable, Sendable {
    /// Where the estimate comes from.
    public enum Source: String, Codable, Sendable {
        /// Weighted by propensities; only for routers that randomise.
        case inversePropensity
        /// From steps on which another plan ran beside the chosen one.
        case shadowSteps
    }

    /// Where this one comes from.
    public let source: Source
    /// T: all steps, used or not.
    public private(set) var stepCount = 0
    /// Steps that say something about the comparator.
    public private(set) var informativeCount = 0
    private var sum = 0.0
    private var sumOfSquares = 0.0
    /// Whether some step gave the comparator no chance, so that no weight can stand for it.
    public private(set) var lacksSupport = false

    public init(_ source: Source) { self.source = source }

    /// Counts a step for the inverse-propensity estimate.
    /// - Parameters:
    ///   - feedback: what was taken, with its propensity, and what came of it.
    ///   - comparator: the arm that the policy compared with takes in this context.
    public mutating func count(_ feedback: RouterFeedback, comparator: Int) {
        precondition(source == .inversePropensity, "a shadow estimate counts shadow steps")
        guard feedback.loss.isFinite else { return }
        let agrees = feedback.choice.arm == comparator
        // A certain choice of another arm leaves the comparator none.
        if !agrees, feedback.choice.propensity >= 1 { lacksSupport = true }
        add(feedback.loss - (agrees ? feedback.loss / feedback.choice.propensity : 0), informative: agrees)
    }

    /// Counts a step for the shadow estimate.
    /// - Parameters:
    ///   - loss: of the chosen arm.
    ///   - shadowLoss: of the comparator's arm where it ran too, nil on the other steps.
    ///   - share: probability with which a step gets a shadow, in (0, 1].
    public mutating func count(loss: Double, shadowLoss: Double?, share: Double) {
        precondition(source == .shadowSteps, "an inverse-propensity estimate counts feedback")
        precondition(share > 0 && share <= 1, "a share of shadow steps lies in (0, 1], not \(share)")
        guard loss.isFinite, shadowLoss?.isFinite ?? true else { return }
        add(shadowLoss.map { (loss - $0) / share } ?? 0, informative: shadowLoss != nil)
    }

    /// Estimated regret over all steps against the comparator, in the unit of the losses; nil without an informative
    /// step, or where the comparator had no chance on some.
    public var regret: Double? { informativeCount > 0 && !lacksSupport ? sum : nil }

    /// Standard error of ``regret``, steps taken for independent.
    public var standardError: Double? {
        guard regret != nil, stepCount > 1 else { return nil }
        let n = Double(stepCount)
        let variance = max(0, sumOfSquares - sum * sum / n) / (n - 1)
        return (n * variance).squareRoot()
    }

    /// One line that says it is an estimate.
    public var summary: String {
        let kind = source == .inversePropensity ? "inverse propensity" : "shadow steps"
        guard let regret, let standardError else {
            return "regret: no estimate (\(kind), \(informativeCount) of \(stepCount) steps informative"
                + (lacksSupport ? "; the router never gives the comparator a chance)" : ")")
        }
        func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
        return "regret: about \(rounded(regret)) ± \(rounded(standardError)), an estimate "
            + "(\(kind), \(informativeCount) of \(stepCount) steps informative)"
    }

    private mutating func add(_ term: Double, informative: Bool) {
        stepCount += 1
        informativeCount += informative ? 1 : 0
        sum += term
        sumOfSquares += term * term
    }
}
