internal import QPCore
internal import QPHead
public import QPKernels
internal import QPPlanner

/// Hidden states that drift and jump along given K sequences: for replays of reuse until real ones are recorded.
///
/// Synthetic, and generous to reuse. A state of length √d points partly along one allowed row of W, as it does where
/// a model is sure of its token, and from step to step turns by a random part; at a jump both are drawn anew. Real
/// states change their token at almost every step. Allowed sets are drawn at random and always hold that row.
public struct SyntheticTrace: Sendable {
    /// ‖Δh‖/‖h‖ of a step without a jump.
    public let drift: Double
    /// Probability that a step jumps.
    public let jumpProbability: Double
    /// Share of the state's length that lies along the row of W, 0…1.
    public let peak: Double
    public let rows: SyntheticRows
    private var generator: PhiloxGenerator
    private var state: [Double] = []
    private var token = 0

    /// - Precondition: `drift` ≥ 0, the others in 0…1.
    public init(rows: SyntheticRows, drift: Double, jumpProbability: Double, peak: Double, seed: UInt64) {
        precondition(drift >= 0 && (0...1).contains(jumpProbability) && (0...1).contains(peak))
        self.rows = rows
        self.drift = drift
        self.jumpProbability = jumpProbability
        self.peak = peak
        generator = PhiloxGenerator(seed: seed)
    }

    /// The next step; the first of a sequence always jumps. O(V/32 + K + d).
    public mutating func next(allowedTokenCount K: Int, sequence: Int, step: Int) -> TraceStep {
        let shape = rows.shape
        var mask = IndexPattern.uniform.tokens(K, vocabularySize: shape.vocabularySize, using: &generator)
        if step == 0 || generator.uniform() < jumpProbability {
            token = Int(mask.tokens.randomElement(using: &generator)!)
            let row = unit(rows.row(token).weights(shape: shape))
            let noise = direction()
            let rest = (1 - peak * peak).squareRoot()
            state = unit(zip(row, noise).map { peak * $0 + rest * $1 })
        } else {
            let noise = direction()
            state = unit(zip(state, noise).map { $0 + drift * $1 })
        }
        if !mask.contains(token) {
            mask = replacing(mask.tokens.randomElement(using: &generator)!, by: token, in: mask)
        }
        let length = Double(shape.hiddenSize).squareRoot()
        return TraceStep(
            sequence: sequence, step: step, allowedTokenCount: K, allowed: mask,
            hidden: state.map { Float($0 * length) })
    }

    private func replacing(_ old: UInt32, by new: Int, in mask: TokenMask) -> TokenMask {
        var words = mask.words
        words[Int(old) >> 5] &= ~(1 << (old & 31))
        words[new >> 5] |= 1 << UInt32(new & 31)
        // Cannot throw: the same number of words.
        return (try? TokenMask(words: words, vocabularySize: mask.vocabularySize))!
    }

    /// A direction in d dimensions, uniform enough: sums of uniform numbers.
    private mutating func direction() -> [Double] {
        unit(
            (0..<rows.shape.hiddenSize).map { _ in
                generator.uniform() + generator.uniform() + generator.uniform() - 1.5
            })
    }

    private func unit(_ values: [Double]) -> [Double] {
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? values.map { $0 / length } : values
    }
}
