public import QPCore
public import QPDevice

/// ‖w_v‖₂ of every row of W, rounded up: `[V]` binary32 on the device, made once for a head.
///
/// A row with a NaN or an infinity, or one as long as 2⁶³ (its score might overflow on the way), gives +Inf, and a
/// filter then keeps it. The excess over the true norm is at most a share of 2⁻²³ for each of d/32 terms and 100 more,
/// and √d · 2⁻⁶³ for squares that may be flushed to zero.
public final class RowNorms: Sendable {
    public let shape: HeadShape
    /// What a filter by reuse multiplies by how far the state moved.
    public let coefficients: RowValues

    /// Reads all of W once. Blocks until the device is done.
    /// - Throws: ``DeviceError`` `outOfMemory`. Takes 4·V bytes.
    public init(_ library: KernelLibrary, of weights: HeadWeights) throws(DeviceError) {
        shape = weights.shape
        coefficients = try RowValues(library, vocabularySize: shape.vocabularySize)
        let pipeline = try library.pipeline(
            "row_norms.comp", macros: [shape.elementType.macro: "1"], bindings: [.storage, .storage, .storage],
            pushConstantCount: 4, workgroupSize: library.subgroupSize)
        let rounding = NormRounding.factor(termCount: shape.paddedHiddenSize, subgroupSize: library.subgroupSize)
        for window in weights.windows(.rowMajor, .storage) {
            let set = try BindingSet(
                pipeline.layout, [window.resource, .storage(weights.scales), coefficients.resource])
            let width = min(window.rowCount, 32_768)
            try library.device.run(
                try library.device.record { recorder throws(DeviceError) in
                    recorder.bind(
                        pipeline, set,
                        constants: [
                            UInt32(window.rowFirst), UInt32(window.rowCount), UInt32(shape.unitsPerRow),
                            rounding.bitPattern,
                        ])
                    recorder.dispatch(x: width, y: (window.rowCount + width - 1) / width)
                    recorder.barrier()
                    recorder.barrierToHost()
                })
        }
    }

    /// The norms, by row.
    public func read() throws(DeviceError) -> [Float] { try coefficients.read() }
}
