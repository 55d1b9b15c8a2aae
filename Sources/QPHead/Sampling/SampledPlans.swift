internal import QPCore
internal import QPDevice
internal import QPPlanner

/// Every plan's program that draws a token, over one workspace and anchor: what ``PlanVerifier`` compares.
struct SampledPlans: Sendable {
    typealias Recording = (inout CommandRecorder, _ longestList: Int) -> Void

    let dense: Workspace.Program
    private let forms: [(name: String, program: Workspace.Program)]
    private let filtered: [(plan: PlanID, program: FilteredProgram)]
    private let refresh: RefreshProgram

    /// - Parameter forms: those compared with dense that score all allowed rows.
    init(_ workspace: Workspace, _ anchor: Anchor, forms: [StepName]) throws(DeviceError) {
        let all: SamplingStages = [.topK, .topP, .logProbability]
        dense = try workspace.program(.dense, sampling: all)
        self.forms = try forms.map { form throws(DeviceError) in
            (form.rawValue, try workspace.program(form, sampling: all))
        }
        filtered = [
            (.amortizedRerank, try workspace.program(.anchor(anchor), sampling: [])),
            (
                .screenedRerank,
                try workspace.program(.screen(workspace.head.screenCopy(), access: .gather), sampling: [])
            ),
        ]
        refresh = try workspace.refresh(anchor, sampling: all)
    }

    /// The plans of one step with what they record.
    func plans(byAllFilters: Bool, isFresh: Bool) -> [(name: String, record: Recording)] {
        var result = forms.map { form in
            (form.name, { form.program.record(into: &$0, longestList: $1) } as Recording)
        }
        if !byAllFilters {
            result += filtered.map { filter in
                (filter.plan.name, { filter.program.record(into: &$0, longestList: $1) })
            }
        }
        if isFresh { result.append((PlanID.fullRecompute.name, { refresh.record(into: &$0, longestList: $1) })) }
        return result
    }
}

extension Sampling {
    /// Parameters under which noise has a say and does not have it all.
    /// - Parameter score: the best one's size, which the temperature is measured by.
    static func random(about score: Float, byAllFilters: Bool, using generator: inout PhiloxGenerator) -> Sampling {
        func pick<T>(_ values: [T]) -> T { values.randomElement(using: &generator)! }
        let scale = score.isFinite ? min(score, 1e20) : 1
        // All values lie in their ranges.
        return try! Sampling(
            temperature: pick([0, 0.01, 0.1, 0.3, 1, 10]) * scale, topK: byAllFilters ? pick([nil, 1, 5, 50]) : nil,
            topP: byAllFilters ? pick([1, 0.3, 0.9]) : 1, minP: pick([0, 0, 0.05, 0.5]), seed: generator.next(),
            sequence: generator.next(), step: UInt32(truncatingIfNeeded: generator.next()))
    }
}
