import QPCore
import QPPlanner
import QPReport
import Testing

@Suite struct ExplanationTextTests {
    private static let head = try! HeadShape(vocabularySize: 100_000, hiddenSize: 512, elementType: .f16)

    private static func curve(_ step: StepName, _ from: Int, _ to: Int) -> CostCurve {
        CostCurve(
            step: step, batch: 1, pattern: .uniform,
            points: [(1, from), (100_000, to)].map {
                .init(allowedTokenCount: $0, nanoseconds: $1, lowNanoseconds: $1, highNanoseconds: $1)
            })
    }

    private static let model = CostModel(
        head: head,
        curves: [curve(.dense, 10_000_000, 10_000_000), curve(.sparse, 50_000, 20_050_000)], bytesPerNanosecond: 20)

    private func explanation(_ rows: [DecodeStep.Row], need: Need = .topTwo) throws -> Explanation {
        var planner = try Planner(Self.model)
        let step = try DecodeStep(head: Self.head, rows: rows, need: need)
        return Explanation(try planner.plan(step), of: step)
    }

    @Test func oneRowAsATreeAndATable() throws {
        var explanation = try explanation([.init(allowedTokenCount: 1001)])
        let sparse = try #require(explanation.candidates.firstIndex { $0.plan == .sparse })
        explanation.candidates[sparse].actualMicroseconds = 275
        explanation.candidates[sparse].actualCount = 20
        explanation.assignments[0].actualMicroseconds = 275
        #expect(
            ExplanationText.render(explanation) == """
                DecodeStep  100,000 × 512 f16, 1 row, K = 1,001, need topTwo

                sparse for batch row 0  (250 µs estimated, 275 µs measured)
                └─ finalise
                   └─ gather 1001 rows of W, keep the best two
                      ├─ allowed ids, from the host
                      └─ hidden state

                plan           estimate  evidence      actual  ratio   n  traffic  of roof  promise  verdict
                ─────────────  ────────  ────────────  ──────  ─────  ──  ───────  ───────  ───────  ───────────────────
                dense           10.0 ms  interpolated       –              102 MB     51 %  exact    40× the chosen plan
                sparse           250 µs  interpolated  275 µs  1.10×  20  1.03 MB     21 %  exact    chosen
                fullRecompute   10.0 ms  extrapolated       –              103 MB     51 %  exact    40× the chosen plan

                rejected         why
                ───────────────  ───────────────────────────────────────────────────────────────
                forced           not applicable: 1001 tokens are allowed, not one
                amortized        not applicable: there is no anchor yet; fullRecompute makes one
                amortizedRerank  not applicable: there is no anchor yet; fullRecompute makes one
                screenedRerank   not applicable: the head has no low-bit copy

                """)
    }

    /// A batch shows the candidates that apply, row by row, and every row stands in one assignment.
    @Test func aBatchShowsItsPartition() throws {
        let text = ExplanationText.render(
            try explanation([.init(allowedTokenCount: 10), .init(allowedTokenCount: 90_000)]))
        #expect(text.hasPrefix("DecodeStep  100,000 × 512 f16, 2 rows, K = 10, 90,000, need topTwo\n"))
        #expect(text.contains("sparse for batch row 0  ("))
        #expect(text.contains("dense for batch row 1  (10.0 ms estimated)"))
        #expect(text.contains("row 1, K = 90,000, by itself:"))
        #expect(
            text.hasSuffix(
                """

                rejected         rows  why
                ───────────────  ────  ───────────────────────────────────────────────────────────────
                forced           0     not applicable: 10 tokens are allowed, not one
                forced           1     not applicable: 90000 tokens are allowed, not one
                amortized        0–1   not applicable: there is no anchor yet; fullRecompute makes one
                amortizedRerank  0–1   not applicable: there is no anchor yet; fullRecompute makes one
                screenedRerank   0–1   not applicable: the head has no low-bit copy

                """), "\(text)")
    }

    @Test func theFlowchartNamesEveryCandidate() throws {
        let explanation = try explanation([.init(allowedTokenCount: 10)])
        let text = ExplanationMermaid.render(explanation)
        #expect(text.hasPrefix("flowchart BT\n    step[\"DecodeStep, 51.8 µs estimated\"]\n"))
        for plan in PlanID.builtIn { #expect(text.contains(plan.name), "\(plan)") }
        #expect(text.contains("-.-> step") && text.contains("--> step"))
    }

    /// Labels end at quotes; a user's plan may be called anything.
    @Test func labelsAreEscaped() throws {
        let plan = PhysicalPlan(.registered("a\"<b>#"), guarantee: .exact) { _, _, _ in .lacks("\"quoted\"") }
        var planner = try Planner(Self.model, plans: PhysicalPlan.builtIn() + [plan])
        let step = try DecodeStep(head: Self.head, rows: [.init(allowedTokenCount: 10)])
        let text = ExplanationMermaid.render(Explanation(try planner.plan(step), of: step))
        #expect(text.contains("[\"a#quot;#lt;b#gt;#35;<br/>#quot;quoted#quot;\"]"))
    }
}
