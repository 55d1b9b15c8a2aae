import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner

/// A plan of one's own beside the built-in ones: rows that are allowed in runs are better scanned block by block, and
/// this program knows that its grammar allows tokens in runs.
@main
enum RegisteredPlan {
    static let plan = PlanID.registered("scanBlocks")

    static func main() throws {
        let physical = try DeviceChoice(option: nil, environment: nil).choose(from: Instance().physicalDevices())
        let library = try KernelLibrary(Device(physical))
        let shape = try HeadShape(vocabularySize: 4096, hiddenSize: 64, elementType: .f16)
        let head = try Head(library, HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 1)))

        // Its cost: when it applies, and how long it will take. Registered with the planner, which compares it.
        let scanBlocks = PhysicalPlan(plan, guarantee: .exact) { row, batch, model in
            guard let K = row.allowedTokenCount else { return .lacks("K is not known to the host") }
            guard row.pattern == .contiguous else { return .lacks("the allowed ids do not lie in one run") }
            let bytes = model.bytes(rows: K * batch)
            return .applies(PlanCost(nanoseconds: 5_000 + 100 * K, evidence: .default, trafficBytes: bytes))
        }
        var planner = try Planner(model(shape), plans: PhysicalPlan.builtIn() + [scanBlocks])

        // Its execution: what it records. Registered with the executor under the same name.
        let executor = try PlanExecutor(head)
        executor.register(plan) { recorder, workspace, longestList throws(DeviceError) in
            try workspace.program(.denseSkipping).record(into: &recorder, longestList: longestList)
        }

        let allowed = try TokenMask(ascending: Array(1000..<1200), vocabularySize: shape.vocabularySize)
        let step = try DecodeStep(
            head: shape, rows: [.init(allowedTokenCount: allowed.count, pattern: .contiguous)])
        let decision = try planner.plan(step)
        for candidate in decision.candidates {
            let price = candidate.cost.map { "\($0.nanoseconds) ns" } ?? "–"
            print("\(candidate.plan): \(price), \(candidate.verdict.reason ?? "chosen")")
        }

        let hidden = (0..<shape.hiddenSize).map { Float($0 % 7) - 3 }
        let mine = try executor.run(decision, hidden: [hidden], allowed: [allowed])
        let dense = try Workspace(head, batch: 1).run(.dense, hidden: [hidden], allowed: [allowed])
        print(
            "served by \(mine.observation.plans[0]); same answer as dense: \(mine.records[0].hasSameAnswer(as: dense[0]))"
        )
    }

    /// A made-up profile: a scan takes 300 µs, a gather 20 µs and 150 ns a row. Real programs load one.
    static func model(_ shape: HeadShape) -> CostModel {
        func curve(_ step: StepName, _ nanoseconds: (Int) -> Int) -> CostCurve {
            CostCurve(
                step: step, batch: 1, pattern: .uniform,
                points: [1, shape.vocabularySize].map { K in
                    let time = nanoseconds(K)
                    return .init(allowedTokenCount: K, nanoseconds: time, lowNanoseconds: time, highNanoseconds: time)
                })
        }
        return CostModel(
            head: shape, curves: [curve(.dense) { _ in 300_000 }, curve(.sparse) { 20_000 + 150 * $0 }],
            bytesPerNanosecond: nil)
    }
}
