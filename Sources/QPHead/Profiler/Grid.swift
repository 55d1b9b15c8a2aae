internal import QPCore
internal import QPPlanner

/// At which K what is timed.
enum Grid {
    /// 1, 2, 4, … and V.
    static func powers(of base: Int, _ V: Int) -> [Int] {
        var values: [Int] = []
        var K = 1
        while K < V {
            values.append(K)
            K *= base
        }
        return values + [V]
    }

    /// What curves and fits are made from.
    static func fit(
        _ shape: HeadShape, patterns: [IndexPattern], quick: Bool, hasScreen: Bool
    ) -> [(TimedSubject, IndexPattern, Int)] {
        let V = shape.vocabularySize
        let fine = powers(of: quick ? 4 : 2, V)
        // The logarithmic grid is widest where steps cross, so its last stretch gets points of its own.
        let last = quick ? [V / 2, V * 3 / 4] : [V * 3 / 8, V * 5 / 8, V * 3 / 4, V * 7 / 8]
        let grid = Set(fine + last.filter { $0 > 0 }).sorted()
        var result: [(TimedSubject, IndexPattern, Int)] = []
        // Subject by subject: neighbours never share K, so none finds the rows that the last one left in the caches.
        for step in [StepName.sparse, .sparseFromMask, .denseSkipping] {
            for K in grid { result.append((.step(step), .uniform, K)) }
        }
        // Further steps share the time on a coarser grid.
        for step in [StepName.sparseRouted, .amortizedRerank] {
            for K in powers(of: quick ? 64 : 8, V) { result.append((.step(step), .uniform, K)) }
        }
        if hasScreen {
            for K in Set(powers(of: quick ? 8 : 4, V) + last.filter { $0 > 0 }).sorted() {
                result.append((.step(.screenedRerank), .uniform, K))
            }
        }
        for step in [StepName.dense, .fullRecompute] {
            for K in Set([1, max(1, V / 2), V]).sorted() { result.append((.step(step), .uniform, K)) }
        }
        for kernel in KernelName.allCases {
            for K in quick ? grid.filter({ $0 >= 64 || $0 == 1 }) : grid {
                result.append((.kernel(kernel), .uniform, K))
            }
        }
        for pattern in patterns where pattern != .uniform {
            for step in [StepName.sparse, .denseSkipping] {
                for K in powers(of: quick ? 64 : 8, V) { result.append((.step(step), pattern, K)) }
            }
        }
        return result
    }

    /// More K around each crossover found so far.
    static func refined(_ crossovers: [Crossover], batch: Int, V: Int) -> [(TimedSubject, Int)] {
        var result: [(TimedSubject, Int)] = []
        for crossover in crossovers where crossover.batch == batch && crossover.pattern == .uniform {
            guard let K = crossover.allowedTokenCount else { continue }
            for factor in [0.85, 0.95, 1.05, 1.15] {
                let near = min(V, max(1, Int(Double(K) * factor)))
                for step in crossover.between where step != .dense { result.append((.step(step), near)) }
            }
        }
        return result
    }

    /// K drawn log-uniformly off the grid, the same for every kernel and step so that steps can be compared at each.
    static func heldOut(
        _ V: Int, count: Int, seed: UInt64, excluding onGrid: Set<Int>, hasScreen: Bool
    ) -> [(TimedSubject, Int)] {
        var generator = PhiloxGenerator(seed: seed)
        let possible = V - onGrid.count { (1...V).contains($0) }
        var drawn: Set<Int> = []
        while drawn.count < min(count, possible) {
            let K = Int(power(Double(V), generator.uniform()))
            if !onGrid.contains(K), (1...V).contains(K) { drawn.insert(K) }
        }
        let subjects: [TimedSubject] =
            ([.dense, .denseSkipping, .sparse, .sparseFromMask] + (hasScreen ? [.screenedRerank] : [])).map {
                .step($0)
            }
            + KernelName.allCases.map { .kernel($0) }
        return subjects.flatMap { subject in drawn.sorted().map { (subject, $0) } }
    }

    private static func power(_ base: Double, _ exponent: Double) -> Double { exp(exponent * log(base)) }
}

#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#endif
