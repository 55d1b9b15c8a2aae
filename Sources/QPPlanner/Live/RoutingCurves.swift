public import QPCore

/// The two cost curves by which the device routes a step of any batch size, corrected by what a router learnt.
///
/// A value with an epoch: whoever holds a step that routes itself uploads the curves again when the epoch has changed.
public struct RoutingCurves: Sendable {
    /// Counts the corrections.
    public let epoch: UInt64
    private let model: CostModel
    private let factor: @Sendable (StepName, _ batch: Int, CostCurve.Point) -> Double

    /// A correction beyond this, either way, says that the model is wrong, not how wrong.
    static let greatestFactor = 16.0

    init(
        _ model: CostModel, epoch: UInt64,
        factor: @escaping @Sendable (StepName, _ batch: Int, CostCurve.Point) -> Double
    ) {
        self.model = model
        self.epoch = epoch
        self.factor = factor
    }

    /// The curves of a model as it is.
    public init(_ model: CostModel, epoch: UInt64 = 0) { self.init(model, epoch: epoch) { _, _, _ in 1 } }

    /// The curve of the scan, or of compaction and gather, at a batch size: each time multiplied by its correction,
    /// within 1/16…16, and never falling with K. Nil where the model has none.
    public func curve(_ step: StepName, batch: Int) -> CostCurve? {
        model.curve(step, batch: batch)?.scaled { point in
            let factor = factor(step, batch, point)
            return factor.isFinite ? min(Self.greatestFactor, max(1 / Self.greatestFactor, factor)) : 1
        }
    }
}
