public import QPCore

/// What became of a candidate.
public enum Verdict: Equatable, Sendable {
    case chosen
    /// It could serve, at that many times the chosen plan's loss.
    case costlier(Double)
    /// It cannot give what the caller needs.
    case cannotServe(Need, why: String)
    /// The step lacks what it needs.
    case notApplicable(String)
    /// Its answer could not be trusted.
    case unsafe(String)
    /// It is off unless asked for.
    case notAllowed(String)

    /// One word for files.
    public var name: String {
        switch self {
        case .chosen: "chosen"
        case .costlier: "costlier"
        case .cannotServe: "cannotServe"
        case .notApplicable: "notApplicable"
        case .unsafe: "unsafe"
        case .notAllowed: "notAllowed"
        }
    }

    /// Why; nil for the chosen plan, and beside one that is free.
    public var reason: String? {
        switch self {
        case .chosen: nil
        case .costlier(let ratio):
            !ratio.isFinite
                ? nil
                : ratio < 1
                    ? "\(ratio.formattedTimes) alone, more in all" : "\(ratio.formattedTimes) the chosen plan"
        case .cannotServe(_, let why), .notApplicable(let why), .unsafe(let why), .notAllowed(let why): why
        }
    }
}

/// One plan for some rows: what it would cost, and why it was taken or not. The figures are the ones that decided.
public struct Candidate: Equatable, Sendable {
    public var plan: PlanID
    /// The physical form, where the plan has several.
    public var form: StepName?
    /// Batch rows it would serve.
    public var rows: [Int]
    /// Nil where it does not apply.
    public var cost: PlanCost?
    /// C of the cost, without a unit; nil where it does not apply.
    public var loss: Double?
    public var guarantee: Guarantee
    public var verdict: Verdict
}

/// A planned step.
public struct Decision: Equatable, Sendable {
    /// Counts the decisions of a planner.
    public var id: UInt64
    /// Counts the corrections of the cost model that this decision was made with.
    public var epoch: UInt64
    /// The rows by the plan that serves them; each row once.
    public var assignments: [Assignment]
    /// Every candidate that was looked at, the chosen among them.
    public var candidates: [Candidate]
    /// Probability that the router took this choice; 1 where nothing was random.
    public var propensity: Double
    /// Another exact plan that runs beside, on the same data, to be compared and learnt from; its records are not used.
    public var shadow: Assignment?

    /// One plan for some rows.
    public struct Assignment: Equatable, Sendable {
        public var plan: PlanID
        public var form: StepName?
        /// How the group reaches W, where rows are served together.
        public var access: BatchPartition.Access?
        public var rows: [Int]
        public var nanoseconds: Int
        /// Whether the device counts K and takes the cheaper of dense and sparse itself; the plan named is the dearer.
        public var isRouted = false
        /// What the plan promises here; approximate only for the bare rule, and for registered plans that say so.
        public var guarantee = Guarantee.exact
    }

    /// Expected time of all assignments.
    public var nanoseconds: Int { assignments.reduce(0) { $0 + $1.nanoseconds } }
}

extension Double {
    /// `1.25×`, `4.7×`, `16×`: fewer decimals the more there is before the point.
    var formattedTimes: String {
        let digits = self < 2 ? 100.0 : self < 10 ? 10 : 1
        let value = (self * digits).rounded() / digits
        return value >= 10 ? "\(Int(min(value, 1e15)))×" : "\(value)×"
    }
}
