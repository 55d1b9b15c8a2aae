import QPCore
import Testing

@testable import QPPlanner

@Suite struct CostCurveTests {
    static func curve(_ points: [(Int, Int)], _ step: StepName = .sparse) -> CostCurve {
        CostCurve(
            step: step, batch: 1, pattern: .uniform,
            points: points.map {
                .init(allowedTokenCount: $0.0, nanoseconds: $0.1, lowNanoseconds: $0.1, highNanoseconds: $0.1)
            })
    }

    @Test(arguments: [
        (1, 100, Evidence.extrapolated), (2, 100, .measured), (3, 103, .interpolated), (4, 106, .interpolated),
        (5, 110, .measured), (9, 110, .interpolated), (10, 110, .measured), (13, 125, .measured),
        (14, 130, .extrapolated), (16, 140, .extrapolated),
    ])
    func evaluation(k: Int, nanoseconds: Int, evidence: Evidence) {
        let curve = Self.curve([(2, 100), (5, 110), (10, 110), (13, 125)])
        let (time, grade) = curve.nanoseconds(at: k)
        #expect(time == nanoseconds)
        #expect(grade == evidence)
    }

    @Test func onePointIsAConstant() {
        let curve = Self.curve([(64, 7)])
        #expect(curve.nanoseconds(at: 1) == (7, .extrapolated))
        #expect(curve.nanoseconds(at: 64) == (7, .measured))
        #expect(curve.nanoseconds(at: 1 << 30) == (7, .extrapolated))
    }

    /// Against arithmetic that is wide enough by itself.
    @Test(arguments: [UInt64(1), 2, 3])
    func agreesWithWideArithmetic(seed: UInt64) {
        var generator = PhiloxGenerator(seed: seed)
        for _ in 0..<500 {
            func upTo(bits: ClosedRange<Int>) -> Int {
                Int.random(in: 1...(1 << Int.random(in: bits, using: &generator)), using: &generator)
            }
            let k0 = upTo(bits: 1...29)
            let width = upTo(bits: 0...29)
            let t0 = upTo(bits: 0...39)
            let t1 = Int.random(in: t0...(1 << 40), using: &generator)
            let k = Int.random(in: k0...(k0 + width), using: &generator)
            let curve = Self.curve([(k0, t0), (k0 + width, t1)])
            let product = (k - k0).multipliedFullWidth(by: t1 - t0)
            let expected = t0 + width.dividingFullWidth(product).quotient
            #expect(curve.nanoseconds(at: k).nanoseconds == expected, "seed \(seed): \(curve.points) at \(k)")
        }
    }

    @Test func extremesSaturateInsteadOfOverflowing() {
        let steep = Self.curve([(1, 0), (2, 1 << 40)])
        #expect(steep.nanoseconds(at: 1 << 30).nanoseconds == 1 << 40)
        let wide = Self.curve([(1, 0), (1 << 30, 1 << 40)])
        #expect(wide.nanoseconds(at: (1 << 30) - 1).nanoseconds == 1_099_511_626_751)
    }

    @Test func monotoneAlongRandomCurves() {
        var generator = PhiloxGenerator(seed: 12)
        for _ in 0..<50 {
            let curve = Self.random(&generator, .sparse, vocabularySize: 300)
            let times = (1...320).map { curve.nanoseconds(at: $0).nanoseconds }
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }, "seed 12: \(curve.points)")
        }
    }

    static func random(_ generator: inout PhiloxGenerator, _ step: StepName, vocabularySize: Int) -> CostCurve {
        let count = Int.random(in: 1...6, using: &generator)
        let counts = Set((0..<count).map { _ in Int.random(in: 1...vocabularySize, using: &generator) }).sorted()
        let scale = [3, 40, 1000].randomElement(using: &generator)!
        let times = counts.map { _ in Int.random(in: 0...scale, using: &generator) }.sorted()
        return curve(Array(zip(counts, times)), step)
    }
}

