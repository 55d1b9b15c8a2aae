import Foundation
import Testing

extension CommandLineTests {
    /// `run`, `bench trace`, `bench routers`, and traces of lines in `bench planner`.
    @Suite struct TelemetryTests {
        /// A folder with the tiny profile and K sequences over its vocabulary of 512.
        private func withTrace<Result>(_ body: (String) throws -> Result) throws -> Result {
            try inFolder { folder in
                try TinyProfile.outcome().out.write(
                    toFile: folder + "/profile.json", atomically: true, encoding: .utf8)
                try #"{"V":512,"schemas":{"a":{"x":[[3,500,0,7],[40,512,40]],"tokens":["y"]}}}"#.write(
                    toFile: folder + "/traces.json", atomically: true, encoding: .utf8)
                return try body(folder)
            }
        }

        private func run(_ arguments: [String], in folder: String) throws -> Tool.Outcome {
            try Tool.run(
                ["run", "--profile", folder + "/profile.json", "--trace", folder + "/traces.json"] + arguments,
                in: folder)
        }

        private func lines(_ path: String) throws -> [[String: Any]] {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.isEmpty || text.hasSuffix("\n"), "\(path) ends within a line")
            return try text.split(separator: "\n").map { try #require(try TinyProfile.object(String($0))) }
        }

        @Test func aRunIsWrittenDown() throws {
            try withTrace { folder in
                let (log, timeline) = (folder + "/steps.jsonl", folder + "/steps.json")
                let outcome = try run(["--steps", "8", "--observations", log, "--timeline", timeline], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                #expect(outcome.out.hasPrefix("8 steps of 512×64 f16 on "), "\(outcome.out)")
                // Six steps with K above 0, and around again.
                let counts = try lines(log).map { ($0["allowedTokenCounts"] as? [Int])?.first }
                #expect(counts == [3, 500, 7, 40, 512, 40, 3, 500])
                let document = try #require(
                    try TinyProfile.object(String(contentsOfFile: timeline, encoding: .utf8)))
                let names = try #require(document["traceEvents"] as? [[String: Any]]).map { $0["name"] as? String }
                for name in ["step 0.0", "step 1.2", "plan", "upload", "submit", "wait", "finalise"] {
                    #expect(names.contains(name), "\(name)")
                }
                let json = try run(["--format", "json"], in: folder)
                let summary = try #require(try TinyProfile.object(json.out))
                #expect(summary["stepCount"] as? Int == 6)
            }
        }

