import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner

/// The screened step beside the f16 scan, by copies of 8, 6 and 5 bits: time, bytes, and the rows that each leaves to
/// be scored.
enum ScreenSection {
    private static let lengths: [Float] = [4, 8]
    private static let stateCount = 8

    private static func step(_ format: ScreenFormat) -> String { "screened step, \(format)" }
    private static func scan(_ format: ScreenFormat) -> String { "scan of the copy, \(format)" }

    static func run(_ bench: Bench, _ shape: (V: Int, d: Int)) throws -> Block {
        let f16 = try bench.shape(shape, .f16)
        // Tuned on synthetic rows; the times do not depend on what the weights are.
        let fixture = try bench.fixture(f16)
        let pair = try bench.tune(fixture).pair
        let screen = try bench.tune(try bench.fixture(try bench.shape(shape, .int8))).rowMajor
        let isGoal = bench.isSoftware && shape == (V: 131072, d: 1024)

        let title = "Screened step, \(f16)"
        var findings: [Finding] = []
        var series: [Series] = []
        var notes: [String] = []
        for (name, clusterCount) in [("Gaussian", nil), ("clustered", max(1, shape.V / 128))] as [(String, Int?)] {
            let rows = GaussianRows(shape: f16, seed: bench.seed, clusterCount: clusterCount)
            let subject = try Subject(fixture.library, rows, pair: pair, screen: screen)
            for length in lengths {
                for (format, share) in try subject.survivorShares(length: length) {
                    findings.append(
                        Finding(
                            what: "survivors, \(format), \(name) rows, state of length "
                                + TextReport.number(Double(length)),
                            unit: "of V", exact: share, goal: nil))
                }
            }
            guard clusterCount == nil else { continue }
            let comparison = try bench.compare(
                title, try subject.candidates(fixture, evict: bench.eviction(byteCount: f16.weightBytes)))
            series = comparison.series
            let figures = ScreenFormat.allCases.flatMap { format in
                let mostBytes = [ScreenFormat.bits8: 0.55, .bits6: 0.45][format]
                return [
                    comparison.ratio(
                        "\(step(format)) / f16 scan, time", step(format), over: "f16 scan",
                        goal: isGoal && format == .bits8 ? .atMost(0.85) : nil),
                    comparison.ratio("\(step(format)) / dense step, time", step(format), over: "dense step"),
                    comparison.ratio("\(scan(format)) / f16 scan, time", scan(format), over: "f16 scan"),
                    Finding(
                        what: "bytes read by the \(step(format)) / f16 scan", unit: "",
                        exact: Double(subject.byteCount(format)) / Double(f16.weightBytes),
                        goal: isGoal ? mostBytes.map { .atMost($0) } : nil),
                ]
            }
            findings.insert(contentsOf: figures, at: 0)
            notes.append("Gaussian and clustered rows: \(notesOnRows(shape.V))")
        }
        return Block(section: .screen, title: title, series: series, findings: findings, notes: notes)
    }

    private static func notesOnRows(_ V: Int) -> String {
        "lengths log-normal (standard deviation \(GaussianRows.lengthSpread) of the logarithm); clustered rows share "
            + "\(max(1, V / 128)) centres, which hold half of their squared length. Survivors: median of \(stateCount) "
            + "states, each a row's direction under unit noise. In every one the token and both best scores were the dense "
            + "step's, bit for bit."
    }

    /// One head with its copies.
    private final class Subject {
        let rows: GaussianRows
        let head: Head
        let workspace: Workspace
        let dense: Workspace.Program
        private let screens: [(format: ScreenFormat, copy: ScreenCopy, program: FilteredProgram)]
        private var survivorCounts: [ScreenFormat: Int] = [:]

        init(_ library: KernelLibrary, _ rows: GaussianRows, pair: VariantPair, screen: ScoreVariant) throws {
            self.rows = rows
            let shape = rows.shape
            let weights = try HeadWeights(library, shape: shape) { EncodedRow(rows.row($0), shape: shape) }
            head = try Head(library, weights, pairs: [1: pair])
            let workspace = try Workspace(head, batch: 1)
            self.workspace = workspace
            try workspace.load([TokenMask.all(vocabularySize: shape.vocabularySize)])
            screens = try ScreenFormat.allCases.map { format in
                let copy = try ScreenCopy(
                    library, of: weights, format: format, lanesPerRow: pair.scan.lanesPerRow,
                    variant: format == .bits8 ? screen : nil)
                return (format, copy, try workspace.program(.screen(copy, access: .scan)))
            }
            dense = try workspace.program(.dense)
        }

