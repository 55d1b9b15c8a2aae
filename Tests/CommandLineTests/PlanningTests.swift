import Foundation
import Testing

extension CommandLineTests {
    /// `explain` and `verify`.
    @Suite struct PlanningTests {
        /// Runs `body` in a folder that holds the tiny profile as profile.json.
        private func withProfile<Result>(_ body: (String) throws -> Result) throws -> Result {
            try inFolder { folder in
                try TinyProfile.outcome().out.write(
                    toFile: folder + "/profile.json", atomically: true, encoding: .utf8)
                return try body(folder)
            }
        }

        private func explain(_ arguments: [String], in folder: String) throws -> Tool.Outcome {
            try Tool.run(["explain", "--profile", folder + "/profile.json"] + arguments, in: folder)
        }

        @Test func explanationKeepsTheContract() throws {
            try withProfile { folder in
                let outcome = try explain(["--allowed", "5", "--format", "json"], in: folder)
                #expect(outcome.status == 0 && outcome.err == "")
                let document = try #require(try TinyProfile.object(outcome.out))
                let chosen = try #require(document["chosen"] as? String)
                let candidates = try #require(document["candidates"] as? [[String: Any]])
                #expect(candidates.count == 7)
                for candidate in candidates {
                    let keys = ["plan", "estimatedMicroseconds", "evidence", "verdict", "actualMicroseconds"]
                    #expect(keys.allSatisfy { candidate[$0] != nil }, "\(candidate)")
                }
                let winner = try #require(candidates.first { $0["verdict"] as? String == "chosen" })
                #expect(winner["plan"] as? String == chosen)
                #expect(winner["actualMicroseconds"] is NSNull)
            }
        }

