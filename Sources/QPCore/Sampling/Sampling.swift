#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// How one row's token is chosen among its allowed ones: greedy, or drawn by the Gumbel-max rule (C. J. Maddison et
/// al., "A* sampling", NeurIPS 2014, section 2) with noise that depends on seed, sequence, step and token id alone.
///
/// The token is the one with the highest `score + temperature · G(id)`, ties to the lowest id, among those that every
/// filter keeps. So all plans that score a row alike draw the same token, in any batch and any order.
///
/// Filters look at one distribution: softmax of `score / temperature` over all allowed tokens. Temperature comes first;
/// min-p, top-k and top-p each keep a beginning of the tokens sorted by falling score and rising id, and a token stays
/// that all three keep. None renormalises what another left, so their order does not matter. Engines differ here:
/// Hugging Face transformers and vLLM renormalise after top-k before they measure top-p, and llama.cpp by default
/// filters before it applies the temperature.
///
/// ```swift
/// let sampling = try Sampling(temperature: 0.7, minP: 0.05, seed: 42, step: 17)
/// ```
public struct Sampling: Hashable, Sendable {
    /// T, in the unit of scores; 0 takes the best token and leaves the filters aside.
    public let temperature: Float
    /// Keeps the k best tokens; nil keeps all.
    public let topK: Int?
    /// Keeps the smallest beginning with at least this share of the probability; 1 keeps all.
    public let topP: Float
    /// Keeps tokens at least this share as probable as the best one; 0 keeps all.
    public let minP: Float
    /// Fixes all noise.
    public let seed: UInt64
    /// Tells sequences of one seed apart.
    public let sequence: UInt64
    /// Tells the tokens of a sequence apart: count it up with every token.
    public let step: UInt32

    /// The highest scoring token.
    public static let greedy = Sampling(unchecked: 0, nil, 1, 0, 0, 0, 0)

    /// - Throws: ``SamplingError`` for a parameter outside its range.
    public init(
        temperature: Float, topK: Int? = nil, topP: Float = 1, minP: Float = 0, seed: UInt64, sequence: UInt64 = 0,
        step: UInt32 = 0
    ) throws(SamplingError) {
        guard (0...Self.maximumTemperature).contains(temperature) else { throw .temperature(temperature) }
        if let topK, topK < 1 { throw .topK(topK) }
        guard topP > 0, topP <= 1 else { throw .topP(topP) }
        guard (0...1).contains(minP) else { throw .minP(minP) }
        self.init(unchecked: temperature, topK, topP, minP, seed, sequence, step)
    }

    private init(
        unchecked temperature: Float, _ topK: Int?, _ topP: Float, _ minP: Float, _ seed: UInt64, _ sequence: UInt64,
        _ step: UInt32
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.seed = seed
        self.sequence = sequence
        self.step = step
    }

    /// Beyond it, noise times temperature nears the largest binary32.
    public static let maximumTemperature: Float = 1e30

    /// Whether the best token is taken as it is.
    public var isGreedy: Bool { temperature == 0 }

    /// The same at another step of the sequence.
    public func at(step: UInt32) -> Sampling {
        Sampling(unchecked: temperature, topK, topP, minP, seed, sequence, step)
    }

    /// Words of ``words`` for each row.
    package static let wordCount = 12

    /// What the kernels of `Shaders/sampling.glsl` read, in their order.
    package var words: [UInt32] {
        [
            UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32), step,
            UInt32(truncatingIfNeeded: sequence), UInt32(truncatingIfNeeded: sequence >> 32), temperature.bitPattern,
            inverseTemperature.bitPattern, minPOffset.bitPattern, topKWord, topPWord, 0, 0,
        ]
    }

    /// 1/T, rounded once; the largest finite number where that overflows.
    package var inverseTemperature: Float {
        isGreedy ? 0 : min(Float(1 / Double(temperature)), .greatestFiniteMagnitude)
    }

    /// T·ln(minP), what min-p allows a score to lie below the best one, rounded once; −∞ where it keeps all.
    package var minPOffset: Float {
        if isGreedy { return 0 }
        return minP == 0 ? -.infinity : Float(Double(temperature) * log(Double(minP)))
    }

    /// k; all ones where top-k keeps all.
    package var topKWord: UInt32 {
        isGreedy ? .max : topK.map { UInt32(clamping: $0) } ?? .max
    }

    /// p in units of 2⁻³², rounded up; 0 where top-p keeps all.
    package var topPWord: UInt32 {
        isGreedy || topP == 1 ? 0 : UInt32((Double(topP) * 0x1p32).rounded(.up))
    }
}

/// A parameter that sampling does not take.
public enum SamplingError: Error, Equatable, CustomStringConvertible {
    /// Negative, infinite or no number.
    case temperature(Float)
    /// No token would be kept.
    case topK(Int)
    /// Outside (0, 1].
    case topP(Float)
    /// Outside [0, 1].
    case minP(Float)

    /// What failed, with the value, and the range that works.
    public var description: String {
        switch self {
        case .temperature(let value):
            "the temperature is \(value); it must lie in 0…\(Sampling.maximumTemperature), where 0 takes the best token"
        case .topK(let value): "top-k is \(value); it must be at least 1, or left out to keep all tokens"
        case .topP(let value): "top-p is \(value); it must be above 0 and at most 1, where 1 keeps all tokens"
        case .minP(let value): "min-p is \(value); it must lie in 0…1, where 0 keeps all tokens"
        }
    }
}

/// What sampled steps record beyond the draw itself; known from the rows, so that a step is recorded anew only when it
/// changes.
public struct SamplingStages: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The k-th best score is searched.
    public static let topK = SamplingStages(rawValue: 1)
    /// The end of the nucleus is searched.
    public static let topP = SamplingStages(rawValue: 2)
    /// The normaliser of the softmax is summed up.
    public static let logProbability = SamplingStages(rawValue: 4)

    /// What these rows need.
    public init(_ rows: some Sequence<Sampling>, logProbability: Bool = false) {
        self = logProbability ? .logProbability : []
        for row in rows {
            if row.topKWord != .max { insert(.topK) }
            if row.topPWord != 0 { insert(.topP) }
        }
    }
}
