public import QPCore
public import QPDevice

/// How far a filter's scores reach: for each batch row (x, y) such that a row of W with coefficient c has its true
/// score within `c·x + y` of the filter's, all roundings included.
public struct ReachKernel: Sendable {
    private let pipeline: ComputePipeline
    private let rounding: Float
    private let gamma: Float
    private let flushed: Float
    private let usesAnchor: Bool

    /// - Parameters:
    ///   - lanesPerRow: of the shared order.
    ///   - usesAnchor: whether h is compared with an anchor's h₀; otherwise its own length counts.
    public init(
        _ library: KernelLibrary, shape: HeadShape, lanesPerRow: Int, usesAnchor: Bool
    ) throws(DeviceError) {
        self.usesAnchor = usesAnchor
        pipeline = try library.pipeline(
            "measure_hidden.comp", macros: usesAnchor ? ["ANCHOR": "1"] : [:],
            bindings: [.storage, .storage, .storage], pushConstantCount: 5, workgroupSize: library.subgroupSize)
        rounding = NormRounding.factor(
            termCount: HiddenStates.vectorCount(shape) * 4, subgroupSize: library.subgroupSize)
        let order = ScoreRounding(shape: shape, lanesPerRow: lanesPerRow)
        gamma = order.gamma
        // A copy that screens is padded to 64 elements at most, and its depth is below its number of elements.
        flushed = 2 * max(order.flushed, Float(5 * (shape.hiddenSize + 63)) * 0x1p-126)
    }

    /// - Parameters:
    ///   - anchor: h₀; pass `hidden` where there is none.
    ///   - reaches: 8 bytes a batch row.
    public func bind(
        hidden: HiddenStates, anchor: HiddenStates, reaches: BoundResource
    ) throws(DeviceError) -> BoundReachKernel {
        BoundReachKernel(
            pipeline: pipeline, hidden: hidden,
            set: try BindingSet(pipeline.layout, [.storage(hidden.buffer), .storage(anchor.buffer), reaches]),
            // An anchor's coefficient is ‖w‖ itself; a screen's may be as little as 2⁻²³ of it.
            constants: [
                rounding.bitPattern, gamma.bitPattern, flushed.bitPattern,
                (usesAnchor ? flushed : flushed * 0x1p23).bitPattern,
            ])
    }
}

/// A reach kernel with its data.
public struct BoundReachKernel: Sendable {
    let pipeline: ComputePipeline
    let hidden: HiddenStates
    let set: BindingSet
    let constants: [UInt32]

    public func record(into recorder: inout CommandRecorder) {
        recorder.bind(pipeline, set, constants: [UInt32(hidden.vectorsPerState)] + constants)
        recorder.dispatch(x: hidden.batch)
    }
}

extension HiddenStates {
    /// Records a copy of all states to `target`, of the same shape and batch.
    public func recordCopy(into recorder: inout CommandRecorder, to target: HiddenStates) {
        precondition(target.shape == shape && target.batch == batch, "hidden states of another shape")
        recorder.copy(from: buffer, 0, to: target.buffer, 0, byteCount: buffer.byteCount)
    }
}
