/// Nonnegative linear regression on relative errors, robust against outliers.
///
/// Minimises Huber's loss of (predicted − measured)/measured, so that a kernel of 20 µs and one of 20 ms count the
/// same; by iteratively reweighted least squares. P. J. Huber, "Robust estimation of a location parameter", Ann.
/// Math. Stat. 35 (1964), doi:10.1214/aoms/1177703732.
struct RobustRegression {
    /// One per column, ≥ 0.
    let coefficients: [Double]
    /// Mean of |predicted − measured|/measured.
    let meanRelativeError: Double

    /// Residuals beyond this many robust standard deviations lose weight; 1.345 keeps 95 % efficiency under normal
    /// noise (Huber 1964).
    private static let bend = 1.345
    /// Least scale of relative residuals: below 10⁻⁴ differences are rounding, not noise.
    private static let leastScale = 1e-4

    /// - Parameters:
    ///   - columns: `[column][observation]`, at most three columns, entries ≥ 0.
    ///   - measured: > 0.
    ///   - iterations: of reweighting; fewer suffice for a bootstrap replicate.
    init(columns: [[Double]], measured: [Double], iterations: Int = 25) {
        let relative = columns.map { column in zip(column, measured).map { $0 / $1 } }
        var weights = [Double](repeating: 1, count: measured.count)
        var solution = Self.nonnegativeLeastSquares(relative, weights: weights)
        var residuals = Self.residuals(relative, solution)
        for _ in 0..<iterations {
            let scale = max(Self.leastScale, 1.4826 * (Statistics.median(residuals.lazy.map(abs)) ?? 0))
            weights = residuals.map { min(1, Self.bend * scale / max(abs($0), .leastNormalMagnitude)) }
            let next = Self.nonnegativeLeastSquares(relative, weights: weights)
            let change = zip(next, solution).map { abs($0 - $1) / max($0, $1, .leastNormalMagnitude) }.max() ?? 0
            solution = next
            residuals = Self.residuals(relative, solution)
            if change < 1e-9 { break }
        }
        coefficients = solution
        meanRelativeError = residuals.reduce(0) { $0 + abs($1) } / Double(max(1, residuals.count))
    }

    private static func residuals(_ columns: [[Double]], _ coefficients: [Double]) -> [Double] {
        var result = [Double](repeating: -1, count: columns[0].count)
        for (column, coefficient) in zip(columns, coefficients) {
            for index in result.indices { result[index] += coefficient * column[index] }
        }
        return result
    }

    /// The c ≥ 0 that minimises Σ w·(Σ c·x − 1)².
    ///
    /// With at most three columns the best of the 2³ − 1 sets of columns that are not zero is found by trying them
    /// all, which is exact and needs no convergence argument.
    static func nonnegativeLeastSquares(_ columns: [[Double]], weights: [Double]) -> [Double] {
        let count = columns.count
        precondition((1...3).contains(count), "the enumeration of active sets is for up to three columns")
        var gram = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        var target = [Double](repeating: 0, count: count)
        for i in 0..<count {
            for index in weights.indices { target[i] += weights[index] * columns[i][index] }
            for j in i..<count {
                for index in weights.indices { gram[i][j] += weights[index] * columns[i][index] * columns[j][index] }
                gram[j][i] = gram[i][j]
            }
        }
        var best = [Double](repeating: 0, count: count)
        var bestGain = 0.0
        // Later columns first: of two explanations that fit equally, cost a row is preferred to fixed cost.
        for set in (1..<(1 << count)).reversed() {
            let active = (0..<count).filter { set >> $0 & 1 == 1 }
            guard let solution = solve(gram, target, active), solution.allSatisfy({ $0 >= 0 }) else { continue }
            // What the set takes off the loss: at a minimum it equals cᵀXᵀWy.
            let gain = zip(active, solution).reduce(0) { $0 + target[$1.0] * $1.1 }
            if gain > bestGain * (1 + 1e-12) {
                bestGain = gain
                best = [Double](repeating: 0, count: count)
                for (column, value) in zip(active, solution) { best[column] = value }
            }
        }
        return best
    }

    /// Gaussian elimination on the active rows and columns, scaled to a unit diagonal; null when singular.
    private static func solve(_ gram: [[Double]], _ target: [Double], _ active: [Int]) -> [Double]? {
        guard active.allSatisfy({ gram[$0][$0] > 0 }) else { return nil }
        let scales = active.map { 1 / gram[$0][$0].squareRoot() }
        let n = active.count
        var rows = (0..<n).map { i in
            (0..<n).map { j in gram[active[i]][active[j]] * scales[i] * scales[j] } + [target[active[i]] * scales[i]]
        }
        for pivot in 0..<n {
            // The matrix is positive semidefinite with unit diagonal, so no pivoting; a pivot near zero means that
            // the columns are collinear.
            guard rows[pivot][pivot] > 1e-10 else { return nil }
            for row in (pivot + 1)..<max(n, pivot + 1) {
                let factor = rows[row][pivot] / rows[pivot][pivot]
                for column in pivot...n { rows[row][column] -= factor * rows[pivot][column] }
            }
        }
        var solution = [Double](repeating: 0, count: n)
        for row in (0..<n).reversed() {
            var value = rows[row][n]
            for column in (row + 1)..<max(n, row + 1) { value -= rows[row][column] * solution[column] }
            solution[row] = value / rows[row][row]
        }
        return zip(solution, scales).map { $0 * $1 }
    }
}
