public import QPCore

/// Trusts the cost model: always the arm of least predicted loss. What every other router has to beat.
public struct CostModelRouter: Router, Equatable {
    public static let name = "costModel"

    public init() {}

    /// The cheapest arm by prediction; O(8).
    public mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
        RouterChoice(arm: context.cheapestArm, propensity: 1)
    }

    /// Learns nothing.
    public mutating func observe(_ feedback: RouterFeedback) {}

    /// Has nothing to check.
    public func validate() throws(RouterError) {}
}
