/// What a figure should reach.
struct Goal: Encodable {
    enum Direction: String, Encodable {
        case atLeast
        case atMost
    }
    let direction: Direction
    let bound: Double

    static func atLeast(_ bound: Double) -> Goal { Goal(direction: .atLeast, bound: bound) }
    static func atMost(_ bound: Double) -> Goal { Goal(direction: .atMost, bound: bound) }

    func isReached(by value: Double) -> Bool { direction == .atLeast ? value >= bound : value <= bound }
}

/// A figure drawn from measurements: a ratio, an error, an amount of memory.
struct Finding: Encodable {
    let what: String
    let unit: String
    /// From samples that had their cores.
    let alone: Summary?
    let all: Summary?
    let goal: Goal?

    /// Fewer samples than this decide nothing.
    static let minimumCount = 5

    enum Verdict: String, Encodable {
        case reached
        case notReached = "not reached"
        case undecided
    }

    /// A figure that needs no repetition.
    init(what: String, unit: String, exact value: Double, goal: Goal?) {
        let summary = Summary([value])
        self.init(what: what, unit: unit, alone: summary, all: summary, goal: goal, isExact: true)
    }

    init(what: String, unit: String, alone: Summary?, all: Summary?, goal: Goal?, isExact: Bool = false) {
        self.what = what
        self.unit = unit
        self.alone = alone
        self.all = all
        self.goal = goal
        self.isExact = isExact
    }

    let isExact: Bool

    var verdict: Verdict? {
        guard let goal else { return nil }
        guard let alone, isExact || alone.count >= Self.minimumCount else { return .undecided }
        return goal.isReached(by: alone.median) ? .reached : .notReached
    }

    func scaled(by factor: Double) -> Finding {
        Finding(
            what: what, unit: unit, alone: alone?.scaled(by: factor), all: all?.scaled(by: factor), goal: goal,
            isExact: isExact)
    }

    private enum CodingKeys: String, CodingKey {
        case what
        case unit
        case alone
        case all
        case goal
        case verdict
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(what, forKey: .what)
        try container.encode(unit, forKey: .unit)
        try container.encode(alone, forKey: .alone)
        try container.encode(all, forKey: .all)
        try container.encode(goal, forKey: .goal)
        try container.encode(verdict, forKey: .verdict)
    }
}

extension Summary {
    /// The same sample in another unit.
    func scaled(by factor: Double) -> Summary { Summary(median: median * factor, spread: spread, count: count) }

    private init(median: Double, spread: Double, count: Int) {
        self.median = median
        self.spread = spread
        self.count = count
    }
}

/// A table of the output: what was timed together, and what follows.
struct Block: Encodable {
    let section: Section
    let title: String
    var series: [Series] = []
    var findings: [Finding] = []
    /// Sentences under the table.
    var notes: [String] = []
}

/// Everything one run has to say.
struct Report: Encodable {
    /// Where and how it was measured.
    struct Context: Encodable {
        let date: String
        let device: String
        let driver: String
        let isSoftware: Bool
        let hostProcessor: String
        let hostThreadCount: Int
        let openBLAS: String
        let timingMethod: String
        let secondsPerComparison: Double
        let isQuick: Bool
    }

    static let schemaVersion = 1
    let schemaVersion = Self.schemaVersion
    let context: Context
    var blocks: [Block] = []

    var undecidedCount: Int { count(.undecided) }
    func count(_ verdict: Finding.Verdict) -> Int {
        blocks.reduce(0) { $0 + $1.findings.count { $0.verdict == verdict } }
    }
}
