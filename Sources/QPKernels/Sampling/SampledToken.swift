#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The token that a step drew for one batch row.
public struct SampledToken: Equatable, Sendable {
    /// Drawn among the tokens that every filter keeps; the best one where the row is greedy.
    public let token: UInt32
    /// Its score.
    public let score: Float
    /// Its score plus temperature times noise, which no other kept token exceeds.
    public let perturbedScore: Float
    /// Tokens that every filter keeps; nil after a filtered plan, which does not score them all.
    public let keptTokenCount: Int?
    /// Natural logarithm of its probability among the allowed tokens at temperature 1, before any filter: what the
    /// model thinks of it under the constraint. At most 2⁻²⁰ off; nil where it was not asked for.
    public let logProbability: Double?
}

extension SampledToken {
    /// - Parameters:
    ///   - words: of a record, as `finalize_sample.comp` leaves them; nil without a token.
    ///   - best: the highest score.
    init?(words: ArraySlice<UInt32>, best: Float) {
        let w = Array(words)
        guard w[0] != StepRecord.noToken else { return nil }
        let total = UInt64(w[4]) | UInt64(w[5]) << 32
        self.init(
            token: w[0], score: Float(bitPattern: w[1]), perturbedScore: Float(bitPattern: w[2]),
            keptTokenCount: w[3] == .max ? nil : Int(w[3]),
            logProbability: total == 0 ? nil : Self.logProbability(Float(bitPattern: w[1]), best: best, total: total))
    }

    /// - Parameter total: the softmax weights of all allowed tokens relative to the best one's, in units of 2⁻⁴³.
    static func logProbability(_ score: Float, best: Float, total: UInt64) -> Double {
        Double(score) - Double(best) - log(Double(total) * 0x1p-43)
    }
}