        @Test func aFullDiskIsAnError() throws {
            try withTrace { folder in
                let outcome = try run(["--observations", "/dev/full"], in: folder)
                #expect(outcome.status == 1 && outcome.out == "")
                #expect(
                    outcome.err.hasSuffix(
                        "qp-gpu: error: cannot write observations to /dev/full: No space left on device; 6 wait and are "
                            + "tried again with the next: free some space\n"), "\(outcome.err)")
            }
        }

        /// A disk that fills up in the midst of a line.
        @Test func whatFitsOnADiskIsWholeLines() throws {
            try withTrace { folder in
                let log = folder + "/steps.jsonl"
                // 64 KiB of file at most, and an error instead of the signal.
                let outcome = try Tool.run(
                    "/bin/bash",
                    [
                        "-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"", Tool.path, "run", "--profile",
                        folder + "/profile.json", "--trace", folder + "/traces.json", "--steps", "600",
                        "--observations", log,
                    ], in: folder, environment: ["QPGPU_CACHE": ""])
                #expect(outcome.status == 1)
                #expect(outcome.err.contains("cannot write observations to \(log): File too large; "), "\(outcome.err)")
                let ids = try lines(log).map { $0["decisionID"] as? Int }
                #expect(ids.count > 100 && ids == Array(0..<ids.count))
            }
        }

        @Test func interruptedRunsKeepWhatTheyTook() throws {
            try withTrace { folder in
                let log = folder + "/steps.jsonl"
                let outcome = try Tool.interrupt(
                    [
                        "run", "--profile", folder + "/profile.json", "--trace", folder + "/traces.json", "--steps",
                        "1000000", "--observations", log,
                    ], in: folder, at: "taking steps")
                #expect(outcome.status == 130, "\(outcome.err)")
                let written = try lines(log).count
                #expect(written > 0)
                #expect(
                    outcome.err.contains("interrupted after \(written) of 1000000 steps; what was taken is written"))
            }
        }

        @Test func routersAreTriedWithoutADevice() throws {
            try inFolder { folder in
                let arguments = ["bench", "routers", "--horizon", "1000", "--seeds", "2"]
                let table = try Tool.run(
                    arguments, in: folder, environment: ["VK_DRIVER_FILES": "/nonexistent.json"])
                #expect(table.status == 0 && table.err == "")
                #expect(
                    table.out.hasPrefix("T = 1,000, 2 seeds; exponents over 9 values of T from 10 on\n"),
                    "\(table.out)")
                let json = try Tool.run(arguments + ["--format", "json"], in: folder)
                let document = try #require(try TinyProfile.object(json.out))
                let growth = try #require(document["growth"] as? [[String: Any]])
                #expect(growth.count == 4 * 7)
                #expect(growth.allSatisfy { $0["exponent"] != nil && $0["regret"] is [String: Any] })
                #expect((document["drift"] as? [[String: Any]])?.count == 3 * 10)
                let bad = try Tool.run(["bench", "routers", "--seeds", "1"], in: folder)
                #expect(bad.status == 2 && bad.err.contains("--seeds is 1; it must lie in 2…1000"))
            }
        }

        private static let measuringOptions: [[String]] = [
            ["--device", "0"], ["--head", "GPT-2"], ["--element-type", "f32"], ["--samples", "2"], ["--batch", "4"],
            ["--draws", "2"], ["--uneven-load", "2"], ["--lags", "2"], ["--seed", "2"],
        ]

        @Test(arguments: measuringOptions)
        func timesTakeNoOptionOfMeasuring(option: [String]) throws {
            try inFolder { folder in
                let outcome = try Tool.run(
                    ["bench", "planner", "--traces", "a", "--times", "b"] + option, in: folder)
                #expect(outcome.status == 2 && outcome.out == "")
                #expect(
                    outcome.err.hasPrefix(
                        "Error: \(option[0]) is for measuring, but --times replays what was measured; leave one out\n"),
                    "\(outcome.err)")
            }
        }

        @Test func whatAReplayLacksIsNamed() throws {
            try withTrace { folder in
                let traces = ["bench", "planner", "--traces", folder + "/traces.json"]
                let refused: [([String], Int32, String)] = [
                    (
                        ["--draws", "0", "--batch", "4"], 2,
                        "Error: --batch says nothing with --draws 0; leave one out\n"
                    ),
                    (
                        ["--lags", "2"], 2,
                        "Error: --lags is for traces with hidden states, but \(folder)/traces.json has none; leave it "
                            + "out\n"
                    ),
                    (
                        ["--times", folder + "/none"], 1,
                        "qp-gpu: error: cannot use \(folder)/none: it cannot be read; check the path\n"
                    ),
                    (
                        ["--times", folder + "/traces.json"], 1,
                        "qp-gpu: error: cannot use \(folder)/traces.json: it is no result of `bench planner --format "
                            + "json`; give what that command printed\n"
                    ),
                ]
                for (arguments, status, text) in refused {
                    let outcome = try Tool.run(traces + arguments, in: folder)
                    #expect(
                        outcome.status == status && outcome.out == "" && outcome.err.hasPrefix(text), "\(outcome.err)")
                }
            }
        }

        /// Ctrl-C in the replay: what was measured is printed, and can be replayed.
        @Test func anInterruptedReplayKeepsTheTimes() throws {
            try withTrace { folder in
                let arguments = ["bench", "planner", "--traces", folder + "/traces.json", "--seeds"]
                let measured = try Tool.interrupt(
                    arguments + [
                        "1000", "--vocabulary", "512", "--hidden", "16", "--samples", "2", "--draws", "0",
                    ], in: folder, at: "replaying")
                #expect(measured.status == 130)
                #expect(
                    measured.err.hasSuffix(
                        "interrupted in the replay; the measured times were printed as JSON: --times replays that file\n"
                    ),
                    "\(measured.err)")
                let times = folder + "/times.json"
                try measured.out.write(toFile: times, atomically: true, encoding: .utf8)
                let replayed = try Tool.run(arguments + ["1", "--steps", "100", "--times", times], in: folder)
                #expect(replayed.status == 0 && replayed.out.contains("residual-LinUCB (default)"), "\(replayed.err)")
                let again = try Tool.interrupt(arguments + ["1000", "--times", times], in: folder, at: "replaying")
                #expect(again.status == 130 && again.out == "")
                #expect(again.err.hasSuffix("interrupted in the replay; the times are still in \(times)\n"))
            }
        }

        /// Generator, replay of reuse, uneven load and replay of the printed times, on a tiny head.
        @Test func reuseIsReplayedOnTracesWithHiddenStates() throws {
            try withTrace { folder in
                let trace = folder + "/synthetic.jsonl"
                let made = try Tool.run(
                    [
                        "bench", "trace", "--trace", folder + "/traces.json", "--vocabulary", "512", "--hidden", "64",
                        "--output", trace,
                    ], in: folder)
                #expect(made.status == 0 && made.out == "" && made.err == "")
                #expect(try lines(trace).count == 1 + 6)
                let arguments = [
                    "bench", "planner", "--traces", trace, "--steps", "100", "--seeds", "1", "--format", "json",
                ]
                let outcome = try Tool.run(
                    arguments + ["--samples", "2", "--draws", "0", "--lags", "2", "--uneven-load", "30"], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                let document = try #require(try TinyProfile.object(outcome.out))
                #expect((document["policies"] as? [[String: Any]])?.first?["name"] as? String == "oracle")
                let reuse = try #require(document["reuse"] as? [String: Any])
                #expect((reuse["policies"] as? [[String: Any]])?.count == 8)
                #expect((reuse["ages"] as? [[String: Any]])?.map { $0["steps"] as? Int } == [4, 2])
                #expect((document["reuseTable"] as? [String: Any])?["mismatches"] as? Int == 0)
                let load = try #require(document["unevenLoad"] as? [String: Any])
                #expect((load["policies"] as? [[String: Any]])?.count == 5)
                // Replayed without a device: the same, since the times are.
                try outcome.out.write(toFile: folder + "/times.json", atomically: true, encoding: .utf8)
                let again = try Tool.run(arguments + ["--times", folder + "/times.json"], in: folder)
                #expect(again.out == outcome.out, "\(again.err)")
            }
        }

        private static let badTraces: [(String, String)] = [
            (
                "{\"format\":\"qp-gpu-trace\",\"version\":3}\n",
                "line 1: version 3, but this program reads version 1; update qp-gpu\n"
            ),
            (
                """
                {"format":"qp-gpu-trace","version":1,"vocabularySize":512,"hiddenSize":64,"elementType":"f16",\
                "source":"s","weights":{"kind":"synthetic","seed":4}}
                {"K":5}
                {"K":513}

                """, "line 3: K is 513; it must lie in 0…V = 512\n"
            ),
        ]

        @Test(arguments: badTraces)
        func brokenTracesAreNamed(text: String, message: String) throws {
            try withTrace { folder in
                let path = folder + "/traces.json"
                try text.write(toFile: path, atomically: true, encoding: .utf8)
                for command in [["explain", "--trace"], ["verify", "--trace"], ["run", "--trace"]] {
                    let profile = command[0] == "verify" ? [] : ["--profile", folder + "/profile.json"]
                    let outcome = try Tool.run(command + [path] + profile, in: folder)
                    #expect(outcome.status == 1 && outcome.out == "")
                    #expect(outcome.err == "qp-gpu: error: trace \(path), \(message)", "\(outcome.err)")
                }
            }
        }
    }
}