@Suite struct IsotonicRegressionTests {
    @Test(
        arguments: [
            ([1.0, 2, 3], [1.0, 2, 3]), ([3, 2, 1], [2, 2, 2]), ([1, 4, 2, 5], [1, 3, 3, 5]),
            ([6, 1, 2, 9], [3, 3, 3, 9]), ([], []),
        ] as [([Double], [Double])])
    func poolsAdjacentViolators(values: [Double], expected: [Double]) {
        let result = isotonicRegression(values, weights: values.map { _ in 1 })
        #expect(zip(result, expected).allSatisfy { abs($0 - $1) < 1e-12 } && result.count == expected.count)
    }

    @Test func weightsPullThePool() {
        #expect(isotonicRegression([4, 1], weights: [1, 3]) == [1.75, 1.75])
    }

    /// No monotone sequence near the result may be closer to the values.
    @Test(arguments: [UInt64(21), 22])
    func isTheLeastSquaresSolution(seed: UInt64) {
        var generator = PhiloxGenerator(seed: seed)
        for _ in 0..<100 {
            let values = (0..<8).map { Double($0) / 8 + generator.uniform() }
            let weights = values.map { _ in 0.2 + generator.uniform() }
            let result = isotonicRegression(values, weights: weights)
            func loss(_ fit: [Double]) -> Double {
                zip(zip(values, weights), fit).reduce(0) { $0 + $1.0.1 * ($1.0.0 - $1.1) * ($1.0.0 - $1.1) }
            }
            let other = zip(result, values).map { $0 + 0.05 * (generator.uniform() - 0.5) * $1 }.sorted()
            #expect(zip(result, result.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(loss(result) <= loss(other) + 1e-12, "seed \(seed): \(values)")
        }
    }
}

@Suite struct MonotoneCurveTests {
    let bootstrap = BlockBootstrap(seed: 8, replicateCount: 100)

    @Test func medianPerTokenCountWithIntervalsAroundIt() throws {
        var samples = SyntheticSamples(seed: 31)
        samples.noise = 0.05
        samples.outlierShare = 0.1
        let series = samples.series(.step(.sparse), at: SyntheticSamples.grid(to: 4096)) { 20 + Double($0) / 8 }
        let curve = try #require(
            MonotoneCurve(step: .sparse, batch: 1, pattern: .uniform, samples: series.reversed(), bootstrap: bootstrap)
        ).curve
        #expect(curve.points.map(\.allowedTokenCount) == SyntheticSamples.grid(to: 4096))
        for (point, next) in zip(curve.points, curve.points.dropFirst()) {
            #expect(point.nanoseconds <= next.nanoseconds)
            #expect(point.lowNanoseconds <= next.lowNanoseconds && point.highNanoseconds <= next.highNanoseconds)
        }
        for point in curve.points {
            let truth = 20_000 + Double(point.allowedTokenCount) * 125
            #expect(point.lowNanoseconds <= point.nanoseconds && point.nanoseconds <= point.highNanoseconds)
            #expect(point.lowNanoseconds < point.highNanoseconds)
            #expect(abs(Double(point.nanoseconds) - truth) < 0.05 * truth, "seed 31, K \(point.allowedTokenCount)")
        }
    }

    @Test func coldRowsReplaceWarmOnesAndHeldOutSeriesStayOut() throws {
        var samples = SyntheticSamples(seed: 32)
        samples.noise = 0
        let series =
            samples.series(.step(.sparse), at: [1, 2], coldRows: false) { _ in 5 }
            + samples.series(.step(.sparse), at: [2, 4]) { _ in 9 }
            + samples.series(.step(.sparse), at: [3], role: .heldOut) { _ in 7 }
        let curve = try #require(
            MonotoneCurve(step: .sparse, batch: 1, pattern: .uniform, samples: series, bootstrap: bootstrap)
        ).curve
        #expect(curve.points.map(\.allowedTokenCount) == [2, 4])
        #expect(curve.points.map(\.nanoseconds) == [9000, 9000])
        #expect(MonotoneCurve(step: .dense, batch: 1, pattern: .uniform, samples: series, bootstrap: bootstrap) == nil)
        #expect(MonotoneCurve(step: .sparse, batch: 2, pattern: .uniform, samples: series, bootstrap: bootstrap) == nil)
    }
}
