public import QPCore

/// How far a score that the device computed may lie from the exact one: `γ ‖w‖ ‖h‖` for rounding, and
/// `flushed · (1 + ‖w‖ + ‖h‖)` for denormals that the device may take as zero.
///
/// γ = m·u / (1 − m·u) with u = 2⁻²³, since Vulkan leaves the rounding mode open (N. J. Higham, "Accuracy and
/// Stability of Numerical Algorithms", 2002, section 3.1).
public struct ScoreRounding: Equatable, Sendable {
    /// m: roundings on the longest path from a product to the score.
    public let depth: Int
    /// d, padded: products of one score.
    private let termCount: Int

    /// - Parameter lanesPerRow: C, which alone fixes the reduction order.
    public init(shape: HeadShape, lanesPerRow: Int) {
        let vectorsPerUnit = shape.elementType.elementsPerUnit / 4
        let chain = (shape.unitsPerRow + lanesPerRow - 1) / lanesPerRow * vectorsPerUnit
        depth = 3 + chain + lanesPerRow.trailingZeroBitCount + (shape.elementType.hasRowScale ? 1 : 0)
        termCount = shape.paddedHiddenSize
    }

    /// Of a copy in blocks: eight vectors of a block one after another, then the blocks of a lane, each times its
    /// scale.
    init(blockPairs: Int, lanesPerRow: Int) {
        let blocks = (blockPairs + lanesPerRow - 1) / lanesPerRow * 2
        depth = 3 + 8 + 1 + blocks + lanesPerRow.trailingZeroBitCount
        termCount = blockPairs * 64
    }

    /// γ, rounded up.
    public var gamma: Float {
        let error = Double(depth) * 0x1p-23
        return Float(error / (1 - error)).nextUp
    }

    /// What flushed denormals may cost, for vectors no longer than 1: each product loses less than 2⁻¹²⁶ by itself,
    /// and as much times the other factor by either of its factors; each sum once more.
    public var flushed: Float { Float(4 * termCount + depth) * 0x1p-126 }
}

/// Norms on the device are sums of squares over the lanes of a subgroup, rounded up by a factor.
enum NormRounding {
    /// At least 1 + the relative error of such a norm: a rounding for each square and sum of one lane, one for each
    /// lane, and 64 for the square root, which Vulkan allows five units in the last place, and what precedes it.
    static func factor(termCount: Int, subgroupSize: Int) -> Float {
        1 + Float((termCount + subgroupSize - 1) / subgroupSize + subgroupSize + 64) * 0x1p-23
    }
}
