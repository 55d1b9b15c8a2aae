internal import QPCore
internal import QPDevice
internal import QPKernels
internal import QPPlanner

/// Compares every kernel and step of a head with its reference before anything is timed.
struct Verifier {
    let head: Head
    let rows: SyntheticRows
    let label: String

    /// Rows of W recomputed on the host in float64.
    private static let sampledRowCount = 48

    func verify(_ workspace: Workspace, hidden: [[Float]], steps: [StepName], seed: UInt64) throws {
        let shape = head.shape
        let V = shape.vocabularySize
        let device = head.library.device
        var generator = PhiloxGenerator(seed: seed)
        let scores = try Buffer(device, byteCount: workspace.batch * V * 4, use: .readback)
        try device.run(
            try device.record { recorder throws(DeviceError) in
                try workspace.recordKernel(
                    .scan, into: &recorder, tokenCount: V, rows: 0..<V, set: 0, scores: scores)
                recorder.barrierToHost()
            })
        let all: [Float] = try scores.read(count: workspace.batch * V)
        let lanes = head.pair(batch: workspace.batch).scan.lanesPerRow
        let sampled = [0, V - 1] + (0..<Self.sampledRowCount).map { _ in Int.random(in: 0..<V, using: &generator) }
        for v in sampled {
            let row = rows.row(v)
            for batchRow in 0..<workspace.batch {
                let exact = Reference.score(row, hidden[batchRow], shape: shape).score
                let bound = Reference.errorBound(row, hidden[batchRow], shape: shape, lanesPerRow: lanes)
                let score = all[batchRow * V + v]
                guard abs(Double(score) - exact) <= bound else {
                    throw wrong("scan", workspace, "row \(v) scored \(score), exactly \(exact) ± \(bound)")
                }
            }
        }
        try verifyTopTwo(workspace, all, scores)
        for K in Set([1, min(V, 100), max(1, V / 2), V]).sorted() {
            let masks = (0..<workspace.batch).map { _ in
                IndexPattern.uniform.tokens(K, vocabularySize: V, using: &generator)
            }
            try workspace.load(masks)
            let expected = masks.enumerated().map { batchRow, mask in
                Reference.topTwo(mask.tokens.map { ($0, all[batchRow * V + Int($0)]) })
            }
            try verifyGather(workspace, masks, all)
            for step in steps {
                let program = try workspace.program(step)
                try device.run(
                    try device.record { recorder throws(DeviceError) in
                        program.record(into: &recorder, longestList: K)
                        recorder.barrierToHost()
                    })
                let records = try workspace.readRecords()
                let wrongRow = zip(records, expected).enumerated().first { !$1.0.hasSameAnswer(as: $1.1) }
                if let row = wrongRow {
                    throw wrong(
                        step.rawValue, workspace,
                        "K = \(K), batch row \(row.offset): \(row.element.0), expected "
                            + "\(row.element.1)")
                }
            }
        }
    }

    /// Gathered scores have the bits of the scan's.
    private func verifyGather(_ workspace: Workspace, _ masks: [TokenMask], _ all: [Float]) throws {
        let V = head.shape.vocabularySize
        let device = head.library.device
        let count = masks.reduce(0) { $0 + $1.count }
        let scores = try Buffer(device, byteCount: count * 4, use: .readback)
        try device.run(
            try device.record { recorder throws(DeviceError) in
                try workspace.recordKernel(
                    .gather, into: &recorder, tokenCount: masks.map(\.count).max()!, rows: 0..<1, set: 0,
                    scores: scores)
                recorder.barrierToHost()
            })
        let gathered: [Float] = try scores.read(count: count)
        let expected = masks.enumerated().flatMap { row, mask in mask.tokens.map { all[row * V + Int($0)] } }
        guard let place = zip(gathered, expected).map({ $0.bitPattern == $1.bitPattern }).firstIndex(of: false) else {
            return
        }
        throw wrong("gather", workspace, "entry \(place) scored \(gathered[place]), the scan \(expected[place])")
    }

    /// The best two of all scores, by the reduction alone and fused with the scan, merged by the host.
    private func verifyTopTwo(_ workspace: Workspace, _ all: [Float], _ scores: Buffer) throws {
        let V = head.shape.vocabularySize
        let device = head.library.device
        for kernel in [KernelName.topTwo, .scanTopTwo] {
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    try workspace.recordKernel(
                        kernel, into: &recorder, tokenCount: V, rows: 0..<V, set: 0, scores: scores)
                    recorder.barrierToHost()
                })
            for row in 0..<workspace.batch {
                let found = try workspace.mergedPartials(kernel, row: row)
                let expected = Reference.topTwo((0..<V).map { (UInt32($0), all[row * V + $0]) })
                guard found == expected else {
                    throw wrong(kernel.rawValue, workspace, "batch row \(row): \(found), expected \(expected)")
                }
            }
        }
    }

    private func wrong(_ kernel: String, _ workspace: Workspace, _ detail: String) -> ProfilerError {
        .wrongResult(kernel: kernel, head: label, batch: workspace.batch, detail: detail)
    }
}
