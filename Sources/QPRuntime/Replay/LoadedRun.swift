internal import QPCore
public import QPHead
public import QPPlanner

/// Policies that take turns on a device while a background load comes and goes: shown, not judged, since no two of them
/// meet the same moment.
public struct LoadedRun: Codable, Equatable, Sendable {
    /// One policy's way through the steps.
    public struct Outcome: Codable, Equatable, Sendable {
        public var name: String
        public var totalMicroseconds: Double
        /// Of the steps with the load off, and on.
        public var quietMicroseconds: Double
        public var loadedMicroseconds: Double
        public var planShares: [String: Double]
    }

    public var steps: Int
    /// Share of the steps with the load on.
    public var loadedShare: Double
    public var threadCount: Int
    public var policies: [Outcome]

    private struct Policy {
        let name: String
        var router: any Router
        var counts: [Int]
        var quiet = 0.0
        var loaded = 0.0

        init(_ name: String, _ router: any Router, armCount: Int) {
            self.name = name
            self.router = router
            counts = [Int](repeating: 0, count: armCount)
        }
    }

    /// Always one arm.
    private struct FixedRouter: Router {
        static let name = "fixed"
        let arm: Int
        mutating func choose(_ context: RouterContext, using random: inout PhiloxGenerator) -> RouterChoice {
            RouterChoice(arm: arm, propensity: 1)
        }
        mutating func observe(_ feedback: RouterFeedback) {}
        func validate() throws(RouterError) {}
    }

    /// Takes `count` steps along the runs, each once by every policy, in an order that rotates; a step's form is timed
    /// with ids drawn anew. Phases of 20…60 steps with and without load alternate, drawn by the seed.
    /// - Parameters:
    ///   - model: calibrated without load; policies that do not learn keep it.
    ///   - runs: K of the steps, by sequence.
    /// - Returns: nil when `isCancelled` said so.
    /// - Throws: ``DeviceError``, ``RouterError``.
    public static func measure(
        _ meter: StepMeter, model: CostModel, runs: [[Int]], count: Int, threadCount: Int, seed: UInt64,
        progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws -> LoadedRun? {
        let forms = PlannerBench.forms
        let V = model.head.vocabularySize
        let unit = Double(model.time(.dense, allowedTokenCount: V, batch: 1)?.nanoseconds ?? 1000) / 1000
        var policies = [
            Policy("always-dense", FixedRouter(arm: forms.firstIndex(of: .dense)!), armCount: forms.count),
            Policy("always-sparse", FixedRouter(arm: forms.firstIndex(of: .sparse)!), armCount: forms.count),
            Policy("cost-model", CostModelRouter(), armCount: forms.count),
            Policy("residual-LinUCB (default)", try ResidualLinUCBRouter(), armCount: forms.count),
            Policy("LinUCB", try LinUCBRouter(armCount: forms.count), armCount: forms.count),
        ]
        var generator = PhiloxGenerator(seed: seed)
        let load = BackgroundLoad(threadCount: threadCount)
        defer { load.end() }
        var isLoaded = false
        var phaseEnd = 0
        var loadedCount = 0
        var steps: [(K: Int, depth: Int)] = []
        while steps.count < count {
            for run in runs.shuffled(using: &generator) { steps += run.enumerated().map { ($1, $0) } }
        }
        for (index, step) in steps.prefix(count).enumerated() {
            if isCancelled() { return nil }
            if index == phaseEnd {
                isLoaded = index > 0 && !isLoaded
                phaseEnd += Int.random(in: 20...60, using: &generator)
                load.switchOn(isLoaded)
            }
            loadedCount += isLoaded ? 1 : 0
            var predicted = SIMD8<Double>(repeating: .infinity)
            for (arm, form) in forms.enumerated() {
                if let time = model.time(form, allowedTokenCount: step.K, batch: 1) {
                    predicted[arm] = Double(max(1, time.nanoseconds)) / 1000 / unit
                }
            }
            let row = DecodeStep.Row(allowedTokenCount: step.K, depth: step.depth)
            let context = RouterContext(
                features: StepFeatures.vector(row, batch: 1, vocabularySize: V), predictedLoss: predicted)
            for turn in policies.indices {
                let policy = (turn + index) % policies.count
                let choice = policies[policy].router.choose(context, using: &generator)
                let readings = try meter.measure(
                    [.init(forms[choice.arm], counts: [step.K])], count: 1, seed: generator.next())
                guard let microseconds = readings?[0][0] else { return nil }
                policies[policy].router.observe(
                    RouterFeedback(context: context, choice: choice, loss: microseconds / unit))
                policies[policy].counts[choice.arm] += 1
                if isLoaded {
                    policies[policy].loaded += microseconds
                } else {
                    policies[policy].quiet += microseconds
                }
            }
            progress(Double(index + 1) / Double(count))
        }
        return LoadedRun(
            steps: count, loadedShare: Double(loadedCount) / Double(count), threadCount: load.threadCount,
            policies: policies.map { policy in
                Outcome(
                    name: policy.name, totalMicroseconds: policy.quiet + policy.loaded,
                    quietMicroseconds: policy.quiet, loadedMicroseconds: policy.loaded,
                    planShares: Dictionary(
                        uniqueKeysWithValues: zip(forms, policy.counts).map {
                            ($0.rawValue, Double($1) / Double(count))
                        }))
            })
    }
}
