import QPCore

extension Crossover {
    /// Two steps count as equally fast while the slower one takes at most 21/20 of the faster: 5 %, the width of the
    /// indifference band.
    static let indifference = (slower: 21, faster: 20)

    /// K\* between two steps with its interval, band, price of a wrong choice and held-out check.
    ///
    /// The interval is the central 95 % of K\* over the bootstrap replicates of both curves, drawn with the same
    /// blocks. A replicate without K\* counts as V where `first` is always cheaper and as 1 where `second` is, so an
    /// interval that ends there says that there may be none.
    ///
    /// - Parameters:
    ///   - first: the curve of the step that should be cheaper at small K.
    ///   - second: the curve of the other one; its replicates must come from the same bootstrap.
    ///   - samples: where held-out series are looked for. A held-out K counts if both steps were timed at it.
    /// - Complexity: O(replicates · points · log V).
    init(
        first: MonotoneCurve, second: MonotoneCurve, vocabularySize: Int, samples: [SampleSeries]
    ) {
        let comparison = CurveComparison(first: first.curve, second: second.curve, vocabularySize: vocabularySize)
        self.init(
            between: [first.curve.step, second.curve.step], batch: first.curve.batch, pattern: first.curve.pattern,
            allowedTokenCount: nil, reason: nil, low: nil, high: nil, bandLow: nil, bandHigh: nil,
            wrongChoiceRatioAtHalf: nil, wrongChoiceRatioAtDouble: nil, heldOutCorrectShare: nil, heldOutCount: 0)
        switch comparison.outcome {
        case .none(let reason):
            self.reason = reason
        case .at(let crossing):
            allowedTokenCount = crossing
            fillInterval(around: crossing, first, second, vocabularySize: vocabularySize)
            fillBand(around: crossing, comparison)
            let double = min(2 * crossing, vocabularySize)
            wrongChoiceRatioAtHalf = comparison.ratioOfSecondToFirst(at: max(1, crossing / 2))
            wrongChoiceRatioAtDouble = 1 / comparison.ratioOfSecondToFirst(at: double)
        }
        fillHeldOut(comparison, samples)
    }

    private mutating func fillInterval(
        around crossing: Int, _ first: MonotoneCurve, _ second: MonotoneCurve, vocabularySize: Int
    ) {
        let crossings = first.replicates.indices.map { index in
            let comparison = CurveComparison(
                first: first.replicate(index), second: second.replicate(index), vocabularySize: vocabularySize)
            return Double(comparison.smallestTokenCount() ?? vocabularySize)
        }
        let interval = BlockBootstrap.interval(of: crossings, level: 0.95)
        low = min(crossing, Int(interval.lowerBound))
        high = max(crossing, Int(interval.upperBound.rounded(.up)))
    }

    private mutating func fillBand(around crossing: Int, _ comparison: CurveComparison) {
        let (slower, faster) = Self.indifference
        // slower·first ≥ faster·second: from here on `first` is less than 5 % cheaper.
        bandLow = comparison.smallestTokenCount(where: slower, timesFirstExceeds: faster) ?? crossing
        // faster·first > slower·second: from here on `second` is more than 5 % cheaper.
        let beyond = comparison.smallestTokenCount(
            from: crossing, where: faster, timesFirstExceeds: slower, timesSecondBy: 1)
        bandHigh = beyond.map { max(crossing, $0 - 1) } ?? comparison.vocabularySize
    }

    private mutating func fillHeldOut(_ comparison: CurveComparison, _ samples: [SampleSeries]) {
        func measured(_ curve: CostCurve) -> [Int: Double] {
            let entries = samples.byTokenCount(
                .step(curve.step), batch: batch, pattern: curve.pattern, role: .heldOut)
            return Dictionary(uniqueKeysWithValues: entries.map { ($0.allowedTokenCount, $0.sample.median) })
        }
        let secondMedians = measured(comparison.second)
        var correct = 0
        for (k, firstMedian) in measured(comparison.first) {
            guard let secondMedian = secondMedians[k], !isIndifferent(at: k, comparison) else { continue }
            heldOutCount += 1
            if (comparison.ratioOfSecondToFirst(at: k) > 1) == (firstMedian < secondMedian) { correct += 1 }
        }
        heldOutCorrectShare = heldOutCount == 0 ? nil : Double(correct) / Double(heldOutCount)
    }

    private func isIndifferent(at k: Int, _ comparison: CurveComparison) -> Bool {
        if let bandLow, let bandHigh, (bandLow...bandHigh).contains(k) { return true }
        let (slower, faster) = Self.indifference
        let first = comparison.first.nanoseconds(at: k).nanoseconds
        let second = comparison.second.nanoseconds(at: k).nanoseconds
        return faster * max(first, second) <= slower * min(first, second)
    }
}
