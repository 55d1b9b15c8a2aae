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

        /// Reuse too, of an anchor made for it; and the rule that nothing executes is said to have no time.
        @Test func analysisRunsReuse() throws {
            try withProfile { folder in
                let outcome = try explain(
                    [
                        "--allowed", "300", "--survivors", "0.003", "--need", "token", "--analyze", "--runs", "2",
                        "--format", "json",
                    ], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                let document = try #require(try TinyProfile.object(outcome.out))
                let candidates = try #require(document["candidates"] as? [[String: Any]])
                for candidate in candidates where candidate["estimatedMicroseconds"] is Double {
                    #expect((candidate["actualMicroseconds"] as? Double ?? 0) > 0, "\(candidate)")
                }
                for plan in ["amortized", "amortizedRerank", "fullRecompute"] {
                    #expect(candidates.contains { $0["plan"] as? String == plan && $0["actualCount"] as? Int == 2 })
                }
                let notes = outcome.err.split(separator: "\n").filter { $0.hasPrefix("note: reuse ran") }
                #expect(notes.count == 1)
                #expect(notes.first?.hasSuffix(" of h away, where 2 of 300 allowed rows stay in play") == true)
                let rule = try explain(
                    [
                        "--allowed", "300", "--survivors", "0.5", "--margin", "5", "--need", "token",
                        "--approximate-threshold", "1", "--approximate-loss", "0.01", "--analyze", "--runs", "2",
                        "--format", "json",
                    ], in: folder)
                #expect(rule.err.contains("note: the approximate rule is not timed\n"))
                let entries = try #require(try TinyProfile.object(rule.out)?["candidates"] as? [[String: Any]])
                let approximate = try #require(entries.first { $0["guarantee"] as? String == "approximate" })
                #expect(approximate["actualMicroseconds"] is NSNull && approximate["estimatedMicroseconds"] is Double)
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
                [
                    "--allowed", "4", "--survivors", "0.5", "--approximate-threshold=-1", "--approximate-loss", "0.1",
                ],
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
            (
                ["--allowed", "4", "--survivors", "1.5"],
                "--survivors is 1.5; it is a share and must lie in 0…1"
            ),
            (
                ["--allowed", "4", "--survivors", "0.5", "--margin", "nan"],
                "--margin is nan; it must be a finite number, at least 0"
            ),
            (
                ["--allowed", "4", "--survivors", "0.5", "--margin=-7"],
                "--margin is -7.0; it must be a finite number, at least 0"
            ),
            (
                ["--allowed", "4", "--margin", "1"],
                "--margin says nothing without --survivors; add that, or leave it out"
            ),
            (
                ["--allowed", "4", "--refinement-probability", "0"],
                "--refinement-probability says nothing without --survivors; add that, or leave it out"
            ),
            (
                ["--allowed", "4", "--approximate-threshold", "1", "--approximate-loss", "0"],
                "--approximate-threshold says nothing without --survivors; add that, or leave it out"
            ),
            (
                ["--allowed", "4", "--approximate-loss", "0.1"],
                "--approximate-loss says nothing without --approximate-threshold; add that, or leave it out"
            ),
            (
                ["--allowed", "4", "--survivors", "0.5", "--approximate-threshold", "1"],
                "--approximate-threshold says nothing without --approximate-loss; add that, or leave it out"
            ),
            (
                ["--allowed", "4", "--trace-step", "0"],
                "--trace-step says nothing without --trace; add that, or leave it out"
            ),
            (
                ["--allowed", "4", "--trace-name", "a"],
                "--trace-name says nothing without --trace; add that, or leave it out"
            ),
            (
                ["--allowed", "4", "--trace-engine", "a"],
                "--trace-engine says nothing without --trace; add that, or leave it out"
            ),
            (["--allowed", "4", "--runs", "3"], "--runs says nothing without --analyze; add that, or leave it out"),
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

        /// A dead end stays one, by the name of its step; other steps come with their depth.
        @Test func aTracedStepIsFoundByName() throws {
            try withProfile { folder in
                let (counts, lines) = (folder + "/k.json", folder + "/k.jsonl")
                try #"{"V":1024,"schemas":{"a":{"x":[[8,0]],"y":[[4],[6,0]]},"b":{"y":[[1]]}}}"#.write(
                    toFile: counts, atomically: true, encoding: .utf8)
                try """
                {"format":"qp-gpu-trace","version":1,"vocabularySize":512,"hiddenSize":64,"elementType":"f16",\
                "weights":{"kind":"synthetic","seed":1},"source":"a test"}
                {"K":7}
                {"K":0,"stateID":41}
                {"K":9}

                """.write(toFile: lines, atomically: true, encoding: .utf8)
                func explainTrace(_ path: String, _ arguments: String...) throws -> Tool.Outcome {
                    try explain(["--trace", path] + arguments, in: folder)
                }
                let scaled = try explainTrace(counts, "--trace-engine", "y", "--trace-step", "1")
                #expect(scaled.out.hasPrefix("DecodeStep  512 × 64 f16, 1 row, K = 3, "), "\(scaled.err)")
                let third = try explainTrace(lines, "--trace-step", "2")
                #expect(third.out.hasPrefix("DecodeStep  512 × 64 f16, 1 row, K = 9, "), "\(third.err)")
                let deadEnds = [
                    (
                        try explainTrace(counts, "--trace-engine", "y", "--trace-step", "2"),
                        ", step 2 of a in \(counts) by y,"
                    ),
                    (
                        try explainTrace(lines, "--trace-step", "1"),
                        ", step 1 of \(lines), in state 41"
                    ),
                ]
                for (outcome, place) in deadEnds {
                    #expect(outcome.status == 1 && outcome.out == "")
                    #expect(
                        outcome.err == "qp-gpu: error: no token is allowed in batch row 0\(place) after 1 token: the "
                            + "constraint has reached a dead end; go back to a state that has a continuation\n")
                }
                let wrong = [
                    (
                        try explainTrace(counts, "--trace-engine", "y", "--trace-step", "3"),
                        "--trace-step is 3, but a in \(counts) has 3 steps, counted from 0"
                    ),
                    (
                        try explainTrace(counts, "--trace-engine", "y", "--trace-name", "c"),
                        "\(counts) has no sequences \"c\"; there are a, b"
                    ),
                    (try explainTrace(counts), "\(counts) has no engine \"xgrammar_fixed_ws\"; there are x, y"),
                    (
                        try explainTrace(lines, "--trace-name", "a"),
                        "\(lines) is a trace of lines without names; leave --trace-name a out"
                    ),
                    (
                        try explainTrace(lines, "--trace-engine", "x"),
                        "\(lines) is of one engine; name none"
                    ),
                ]
                for (outcome, text) in wrong {
                    #expect(outcome.status == 2 && outcome.out == "")
                    #expect(outcome.err.hasPrefix("Error: \(text)\n"), "\(outcome.err)")
                }
            }
        }

        private static let badTraces: [(String?, String)] = [
            (nil, "cannot read trace FILE: No such file or directory; check the path"),
            (
                "[1]",
                "FILE is no trace: neither K sequences, {V, schemas: {name: {engine: [[K]]}}}, nor lines as "
                    + "`qp-gpu bench trace` writes them; give one of these"
            ),
            (#"{"V":0,"schemas":{}}"#, "trace FILE: V is 0; it must lie in 1…1073741824"),
            (
                #"{"V":9,"schemas":{"a":{"xgrammar_fixed_ws":[[1],[2,3.5]]}}}"#,
                "trace FILE: K of a, xgrammar_fixed_ws, run 1, step 1 is 3.5; it must be a whole number in 0…V = 9"
            ),
            (
                #"{"V":9,"schemas":{"a":{"xgrammar_fixed_ws":[["4",1]]}}}"#,
                "trace FILE: K of a, xgrammar_fixed_ws, run 0, step 0 is no number; it must be a whole number in 0…V = 9"
            ),
            (
                #"{"V":9,"schemas":{"a":{"xgrammar_fixed_ws":[[10]]}}}"#,
                "trace FILE: K of a, xgrammar_fixed_ws, run 0, step 0 is 10; it must be a whole number in 0…V = 9"
            ),
        ]

        @Test(arguments: badTraces)
        func aBadTraceIsCalledOne(content: String?, text: String) throws {
            try withProfile { folder in
                let file = folder + "/traces.json"
                try content?.write(toFile: file, atomically: true, encoding: .utf8)
                let outcome = try explain(["--trace", file], in: folder)
                #expect(outcome.status == 1 && outcome.out == "")
                #expect(outcome.err == "qp-gpu: error: \(text.replacing("FILE", with: file))\n")
            }
        }

        /// What applies to no row stands once, with its rows.
        @Test func aBatchNamesWhatWasRejected() throws {
            try withProfile { folder in
                let outcome = try explain(["--allowed", "5", "--batch", "3"], in: folder)
                #expect(
                    outcome.out.hasSuffix(
                        """

                        rejected         rows  why
                        ───────────────  ────  ───────────────────────────────────────────────────────────────
                        forced           0–2   not applicable: 5 tokens are allowed, not one
                        amortized        0–2   not applicable: there is no anchor yet; fullRecompute makes one
                        amortizedRerank  0–2   not applicable: there is no anchor yet; fullRecompute makes one
                        screenedRerank   0–2   not applicable: the head has no low-bit copy

                        """), "\(outcome.out)")
            }
        }

        /// Nothing is said of a price beside one that is nothing.
        @Test func rivalsOfAFreePlanAreCostlier() throws {
            try withProfile { folder in
                let outcome = try explain(["--allowed", "1", "--need", "token"], in: folder)
                #expect(
                    outcome.out.contains("exact    costlier\n") && !outcome.out.contains("is free"), "\(outcome.out)")
                // Which of the others is cheapest depends on the machine.
                let others = ["forced", "dense", "fullRecompute"].flatMap { ["--disable", $0] }
                let sparse = try explain(["--allowed", "1"] + others, in: folder)
                #expect(sparse.out.contains("gather 1 row of W, keep the best two"), "\(sparse.out)")
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
                for arguments in [["--allowed", "5"], ["--allowed", "5", "--analyze"]] {
                    let refused = try explain(arguments, in: folder)
                    #expect(refused.status == 1 && refused.out == "")
                    #expect(
                        refused.err.hasPrefix("qp-gpu: error: the profile was measured on device 00000000-"),
                        "\(refused.err)")
                    #expect(
                        refused.err.hasSuffix(
                            "; measure this one with `qp-gpu profile`, or give --foreign to use it all the same, graded "
                                + "foreign\n"), "\(refused.err)")
                }
                let estimated = try explain(["--allowed", "5", "--foreign", "--format", "json"], in: folder)
                #expect(estimated.status == 0 && estimated.err == "", "\(estimated.err)")
                #expect(estimated.out.contains("\"evidence\" : \"foreign\""))
                #expect(!estimated.out.contains("\"evidence\" : \"measured\""))
                // Where there is nothing to compare with, it is said once.
                let alone = try Tool.run(
                    ["explain", "--profile", path, "--allowed", "5"], in: folder,
                    environment: ["VK_DRIVER_FILES": "/nonexistent.json"])
                #expect(alone.status == 0 && alone.out.contains("chosen"))
                #expect(
                    alone.err
                        == "note: there is no usable device here, so the profile was not compared with one\n")
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
