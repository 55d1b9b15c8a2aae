/// Two arms and the feature that tells them apart: π_τ of LLM-QP §4 without its τ.
///
/// Thresholds act on one component of the features as it is, so a threshold on K is one on whatever monotone function
/// of K the context carries there. Below τ the first arm is taken, from τ on the second. An arm that cannot serve the
/// step gives way to the other, and where neither can, to the cheapest by prediction.
public struct ThresholdRule: Equatable, Codable, Sendable {
    /// Position of the compared component.
    public let feature: Int
    /// The arm for smaller values, for example the gather.
    public let armBelow: Int
    /// The arm from the threshold on, for example the scan.
    public let armFrom: Int

    /// - Throws: ``RouterError/outOfRange(_:value:)`` for a feature or an arm outside 0…7.
    public init(feature: Int, armBelow: Int, armFrom: Int) throws(RouterError) {
        self.feature = feature
        self.armBelow = armBelow
        self.armFrom = armFrom
        try validate()
    }

    /// The arm under `threshold`.
    @inline(__always)
    public func arm(_ context: RouterContext, threshold: Double) -> Int {
        let isBelow = context.features[feature] < threshold
        let (first, second) = isBelow ? (armBelow, armFrom) : (armFrom, armBelow)
        if context.isAvailable(first) { return first }
        return context.isAvailable(second) ? second : context.cheapestArm
    }

    func validate() throws(RouterError) {
        try RouterParameter.feature.check(feature)
        try RouterParameter.arm.check(armBelow)
        try RouterParameter.arm.check(armFrom)
    }
}
