public import QPCore
public import QPDevice

/// A copy of W in 8 bits with one scale a row, by which most rows are ruled out before W itself is read.
///
/// With q_v the stored row, every score lies within ‖w_v − q_v‖·‖h‖ of q_v·h, and rounding adds its share: the copy
/// keeps, for each row, the one coefficient that ‖h‖ is multiplied by. Made on the device from W; takes V·(d + 8)
/// bytes.
public final class ScreenCopy: Sendable {
    /// The copy as a head of its own, element type int8.
    public let weights: HeadWeights
    /// What it is a copy of.
    public let source: HeadWeights
    /// C of the shared order whose rounding its coefficients cover.
    public let sharedLanesPerRow: Int
    /// How the copy is scored; its reduction order is its own.
    public let variant: ScoreVariant
    /// Each row's part of its radius.
    public let coefficients: RowValues

    public var shape: HeadShape { weights.shape }
    /// Bytes on the device.
    public var byteCount: Int { weights.byteCount + 4 * coefficients.stride }

    /// Reads all of W twice and writes the copy. Blocks until the device is done.
    /// - Parameters:
    ///   - lanesPerRow: of the shared order in which the survivors are scored.
    ///   - variant: how to score the copy; a default for the device if nil. Its columns are those of the batch.
    ///   - maximumWindowBytes: a lower limit of a binding than the device's, for tests.
    /// - Throws: ``DeviceError`` `outOfMemory`.
    public init(
        _ library: KernelLibrary, of source: HeadWeights, lanesPerRow: Int, variant: ScoreVariant? = nil,
        maximumWindowBytes: Int? = nil
    ) throws(DeviceError) {
        let variant = variant ?? Self.defaultVariant(library)
        self.variant = variant
        self.source = source
        sharedLanesPerRow = lanesPerRow
        let shape: HeadShape
        do throws(ShapeError) {
            shape = try HeadShape(
                vocabularySize: source.shape.vocabularySize, hiddenSize: source.shape.hiddenSize, elementType: .int8)
        } catch {
            preconditionFailure("a shape that W has")
        }
        let coefficients = try RowValues(library, vocabularySize: shape.vocabularySize)
        self.coefficients = coefficients
        let own = ScoreRounding(shape: shape, lanesPerRow: variant.lanesPerRow)
        let shared = ScoreRounding(shape: source.shape, lanesPerRow: lanesPerRow)
        // ‖q_v‖ ≤ ‖w_v‖ + ‖w_v − q_v‖: rounding in the copy's score is charged to both.
        let errorWeight = (1 + own.gamma).nextUp
        // Vulkan lets a device round the product inside a fused multiply-add, which the errors are taken by: 2⁻²³ of
        // the weight, and as much again to spare.
        let normWeight = (own.gamma + shared.gamma + 0x1p-22).nextUp
        weights = try HeadWeights(library, shape: shape, maximumWindowBytes: maximumWindowBytes) {
            parts, scales throws(DeviceError) in
            for part in parts {
                for window in source.windows(.rowMajor, .storage) {
                    try QuantizeKernel.run(
                        library, source, window, shape, part, scales, coefficients, errorWeight: errorWeight,
                        normWeight: normWeight)
                }
            }
        }
    }

    /// On the software rasteriser measured four lanes of eight rows were fastest at d = 1024, eight lanes at d = 4096;
    /// on hardware a subgroup a row is the plain choice until a profile says otherwise.
    static func defaultVariant(_ library: KernelLibrary) -> ScoreVariant {
        let software = library.device.physical.isSoftware
        return ScoreVariant(
            lanesPerRow: software ? min(4, library.subgroupSize) : library.subgroupSize,
            rowsPerLaneGroup: software ? 8 : 2, workgroupSize: software ? library.subgroupSize : 128,
            source: software ? .texels : .storage)
    }
}

/// Writes the rows of one window of W into one part of the copy.
enum QuantizeKernel {
    static func run(
        _ library: KernelLibrary, _ source: HeadWeights, _ window: HeadWeights.Window, _ shape: HeadShape,
        _ part: (buffer: Buffer, rowFirst: Int, rowCount: Int), _ scales: Buffer, _ coefficients: RowValues,
        errorWeight: Float, normWeight: Float
    ) throws(DeviceError) {
        let rows = (window.rowFirst..<(window.rowFirst + window.rowCount))
            .clamped(to: part.rowFirst..<(part.rowFirst + part.rowCount))
        guard !rows.isEmpty, case .storage(let buffer, let offset, _) = window.resource else { return }
        let pipeline = try library.pipeline(
            "quantize_rows.comp", macros: [source.shape.elementType.macro: "1"],
            bindings: [.storage, .storage, .storage, .storage, .storage], pushConstantCount: 7,
            workgroupSize: library.subgroupSize)
        let rounding = NormRounding.factor(termCount: shape.paddedHiddenSize, subgroupSize: library.subgroupSize)
        // Windows and parts both begin at multiples of the row granule, so both offsets are aligned.
        let set = try BindingSet(
            pipeline.layout,
            [
                .storage(
                    buffer, offset: offset + (rows.lowerBound - window.rowFirst) * source.shape.bytesPerRow,
                    byteCount: rows.count * source.shape.bytesPerRow),
                .storage(source.scales),
                .storage(
                    part.buffer, offset: (rows.lowerBound - part.rowFirst) * shape.bytesPerRow,
                    byteCount: rows.count * shape.bytesPerRow),
                .storage(scales), coefficients.resource,
            ])
        let width = min(rows.count, 32_768)
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                recorder.bind(
                    pipeline, set,
                    constants: [
                        UInt32(rows.lowerBound), UInt32(rows.count), UInt32(source.shape.unitsPerRow),
                        UInt32(shape.unitsPerRow), rounding.bitPattern, errorWeight.bitPattern, normWeight.bitPattern,
                    ])
                recorder.dispatch(x: width, y: (rows.count + width - 1) / width)
                recorder.barrier()
                recorder.barrierToHost()
            })
    }
}
