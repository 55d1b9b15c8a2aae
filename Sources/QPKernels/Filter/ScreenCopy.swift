public import QPCore
public import QPDevice

/// A copy of W in fewer bits, by which most rows are ruled out before W itself is read.
///
/// With q_v the stored row, every score lies within ‖w_v − q_v‖·‖h‖ of q_v·h, and rounding adds its share: the copy
/// keeps, for each row, the one coefficient that ‖h‖ is multiplied by. Made on the device from W.
public final class ScreenCopy: Sendable {
    public let format: ScreenFormat
    /// Its rows: for 8 bits a head of element type int8; in blocks a matrix of 32-bit words, for its windows' sake.
    let weights: HeadWeights
    /// What it is a copy of.
    public let source: HeadWeights
    /// C of the shared order whose rounding its coefficients cover.
    public let sharedLanesPerRow: Int
    /// How the copy is scored; its reduction order is its own.
    public let variant: ScoreVariant
    /// Each row's part of its radius.
    public let coefficients: RowValues

    /// Bytes on the device, coefficients included.
    public var byteCount: Int { weights.byteCount + 4 * coefficients.stride }
    /// Bytes that scoring one row reads.
    public var bytesReadPerRow: Int { format.bytesReadPerRow(hiddenSize: source.shape.hiddenSize) }

    /// Reads all of W two or three times and writes the copy. Blocks until the device is done.
    /// - Parameters:
    ///   - lanesPerRow: of the shared order in which the survivors are scored.
    ///   - variant: how to score the copy; a default for the device if nil. Its columns are those of the batch.
    ///   - maximumWindowBytes: a lower limit of a binding than the device's, for tests.
    /// - Throws: ``DeviceError`` `outOfMemory`. Takes V·(d + 8) bytes at 8 bits, 0.82 and 0.69 of it at 6 and 5.
    public init(
        _ library: KernelLibrary, of source: HeadWeights, format: ScreenFormat = .bits8, lanesPerRow: Int,
        variant: ScoreVariant? = nil, maximumWindowBytes: Int? = nil
    ) throws(DeviceError) {
        let variant = variant ?? Self.defaultVariant(library, format, hiddenSize: source.shape.hiddenSize)
        self.format = format
        self.variant = variant
        self.source = source
        sharedLanesPerRow = lanesPerRow
        let shape = Self.storedShape(source.shape, format)
        let coefficients = try RowValues(library, vocabularySize: shape.vocabularySize)
        self.coefficients = coefficients
        let own = Self.rounding(format, shape: source.shape, lanesPerRow: variant.lanesPerRow)
        let shared = ScoreRounding(shape: source.shape, lanesPerRow: lanesPerRow)
        let quantize = QuantizeKernel(
            library: library, source: source, format: format, shape: shape, coefficients: coefficients,
            // ‖q_v‖ ≤ ‖w_v‖ + ‖w_v − q_v‖: rounding in the copy's score is charged to both.
            errorWeight: (1 + own.gamma).nextUp,
            // Vulkan lets a device round the product inside a fused multiply-add, which the errors are taken by: 2⁻²³
            // of the weight and a little more; where W has a scale, its product likewise; and as much again to spare.
            normWeight: (own.gamma + shared.gamma + 0x1p-21).nextUp, maximumBindingBytes: maximumWindowBytes)
        weights = try HeadWeights(library, shape: shape, maximumWindowBytes: maximumWindowBytes) {
            parts, scales throws(DeviceError) in
            for part in parts {
                for window in source.windows(.rowMajor, .storage) { try quantize.run(window, part, scales) }
            }
        }
    }

    /// What scores the copy for a batch of that size: all rows by id, or those of a list at the places of their ids.
    public func kernel(
        _ library: KernelLibrary, _ selection: RowSelection, batch: Int
    ) throws(DeviceError) -> ScoreKernel {
        var variant = variant
        variant.columnsPerPass = ScoreVariant.columns(batch: batch)
        // Sums of rows × columns: more than 64 spill even where that is cheap.
        variant.rowsPerLaneGroup = min(variant.rowsPerLaneGroup, 64 / variant.columnsPerPass)
        return try ScoreKernel(
            library, weights, variant: variant, selection: selection,
            output: selection == .gather ? .scattered : .scores, format: format)
    }

    /// How far the device's score of a stored row may lie from the exact one.
    static func rounding(_ format: ScreenFormat, shape: HeadShape, lanesPerRow: Int) -> ScoreRounding {
        format == .bits8
            ? ScoreRounding(shape: storedShape(shape, format), lanesPerRow: lanesPerRow)
            : ScoreRounding(blockPairs: ScreenFormat.blockPairs(hiddenSize: shape.hiddenSize), lanesPerRow: lanesPerRow)
    }

    /// The shape under which the rows are kept.
    static func storedShape(_ shape: HeadShape, _ format: ScreenFormat) -> HeadShape {
        let words = format.unitsPerRow(hiddenSize: shape.hiddenSize) * 4
        do throws(ShapeError) {
            return try HeadShape(
                vocabularySize: shape.vocabularySize, hiddenSize: format == .bits8 ? shape.hiddenSize : words,
                elementType: format == .bits8 ? .int8 : .f32)
        } catch {
            preconditionFailure("a copy is no larger than what W may be")
        }
    }

    /// On the software rasteriser measured four lanes of eight rows were fastest at d = 1024, eight lanes at d = 4096
    /// and for copies in blocks; on hardware a subgroup a row, or a lane for each pair of blocks, is the plain choice
    /// until a profile says otherwise.
    static func defaultVariant(_ library: KernelLibrary, _ format: ScreenFormat, hiddenSize: Int) -> ScoreVariant {
        let software = library.device.physical.isSoftware
        var lanes = software ? min(format == .bits8 ? 4 : 8, library.subgroupSize) : library.subgroupSize
        if format != .bits8 {
            let pairs = ScreenFormat.blockPairs(hiddenSize: hiddenSize)
            while lanes > max(1, pairs) { lanes /= 2 }
        }
        return ScoreVariant(
            lanesPerRow: lanes, rowsPerLaneGroup: software ? 8 : 2,
            workgroupSize: software ? library.subgroupSize : 128, source: software ? .texels : .storage)
    }
}

extension ScreenCopy {
    /// The d weights of a row as the copy holds them, exact in Double.
    func readWeights(_ row: Int) throws(DeviceError) -> [Double] {
        let stored = try weights.readRow(row)
        return format == .bits8
            ? stored.weights(shape: weights.shape)
            : BlockCoding.decode(stored.bytes, format, hiddenSize: source.shape.hiddenSize)
    }
}
