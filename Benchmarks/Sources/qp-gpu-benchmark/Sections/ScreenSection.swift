import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner

/// The screened step beside the f16 scan: time, bytes, and the rows that the 8-bit copy leaves to be scored.
enum ScreenSection {
    private static let lengths: [Float] = [4, 8]
    private static let stateCount = 8
    private static let timed = "screened step"

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
                let share = try subject.survivorShare(length: length)
                findings.append(
                    Finding(
                        what: "survivors, \(name) rows, state of length \(TextReport.number(Double(length)))",
                        unit: "of V", exact: share, goal: nil))
            }
            guard clusterCount == nil else { continue }
            let comparison = try bench.compare(
                title, try subject.candidates(fixture, evict: bench.eviction(byteCount: f16.weightBytes)))
            series = comparison.series
            findings.insert(
                contentsOf: [
                    comparison.ratio(
                        "screened step / f16 scan, time", timed, over: "f16 scan", goal: isGoal ? .atMost(0.85) : nil),
                    comparison.ratio("screened step / dense step, time", timed, over: "dense step"),
                    comparison.ratio("scan of the copy / f16 scan, time", "scan of the copy", over: "f16 scan"),
                    Finding(
                        what: "bytes read by the screened step / f16 scan", unit: "",
                        exact: Double(subject.byteCount) / Double(f16.weightBytes),
                        goal: isGoal ? .atMost(0.55) : nil),
                ], at: 0)
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

    /// One head with its copy.
    private final class Subject {
        let rows: GaussianRows
        let head: Head
        let copy: ScreenCopy
        let workspace: Workspace
        let screened: FilteredProgram
        let dense: Workspace.Program
        private(set) var survivorCount = 0

        init(_ library: KernelLibrary, _ rows: GaussianRows, pair: VariantPair, screen: ScoreVariant) throws {
            self.rows = rows
            let shape = rows.shape
            let weights = try HeadWeights(library, shape: shape) { EncodedRow(rows.row($0), shape: shape) }
            head = try Head(library, weights, pairs: [1: pair])
            copy = try ScreenCopy(library, of: weights, lanesPerRow: pair.scan.lanesPerRow, variant: screen)
            workspace = try Workspace(head, batch: 1)
            try workspace.load([TokenMask.all(vocabularySize: shape.vocabularySize)])
            screened = try workspace.program(.screen(copy, access: .scan))
            dense = try workspace.program(.dense)
        }

        /// Bytes of the copy, of the scores and coefficients as selection reads them twice, and of the survivors' rows.
        var byteCount: Int {
            let V = rows.shape.vocabularySize
            return copy.shape.weightBytes + 16 * V + survivorCount * rows.shape.bytesReadPerRow
        }

        /// Median over states; leaves the last of them in the workspace.
        func survivorShare(length: Float) throws -> Double {
            let V = rows.shape.vocabularySize
            let counts = try (0..<stateCount).map { index in
                try workspace.hidden.write(rows.state(index, length: length), row: 0)
                let expected = try answer { dense.record(into: &$0, longestList: V) }
                let record = try answer { screened.record(into: &$0, longestList: V) }
                guard record.hasSameAnswer(as: expected) else {
                    throw WrongResult(description: "\(rows.shape): screened \(record), dense \(expected)")
                }
                return record.survivorCount
            }
            survivorCount = Int(Statistics.median(counts.map(Double.init)) ?? 0)
            return Double(survivorCount) / Double(V)
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
            let (dense, screened) = (dense, screened)
            let device = head.library.device
            let none = try Buffer(device, byteCount: 16)
            let scores = try Buffer(device, byteCount: V * 4)
            func scan(_ weights: HeadWeights, _ variant: ScoreVariant) throws -> BoundScoreKernel {
                try ScoreKernel(head.library, weights, variant: variant, selection: .scan, output: .scores)
                    .bind(
                        hidden: workspace.hidden, allowed: .storage(none), lists: .storage(none),
                        result: .storage(scores))
            }
            let pair = head.pair(batch: 1)
            let whole = try scan(head.weights, pair.scan)
            let small = try scan(copy.weights, copy.variant)
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
                    "scan of the copy", detail: copy.variant.brief, byteCount: copy.shape.weightBytes, prepare: evict
                ) { recorder, _ in small.record(into: &recorder, .rows(0..<V), resultStride: V) },
                try fixture.candidate(
                    "reuse step", detail: "stored scores, selection, gather", prepare: evict
                ) { recorder, _ in reuse.record(into: &recorder, longestList: V) },
                try fixture.candidate(
                    timed, detail: "scan of the copy, selection, gather", byteCount: byteCount, prepare: evict
                ) { recorder, _ in screened.record(into: &recorder, longestList: V) },
            ]
        }
    }
}
