import QPCore

/// Kinds of rows that certificates must get right.
enum RowFamily: String, CaseIterable, Sendable {
    case gaussian
    /// Rows close to a few centres: near-ties in hundreds.
    case clustered
    /// A few rows a hundred times as long as the rest.
    case fewLong
    /// Every row several times over, and negated.
    case repeated
    /// Products and weights below the smallest normal number.
    case denormal
    /// Lengths whose squares overflow, and some NaN and infinities.
    case extreme
    /// All zero but for a few elements.
    case sparse
    /// The same small integers in another order each; with states of one value every exact score is the same, and
    /// rounding alone decides. A copy in 8 bits has no error of its own, so only what is charged for rounding helps.
    case tied
    /// The same for copies in blocks: each block holds the same multiples of a step of 5 bits.
    case tiedInBlocks
    /// Blocks of 32 elements that differ in size by orders, a few of them zero.
    case uneven

    func row(_ index: Int, d: Int, seed: UInt64) -> [Float] {
        func normals(_ key: Int) -> [Float] {
            var generator = PhiloxGenerator(seed: seed &+ UInt64(key) &* 0x9E37_79B9_7F4A_7C15)
            return (0..<d).map { _ in Self.hump(&generator) }
        }
        let own = normals(index)
        switch self {
        case .gaussian: return own
        case .clustered: return zip(normals(1_000_000 + index % 3), own).map { $0 + 1e-6 * $1 }
        case .fewLong: return own.map { index % 11 == 5 ? 100 * $0 : $0 }
        case .repeated: return normals(index % 5).map { index % 4 == 3 ? -$0 : $0 }
        case .denormal: return own.map { $0 * (index % 2 == 0 ? 0x1p-126 : 0x1p-100) }
        case .extreme:
            var row = own.map { $0 * (index % 3 == 0 ? 0x1p62 : index % 3 == 1 ? 0x1p66 : 1) }
            if index % 7 == 2 { row[index % d] = .nan }
            if index % 7 == 4 { row[index % d] = index % 2 == 0 ? .infinity : -.infinity }
            return row
        case .tied:
            var generator = PhiloxGenerator(seed: seed &+ UInt64(index))
            return [127] + (1..<d).map { Float(127 - ($0 - 1) * 89 % 255) }.shuffled(using: &generator)
        case .tiedInBlocks:
            var generator = PhiloxGenerator(seed: seed &+ UInt64(index))
            let levels = (-15...15).map { Float(8 * $0) }
            return stride(from: 0, to: d, by: 32).flatMap { first in
                let size = min(32, d - first)
                // The first element of all is the same in every row.
                return [120] + levels.prefix(size - 1).shuffled(using: &generator)
            }
        case .uneven:
            return own.enumerated().map { column, value in
                let size = (index &* 7 &+ column / 32 &* 5) % 11
                return size == 3 ? 0 : value * Float(sign: .plus, exponent: 2 * size - 10, significand: 1)
            }
        case .sparse: return own.enumerated().map { $0.offset % 5 == index % 5 ? $0.element : 0 }
        }
    }

    private var isTied: Bool { self == .tied || self == .tiedInBlocks }

    /// A state that suits the rows: scores in reach of denormals, or of overflow, where that is the point.
    func state(d: Int, using generator: inout PhiloxGenerator) -> [Float] {
        if isTied {
            var state = [Float](repeating: Self.hump(&generator), count: d)
            state[0] = 0x1p-6 * Self.hump(&generator)
            return state
        }
        var scale: Float = 1
        if self == .denormal { scale = [1, 0x1p-20, 0x1p-60].randomElement(using: &generator)! }
        if self == .extreme { scale = [1, 0x1p60, 0x1p-30].randomElement(using: &generator)! }
        return (0..<d).map { _ in scale * Self.hump(&generator) }
    }

    /// What a state moves by, before it is scaled. Ties stay ties when it is the first element alone, which every row
    /// weighs alike; a move far below the last place of a score then still tips sums over to the next one.
    func move(d: Int, using generator: inout PhiloxGenerator) -> [Float] {
        guard isTied else { return state(d: d, using: &generator) }
        return [0.05 * Self.hump(&generator)] + [Float](repeating: 0, count: d - 1)
    }

    /// A symmetric hump with heavy tails, which needs no library of functions.
    static func hump(_ generator: inout PhiloxGenerator) -> Float {
        let radius = Float.random(in: 0x1p-24..<1, using: &generator)
        let angle = Float.random(in: 0..<1, using: &generator)
        return (1 - 2 * angle) * (1 / radius).squareRoot().squareRoot()
    }
}
