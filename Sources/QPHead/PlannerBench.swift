public import QPCore
internal import QPDevice
public import QPKernels
public import QPPlanner

/// Measures on the device what a replay of K sequences is charged with: a cost model's calibration, the times of every
/// form at every K of the sequences, and batches whose rows are drawn from them.
public struct PlannerBench {
    /// How much to measure.
    public struct Plan: Sendable {
        /// Readings of each form at each K; 20 or more where figures are to stand.
        public var samples: Int
        /// Batch sizes whose partition is measured.
        public var batches: [Int]
        /// Batches drawn for each size.
        public var draws: Int
        public var seed: UInt64

        public init(samples: Int, batches: [Int], draws: Int, seed: UInt64) {
            self.samples = samples
            self.batches = batches
            self.draws = draws
            self.seed = seed
        }
    }

    /// What was measured.
    public struct Result: Sendable {
        /// The calibration.
        public var curves: [CostCurve]
        public var table: CostTable
        public var batches: [BatchReplay]
        /// The head with the variants that were tuned for it.
        public var head: Head
    }

    /// Batches of one size, served in three ways; total microseconds of the same draws.
    public struct BatchReplay: Codable, Equatable, Sendable {
        public var batch: Int
        public var draws: Int
        public var scanForAllMicroseconds: Double
        public var gatherEachMicroseconds: Double
        /// As the planner partitions them, by its cost model alone.
        public var partitionMicroseconds: Double
        /// The cheapest of the three at each draw, known afterwards.
        public var oracleMicroseconds: Double
        /// Partition over the better of scan-for-all and gather-each: one number for each draw's share of the total.
        public var ratio: Double
        /// 95 % interval of `ratio`, by bootstrap over the draws.
        public var lowRatio: Double
        public var highRatio: Double
        /// Share of the draws by the accesses that the partition used, for example `scanForAll + gatherEach`.
        public var shares: [String: Double]
    }

    /// The arms of a replay.
    public static let forms: [StepName] = [.dense, .denseSkipping, .sparse]

    private let library: KernelLibrary
    private let weights: HeadWeights

    public init(_ library: KernelLibrary, _ weights: HeadWeights) {
        self.library = library
        self.weights = weights
    }

    /// Tunes, calibrates, and measures. Nil when `isCancelled` said so.
    /// - Parameter counts: K of all steps.
    /// - Throws: ``DeviceError``, ``PlanningError``.
    public func measure(
        counts: [Int], plan: Plan, report: (String, Double) -> Void, isCancelled: @escaping () -> Bool
    ) throws -> Result? {
        let sizes = [1] + plan.batches.filter { $0 > 1 }
        var pairs: [Int: VariantPair] = [:]
        for batch in sizes {
            report("tuning for batch \(batch)", 0)
            guard
                let tuned = try Tuner(library, weights).tune(
                    batch: batch, lanesPerRow: pairs[1]?.scan.lanesPerRow, seconds: 6, seed: plan.seed,
                    isCancelled: isCancelled)
            else { return nil }
            pairs[batch] = tuned.pair
        }
        let head = try Head(library, weights, pairs: pairs)
        let meter = try StepMeter(head)
        guard
            let curves = try calibrate(meter, sizes, plan, report, isCancelled),
            let table = try table(meter, Set(counts).sorted(), plan, report, isCancelled)
        else { return nil }
        let model = CostModel(head: weights.shape, curves: curves, bytesPerNanosecond: nil)
        var batches: [BatchReplay] = []
        for batch in sizes where batch > 1 {
            guard let replay = try measureBatches(meter, model, counts, batch, plan, report, isCancelled) else {
                return nil
            }
            batches.append(replay)
        }
        return Result(curves: curves, table: table, batches: batches, head: head)
    }

    /// Curves on a coarse grid, apart from the table.
    private func calibrate(
        _ meter: StepMeter, _ sizes: [Int], _ plan: Plan, _ report: (String, Double) -> Void,
        _ isCancelled: () -> Bool
    ) throws -> [CostCurve]? {
        let V = weights.shape.vocabularySize
        var grid = Array(sequence(first: 1) { $0 * 4 < V ? $0 * 4 : nil })
        grid += [V / 2, V * 3 / 4, V * 7 / 8, V].filter { $0 > 0 && !grid.contains($0) }
        var tasks: [StepMeter.Task] = []
        for batch in sizes {
            for form in Self.forms {
                for K in Set(grid).sorted() {
                    tasks.append(.init(form, counts: [Int](repeating: K, count: batch)))
                }
            }
        }
        let readings = try meter.measure(
            tasks, count: max(5, plan.samples / 3), seed: plan.seed ^ 0xCA11, progress: { report("calibrating", $0) },
            isCancelled: isCancelled)
        guard let readings else { return nil }
        let series = zip(tasks, readings).map { task, values in
            SampleSeries(
                subject: .step(task.form!), batch: task.counts.count, pattern: .uniform,
                allowedTokenCount: task.counts[0], role: .fit, coldRows: true, durationsMicroseconds: values,
                blocks: Array(values.indices), droppedCount: 0, disturbedCount: 0)
        }
        let bootstrap = BlockBootstrap(seed: plan.seed, replicateCount: 50)
        return sizes.flatMap { batch in
            Self.forms.compactMap { form in
                MonotoneCurve(step: form, batch: batch, pattern: .uniform, samples: series, bootstrap: bootstrap)?
                    .curve
            }
        }
    }