        /// Bytes of the copy, of the scores and coefficients as selection reads them twice, and of the survivors' rows.
        func byteCount(_ format: ScreenFormat) -> Int {
            let shape = rows.shape
            let copy = format.bytesReadPerRow(hiddenSize: shape.hiddenSize) * shape.vocabularySize
            return copy + 16 * shape.vocabularySize + survivorCounts[format]! * shape.bytesReadPerRow
        }

        /// Medians over states; leaves the last of them in the workspace.
        func survivorShares(length: Float) throws -> [(format: ScreenFormat, share: Double)] {
            let V = rows.shape.vocabularySize
            var counts: [ScreenFormat: [Double]] = [:]
            for index in 0..<stateCount {
                try workspace.hidden.write(rows.state(index, length: length), row: 0)
                let expected = try answer { dense.record(into: &$0, longestList: V) }
                for (format, _, program) in screens {
                    let record = try answer { program.record(into: &$0, longestList: V) }
                    guard record.hasSameAnswer(as: expected) else {
                        throw WrongResult(description: "\(rows.shape), \(format): \(record), dense \(expected)")
                    }
                    counts[format, default: []].append(Double(record.survivorCount))
                }
            }
            for (format, values) in counts { survivorCounts[format] = Int(Statistics.median(values) ?? 0) }
            return ScreenFormat.allCases.map { ($0, Double(survivorCounts[$0]!) / Double(V)) }
        }

        private func answer(_ body: (inout CommandRecorder) -> Void) throws -> StepRecord {
            let device = head.library.device
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    body(&recorder)
                    recorder.barrierToHost()
                })
            return try workspace.readRecords()[0]
        }

        func candidates(_ fixture: Fixture, evict: @escaping () -> Void) throws -> [Candidate] {
            let V = rows.shape.vocabularySize
            let dense = dense
            let device = head.library.device
            let none = try Buffer(device, byteCount: 16)
            let scores = try Buffer(device, byteCount: V * 4)
            func scan(_ kernel: ScoreKernel) throws -> BoundScoreKernel {
                try kernel.bind(
                    hidden: workspace.hidden, allowed: .storage(none), lists: .storage(none),
                    result: .storage(scores))
            }
            let pair = head.pair(batch: 1)
            let whole = try scan(
                ScoreKernel(head.library, head.weights, variant: pair.scan, selection: .scan, output: .scores))
            let anchor = try Anchor(head, batch: 1)
            let refresh = try workspace.refresh(anchor)
            _ = try answer { refresh.record(into: &$0, longestList: V) }
            let reuse = try workspace.program(.anchor(anchor))
            guard try answer({ reuse.record(into: &$0, longestList: V) }).survivorCount < 16 else {
                throw WrongResult(description: "\(rows.shape): the anchor of the same state leaves many rows")
            }
            return [
                try fixture.candidate(
                    "f16 scan", detail: pair.scan.brief, byteCount: rows.shape.weightBytes, prepare: evict
                ) { recorder, _ in whole.record(into: &recorder, .rows(0..<V), resultStride: V) },
                try fixture.candidate(
                    "dense step", detail: "masked scan + top-2", byteCount: rows.shape.weightBytes, prepare: evict
                ) { recorder, _ in dense.record(into: &recorder, longestList: V) },
                try fixture.candidate(
                    "reuse step", detail: "stored scores, selection, gather", prepare: evict
                ) { recorder, _ in reuse.record(into: &recorder, longestList: V) },
            ]
                + (try screens.flatMap { format, copy, program in
                    let small = try scan(copy.kernel(head.library, .scan, batch: 1))
                    return [
                        try fixture.candidate(
                            ScreenSection.scan(format), detail: copy.variant.brief,
                            byteCount: copy.bytesReadPerRow * V, prepare: evict
                        ) { recorder, _ in small.record(into: &recorder, .rows(0..<V), resultStride: V) },
                        try fixture.candidate(
                            step(format), detail: "scan of the copy, selection, gather", byteCount: byteCount(format),
                            prepare: evict
                        ) { recorder, _ in program.record(into: &recorder, longestList: V) },
                    ]
                })
        }
    }
}
