internal import QPCore
public import QPPlanner

/// Measured times of one trace's steps under every plan, reuse and rerank among them: what their replay charges.
///
/// A time depends on the step, not on K alone: how many rows an anchor leaves depends on how far the hidden state has
/// moved since. So each step was measured with the anchors that it could have had, 1…``maximumAge`` steps old.
public struct ReuseTable: Codable, Equatable, Sendable {
    /// A step.
    public struct Row: Codable, Equatable, Sendable {
        public var sequence: Int
        public var allowedTokenCount: Int
        /// Readings in microseconds of the plans that need no anchor: `dense`, `sparse`, `screenedRerank`,
        /// `fullRecompute`, in the order of ``ReuseTable/plans``.
        public var microseconds: [[Double]]
        /// Rows that the screen left.
        public var screenSurvivors: Int
        /// `amortizedRerank` with the anchor of each age there is, youngest first.
        public var reuse: [Reuse]
    }

    /// A step that reuses an anchor.
    public struct Reuse: Codable, Equatable, Sendable {
        public var microseconds: [Double]
        /// Rows that the anchor left.
        public var survivors: Int
        /// Whether so many were left that all allowed rows were scored instead.
        public var fellBack: Bool
        /// Whether the anchor alone proves the token, as `amortized` needs.
        public var isProven: Bool
    }

    /// The plans without an anchor.
    public static let plans: [PlanID] = [.dense, .sparse, .screenedRerank, .fullRecompute]

    /// Steps in which some plan gave another token or score than dense; 0 unless a plan is broken.
    public var mismatches: Int
    public var maximumAge: Int
    public var rows: [Row]

    /// Whether a replay can be charged with it, as after loading: rows, and two readings of everything.
    public var isUsable: Bool {
        func areTimes(_ readings: [Double]) -> Bool {
            readings.count >= 2 && readings.allSatisfy { $0 > 0 && $0.isFinite }
        }
        let counts = 0...HeadShape.maximumVocabularySize
        return !rows.isEmpty && (1...1000).contains(maximumAge)
            && rows.allSatisfy { row in
                (1...HeadShape.maximumVocabularySize).contains(row.allowedTokenCount)
                    && row.microseconds.count == Self.plans.count
                    && row.microseconds.allSatisfy(areTimes) && row.reuse.count <= maximumAge
                    && row.reuse.allSatisfy { areTimes($0.microseconds) && counts.contains($0.survivors) }
            }
    }
}

/// Policies over a ``ReuseTable``, and what reuse is worth by the age of its anchor.
///
/// The oracles look at one half of the readings, everybody pays the other half's medians.
public struct ReuseReplay: Codable, Equatable, Sendable {
    /// One policy's way through the trace.
    public struct Outcome: Codable, Equatable, Sendable {
        public var name: String
        public var totalMicroseconds: Double
        /// Share of the steps by plan.
        public var planShares: [String: Double]
        /// Of the steps that reused or screened, the share whose filter held; null where none did.
        @ExplicitNull public var certifiedShare: Double?
    }

    /// Reuse with anchors of one age.
    public struct Age: Codable, Equatable, Sendable {
        /// Steps since the anchor was made.
        public var age: Int
        public var steps: Int
        /// Rows that stayed in play, of all rows allowed at these steps.
        public var survivorShare: Double
        /// Share of the steps whose filter held.
        public var certifiedShare: Double
        /// Share of the steps that needed no score at all.
        public var provenShare: Double
        /// Its time over that of the cheaper of dense and sparse at the same steps, totals.
        public var ratioToScoring: Double
    }

    public var policies: [Outcome]
    public var ages: [Age]
    /// Rows that the screen left, of all allowed rows.
    public var screenSurvivorShare: Double

    private enum Action: Equatable {
        case plan(Int)
        case reuse(age: Int)
    }

    private static let recompute = ReuseTable.plans.firstIndex(of: .fullRecompute)!