    private func table(
        _ meter: StepMeter, _ distinct: [Int], _ plan: Plan, _ report: (String, Double) -> Void,
        _ isCancelled: () -> Bool
    ) throws -> CostTable? {
        let tasks = distinct.flatMap { K in Self.forms.map { StepMeter.Task($0, counts: [K]) } }
        let readings = try meter.measure(
            tasks, count: plan.samples, seed: plan.seed,
            progress: { report("timing \(distinct.count) values of K", $0) },
            isCancelled: isCancelled)
        guard let readings else { return nil }
        return CostTable(
            forms: Self.forms,
            rows: distinct.enumerated().map { index, K in
                let first = index * Self.forms.count
                return .init(
                    allowedTokenCount: K, microseconds: Array(readings[first..<(first + Self.forms.count)]))
            })
    }

    private func measureBatches(
        _ meter: StepMeter, _ model: CostModel, _ counts: [Int], _ batch: Int, _ plan: Plan,
        _ report: (String, Double) -> Void, _ isCancelled: () -> Bool
    ) throws -> BatchReplay? {
        var generator = PhiloxGenerator(seed: plan.seed ^ UInt64(batch))
        var planner = try Planner(model)
        var totals: [(scan: Double, gather: Double, partition: Double)] = []
        var shares: [String: Double] = [:]
        for draw in 0..<plan.draws {
            let drawn = (0..<batch).map { _ in counts.randomElement(using: &generator)! }
            let step = try DecodeStep(head: weights.shape, rows: drawn.map { .init(allowedTokenCount: $0) })
            let decision = try planner.plan(step)
            var tasks = [StepMeter.Task(.dense, counts: drawn), StepMeter.Task(.sparse, counts: drawn)]
            let parts = decision.assignments.map { part in
                StepMeter.Task(part.form ?? .sparse, counts: part.rows.map { drawn[$0] })
            }
            // What equals a pure plan is the same task, timed once.
            for part in parts where !tasks.contains(part) { tasks.append(part) }
            let readings = try meter.measure(
                tasks, count: 3, seed: plan.seed &+ UInt64(draw), isCancelled: isCancelled)
            guard let medians = readings?.map({ Statistics.median($0)! }) else { return nil }
            let time = Dictionary(zip(tasks, medians), uniquingKeysWith: { first, _ in first })
            totals.append((medians[0], medians[1], parts.reduce(0) { $0 + time[$1]! }))
            let name = Set(decision.assignments.map { ($0.access?.rawValue) ?? $0.plan.name }).sorted()
                .joined(separator: " + ")
            shares[name, default: 0] += 1 / Double(plan.draws)
            report("batches of \(batch)", Double(draw + 1) / Double(plan.draws))
        }
        func ratio(_ chosen: [(scan: Double, gather: Double, partition: Double)]) -> Double {
            let sums = chosen.reduce((0.0, 0.0, 0.0)) { ($0.0 + $1.scan, $0.1 + $1.gather, $0.2 + $1.partition) }
            return sums.2 / min(sums.0, sums.1)
        }
        let replicates = (0..<400).map { _ in
            ratio((0..<totals.count).map { _ in totals.randomElement(using: &generator)! })
        }
        return BatchReplay(
            batch: batch, draws: totals.count, scanForAllMicroseconds: totals.reduce(0) { $0 + $1.scan },
            gatherEachMicroseconds: totals.reduce(0) { $0 + $1.gather },
            partitionMicroseconds: totals.reduce(0) { $0 + $1.partition },
            oracleMicroseconds: totals.reduce(0) { $0 + min($1.scan, $1.gather, $1.partition) }, ratio: ratio(totals),
            lowRatio: Statistics.quantile(replicates, at: 0.025)!,
            highRatio: Statistics.quantile(replicates, at: 0.975)!,
            shares: shares)
    }
}
