internal import QPCore

/// Every router in every world of known truth, over seeds: `qp-gpu bench routers`.
///
/// Three questions: how regret grows where LinUCB's assumptions hold (T from a hundredth of the horizon on), what
/// forgetting is worth where losses move, and how near to the oracle each stays where one kernel's price drifts.
public struct RouterExperiments: Codable, Equatable, Sendable {
    /// One router in one linear world.
    public struct Growth: Codable, Equatable, Sendable {
        public var router: String
        public var change: LinearWorld.Change
        /// Slope of log pseudo-regret against log T; null where some regret is not positive.
        @ExplicitNull public var exponent: RegretExponent?
        /// Pseudo-regret at the horizon.
        public var regret: MeanInterval
        /// That less plain LinUCB's, seed by seed: below 0 with its whole interval where it is better for sure.
        public var lessLinUCB: MeanInterval
    }

    /// One router in one kernel world.
    public struct Drift: Codable, Equatable, Sendable {
        public var router: String
        public var pace: KernelWorld.Drift.Pace
        /// Loss over the oracle's, which knows every mean.
        public var ratioToOracle: MeanInterval
        /// Pseudo-regret over the calibrated threshold's, both summed over seeds.
        @ExplicitNull public var regretOverThreshold: Double?
    }

    /// T.
    public var horizon: Int
    /// Runs of each, seeds 1, 2, ….
    public var seeds: Int
    /// T at which regret was read for the exponents.
    public var horizons: [Int]
    public var growth: [Growth]
    public var drift: [Drift]

    /// Runs everything: 2·10⁷ steps for each router at 10⁵ and 20 seeds, seven worlds; about a minute and a half.
    /// - Parameters:
    ///   - horizon: at least 1000.
    ///   - seeds: at least 2.
    /// - Returns: nil when `isCancelled` said so.
    public init?(
        horizon: Int, seeds: Int, progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) {
        precondition(horizon >= 1000 && seeds >= 2, "an exponent needs a hundredfold span, an interval two runs")
        self.horizon = horizon
        self.seeds = seeds
        let horizons = RegretExponent.horizons(from: horizon / 100, to: horizon, count: 9)
        self.horizons = horizons
        growth = []
        drift = []
        let contenders = Self.contenders(horizon: horizon)
        let linear = contenders.filter { !$0.needsKernels }
        let paces = KernelWorld.Drift.Pace.allCases
        let total = LinearWorld.Change.allCases.count * linear.count + paces.count * contenders.count
        var done = 0
        /// One figure for each seed; nil when cancelled.
        func runs<Figure>(_ body: (UInt64) -> Figure) -> [Figure]? {
            var figures: [Figure] = []
            for seed in 1...UInt64(seeds) {
                if isCancelled() { return nil }
                figures.append(body(seed))
                progress((Double(done) + Double(seed) / Double(seeds)) / Double(total))
            }
            done += 1
            return figures
        }
        for change in LinearWorld.Change.allCases {
            var plain: [Double] = []
            for contender in linear {
                guard let curves = runs({ contender.linear(change, horizons, $0) }) else { return nil }
                let regrets = curves.map { $0[$0.count - 1] }
                if contender.name == Self.plain { plain = regrets }
                growth.append(
                    Growth(
                        router: contender.name, change: change,
                        exponent: RegretExponent(curves: curves, horizons: horizons), regret: MeanInterval(regrets)!,
                        lessLinUCB: MeanInterval(zip(regrets, plain).map { $0 - $1 })!))
            }
        }
        for pace in paces {
            var threshold: Double?
            for contender in contenders {
                guard let ledgers = runs({ contender.kernel(pace, horizon, $0) }) else { return nil }
                let regret = ledgers.reduce(0) { $0 + $1.pseudoRegret }
                if contender.name == Self.threshold { threshold = regret }
                drift.append(
                    Drift(
                        router: contender.name, pace: pace,
                        ratioToOracle: MeanInterval(ledgers.map(\.ratioToOracle))!,
                        regretOverThreshold: threshold.flatMap { $0 > 0 ? regret / $0 : nil }))
            }
        }
    }

    private static let plain = "LinUCB"
    private static let threshold = "calibrated threshold"

    /// A router, made anew for each run.
    private struct Contender {
        let name: String
        /// Whether it means something only where arms are kernels and a feature is K.
        let needsKernels: Bool
        let linear: (LinearWorld.Change, [Int], UInt64) -> [Double]
        let kernel: (KernelWorld.Drift.Pace, Int, UInt64) -> RegretLedger

        init<R: Router>(_ name: String, needsKernels: Bool = false, _ make: @escaping () throws -> R) {
            self.name = name
            self.needsKernels = needsKernels
            // Cannot throw: the parameters below are within their ranges.
            let router = { try! make() }
            linear = { change, horizons, seed in
                RouterTrials.growth(change, horizons: horizons, seeds: [seed], router: router).curves[0]
            }
            kernel = { pace, horizon, seed in
                let world = KernelWorld(RouterTrials.drift(pace, seed: seed), horizon: horizon, seed: seed)
                var run = RouterRun(world, router(), seed: seed)
                for _ in 0..<horizon { run.step() }
                return run.ledger
            }
        }
    }

    /// LinUCB and the threshold stand before those that are compared with them.
    private static func contenders(horizon: Int) -> [Contender] {
        let arms = KernelWorld.armCount
        let rule = try! ThresholdRule(
            feature: KernelWorld.shareFeature, armBelow: KernelWorld.gatherArm, armFrom: KernelWorld.denseArm)
        // The gather of the kernel world breaks even at this K/V; features are divided by √3 there.
        let breakEven = 0.696 / 3.0.squareRoot()
        let thresholds = (1...16).map { Double($0) / 16 / 3.0.squareRoot() }
        // Five segments a horizon: a window sees a quarter of one, and restarts do not meet the changes by luck.
        return [
            Contender(threshold, needsKernels: true) {
                try CalibratedThresholdRouter(rule: rule, threshold: breakEven)
            },
            Contender(plain) { try LinUCBRouter(armCount: arms) },
            Contender("LinUCB, paper A.1") { try LinUCBRouter(armCount: arms, bound: .paperA1) },
            Contender("linear Thompson") { try LinearThompsonRouter(armCount: arms, posteriorScale: 0.1) },
            Contender("sliding-window LinUCB") {
                try SlidingWindowLinUCBRouter(armCount: arms, window: max(50, horizon / 20))
            },
            Contender("restart LinUCB") {
                try RestartLinUCBRouter(armCount: arms, restartInterval: max(65, horizon * 13 / 200))
            },
            Contender("epsilon-greedy") { try EpsilonGreedyRouter(armCount: arms) },
            Contender("residual-LinUCB (default)") { try ResidualLinUCBRouter() },
            Contender("cost model", needsKernels: true) { CostModelRouter() },
            Contender("threshold experts, A.2", needsKernels: true) {
                try ThresholdExpertsRouter(rule: rule, thresholds: thresholds, learningRate: 0.05)
            },
        ]
    }
}
