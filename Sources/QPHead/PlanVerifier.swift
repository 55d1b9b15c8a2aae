internal import QPCore
public import QPDevice
internal import QPKernels
public import QPPlanner

/// Runs every plan on the same steps and compares tokens and scores with dense's.
///
/// Hidden states walk: every eighth step starts anew with a full recompute, which makes the anchor; the steps between
/// move by a thousandth to a tenth of the state's length, so that reuse has something to prove, and allowed sets change
/// at every step. Then each row draws a token by parameters of its own: every other step by all filters, from the plans
/// that score all allowed rows, and otherwise by temperature and min-p, from every plan.
public struct PlanVerifier {
    private let head: Head
    private let workspace: Workspace
    private let scanned: Buffer
    private let gathered: Buffer
    private let anchor: Anchor
    private let refresh: RefreshProgram
    private let filtered: [(plan: PlanID, program: FilteredProgram)]
    private let sampled: SampledPlans

    /// Forms that run from an allowed set and a hidden state alone.
    private static let forms: [StepName] = [.denseSkipping, .sparse, .sparseFromMask]

    /// - Throws: ``DeviceError``.
    public init(_ head: Head, batch: Int) throws(DeviceError) {
        self.head = head
        workspace = try Workspace(head, batch: batch)
        let device = head.library.device
        scanned = try Buffer(device, byteCount: batch * head.shape.vocabularySize * 4)
        gathered = try Buffer(device, byteCount: batch * head.shape.vocabularySize * 4)
        anchor = try Anchor(head, batch: batch)
        refresh = try workspace.refresh(anchor)
        filtered = [
            (.amortized, try workspace.program(.anchor(anchor), tokenOnly: true)),
            (.amortizedRerank, try workspace.program(.anchor(anchor))),
            (.screenedRerank, try workspace.program(.screen(head.screenCopy(), access: .gather))),
        ]
        sampled = try SampledPlans(workspace, anchor, forms: Self.forms)
    }

    /// Steps from one full recompute to the next.
    private static let refreshInterval = 8

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
        var hidden: [[Float]] = []
        for step in 0..<steps {
            if isCancelled() { return report }
            let pattern = IndexPattern.allCases[step % IndexPattern.allCases.count]
            let masks = (0..<batch).map { _ in
                let K = counts?.randomElement(using: &generator) ?? shape.logUniformTokenCount(using: &generator)
                return pattern.tokens(K, vocabularySize: shape.vocabularySize, using: &generator)
            }
            let isFresh = step % Self.refreshInterval == 0
            if isFresh {
                hidden = (0..<batch).map { _ in
                    (0..<shape.hiddenSize).map { _ in Float.random(in: -1...1, using: &generator) }
                }
            } else {
                let drift = [Float(0.001), 0.01, 0.1].randomElement(using: &generator)!
                hidden = hidden.map { $0.map { $0 + drift * Float.random(in: -1...1, using: &generator) } }
            }
            let dense = try workspace.run(.dense, hidden: hidden, allowed: masks)
            for form in Self.forms {
                let records = try workspace.run(form, hidden: hidden, allowed: masks)
                add(records, form.rawValue, step, masks, dense, to: &report)
            }
            let longest = masks.map(\.count).max()!
            for (plan, program) in filtered {
                let records = try recorded { recorder in program.record(into: &recorder, longestList: longest) }
                add(records, plan.name, step, masks, dense, to: &report)
            }
            if isFresh {
                let records = try recorded { recorder in refresh.record(into: &recorder, longestList: longest) }
                add(records, PlanID.fullRecompute.name, step, masks, dense, to: &report)
            }
            try drawTokens(step, isFresh: isFresh, masks, dense, using: &generator, to: &report)
            for row in 0..<batch where masks[row].count == 1 {
                report.add(
                    plan: PlanID.forced.name, step: step, batchRow: row, allowedTokenCount: 1,
                    .init(token: masks[row].tokens.first.map { Int($0) }), dense: dense[row].answer)
            }
            if step < epsilonSteps {
                report.epsilon = max(report.epsilon ?? 0, try epsilon(masks))
            }
            report.steps += 1
            progress(Double(step + 1) / Double(steps))
        }
        return report
    }

    /// Runs what `body` records on the step that the workspace holds.
    private func recorded(_ body: (inout CommandRecorder) -> Void) throws(StepError) -> [StepRecord] {
        do throws(DeviceError) {
            let device = head.library.device
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    body(&recorder)
                    recorder.barrierToHost()
                })
            return try workspace.readRecords()
        } catch {
            throw .device(error)
        }
    }

    /// Draws from every plan, by the same parameters as dense.
    private func drawTokens(
        _ step: Int, isFresh: Bool, _ masks: [TokenMask], _ dense: [StepRecord],
        using generator: inout PhiloxGenerator, to report: inout VerificationReport
    ) throws(StepError) {
        let byAllFilters = step % 2 == 0
        let sampling = dense.map {
            Sampling.random(about: $0.score.magnitude, byAllFilters: byAllFilters, using: &generator)
        }
        do throws(DeviceError) { try workspace.writeSampling(sampling) } catch { throw .device(error) }
        let longest = masks.map(\.count).max()!
        let expected = try recorded { recorder in sampled.dense.record(into: &recorder, longestList: longest) }
        for (name, record) in sampled.plans(byAllFilters: byAllFilters, isFresh: isFresh) {
            let records = try recorded { recorder in record(&recorder, longest) }
            for row in records.indices {
                report.add(
                    plan: name, step: step, batchRow: row, allowedTokenCount: masks[row].count,
                    records[row].drawnAnswer, dense: expected[row].drawnAnswer)
            }
        }
    }

    private func add(
        _ records: [StepRecord], _ plan: String, _ step: Int, _ masks: [TokenMask], _ dense: [StepRecord],
        to report: inout VerificationReport
    ) {
        for row in records.indices {
            report.add(
                plan: plan, step: step, batchRow: row, allowedTokenCount: masks[row].count, records[row].answer,
                dense: dense[row].answer)
        }
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

extension StepRecord {
    /// As far as it is proven, which a record says itself.
    fileprivate var answer: VerificationReport.Answer {
        let scores: [Float] =
            switch proof {
            case .topTwo: [score, runnerUpScore]
            case .token: [score]
            case .tokenUnscored, .nothing: []
            }
        return .init(token: token.map { Int($0) }, runnerUp: runnerUp.map { Int($0) }, scores: scores)
    }

    /// What was drawn.
    fileprivate var drawnAnswer: VerificationReport.Answer {
        .init(token: sampled.map { Int($0.token) }, scores: sampled.map { [$0.score, $0.perturbedScore] } ?? [])
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
