internal import QPCore

/// Policies that choose a step's form along K sequences, charged with measured times.
public struct Replay: Sendable {
    /// What was measured.
    public let table: CostTable
    /// What the cost model was calibrated with, apart from the table.
    public let model: CostModel
    /// The steps in order, as rows of the table, with their depth in their run.
    private let steps: [(row: Int, depth: Int)]
    private let world: DriftWorld
    private let seed: UInt64
    private let shown: [SIMD8<Double>]
    private let charged: [SIMD8<Double>]
    /// The cheapest form's least time: what a launch costs.
    private let launch: Double

    /// One policy's way through the steps.
    public struct Outcome: Codable, Equatable, Sendable {
        public var name: String
        public var totalMicroseconds: Double
        /// Total less the oracle's.
        public var dynamicRegretMicroseconds: Double
        /// Total less that of the best fixed form; below 0 where it pays to choose by K.
        public var staticRegretMicroseconds: Double
        /// Share of the steps that each form took.
        public var planShares: [String: Double]
    }

    /// Takes runs in an order drawn by the seed until there are `stepCount` steps. Steps with K = 0, at which a
    /// constraint is at its end, run no head and are left out.
    /// - Parameter runs: K of each step, each K in the table.
    public init(
        _ table: CostTable, model: CostModel, runs: [[Int]], stepCount: Int, world: DriftWorld, seed: UInt64
    ) {
        self.table = table
        self.model = model
        self.world = world
        self.seed = seed
        shown = table.medians(.shown)
        charged = table.medians(.charged)
        launch = shown.map { $0.min() }.min() ?? 0
        var generator = PhiloxGenerator(seed: seed)
        var steps: [(row: Int, depth: Int)] = []
        let index = Dictionary(uniqueKeysWithValues: table.rows.enumerated().map { ($1.allowedTokenCount, $0) })
        let usable = runs.map { $0.filter { $0 > 0 } }.filter { !$0.isEmpty }
        precondition(!usable.isEmpty, "a replay needs a step")
        while steps.count < stepCount {
            for run in usable.shuffled(using: &generator) {
                for (depth, K) in run.enumerated() where steps.count < stepCount {
                    steps.append((index[K]!, depth))
                }
            }
        }
        self.steps = steps
    }

    /// Share of the steps whose cheapest form is another under the whole drift of `world`: how much of the sequences'
    /// mass K\* crosses.
    static func crossedShare(_ world: DriftWorld, _ table: CostTable, runs: [[Int]]) -> Double {
        let medians = table.medians(.shown)
        let launch = medians.map { $0.min() }.min() ?? 0
        var changed: [Int: Bool] = [:]
        for (row, before) in zip(table.rows, medians) {
            var after = before
            for (arm, form) in table.forms.enumerated() {
                after[arm] = world.apply(before[arm], form: form, launch: launch, factor: world.factor)
            }
            changed[row.allowedTokenCount] = after.leastIndex != before.leastIndex
        }
        let counts = runs.flatMap { $0 }.filter { $0 > 0 }
        return Double(counts.count { changed[$0] == true }) / Double(max(1, counts.count))
    }

    /// Times of all forms at a step, drifted.
    private func times(_ medians: [SIMD8<Double>], at step: Int) -> SIMD8<Double> {
        let factor = world.factor(at: step, of: steps.count)
        var result = medians[steps[step].row]
        guard factor != 1 else { return result }
        for (arm, form) in table.forms.enumerated() {
            result[arm] = world.apply(result[arm], form: form, launch: launch, factor: factor)
        }
        return result
    }

    /// What a router sees of a step, but for the predictions.
    private func features(at step: Int) -> RouterContext {
        let K = table.rows[steps[step].row].allowedTokenCount
        let previous = step > 0 && steps[step].depth > 0 ? table.rows[steps[step - 1].row].allowedTokenCount : K
        let churn = Double(abs(K - previous)) / Double(max(K, previous))
        let row = DecodeStep.Row(allowedTokenCount: K, depth: steps[step].depth, churn: churn)
        return RouterContext(
            features: StepFeatures.vector(row, batch: 1, vocabularySize: model.head.vocabularySize),
            predictedLoss: SIMD8(repeating: .infinity))
    }

