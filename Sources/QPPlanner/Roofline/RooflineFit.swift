import QPCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The roofline of one kernel, fitted to the medians over K of its `.fit` series and judged on the `.heldOut` ones.
///
/// The cost a row c and the fixed cost t₀ are fitted freely (both ≥ 0, robustly, on relative errors); c is then
/// read as roof · slowdown, and for a gather as roof · (slowdown of the scan) + penalty. That is the same optimum as
/// fitting slowdown and penalty directly, since both only enter through c.
struct RooflineFit {
    let kernel: KernelName
    let shape: HeadShape
    let batch: Int
    let pattern: IndexPattern
    let roof: Roof
    let bootstrap: BlockBootstrap

    /// A start term needs this many K to be told from noise, and both its sides two of them.
    private static let leastPointsForStart = 7
    /// A start ends at most at this share of the largest K: the cost a row is that of large K.
    private static let largestStartShare = 1.0 / 8
    /// Without a start term, errors up to this size are left alone.
    private static let goodEnough = 0.01
    /// A start term is taken if it leaves at most this share of the mean error. Since its end is searched for, it
    /// always fits noise a little better: in simulations of 16 K with noise alone it left less than 0.7 of the error
    /// in 4 of 100 cases at most, while starts that matter (a start factor of 0 or 2) leave 0.1 to 0.3.
    private static let startMustLeave = 0.7

    /// Null when nothing was measured, or only times of zero.
    /// - Parameter scanSlowdown: of the scan at the same batch, for a kernel that gathers.
    /// - Complexity: O(points²) fits, then O(replicates · points).
    func callAsFunction(samples: [SampleSeries], scanSlowdown: Double?) -> KernelFit? {
        // A clock too coarse for a kernel reads zero, which says nothing about relative errors.
        let points = samples.byTokenCount(.kernel(kernel), batch: batch, pattern: pattern, role: .fit)
            .filter { $0.sample.median > 0 }
        guard let largest = points.last else { return nil }
        let counts = points.map(\.allowedTokenCount)
        let model = bestModel(counts, measured: points.map(\.sample.median))
        let interval = intervalOfRowCost(model, counts, points.map(\.sample))

        let work = KernelWork(kernel, shape: shape, batch: batch)
        let roofPerRow = work.roofMicrosecondsPerRow(under: roof)
        var slowdown = model.perRow / roofPerRow
        var penalty = 0.0
        if let scanSlowdown, model.perRow > roofPerRow * scanSlowdown {
            slowdown = scanSlowdown
            penalty = model.perRow - roofPerRow * scanSlowdown
        }
        let largestRows = KernelFit.rowsRead(
            largest.allowedTokenCount, rowsPerToken: model.rowsPerToken, vocabularySize: shape.vocabularySize)
        var fit = KernelFit(
            kernel: kernel, batch: batch, fixedMicroseconds: model.fixed, roofMicrosecondsPerRow: roofPerRow,
            slowdown: slowdown, gatherPenaltyMicrosecondsPerRow: penalty,
            lowMicrosecondsPerRow: min(model.perRow, interval.lowerBound),
            highMicrosecondsPerRow: max(model.perRow, interval.upperBound),
            boundBy: work.isBandwidthBound(under: roof) ? "bandwidth" : "arithmetic",
            heldOutMedianRelativeError: nil, heldOutP90RelativeError: nil, heldOutCount: 0,
            utilisation: largestRows * roofPerRow / largest.sample.median, pattern: pattern,
            startRows: model.startRows, startFactor: model.startFactor, rowsReadPerAllowedToken: model.rowsPerToken)
        let errors = samples.byTokenCount(.kernel(kernel), batch: batch, pattern: pattern, role: .heldOut)
            .filter { $0.sample.median > 0 }
            .map { abs(fit.microseconds(at: $0.allowedTokenCount, shape: shape) - $0.sample.median) / $0.sample.median }
        fit.heldOutMedianRelativeError = Statistics.median(errors)
        fit.heldOutP90RelativeError = Statistics.quantile(errors, at: 0.9)
        fit.heldOutCount = errors.count
        return fit
    }

    /// One choice of the parameters in which the model is not linear, with the best of the others.
    private struct Model {
        var rowsPerToken: Double?
        var startRows = 0
        var regression: RobustRegression

        var fixed: Double { regression.coefficients[0] }
        var perRow: Double { regression.coefficients[regression.coefficients.count - 1] }
        var startFactor: Double { startRows == 0 ? 1 : regression.coefficients[1] / perRow }
        var error: Double { regression.meanRelativeError }
    }

    private func bestModel(_ counts: [Int], measured: [Double]) -> Model {
        if kernel == .maskedScanTopTwo { return bestSkippingModel(counts, measured: measured) }
        let plain = model(counts, measured: measured)
        guard counts.count >= Self.leastPointsForStart, plain.error > Self.goodEnough else { return plain }
        let longest = Self.largestStartShare * Double(counts.last!)
        let candidates = counts[1..<(counts.count - 2)].filter { Double($0) <= longest }
            .map { model(counts, measured: measured, startRows: $0) }
            .filter { $0.perRow > 0 }
        guard let best = candidates.min(by: { $0.error < $1.error }) else { return plain }
        return best.error <= Self.startMustLeave * plain.error ? best : plain
    }

    /// The best b on a grid from 1 (only allowed rows are read) to 16 V (all are, whatever K), in steps of √2.
    private func bestSkippingModel(_ counts: [Int], measured: [Double]) -> Model {
        var best: Model?
        var rowsPerToken = 1.0
        while rowsPerToken <= 16 * Double(shape.vocabularySize) {
            let candidate = model(counts, measured: measured, rowsPerToken: rowsPerToken)
            if candidate.error < best?.error ?? .infinity { best = candidate }
            rowsPerToken *= 2.0.squareRoot()
        }
        return best!
    }

    private func model(
        _ counts: [Int], measured: [Double], rowsPerToken: Double? = nil, startRows: Int = 0
    ) -> Model {
        Model(
            rowsPerToken: rowsPerToken, startRows: startRows,
            regression: RobustRegression(columns: columns(counts, rowsPerToken, startRows), measured: measured))
    }

    /// t₀, then cost a row, with the first `startRows` rows apart where there is a start term.
    private func columns(_ counts: [Int], _ rowsPerToken: Double?, _ startRows: Int) -> [[Double]] {
        let rows = counts.map {
            KernelFit.rowsRead($0, rowsPerToken: rowsPerToken, vocabularySize: shape.vocabularySize)
        }
        let ones = [Double](repeating: 1, count: counts.count)
        guard startRows > 0 else { return [ones, rows] }
        return [ones, rows.map { min($0, Double(startRows)) }, rows.map { max(0, $0 - Double(startRows)) }]
    }

    /// 95 % interval of the cost a row, given the form of the model: where the start ends and how many rows a token
    /// drags in are kept, or every replicate would cost as much as the whole fit.
    private func intervalOfRowCost(
        _ model: Model, _ counts: [Int], _ samples: [BlockedSample]
    ) -> ClosedRange<Double> {
        let columns = columns(counts, model.rowsPerToken, model.startRows)
        let medians = bootstrap.replicates(of: samples)
        let costs = (0..<bootstrap.replicateCount).map { replicate in
            let measured = medians.map { max($0[replicate], .leastNormalMagnitude) }
            return RobustRegression(columns: columns, measured: measured, iterations: 5).coefficients.last!
        }
        return BlockBootstrap.interval(of: costs, level: 0.95)
    }
}
