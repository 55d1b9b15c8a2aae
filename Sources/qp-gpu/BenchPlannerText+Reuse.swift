import QPCore
import QPHead
import QPPlanner
import QPReport
import QPRuntime

extension BenchPlannerText {
    /// What reuse and screening are worth along a trace with hidden states.
    static func reuse(_ replay: ReuseReplay, mismatches: Int, steps: Int) -> String {
        let plans = [PlanID.dense, .sparse, .screenedRerank, .fullRecompute, .amortizedRerank].map(\.name)
        var policies = TextTable(
            [("policy", .leading), ("total", .trailing), ("of oracle", .trailing), ("held", .trailing)]
                + ["dense", "sparse", "screened", "recompute", "rerank"].map { ($0, .trailing) })
        let oracle = replay.policies[0].totalMicroseconds
        for policy in replay.policies {
            policies.append(
                [
                    policy.name, Format.duration(microseconds: policy.totalMicroseconds),
                    Format.fixed(policy.totalMicroseconds / oracle, decimals: 3) + "×",
                    policy.certifiedShare.map { Format.percent($0) } ?? Format.missing,
                ] + plans.map { Format.percent(policy.planShares[$0] ?? 0) })
        }
        var ages = TextTable([
            ("anchor's age", .leading), ("steps", .trailing), ("survivors", .trailing), ("held", .trailing),
            ("proven", .trailing), ("time of dense or sparse", .trailing),
        ])
        for age in replay.ages {
            ages.append([
                age.age == 1 ? "1 step" : "\(age.age) steps", Format.count(age.steps),
                Format.percent(age.survivorShare), Format.percent(age.certifiedShare),
                Format.percent(age.provenShare), Format.fixed(age.ratioToScoring, decimals: 2) + "×",
            ])
        }
        let answers =
            mismatches == 0
            ? "every plan gave dense's token and scores at all \(Format.count(steps)) steps"
            : "IN \(mismatches) OF \(steps) STEPS A PLAN DISAGREED WITH DENSE"
        return "\nReuse and screening along the trace's hidden states\n" + policies.render() + "\n" + ages.render()
            + "survivors: of all rows allowed at these steps; the screen left "
            + "\(Format.percent(replay.screenSurvivorShare)). held: the filter did not overflow.\n"
            + "proven: the anchor alone gives the token. \(answers)\n"
    }

    /// Policies under a load that comes and goes.
    static func load(_ run: LoadedRun) -> String {
        var table = TextTable(
            [("policy", .leading), ("total", .trailing), ("load off", .trailing), ("load on", .trailing)]
                + PlannerBench.forms.map { ($0.rawValue, .trailing) })
        for policy in run.policies {
            table.append(
                [
                    policy.name, Format.duration(microseconds: policy.totalMicroseconds),
                    Format.duration(microseconds: policy.quietMicroseconds),
                    Format.duration(microseconds: policy.loadedMicroseconds),
                ] + PlannerBench.forms.map { Format.percent(policy.planShares[$0.rawValue] ?? 0) })
        }
        return "\nUneven load: \(Format.count(run.steps)) steps, the policies in turns, \(run.threadCount) threads "
            + "streaming memory in \(Format.percent(run.loadedShare, decimals: 0)) of them; shown, not judged\n"
            + table.render()
    }
}