    /// What routers take as the unit of losses: the scan's time by the calibrated model, as C is counted in dense
    /// steps.
    private var denseMicroseconds: Double {
        let V = model.head.vocabularySize
        return model.time(.dense, allowedTokenCount: V, batch: 1).map { Double(max(1, $0.nanoseconds)) / 1000 } ?? 1
    }

    /// Losses of each form for each row of the table by the calibrated model, never of the drifted world.
    private var predictions: [SIMD8<Double>] {
        table.rows.map { row in
            var result = SIMD8<Double>(repeating: .infinity)
            for (arm, form) in table.forms.enumerated() {
                guard let time = model.time(form, allowedTokenCount: row.allowedTokenCount, batch: 1) else { continue }
                result[arm] = Double(max(1, time.nanoseconds)) / 1000 / denseMicroseconds
            }
            return result
        }
    }

    /// Runs every policy over the same steps.
    public func run() throws(RouterError) -> [Outcome] {
        let walker = Walker(self)
        var outcomes: [Outcome] = []
        func add(_ name: String, _ choose: (Int) -> Int) { outcomes.append(walker.outcome(name, choose)) }
        add("oracle") { walker.shown[$0].leastIndex }
        for (name, form) in [("always-dense", StepName.dense), ("always-sparse", .sparse)] {
            if let arm = table.forms.firstIndex(of: form) { add(name) { _ in arm } }
        }
        let totals = walker.shown.reduce(SIMD8<Double>.zero, +)
        add("best-fixed") { _ in totals.leastIndex }
        let bestFixed = outcomes[outcomes.count - 1].totalMicroseconds
        try outcomes.append(contentsOf: thresholds(walker))
        outcomes.append(walker.outcome("cost-model", CostModelRouter(), seed: seed))
        outcomes.append(walker.outcome("residual-LinUCB (default)", try ResidualLinUCBRouter(), seed: seed))
        let arms = table.forms.count
        outcomes.append(walker.outcome("LinUCB", try LinUCBRouter(armCount: arms), seed: seed))
        outcomes.append(
            walker.outcome("LinUCB, paper A.1", try LinUCBRouter(armCount: arms, bound: .paperA1), seed: seed))
        outcomes.append(walker.outcome("linear Thompson", try LinearThompsonRouter(armCount: arms), seed: seed))
        outcomes.append(
            walker.outcome(
                "sliding-window LinUCB", try SlidingWindowLinUCBRouter(armCount: arms, window: 400), seed: seed))
        outcomes.append(
            walker.outcome("restart LinUCB", try RestartLinUCBRouter(armCount: arms, restartInterval: 800), seed: seed))
        outcomes.append(walker.outcome("epsilon-greedy", try EpsilonGreedyRouter(armCount: arms), seed: seed))
        if let rule {
            let taus = stride(from: 1.0 / 16, through: 1, by: 1.0 / 16).map { $0 * StepFeatures.scale * 1.0001 }
            outcomes.append(
                walker.outcome(
                    "threshold experts, A.2",
                    try ThresholdExpertsRouter(rule: rule, thresholds: taus, learningRate: 0.05), seed: seed))
        }
        let oracle = outcomes[0].totalMicroseconds
        for index in outcomes.indices {
            outcomes[index].dynamicRegretMicroseconds = outcomes[index].totalMicroseconds - oracle
            outcomes[index].staticRegretMicroseconds = outcomes[index].totalMicroseconds - bestFixed
        }
        return outcomes
    }

    private var rule: ThresholdRule? {
        guard let sparse = table.forms.firstIndex(of: .sparse), let dense = table.forms.firstIndex(of: .dense) else {
            return nil
        }
        return try? ThresholdRule(feature: StepFeatures.Lane.logTokenCount.rawValue, armBelow: sparse, armFrom: dense)
    }

