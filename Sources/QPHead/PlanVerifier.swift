internal import QPCore
public import QPDevice
internal import QPKernels
public import QPPlanner

/// Runs every plan on the same steps and compares tokens and scores with dense's.
public struct PlanVerifier {
    private let head: Head
    private let workspace: Workspace
    private let scanned: Buffer
    private let gathered: Buffer

    /// Forms that run from an allowed set and a hidden state alone.
    private static let forms: [StepName] = [.denseSkipping, .sparse, .sparseFromMask]

    /// - Throws: ``DeviceError``.
    public init(_ head: Head, batch: Int) throws(DeviceError) {
        self.head = head
        workspace = try Workspace(head, batch: batch)
        let device = head.library.device
        scanned = try Buffer(device, byteCount: batch * head.shape.vocabularySize * 4)
        gathered = try Buffer(device, byteCount: batch * head.shape.vocabularySize * 4)
    }

    /// Takes `steps` steps with random hidden states.
    /// - Parameters:
    ///   - counts: K to draw from; log-uniform over 1…V where nil.
    ///   - epsilonSteps: the first so many steps also compare all allowed scores of scan and gather.
    /// - Returns: the report; of the steps so far when `isCancelled` said so.
    /// - Throws: ``StepError``.
    public func verify(
        steps: Int, counts: [Int]? = nil, epsilonSteps: Int = 20, seed: UInt64, progress: (Double) -> Void = { _ in },
        isCancelled: () -> Bool = { false }
    ) throws(StepError) -> VerificationReport {
        var report = VerificationReport()
        var generator = PhiloxGenerator(seed: seed)
        let shape = head.shape
        let batch = workspace.batch
        for step in 0..<steps {
            if isCancelled() { return report }
            let pattern = IndexPattern.allCases[step % IndexPattern.allCases.count]
            let masks = (0..<batch).map { _ in
                let K = counts?.randomElement(using: &generator) ?? shape.logUniformTokenCount(using: &generator)
                return pattern.tokens(K, vocabularySize: shape.vocabularySize, using: &generator)
            }
            let hidden = (0..<batch).map { _ in
                (0..<shape.hiddenSize).map { _ in Float.random(in: -1...1, using: &generator) }
            }
            let dense = try workspace.run(.dense, hidden: hidden, allowed: masks)
            for form in Self.forms {
                let records = try workspace.run(form, hidden: hidden, allowed: masks)
                for row in 0..<batch {
                    report.add(
                        plan: form.rawValue, step: step, batchRow: row, allowedTokenCount: masks[row].count,
                        token: records[row].token.map { Int($0) },
                        scores: [records[row].score, records[row].runnerUpScore],
                        denseToken: dense[row].token.map { Int($0) },
                        denseScores: [dense[row].score, dense[row].runnerUpScore])
                }
            }
            for row in 0..<batch where masks[row].count == 1 {
                report.add(
                    plan: PlanID.forced.name, step: step, batchRow: row, allowedTokenCount: 1,
                    token: masks[row].tokens.first.map { Int($0) }, scores: nil,
                    denseToken: dense[row].token.map { Int($0) }, denseScores: [])
            }
            if step < epsilonSteps {
                report.epsilon = max(report.epsilon ?? 0, try epsilon(masks))
            }
            report.steps += 1
            progress(Double(step + 1) / Double(steps))
        }
        return report
    }

    /// Definition 2.1's ε between scan and gather, over the allowed tokens of the step that the workspace holds.
    private func epsilon(_ masks: [TokenMask]) throws(StepError) -> Double {
        let V = head.shape.vocabularySize
        let workspace = workspace
        let (scanned, gathered) = (scanned, gathered)
        var worst = 0.0
        do throws(DeviceError) {
            let device = head.library.device
            let longest = masks.map(\.count).max()!
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    try workspace.recordKernel(
                        .scan, into: &recorder, tokenCount: V, rows: 0..<V, set: 0, scores: scanned)
                    try workspace.recordKernel(
                        .gather, into: &recorder, tokenCount: longest, rows: 0..<V, set: 0, scores: gathered)
                    recorder.barrierToHost()
                })
            var offset = 0
            for (row, mask) in masks.enumerated() {
                let all: [Float] = try scanned.read(count: V, at: row * V * 4)
                let listed: [Float] = try gathered.read(count: mask.count, at: offset * 4)
                offset += mask.count
                let ids = mask.tokens.map { Int($0) }
                let found = EpsilonEquivalence(allowed: ids, first: ids.map { all[$0] }, second: listed)
                worst = max(worst, found.sameToken ? found.greatestScoreDifference : .infinity)
            }
        } catch {
            throw .device(error)
        }
        return worst
    }
}

extension HeadShape {
    /// K with a uniform logarithm over 1…V.
    func logUniformTokenCount(using generator: inout PhiloxGenerator) -> Int {
        // Bits first, then a number of that many bits: uniform enough in the logarithm, and exact.
        let bits = Int.random(in: 0..<(Int.bitWidth - vocabularySize.leadingZeroBitCount), using: &generator)
        return min(vocabularySize, Int.random(in: (1 << bits)..<(2 << bits), using: &generator))
    }
}
