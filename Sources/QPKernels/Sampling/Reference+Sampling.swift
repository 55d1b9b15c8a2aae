public import QPCore

extension Reference {
    /// The token that ``Sampling`` names, by sorting: what ``SamplerKernels`` must find by searching.
    ///
    /// Scores that are not finite never compete.
    /// - Returns: nil where none is finite.
    public static func sample(
        _ scores: some Sequence<(id: UInt32, score: Float)>, _ sampling: Sampling
    ) -> SampledToken? {
        let sorted = scores.filter { $0.score.isFinite }.sorted {
            $0.score > $1.score || ($0.score == $1.score && $0.id < $1.id)
        }
        guard let best = sorted.first?.score else { return nil }
        let cut = best + sampling.minPOffset
        var kept = sorted.filter { $0.score >= cut }.count
        if let topK = sampling.topK, !sampling.isGreedy { kept = min(kept, topK) }
        if sampling.topPWord != 0 {
            let weights = sorted.map { Noise.weight(distance: best - $0.score, inverse: sampling.inverseTemperature) }
            let product = weights.reduce(0, +).multipliedFullWidth(by: UInt64(sampling.topPWord))
            let needed = product.high << 32 + product.low >> 32 + (product.low & 0xFFFF_FFFF == 0 ? 0 : 1)
            var sum: UInt64 = 0
            let nucleus = weights.prefix { weight in
                defer { sum += weight }
                return sum < needed
            }
            kept = min(kept, nucleus.count)
        }
        let draws = sorted.prefix(kept).map { ($0, perturbed($0.score, id: $0.id, sampling)) }
        let drawn = draws.max { a, b in a.1 < b.1 || (a.1 == b.1 && a.0.id > b.0.id) }!
        let total = sorted.reduce(0) { $0 + Noise.weight(distance: best - $1.score, inverse: 1) }
        return SampledToken(
            token: drawn.0.id, score: drawn.0.score, perturbedScore: drawn.1, keptTokenCount: kept,
            logProbability: SampledToken.logProbability(drawn.0.score, best: best, total: total))
    }

    /// Score plus temperature times noise, rounded as `Shaders/sampling.glsl` does.
    public static func perturbed(_ score: Float, id: UInt32, _ sampling: Sampling) -> Float {
        score + sampling.temperature * Noise.gumbel(sampling, id: id)
    }

    /// The rows that a sampled step must score, ascending: those of ``survivors(scores:coefficients:reach:allowed:)``,
    /// and those that may pass min-p and be drawn, because their perturbed upper end reaches the largest perturbed
    /// lower end among the rows that surely pass.
    public static func sampledSurvivors(
        scores: [Float], coefficients: [Float], reach: Reach, allowed: [UInt32], _ sampling: Sampling
    ) -> [UInt32] {
        let best = Set(survivors(scores: scores, coefficients: coefficients, reach: reach, allowed: allowed).ids)
        let intervals = allowed.map {
            interval(score: scores[Int($0)], coefficient: coefficients[Int($0)], reach: reach)
        }
        func cut(_ best: Float) -> Float { sampling.minPOffset == -.infinity ? -.infinity : best + sampling.minPOffset }
        let sure = cut(intervals.map { $0?.upper ?? .infinity }.max() ?? -.infinity)
        let possible = cut(intervals.map { $0?.lower ?? -.infinity }.max() ?? -.infinity)
        var needed = -Float.infinity
        for (id, interval) in zip(allowed, intervals) {
            if let interval, interval.lower >= sure {
                needed = max(needed, perturbed(interval.lower, id: id, sampling))
            }
        }
        return zip(allowed, intervals).filter { id, interval in
            guard let interval, !best.contains(id) else { return true }
            return interval.upper >= possible && perturbed(interval.upper, id: id, sampling) >= needed
        }.map(\.0)
    }
}
