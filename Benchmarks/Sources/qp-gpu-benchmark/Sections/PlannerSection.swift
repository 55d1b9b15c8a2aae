import QPCore
import QPPlanner

/// Host time of a router's step: choosing among seven plans, and learning from the outcome.
enum PlannerSection {
    private static let armCount = 7
    private static let stepCount = 4096
    private static let permittedMicroseconds = 2.0

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
        ]
        let comparison = try bench.compare("Planner", candidates)
        return Block(
            section: .planner, title: "Choosing among \(armCount) plans and learning from the outcome, one core",
            series: comparison.series,
            findings: comparison.series.map { series in
                Finding(
                    what: "\(series.name): choose + observe, µs", unit: "", alone: series.alone, all: series.all,
                    goal: .atMost(permittedMicroseconds))
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
}
