internal import QPCore

/// A source of steps whose truth is known, to judge routers by.
public protocol RouterWorld: Sendable {
    /// The next step.
    mutating func next() -> WorldStep
}

/// What a router may see of a step, and what it may not.
public struct WorldStep: Sendable {
    /// What it may see.
    public var context: RouterContext
    /// E[ℓ(a) | context] of every arm; +∞ for one that cannot serve.
    public var expectedLoss: SIMD8<Double>
    /// ℓ(a) of every arm, noise drawn for each.
    public var loss: SIMD8<Double>

    public init(context: RouterContext, expectedLoss: SIMD8<Double>, loss: SIMD8<Double>) {
        self.context = context
        self.expectedLoss = expectedLoss
        self.loss = loss
    }
}

/// A router in a world, with its regret at chosen horizons.
public struct RouterRun<World: RouterWorld, R: Router>: Sendable {
    public private(set) var world: World
    public private(set) var router: R
    public private(set) var ledger = RegretLedger()
    private var random: PhiloxGenerator

    /// - Parameter seed: of the router's draws; the world has its own, so every router meets the same steps.
    public init(_ world: World, _ router: R, seed: UInt64) {
        self.world = world
        self.router = router
        random = PhiloxGenerator(seed: seed)
    }

    /// One step: choose, pay, observe.
    public mutating func step() {
        let step = world.next()
        let choice = router.choose(step.context, using: &random)
        ledger.count(arm: choice.arm, losses: step.loss, expected: step.expectedLoss)
        router.observe(RouterFeedback(context: step.context, choice: choice, loss: step.loss[choice.arm]))
    }

    /// Runs to the last horizon. O(T).
    /// - Returns: cumulative pseudo-regret at each of `horizons`, which ascend.
    public mutating func pseudoRegrets(at horizons: [Int]) -> [Double] {
        horizons.map { horizon in
            while ledger.stepCount < horizon { step() }
            return ledger.pseudoRegret
        }
    }
}
