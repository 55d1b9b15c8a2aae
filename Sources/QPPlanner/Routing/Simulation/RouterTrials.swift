/// The experiments that judge routers on worlds of known truth, over seeds: for tests in short, for a command in full.
public enum RouterTrials {
    /// Regret curves of one router over seeds, and the slope through them.
    public struct Growth: Sendable {
        public let horizons: [Int]
        /// Cumulative pseudo-regret, `[seed][horizon]`.
        public let curves: [[Double]]
        /// Nil where some regret is not positive.
        public let exponent: RegretExponent?
    }

    /// Two routers on the same steps.
    public struct Comparison: Sendable {
        /// Pseudo-regret of the first at the end, over seeds.
        public let first: MeanInterval
        /// Of the second.
        public let second: MeanInterval
        /// First − second, seed by seed: below 0 with its whole interval where the first is better for sure.
        public let difference: MeanInterval
    }

    /// What one policy paid, over seeds.
    public struct Outcome: Sendable {
        /// Loss over the oracle's, which knows every mean.
        public let ratioToOracle: MeanInterval
        /// Pseudo-regret, `[seed]`.
        public let regrets: [Double]
    }

    /// Follows a router's regret in a linear world. 2·10⁶ steps, the full run, take about a second.
    /// - Parameter router: made anew for each seed.
    public static func growth<R: Router>(
        _ change: LinearWorld.Change, horizons: [Int], seeds: some Sequence<UInt64>, router: () -> R
    ) -> Growth {
        let curves = seeds.map { seed in
            let world = LinearWorld(change, horizon: horizons[horizons.count - 1], seed: seed)
            var run = RouterRun(world, router(), seed: seed)
            return run.pseudoRegrets(at: horizons)
        }
        return Growth(
            horizons: horizons, curves: curves, exponent: RegretExponent(curves: curves, horizons: horizons))
    }

    /// Compares two routers in a linear world, paired by seed. Nil with fewer than two seeds.
    public static func compare<First: Router, Second: Router>(
        _ change: LinearWorld.Change, horizon: Int, seeds: some Collection<UInt64>, _ first: () -> First,
        _ second: () -> Second
    ) -> Comparison? {
        func regrets<R: Router>(_ router: () -> R) -> [Double] {
            growth(change, horizons: [horizon], seeds: seeds, router: router).curves.map { $0[0] }
        }
        let pairs = Array(zip(regrets(first), regrets(second)))
        guard let firstMean = MeanInterval(pairs.map(\.0)), let secondMean = MeanInterval(pairs.map(\.1)),
            let difference = MeanInterval(pairs.map { $0 - $1 })
        else { return nil }
        return Comparison(first: firstMean, second: secondMean, difference: difference)
    }

    /// A drift of one kernel drawn by seed: dense or gather, launch or bandwidth, ×3…8.
    public static func drift(_ pace: KernelWorld.Drift.Pace, seed: UInt64) -> KernelWorld.Drift {
        guard pace != .none else { return .none }
        // Cases and factors in turn, not at random: 20 seeds then meet every case five times.
        let factors = [3.0, 4, 5, 6.5, 8]
        return KernelWorld.Drift(
            pace: pace, part: seed & 1 == 0 ? .launch : .bandwidth,
            arm: seed & 2 == 0 ? KernelWorld.gatherArm : KernelWorld.denseArm,
            factor: factors[Int(seed / 4 % UInt64(factors.count))])
    }

    /// What a policy pays in a kernel world. Nil with fewer than two seeds.
    /// - Parameter router: made anew for each seed.
    public static func outcome<R: Router>(
        _ pace: KernelWorld.Drift.Pace, horizon: Int, noise: Double = 0.05, outlierShare: Double = 0.003,
        seeds: some Collection<UInt64>, router: () -> R
    ) -> Outcome? {
        let ledgers = seeds.map { seed in
            let world = KernelWorld(
                drift(pace, seed: seed), horizon: horizon, noise: noise, outlierShare: outlierShare, seed: seed)
            var run = RouterRun(world, router(), seed: seed)
            for _ in 0..<horizon { run.step() }
            return run.ledger
        }
        guard let ratio = MeanInterval(ledgers.map(\.ratioToOracle)) else { return nil }
        return Outcome(ratioToOracle: ratio, regrets: ledgers.map(\.pseudoRegret))
    }
}
