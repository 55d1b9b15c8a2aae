import QPCore
import QPDevice
import QPHead
import QPKernels
import QPTestSupport
import Testing

@testable import QPPlanner

/// Planned steps that draw their tokens.
@Suite struct SampledExecutionTests {
    private static let V = ExecutorBench.V

    /// A decision that gives all rows to one plan.
    private static func decision(_ plan: PlanID, _ form: StepName?, rows: Int) -> Decision {
        Decision(
            id: 0, epoch: 0,
            assignments: [.init(plan: plan, form: form, rows: Array(0..<rows), nanoseconds: 1)], candidates: [],
            propensity: 1)
    }

    /// Random batches with random parameters, by the planner's partition and by each plan: the tokens of one dense
    /// step. Recordings are used again with other parameters.
    @Test func everyPlanDrawsDensesTokens() throws {
        try validated { library in
            let bench = try ExecutorBench(library, largestBatch: 1)
            let head = bench.head
            let executor = try PlanExecutor(head)
            var planner = try Planner(bench.model)
            let forced: [(PlanID, StepName?)] = [
                (.dense, nil), (.dense, .denseSkipping), (.sparse, nil), (.sparse, .sparseFromMask),
                (.fullRecompute, nil), (.amortizedRerank, nil), (.amortized, nil), (.screenedRerank, nil),
            ]
            var failures = 0
            for seed in UInt64(1)...20 {
                var generator = PhiloxGenerator(seed: seed)
                let counts = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                    [1, 2, 7, 40, 300, Self.V].randomElement(using: &generator)!
                }
                let masks = counts.map { ExecutorBench.mask($0, &generator) }
                let hidden = counts.map { _ in ExecutorBench.state(&generator) }
                let sampling = try counts.map { _ in
                    try SampledStepTests.sampling(&generator, scale: 1, filters: seed % 2 == 0)
                }
                let wantsLogProbability = seed % 3 == 0
                let dense = try Workspace(head, batch: counts.count).run(
                    .dense, hidden: hidden, allowed: masks, sampling: sampling, logProbability: wantsLogProbability)
                let step = try DecodeStep(
                    head: head.shape,
                    rows: zip(counts, sampling).map { .init(allowedTokenCount: $0, sampling: $1) },
                    need: wantsLogProbability ? .logProbability : .token)
                let planned = ("planned", try planner.plan(step))
                for (name, decision) in [planned]
                    + forced.map({ ("\($0) \($1?.rawValue ?? "")", Self.decision($0, $1, rows: counts.count)) })
                {
                    let result = try executor.run(
                        decision, hidden: hidden, allowed: masks, sampling: sampling,
                        logProbability: wantsLogProbability)
                    failures += result.observation.failures.count
                    #expect(name != "planned" || result.observation.failures.isEmpty, "\(result.observation.failures)")
                    for row in counts.indices {
                        let (own, wanted) = (result.records[row], dense[row])
                        #expect(own.chosenToken == wanted.sampled?.token, "\(name), seed \(seed), row \(row)")
                        guard wantsLogProbability else { continue }
                        #expect(
                            own.sampled?.logProbability == wanted.sampled?.logProbability,
                            "\(name), seed \(seed), row \(row)")
                    }
                }
            }
            // What cannot draw said so, and was served by dense.
            #expect(failures > 0)
        }
    }

    /// A decision for one allowed token, taken with a mask of more: scored, never guessed.
    @Test func aStaleForcedDecisionIsScored() throws {
        try validated { library in
            let head = try ExecutorBench(library, largestBatch: 1).head
            let executor = try PlanExecutor(head)
            var generator = PhiloxGenerator(seed: 3)
            let mask = ExecutorBench.mask(50, &generator)
            let hidden = [ExecutorBench.state(&generator)]
            let dense = try Workspace(head, batch: 1).run(.dense, hidden: hidden, allowed: [mask])
            let result = try executor.run(
                Self.decision(.forced, nil, rows: 1), hidden: hidden, allowed: [mask])
            #expect(result.records[0].hasSameAnswer(as: dense[0]))
            #expect(result.observation.plans == [.dense])
            #expect(result.observation.failures == ["forced: batch row 0 has 50 allowed tokens, so it was scored"])
            let one = try TokenMask(ascending: [77], vocabularySize: Self.V)
            let drawn = try executor.run(
                Self.decision(.forced, nil, rows: 1), hidden: hidden, allowed: [one],
                sampling: [try Sampling(temperature: 1, seed: 5)], logProbability: true)
            #expect(drawn.records[0].chosenToken == 77 && drawn.records[0].sampled?.logProbability == 0)
        }
    }

    /// The bare rule, which proves nothing, takes the scores of h₀ among today's tokens and says so; a sequence whose
    /// anchor is another's by now is scored.
    @Test func theBareRuleTakesTheAnchorsScores() throws {
        try validated { library in
            let bench = try ExecutorBench(library, largestBatch: 1)
            let executor = try PlanExecutor(bench.head, anchorCapacity: 1)
            var generator = PhiloxGenerator(seed: 9)
            let before = ExecutorBench.state(&generator)
            let after = ExecutorBench.state(&generator)
            let (all, some) = (ExecutorBench.mask(Self.V, &generator), ExecutorBench.mask(40, &generator))
            var bare = Self.decision(.amortized, nil, rows: 1)
            bare.assignments[0].guarantee = .approximate
            let refreshed = try executor.run(
                Self.decision(.fullRecompute, nil, rows: 1), hidden: [before], allowed: [all], sequences: [5])
            #expect(refreshed.anchors[0]!.margin == Double(refreshed.records[0].margin!))
            let reused = try executor.run(bare, hidden: [after], allowed: [some], sequences: [5])
            let then = try bench.dense([before], [some])[0]
            #expect(reused.records[0].hasSameAnswer(as: then) && reused.records[0].proof == .nothing)
            #expect(reused.observation.plans == [.amortized] && reused.observation.failures.isEmpty)
            #expect(reused.anchors[0]!.margin == Double(then.margin!) && reused.anchors[0]!.survivorShare == 0)
            let other = try executor.run(bare, hidden: [after], allowed: [some], sequences: [6])
            #expect(other.records[0].hasSameAnswer(as: try bench.dense([after], [some])[0]))
            #expect(other.observation.plans == [.dense])
            #expect(
                other.observation.failures.first?.contains("sequence 6 has no anchor of its own any more") == true,
                "\(other.observation.failures)")
        }
    }

    @Test func parametersAreCounted() throws {
        try validated { library in
            let head = try ExecutorBench(library, largestBatch: 1).head
            let mask = try TokenMask(ascending: [7, 8], vocabularySize: Self.V)
            #expect(throws: StepError.samplingCount(given: 2, batch: 1)) {
                try PlanExecutor(head).run(
                    Self.decision(.dense, nil, rows: 1), hidden: [[Float](repeating: 1, count: ExecutorBench.d)],
                    allowed: [mask], sampling: [.greedy, .greedy])
            }
        }
    }
}
