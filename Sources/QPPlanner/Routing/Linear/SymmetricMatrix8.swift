/// A symmetric 8 × 8 matrix of doubles as eight rows in place, 512 bytes: a router's step must not allocate.
///
/// Products are sums of scaled rows, which by symmetry are the columns; nothing here fuses multiply and add, because a
/// fused operation without hardware for it is a call into the C library for each lane.
struct SymmetricMatrix8: Equatable, Codable, Sendable {
    private var row0: SIMD8<Double>
    private var row1: SIMD8<Double>
    private var row2: SIMD8<Double>
    private var row3: SIMD8<Double>
    private var row4: SIMD8<Double>
    private var row5: SIMD8<Double>
    private var row6: SIMD8<Double>
    private var row7: SIMD8<Double>

    /// The matrix with this diagonal and zeros elsewhere.
    init(diagonal: SIMD8<Double>) {
        row0 = .zero
        row1 = .zero
        row2 = .zero
        row3 = .zero
        row4 = .zero
        row5 = .zero
        row6 = .zero
        row7 = .zero
        for index in 0..<8 { self[index][index] = diagonal[index] }
    }

    /// A row, which is the column of the same number.
    subscript(row: Int) -> SIMD8<Double> {
        get {
            switch row {
            case 0: row0
            case 1: row1
            case 2: row2
            case 3: row3
            case 4: row4
            case 5: row5
            case 6: row6
            case 7: row7
            default: preconditionFailure("a row lies in 0..<8, not \(row)")
            }
        }
        set {
            switch row {
            case 0: row0 = newValue
            case 1: row1 = newValue
            case 2: row2 = newValue
            case 3: row3 = newValue
            case 4: row4 = newValue
            case 5: row5 = newValue
            case 6: row6 = newValue
            case 7: row7 = newValue
            default: preconditionFailure("a row lies in 0..<8, not \(row)")
            }
        }
    }

    /// A·x.
    @inline(__always)
    func times(_ x: SIMD8<Double>) -> SIMD8<Double> {
        // Two chains, so that one addition need not wait for the other.
        var even: SIMD8<Double> = row0 * x[0]
        var odd: SIMD8<Double> = row1 * x[1]
        even += row2 * x[2]
        odd += row3 * x[3]
        even += row4 * x[4]
        odd += row5 * x[5]
        even += row6 * x[6]
        odd += row7 * x[7]
        return even + odd
    }

    /// xᵀ·A·x.
    @inline(__always)
    func quadraticForm(_ x: SIMD8<Double>) -> Double { (times(x) * x).sum() }

    /// A + factor·u·uᵀ. Both halves are rounded alike, so A stays symmetric to the last bit.
    @inline(__always)
    mutating func add(_ factor: Double, outer u: SIMD8<Double>) {
        row0 += (u * u[0]) * factor
        row1 += (u * u[1]) * factor
        row2 += (u * u[2]) * factor
        row3 += (u * u[3]) * factor
        row4 += (u * u[4]) * factor
        row5 += (u * u[5]) * factor
        row6 += (u * u[6]) * factor
        row7 += (u * u[7]) * factor
    }

    /// factor·A + diagonal.
    @inline(__always)
    mutating func scale(by factor: Double, adding diagonal: SIMD8<Double>) {
        row0 *= factor
        row1 *= factor
        row2 *= factor
        row3 *= factor
        row4 *= factor
        row5 *= factor
        row6 *= factor
        row7 *= factor
        for index in 0..<8 { self[index][index] += diagonal[index] }
    }

    /// D·A·D for the D that is the unit matrix but for one entry: a change of unit of one coordinate.
    mutating func rescale(lane: Int, by factor: Double) {
        self[lane] *= factor
        for index in 0..<8 { self[index][lane] *= factor }
    }

    /// The inverse of a positive definite matrix; nil for another one, or where a pivot is no number.
    ///
    /// Gauss–Jordan elimination in place, which needs no pivoting here; about 0.3 µs. The result is symmetric to the
    /// last bit.
    func inverse() -> SymmetricMatrix8? {
        var result = self
        for pivotRow in 0..<8 {
            let pivot = result[pivotRow][pivotRow]
            guard pivot > 0, pivot.isFinite else { return nil }
            result[pivotRow][pivotRow] = 1
            result[pivotRow] /= pivot
            let eliminated = result[pivotRow]
            for row in 0..<8 where row != pivotRow {
                let factor = result[row][pivotRow]
                result[row][pivotRow] = 0
                result[row] -= eliminated * factor
            }
        }
        for row in 0..<8 {
            for column in 0..<row {
                let mean = (result[row][column] + result[column][row]) / 2
                result[row][column] = mean
                result[column][row] = mean
            }
        }
        return result
    }
}
