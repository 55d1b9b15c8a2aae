import QPCore
import QPKernels

/// The dense projection in binary32 beside OpenBLAS's sgemv and a plain read of the same bytes.
enum ScanSection {
    /// Largest permitted difference between scan and sgemv, relative to the largest score.
    static let tolerance: Float = 1e-5

    static func run(_ bench: Bench, _ shape: (V: Int, d: Int)) throws -> Block {
        let fixture = try bench.fixture(try bench.shape(shape, .f32), interleaved: true)
        let tuned = try bench.tune(fixture)
        let matrix = HostMatrix(fixture.rows)
        OpenBLAS.setThreadCount(bench.threadCount)
        let scores = UnsafeMutablePointer<Float>.allocate(capacity: fixture.V)
        defer { scores.deallocate() }
        let difference = try verify(fixture, tuned, matrix, scores)

        let bytes = fixture.shape.weightBytes
        let evict = bench.eviction(byteCount: bytes)
        let hidden = fixture.hiddenValues
        var candidates = [
            Candidate(
                name: "sgemv", detail: "OpenBLAS, \(bench.threadCount) threads", byteCount: bytes, load: .allCores,
                prepare: evict, settle: Clock.waitUntilIdle
            ) { Clock.time { OpenBLAS.sgemv(matrix, hidden, scores) } },
            bench.plainRead("plain read", UnsafeRawBufferPointer(matrix.bytes), byteCount: bytes),
            try fixture.scanCandidate("scan, row-major", tuned.rowMajor, prepare: evict),
        ]
        if let interleaved = tuned.interleaved {
            candidates.append(try fixture.scanCandidate("scan, interleaved", interleaved, prepare: evict))
        }
        candidates.append(try fixture.readCandidate("device read", prepare: evict))
        let title = "Scan, \(fixture.shape)"
        let comparison = try bench.compare(title, candidates)

        var findings = [
            comparison.ratio(
                "sgemv time / row-major scan time", "sgemv", over: "scan, row-major", goal: goal(bench, shape)),
            comparison.bandwidthRatio(
                "row-major scan / plain read, bytes a second", "scan, row-major", over: "plain read"),
        ]
        if tuned.interleaved != nil {
            let wanted: Goal? = bench.isSoftware && isStandard(shape) ? .atLeast(0.60) : nil
            findings += [
                comparison.ratio(
                    "sgemv time / interleaved scan time", "sgemv", over: "scan, interleaved", goal: wanted),
                comparison.bandwidthRatio(
                    "interleaved scan / plain read, bytes a second", "scan, interleaved", over: "plain read"),
            ]
        }
        findings.append(comparison.bandwidthRatio("sgemv / plain read, bytes a second", "sgemv", over: "plain read"))
        return Block(
            section: .scan, title: title, series: comparison.series, findings: findings,
            notes: [
                "Before timing: scores differ from sgemv's by at most \(TextReport.number(Double(difference))) of the "
                    + "largest (≤ \(TextReport.number(Double(tolerance))) required)."
            ])
    }

    private static func isStandard(_ shape: (V: Int, d: Int)) -> Bool {
        Bench.standardShapes.contains { $0 == shape }
    }

    private static func goal(_ bench: Bench, _ shape: (V: Int, d: Int)) -> Goal? {
        guard bench.isSoftware, isStandard(shape) else { return nil }
        return .atLeast(shape.d == 1024 ? 0.45 : 0.62)
    }

    /// The largest difference between any scan and sgemv, relative to the largest score.
    private static func verify(
        _ fixture: Fixture, _ tuned: Tuned, _ matrix: HostMatrix, _ scores: UnsafeMutablePointer<Float>
    ) throws -> Float {
        OpenBLAS.sgemv(matrix, fixture.hiddenValues, scores)
        let expected = UnsafeBufferPointer(start: scores, count: fixture.V)
        let largest = expected.reduce(0) { max($0, abs($1)) }
        var worst: Float = 0
        for variant in [tuned.rowMajor, tuned.interleaved].compactMap({ $0 }) {
            for (token, score) in try fixture.readScores(variant).enumerated() {
                let difference = abs(score - expected[token]) / largest
                guard difference <= tolerance else {
                    throw WrongResult(
                        description: "\(fixture.shape), \(variant): row \(token) scores \(score), and sgemv gives "
                            + "\(expected[token]); nothing was timed")
                }
                worst = max(worst, difference)
            }
        }
        return worst
    }
}
