import QPCore
import QPHead
import QPPlanner
import QPReport

/// Sets measured times into an explanation: of every candidate that can be run, for its row alone, and of the groups.
struct PlanAnalysis {
    let meter: StepMeter
    let runs: Int

    func measure(_ explanation: inout Explanation, _ step: DecodeStep) throws {
        var tasks: [StepMeter.Task] = []
        func index(_ task: StepMeter.Task) -> Int {
            if let known = tasks.firstIndex(of: task) { return known }
            tasks.append(task)
            return tasks.count - 1
        }
        func task(_ plan: PlanID, _ form: StepName?, _ rows: [Int]) -> Int? {
            let counts = rows.map { step.rows[$0].allowedTokenCount ?? step.head.vocabularySize }
            let pattern = step.rows[rows[0]].pattern
            if let form { return index(.init(form, counts: counts, pattern: pattern)) }
            guard plan == .amortized || plan == .amortizedRerank, let anchor = step.rows[rows[0]].anchor else {
                return nil
            }
            return index(
                .init(
                    .init(survivorShare: anchor.survivorShare, tokenOnly: plan == .amortized), count: counts[0],
                    pattern: pattern))
        }
        // The bare rule answers without the filter, and the meter times steps that filter.
        let candidates = explanation.candidates.map { entry in
            entry.loss == nil || entry.guarantee == .approximate
                ? nil : task(entry.plan, entry.form, [entry.batchRow])
        }
        let groups = explanation.assignments.map { group in
            let isApproximate = explanation.candidates.contains {
                $0.plan == group.plan && group.batchRows.contains($0.batchRow) && $0.guarantee == .approximate
            }
            return isApproximate ? nil : task(group.plan, group.form, group.batchRows)
        }
        if explanation.candidates.contains(where: { $0.guarantee == .approximate }) {
            Console.error("note: the approximate rule is not timed")
        }
        let progress = Console.Phase("running the plans")
        let readings = try meter.measure(tasks, count: runs, seed: 1, progress: progress.show)
        Console.endProgress()
        guard let medians = readings?.map({ Statistics.median($0) }) else { return }
        var notes: [String] = []
        for task in tasks {
            guard let drift = meter.drift(of: task) else { continue }
            let note =
                "note: reuse ran with a synthetic anchor, \(Format.percent(drift.relative, decimals: 3)) of h away, where "
                + "\(drift.survivorCount) of \(task.counts[0]) allowed rows stay in play"
            if !notes.contains(note) { notes.append(note) }
        }
        for note in notes { Console.error(note) }
        for (entry, task) in candidates.enumerated() {
            guard let task else { continue }
            explanation.candidates[entry].actualMicroseconds = medians[task]
            explanation.candidates[entry].actualCount = runs
        }
        for (group, task) in groups.enumerated() {
            if let task { explanation.assignments[group].actualMicroseconds = medians[task] }
        }
        // Nothing runs for a forced row.
        for entry in explanation.candidates.indices
        where explanation.candidates[entry].plan == .forced && explanation.candidates[entry].loss != nil {
            explanation.candidates[entry].actualMicroseconds = 0
            explanation.candidates[entry].actualCount = runs
        }
    }
}
