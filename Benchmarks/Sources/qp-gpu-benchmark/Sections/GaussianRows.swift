import Foundation
import QPCore
import QPKernels

/// Rows and hidden states on which a screen's survivors are counted: directions Gaussian, or around common centres, and
/// lengths log-normal, as output heads have them; a state is one row's direction of some length under unit noise.
struct GaussianRows {
    let shape: HeadShape
    let seed: UInt64
    /// Centres that rows share; nil for none.
    let clusterCount: Int?
    /// Standard deviation of the logarithm of a row's length.
    static let lengthSpread = 0.25
    /// Share of a clustered row's squared length that is its centre's.
    static let centreShare = 0.5

    /// Row `row`, of median length 1.
    func row(_ row: Int) -> [Float] {
        var own = Normals(seed: seed &+ UInt64(row) &* 0x9E37_79B9_7F4A_7C15)
        let length = exp(Self.lengthSpread * Double(own.next())) / Double(shape.hiddenSize).squareRoot()
        guard let clusterCount else { return (0..<shape.hiddenSize).map { _ in Float(length) * own.next() } }
        var centre = Normals(seed: ~seed &+ UInt64(row % clusterCount) &* 0x9E37_79B9_7F4A_7C15)
        let (a, b) = (
            Float(length * Self.centreShare.squareRoot()), Float(length * (1 - Self.centreShare).squareRoot())
        )
        return (0..<shape.hiddenSize).map { _ in a * centre.next() + b * own.next() }
    }

    /// Noise of standard deviation 1 with the direction of a row drawn at random, `length` long.
    func state(_ index: Int, length: Float) -> [Float] {
        var normals = Normals(seed: seed ^ 0x5747 &+ UInt64(index))
        var generator = PhiloxGenerator(seed: seed ^ 0x524F &+ UInt64(index))
        let target = row(Int.random(in: 0..<shape.vocabularySize, using: &generator))
        let norm = target.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return target.map { $0 / norm * length + normals.next() }
    }
}

/// Normal deviates by Box and Muller's transform (doi:10.1214/aoms/1177706645), two for each 64 random bits.
struct Normals {
    private var generator: PhiloxGenerator
    private var spare: Float?

    init(seed: UInt64) { generator = PhiloxGenerator(seed: seed) }

    mutating func next() -> Float {
        if let value = spare {
            spare = nil
            return value
        }
        let bits = generator.next()
        let radius = (-2 * logf((Float(bits >> 40) + 1) * 0x1p-24)).squareRoot()
        let angle = Float(bits & 0xFF_FFFF) * 0x1p-24 * 2 * .pi
        spare = radius * sinf(angle)
        return radius * cosf(angle)
    }
}