    /// - Precondition: a row, and two readings of everything.
    public init(_ table: ReuseTable) {
        let shown = Costs(table, .shown)
        let charged = Costs(table, .charged)
        let rows = table.rows
        func outcome(_ name: String, _ actions: [Action]) -> Outcome {
            var total = 0.0
            var counts: [String: Int] = [:]
            var filtered = 0
            var held = 0
            for (row, action) in actions.enumerated() {
                total += charged[row, action]
                switch action {
                case .plan(let plan):
                    counts[ReuseTable.plans[plan].name, default: 0] += 1
                case .reuse(let age):
                    counts[PlanID.amortizedRerank.name, default: 0] += 1
                    filtered += 1
                    held += rows[row].reuse[age - 1].fellBack ? 0 : 1
                }
            }
            return Outcome(
                name: name, totalMicroseconds: total,
                planShares: counts.mapValues { Double($0) / Double(rows.count) },
                certifiedShare: filtered > 0 ? Double(held) / Double(filtered) : nil)
        }
        func always(_ plan: PlanID) -> [Action] { rows.map { _ in .plan(ReuseTable.plans.firstIndex(of: plan)!) } }
        func cheapest(_ plans: [PlanID]) -> [Action] {
            let plans = plans.map { ReuseTable.plans.firstIndex(of: $0)! }
            return rows.indices.map { row in .plan(plans.min { shown[row, .plan($0)] < shown[row, .plan($1)] }!) }
        }
        policies = [
            outcome("oracle", Self.optimum(table, shown)),
            outcome("oracle, dense or sparse", cheapest([.dense, .sparse])),
            outcome("oracle, with the screen", cheapest([.dense, .sparse, .screenedRerank])),
            outcome("always-dense", always(.dense)), outcome("always-sparse", always(.sparse)),
            outcome("always-screened", always(.screenedRerank)),
        ]
        for interval in 2...(table.maximumAge + 1) {
            policies.append(outcome("recompute every \(interval) steps", Self.periodic(table, interval)))
        }
        ages = (1...table.maximumAge).compactMap { age in
            let reused = rows.indices.filter { rows[$0].reuse.count >= age }
            guard !reused.isEmpty else { return nil }
            let entries = reused.map { rows[$0].reuse[age - 1] }
            let n = Double(entries.count)
            let scoring = reused.reduce(0) { $0 + min(charged[$1, .plan(0)], charged[$1, .plan(1)]) }
            return Age(
                age: age, steps: entries.count,
                survivorShare: Double(entries.reduce(0) { $0 + $1.survivors })
                    / Double(reused.reduce(0) { $0 + rows[$1].allowedTokenCount }),
                certifiedShare: Double(entries.count { !$0.fellBack }) / n,
                provenShare: Double(entries.count { $0.isProven }) / n,
                ratioToScoring: reused.reduce(0) { $0 + charged[$1, .reuse(age: age)] } / scoring)
        }
        screenSurvivorShare =
            Double(rows.reduce(0) { $0 + $1.screenSurvivors }) / Double(rows.reduce(0) { $0 + $1.allowedTokenCount })
    }

    /// Medians of one half.
    private struct Costs {
        private let plans: [[Double]]
        private let reuse: [[Double]]

        init(_ table: ReuseTable, _ half: CostTable.Half) {
            func median(_ all: [Double]) -> Double { Statistics.median(CostTable.readings(all, half))! }
            plans = table.rows.map { $0.microseconds.map(median) }
            reuse = table.rows.map { $0.reuse.map { median($0.microseconds) } }
        }

        subscript(row: Int, action: Action) -> Double {
            switch action {
            case .plan(let plan): plans[row][plan]
            case .reuse(let age): reuse[row][age - 1]
            }
        }
    }

    /// Reuse, and an anchor at each `interval`-th step of a sequence.
    private static func periodic(_ table: ReuseTable, _ interval: Int) -> [Action] {
        var age = 0
        return table.rows.map { row in
            if row.reuse.isEmpty || age + 1 >= interval { age = 0 } else { age += 1 }
            return age == 0 ? .plan(recompute) : .reuse(age: age)
        }
    }

    /// The cheapest way through the trace for who knows all of it: by dynamic programming from the end, since a
    /// recompute pays in later steps. The state is the age of the anchor, 0 for none. O(steps · ages).
    private static func optimum(_ table: ReuseTable, _ costs: Costs) -> [Action] {
        let count = table.rows.count
        let ages = table.maximumAge
        var rest = [[Double]](repeating: [Double](repeating: 0, count: ages + 2), count: count + 1)
        var choice = [[Action]](repeating: [Action](repeating: .plan(0), count: ages + 2), count: count)
        /// The anchor's age at a step, from that before it; an anchor does not outlive its sequence.
        func aged(_ age: Int, at row: Int) -> Int {
            age > 0 && age <= ages && row < count && age <= table.rows[row].reuse.count ? age : 0
        }
        for row in (0..<count).reversed() {
            for age in 0...ages {
                var best = Double.infinity
                var actions = ReuseTable.plans.indices.map { Action.plan($0) }
                if age > 0, age <= table.rows[row].reuse.count { actions.append(.reuse(age: age)) }
                for action in actions {
                    let next = action == .plan(recompute) ? 1 : age > 0 ? age + 1 : 0
                    let cost = costs[row, action] + rest[row + 1][aged(next, at: row + 1)]
                    if cost < best {
                        best = cost
                        choice[row][age] = action
                    }
                }
                rest[row][age] = best
            }
        }
        var age = 0
        return (0..<count).map { row in
            let action = choice[row][age]
            age = aged(action == .plan(recompute) ? 1 : age > 0 ? age + 1 : 0, at: row + 1)
            return action
        }
    }
}