        @Test func analysisRunsWhatCanBeRun() throws {
            try withProfile { folder in
                let outcome = try explain(
                    ["--allowed", "5", "--allowed", "300", "--analyze", "--runs", "3", "--format", "json"], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                let document = try #require(try TinyProfile.object(outcome.out))
                let candidates = try #require(document["candidates"] as? [[String: Any]])
                for candidate in candidates where ["dense", "sparse"].contains(candidate["plan"] as! String) {
                    #expect((candidate["actualMicroseconds"] as? Double ?? 0) > 0, "\(candidate)")
                    #expect(candidate["actualCount"] as? Int == 3)
                }
            }
        }

        /// A copy to screen by is priced, from the profile's own curve at 8 bits, and run.
        @Test(arguments: [("8", true), ("6", false), ("5", false)])
        func aScreenTakesPart(bits: String, isMeasured: Bool) throws {
            try withProfile { folder in
                let outcome = try explain(
                    ["--allowed", "512", "--screen", bits, "--analyze", "--runs", "2", "--format", "json"], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                let document = try #require(try TinyProfile.object(outcome.out))
                let candidates = try #require(document["candidates"] as? [[String: Any]])
                let screened = try #require(candidates.first { $0["plan"] as? String == "screenedRerank" })
                #expect(screened["evidence"] as? String == (isMeasured ? "measured" : "default"))
                #expect((screened["estimatedMicroseconds"] as? Double ?? 0) > 0)
                #expect((screened["actualMicroseconds"] as? Double ?? 0) > 0)
                let recompute = try #require(candidates.first { $0["plan"] as? String == "fullRecompute" })
                #expect(recompute["evidence"] as? String == "measured")
            }
        }

        @Test func theTextShowsTreeAndTable() throws {
            try withProfile { folder in
                let outcome = try explain(["--allowed", "512"], in: folder)
                #expect(outcome.out.hasPrefix("DecodeStep  512 × 64 f16, 1 row, K = 512, need topTwo\n"))
                #expect(outcome.out.contains("└─ finalise") && outcome.out.contains("chosen"))
                let chart = try explain(["--allowed", "1", "--need", "token", "--format", "mermaid"], in: folder)
                #expect(chart.out.hasPrefix("flowchart BT\n") && chart.out.contains("forced for batch row 0"))
            }
        }

        private static let badSteps: [([String], String)] = [
            (["--allowed", "513"], "qp-gpu: error: 513 allowed tokens in batch row 0 do not lie in 1…V = 512\n"),
            (
                ["--allowed", "4", "--allowed", "0"],
                "qp-gpu: error: no token is allowed in batch row 1 after 0 tokens: the constraint has reached a dead end; "
                    + "go back to a state that has a continuation\n"
            ),
            (
                ["--allowed", "4", "--lambda", "2"],
                "qp-gpu: error: λ is 2.0; it must lie in 0…1, where 1 weighs time alone and 0 quality alone\n"
            ),
            (
                ["--allowed", "4", "--approximate-threshold=-1"],
                "qp-gpu: error: the margin threshold τ is -1.0; it must be at least 0\n"
            ),
            (
                ["--allowed", "4", "--head", "GPT-2"],
                "qp-gpu: error: the profile has no curves for the head 50257×768 f16; it has 512×64 f16; measure it with "
                    + "`qp-gpu profile`\n"
            ),
        ]

        @Test(arguments: badSteps)
        func badStepsAreNamed(arguments: [String], text: String) throws {
            try withProfile { folder in
                let outcome = try explain(arguments, in: folder)
                #expect(outcome.status == 1 && outcome.out == "" && outcome.err == text, "\(outcome.err)")
            }
        }

        private static let badOptions: [([String], String)] = [
            ([], "give the allowed tokens of each row with --allowed, or a sequence with --trace"),
            (["--allowed", "4", "--disable", "fast"], "no plan is called \"fast\"; there are forced, dense, sparse"),
            (["--allowed", "4", "--survivors", "1.5"], "1.5 is no share; it must lie in 0…1"),
            (["--allowed", "4", "--screen", "7"], "The value '7' is invalid for '--screen <bits>'"),
            (["--allowed", "4", "--batch", "65"], "--batch is 65; it must lie in 1…64"),
        ]

        @Test(arguments: badOptions)
        func badOptionsAreUsageErrors(arguments: [String], text: String) throws {
            try withProfile { folder in
                let outcome = try explain(arguments, in: folder)
                #expect(outcome.status == 2 && outcome.err.contains(text), "\(outcome.err)")
            }
        }

        /// Refused unless asked for, and then graded.
        @Test func aForeignProfileIsRefusedOrGraded() throws {
            try withProfile { folder in
                let path = folder + "/profile.json"
                let text = try String(contentsOfFile: path, encoding: .utf8)
                let uuid = try #require((try TinyProfile.json()["device"] as? [String: Any])?["uuid"] as? String)
                try text.replacing(uuid, with: "00000000-0000-0000-0000-0000000000ff")
                    .write(toFile: path, atomically: true, encoding: .utf8)
                let refused = try explain(["--allowed", "5", "--analyze"], in: folder)
                #expect(refused.status == 1 && refused.out == "")
                #expect(refused.err.contains("the profile was measured on device"), "\(refused.err)")
                let graded = try explain(
                    ["--allowed", "5", "--analyze", "--runs", "2", "--foreign", "--format", "json"], in: folder)
                #expect(graded.status == 0, "\(graded.err)")
                #expect(graded.out.contains("\"evidence\" : \"foreign\""))
                #expect(!graded.out.contains("\"evidence\" : \"measured\""))
            }
        }

        @Test func verificationKeepsTheContract() throws {
            try inFolder { folder in
                let outcome = try Tool.run(
                    [
                        "verify", "--vocabulary", "300", "--hidden", "40", "--steps", "9", "--batch", "2", "--format",
                        "json",
                    ], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                let document = try #require(try TinyProfile.object(outcome.out))
                #expect(document["steps"] as? Int == 9)
                let mismatches = try #require(document["tokenMismatches"] as? [String: Int])
                #expect(mismatches["sparse"] == 0 && mismatches.values.allSatisfy { $0 == 0 })
                #expect(document["greatestScoreDifference"] as? Double == 0)
                let table = try Tool.run(
                    ["verify", "--vocabulary", "300", "--hidden", "40", "--steps", "2", "--screen", "6"], in: folder)
                #expect(table.out.contains("scan and gather, all allowed scores: the same bits (0-equivalent)"))
            }
        }
    }
}
