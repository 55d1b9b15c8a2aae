import QPCore
import QPPlanner

/// One head at one batch size: what a section of a report speaks of.
struct HeadAtBatch {
    let head: HeadProfile
    let batch: Int

    var curves: [CostCurve] { head.curves.filter { $0.batch == batch && !$0.points.isEmpty } }
    var fits: [KernelFit] { head.fits.filter { $0.batch == batch } }
    var crossovers: [Crossover] { head.crossovers.filter { $0.batch == batch } }
    var tuning: Tuning? { head.tunings.first { $0.batch == batch && !$0.candidates.isEmpty } }

    /// Patterns with anything to draw, uniform first: the worst case for locality is the one to plan with.
    var patterns: [IndexPattern] {
        IndexPattern.allCases.filter { pattern in
            curves.contains { $0.pattern == pattern }
                || head.samples.contains { $0.batch == batch && $0.pattern == pattern && $0.isStep }
        }
    }

    /// Samples of one step, cold rows where there are any: those are what a decode step sees.
    func samples(of step: StepName, pattern: IndexPattern) -> [SampleSeries] {
        let all = head.samples.filter { $0.subject == .step(step) && $0.batch == batch && $0.pattern == pattern }
        let cold = all.filter(\.coldRows)
        return cold.isEmpty ? all : cold
    }

    /// The crossover a reader asks about first: gather against scan, on uniform ids where measured.
    var leadingCrossover: Crossover? {
        let pairs = crossovers.filter { Set($0.between) == [.sparse, .dense] }
        let candidates = pairs.isEmpty ? crossovers : pairs
        return candidates.first { $0.pattern == .uniform } ?? candidates.first
    }

    func curve(_ step: StepName, _ pattern: IndexPattern) -> CostCurve? {
        curves.first { $0.step == step && $0.pattern == pattern }
    }

    /// Columns of a terminal that the times of a step may take.
    private static let tabulatedWidth = 74

    /// K at which tables read the curves: 1, 16, 256, … and V; in larger steps where V is too large for that.
    var tabulatedTokenCounts: [Int] {
        var ratio = 16
        while true {
            var counts: [Int] = []
            var next = 1
            while next < head.vocabularySize {
                counts.append(next)
                let (product, overflow) = next.multipliedReportingOverflow(by: ratio)
                if overflow { break }
                next = product
            }
            counts.append(head.vocabularySize)
            let columns = counts.map { max(Format.count($0).count, 7) + 3 }
            if columns.reduce(0, +) <= Self.tabulatedWidth { return counts }
            ratio *= 4
        }
    }

    /// Curves in the order of tables: by pattern, then by step.
    var orderedCurves: [CostCurve] {
        patterns.flatMap { pattern in StepName.allCases.compactMap { curve($0, pattern) } }
    }

    /// Microseconds of the cheapest step at that K; null where no curve reaches it.
    func cheapest(at allowedTokenCount: Int) -> Double? {
        curves.compactMap { $0.reading(at: Double(allowedTokenCount))?.microseconds }.min()
    }

    /// Title of a section without the head's name: `batch 8`.
    var batchTitle: String { "batch \(Format.count(batch))" }
}

extension HeadProfile {
    /// Batch sizes that anything was measured for, ascending.
    var batches: [Int] {
        let all =
            curves.map(\.batch) + fits.map(\.batch) + crossovers.map(\.batch) + tunings.map(\.batch)
            + samples.map(\.batch)
        return Set(all).sorted()
    }

    /// The model's name, or what a head without one is.
    var title: String { name ?? "Unnamed head" }

    /// `151,936 × 896 f16`.
    var shapeTitle: String {
        "\(Format.count(vocabularySize)) × \(Format.count(hiddenSize)) \(elementType.rawValue)"
    }

    /// Size of W: `272 MB`, or `–` for a shape that no head can have.
    var weightPhrase: String { shape.map { Format.bytes(Double($0.weightBytes)) } ?? Format.missing }

    /// Null for a shape that no head can have.
    var shape: HeadShape? {
        try? HeadShape(vocabularySize: vocabularySize, hiddenSize: hiddenSize, elementType: elementType)
    }
}

extension SampleSeries {
    var isStep: Bool {
        if case .step = subject { true } else { false }
    }

    /// Null for a series in which nothing was kept.
    var medianMicroseconds: Double? {
        let sorted = durationsMicroseconds.filter(\.isFinite).sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
