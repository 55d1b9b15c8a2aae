import QPCore
import QPPlanner

/// Host time of a router's step: choosing among seven plans, and learning from the outcome.
enum PlannerSection {
    private static let armCount = 7
    private static let stepCount = 4096
    private static let permittedMicroseconds = 2.0
    private static let liveName = "livePlanner"

    static func run(_ bench: Bench) throws -> Block {
        let steps = Self.steps(seed: bench.seed)
        let rule = try ThresholdRule(feature: 0, armBelow: 1, armFrom: 0)
        let thresholds = (1...16).map { Double($0) / 17 }
        let candidates = [
            candidate(CostModelRouter(), steps),
            candidate(try CalibratedThresholdRouter(rule: rule, threshold: 0.5), steps),
            candidate(try EpsilonGreedyRouter(armCount: armCount), steps),
            candidate(try LinUCBRouter(armCount: armCount), steps),
            candidate(try LinearThompsonRouter(armCount: armCount), steps),
            candidate(try SlidingWindowLinUCBRouter(armCount: armCount, window: 2000), steps),
            candidate(try RestartLinUCBRouter(armCount: armCount, restartInterval: 2000), steps),
            candidate(
                try ThresholdExpertsRouter(rule: rule, thresholds: thresholds, learningRate: 0.01), steps,
                detail: "\(thresholds.count) thresholds"),
            candidate(try ResidualLinUCBRouter(), steps, detail: "the default"),
            try livePlanner(seed: bench.seed),
        ]
        let comparison = try bench.compare("Planner", candidates)
        return Block(
            section: .planner, title: "Choosing among \(armCount) plans and learning from the outcome, one core",
            series: comparison.series,
            findings: comparison.series.map { series in
                // Planning makes a decision with all its candidates; the goal is the router's.
                let isRouter = series.name != liveName
                return Finding(
                    what: "\(series.name): \(isRouter ? "choose" : "plan") + observe, µs", unit: "",
                    alone: series.alone, all: series.all, goal: isRouter ? .atMost(permittedMicroseconds) : nil)
            },
            notes: ["\(stepCount) steps with different features and prices in turn; the router keeps learning."])
    }

    private struct Step {
        let context: RouterContext
        let losses: SIMD8<Double>
    }

    /// Prices apart by up to 30 %, so that several arms stay in play.
    private static func steps(seed: UInt64) -> [Step] {
        var generator = PhiloxGenerator(seed: seed)
        return (0..<stepCount).map { _ in
            var features = SIMD8<Double>.zero
            var predicted = SIMD8(repeating: Double.infinity)
            var losses = predicted
            for index in 0..<8 { features[index] = generator.uniform() * 0.35 }
            for arm in 0..<armCount {
                predicted[arm] = 0.7 + 0.3 * generator.uniform()
                losses[arm] = predicted[arm] * (0.9 + 0.2 * generator.uniform())
            }
            return Step(context: RouterContext(features: features, predictedLoss: predicted), losses: losses)
        }
    }

    private static func candidate<R: Router>(_ router: R, _ steps: [Step], detail: String = "") -> Candidate {
        var router = router
        var random = PhiloxGenerator(seed: 1)
        var chosen = 0
        return Candidate(name: R.name, detail: detail, load: .short, repetitionCount: steps.count) {
            let reading = Clock.time {
                for step in steps {
                    let choice = router.choose(step.context, using: &random)
                    router.observe(
                        RouterFeedback(context: step.context, choice: choice, loss: step.losses[choice.arm]))
                    chosen += choice.arm
                }
            }
            // Read, so that nothing of the work can be left out.
            guard chosen >= 0 else { throw WrongResult(description: "\(R.name) chose an arm below 0") }
            return reading
        }
    }

    /// The whole of it: one row priced by every plan, routed, and its outcome learnt from.
    private static func livePlanner(seed: UInt64) throws -> Candidate {
        let V = 100_000
        let head = try HeadShape(vocabularySize: V, hiddenSize: 512, elementType: .f16)
        let curves = [(StepName.dense, 10_000_000, 10_000_000), (.sparse, 50_000, 20_000_000)].map { step, from, to in
            CostCurve(
                step: step, batch: 1, pattern: .uniform,
                points: [(1, from), (V, to)].map {
                    .init(allowedTokenCount: $0, nanoseconds: $1, lowNanoseconds: $1, highNanoseconds: $1)
                })
        }
        let model = CostModel(head: head, curves: curves, bytesPerNanosecond: 20)
        var live = try LivePlanner(try Planner(model), router: try ResidualLinUCBRouter())
        var generator = PhiloxGenerator(seed: seed)
        let steps = try (0..<stepCount).map { _ in
            try DecodeStep(head: head, rows: [.init(allowedTokenCount: Int.random(in: 2...V, using: &generator))])
        }
        return Candidate(
            name: liveName, detail: "the default router, \(armCount) plans, one row", load: .short,
            repetitionCount: steps.count
        ) {
            try Clock.time {
                for step in steps {
                    let decision = try live.plan(step)
                    let price = decision.candidates.first { $0.verdict == .chosen }?.cost?.nanoseconds ?? 0
                    live.observe(
                        Observation(
                            decisionID: decision.id, epoch: decision.epoch, plans: [decision.assignments[0].plan],
                            allowedTokenCounts: [step.rows[0].allowedTokenCount], estimatedMicroseconds: 0,
                            durationMicroseconds: Double(price) / 900, survivorCounts: [0], fellBack: [false],
                            margins: [nil], failures: []))
                }
            }
        }
    }
}