    /// The threshold of the old profile, and one that is measured again after every ``recalibrationInterval`` steps:
    /// both arms at that many K of the sequences, as the world then is. Nobody is charged for these readings.
    private func thresholds(_ walker: Walker) throws(RouterError) -> [Outcome] {
        guard let rule else { return [] }
        func value(_ step: Int) -> Double { walker.contexts[step].features[rule.feature] }
        var samples: [CalibratedThresholdRouter.Sample] = []
        for step in walker.contexts.indices {
            for arm in [rule.armBelow, rule.armFrom] {
                samples.append(.init(value: value(step), arm: arm, loss: walker.contexts[step].predictedLoss[arm]))
            }
        }
        var router = try CalibratedThresholdRouter(rule: rule, threshold: 0)
        try router.recalibrate(samples)
        let old = walker.outcome("calibrated-threshold", router, seed: seed)
        var random = PhiloxGenerator(seed: seed)
        let again = walker.outcome("recalibrated-threshold") { step in
            if step > 0, step % Self.recalibrationInterval == 0 {
                let latest = (0..<Self.recalibrationSamples).flatMap { _ in
                    let at = Int.random(in: max(0, step - Self.recalibrationInterval)..<step, using: &random)
                    return [rule.armBelow, rule.armFrom].map {
                        CalibratedThresholdRouter.Sample(
                            value: value(at), arm: $0, loss: walker.observed[at][$0])
                    }
                }
                try? router.recalibrate(latest)
            }
            return router.choose(walker.contexts[step], using: &random).arm
        }
        return [old, again]
    }

    /// As many readings as a router gets in the same steps: two arms at half as many K.
    private static let recalibrationInterval = 200
    private static let recalibrationSamples = recalibrationInterval / 2

    /// What all policies of one replay share, computed once.
    private struct Walker {
        let forms: [StepName]
        let contexts: [RouterContext]
        /// What the oracle sees and what all pay, in microseconds; one reading of the charged half, in dense steps,
        /// which routers learn from.
        let shown: [SIMD8<Double>]
        let charged: [SIMD8<Double>]
        let observed: [SIMD8<Double>]

        init(_ replay: Replay) {
            forms = replay.table.forms
            let predictions = replay.predictions
            let unit = replay.denseMicroseconds
            var random = PhiloxGenerator(seed: replay.seed ^ 0x0B5E)
            var contexts: [RouterContext] = []
            var observed: [SIMD8<Double>] = []
            var shown: [SIMD8<Double>] = []
            var charged: [SIMD8<Double>] = []
            for step in replay.steps.indices {
                let row = replay.steps[step].row
                var context = replay.features(at: step)
                context.predictedLoss = predictions[row]
                contexts.append(context)
                shown.append(replay.times(replay.shown, at: step))
                charged.append(replay.times(replay.charged, at: step))
                let factor = replay.world.factor(at: step, of: replay.steps.count)
                var reading = SIMD8<Double>(repeating: .infinity)
                for (arm, form) in forms.enumerated() {
                    let readings = CostTable.readings(replay.table.rows[row].microseconds[arm], .charged)
                    reading[arm] =
                        replay.world.apply(
                            readings.randomElement(using: &random)!, form: form, launch: replay.launch, factor: factor)
                        / unit
                }
                observed.append(reading)
            }
            self.contexts = contexts
            self.shown = shown
            self.charged = charged
            self.observed = observed
        }

        func outcome(_ name: String, _ choose: (Int) -> Int) -> Outcome {
            var total = 0.0
            var counts = [Int](repeating: 0, count: forms.count)
            for step in contexts.indices {
                let arm = choose(step)
                counts[arm] += 1
                total += charged[step][arm]
            }
            return Outcome(
                name: name, totalMicroseconds: total, dynamicRegretMicroseconds: 0, staticRegretMicroseconds: 0,
                planShares: Dictionary(
                    uniqueKeysWithValues: zip(forms, counts).map {
                        ($0.rawValue, Double($1) / Double(contexts.count))
                    }))
        }

        func outcome(_ name: String, _ router: some Router, seed: UInt64) -> Outcome {
            var router = router
            var random = PhiloxGenerator(seed: seed ^ 0x40)
            return outcome(name) { step in
                let context = contexts[step]
                let choice = router.choose(context, using: &random)
                router.observe(RouterFeedback(context: context, choice: choice, loss: observed[step][choice.arm]))
                return choice.arm
            }
        }
    }
}

extension SIMD8 where Scalar == Double {
    /// Position of the least element, the first where two are equal.
    fileprivate var leastIndex: Int {
        var least = 0
        for index in 1..<8 where self[index] < self[least] { least = index }
        return least
    }
}
