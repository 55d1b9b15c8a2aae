import Foundation
import Testing

extension CommandLineTests {
    /// `qp-gpu grammar`: exit status and texts. None of it needs a device.
    @Suite struct GrammarCommandTests {
        /// Runs `qp-gpu grammar …` in a folder that holds `files`.
        private func grammar(_ arguments: [String], _ files: [String: String] = [:]) throws -> Tool.Outcome {
            try inFolder { folder in
                for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
                // Paths in messages are those that were given, so the tool has to stand in the folder.
                return try Tool.run(
                    "/bin/sh", ["-c", "cd \"$0\" && exec \"$@\"", folder, Tool.path, "grammar"] + arguments, in: folder)
            }
        }

        private static let list = ["list.gbnf": "root ::= item+\nitem ::= \"- \" [a-z]{1,3} \"\\n\"\n"]

        @Test func checkShowsSizeAndWarnings() throws {
            let outcome = try grammar(
                ["check", "a.gbnf"], ["a.gbnf": "root ::= a\na ::= \"1\"\na ::= \"2\"\n"])
            #expect(outcome.status == 0)
            #expect(outcome.out.hasPrefix("a.gbnf"))
            #expect(outcome.out.contains("\nrules "))
            #expect(
                outcome.err == "qp-gpu: warning: a.gbnf: the rule \"a\" is defined again, and only its last definition "
                    + "counts (line 3, column 1)\n")
        }

        @Test func checkAsJSON() throws {
            let outcome = try grammar(["check", "list.gbnf", "--format", "json"], Self.list)
            #expect(outcome.status == 0)
            let summary = try #require(try TinyProfile.object(outcome.out))
            #expect(summary["file"] as? String == "list.gbnf")
            #expect((summary["nodes"] as? Int ?? 0) > 0)
            #expect((summary["warnings"] as? [String])?.isEmpty == true)
        }

        /// Command lines, the files they need, exit status and what stderr says in its one line.
        static let mistakes: [(arguments: [String], files: [String: String], status: Int32, message: String)] = [
            (["check", "no.gbnf"], [:], 1, "no.gbnf: there is no such file, or it cannot be read"),
            (
                ["check", "a.txt"], ["a.txt": ""], 1,
                "a.txt: its name does not say the language. Give --kind gbnf, schema or regex"
            ),
            (
                ["check", "a.gbnf"], ["a.gbnf": "root ::= \"a\" |\n  item\n"], 1,
                "a.gbnf: the rule \"item\" is used, but not defined (line 2, column 3). Define it: item ::= …"
            ),
            (
                ["check", "a.gbnf", "--limit", "repetition=10"], ["a.gbnf": "root ::= \"a\"{11}"], 1,
                "a.gbnf: a repetition of 11 exceeds the limit of 10 (line 1, column 14). Raise GrammarLimits.repetition "
                    + "(--limit repetition=N), or give a smaller bound."
            ),
            (["test", "list.gbnf", "--accept-file", "no"], list, 1, "no: there is no such file, or it cannot be read"),
            (["conformance", "nowhere"], [:], 1, "nowhere: there is no such file or folder"),
            (["conformance", "a.json"], ["a.json": "{}"], 1, "a.json: none of 1 files is of a known layout"),
        ]

        @Test(arguments: mistakes)
        func mistakesAreNamed(
            _ mistake: (arguments: [String], files: [String: String], status: Int32, message: String)
        ) throws {
            let outcome = try grammar(mistake.arguments, mistake.files)
            #expect(outcome.status == mistake.status)
            #expect(outcome.out == "")
            #expect(outcome.err == "qp-gpu: error: \(mistake.message)\n")
        }

        @Test func invalidUTF8IsPlaced() throws {
            let outcome = try inFolder { folder in
                try Data([0x72, 0xC3, 0xA9, 0xFF]).write(to: URL(filePath: "\(folder)/a.gbnf"))
                return try Tool.run(["grammar", "check", "\(folder)/a.gbnf"], in: folder)
            }
            #expect(outcome.status == 1)
            #expect(outcome.err.hasSuffix("a.gbnf: not UTF-8 at byte 3\n"), "\(outcome.err)")
        }

        static let misuses: [(arguments: [String], message: String)] = [
            (["check", "list.gbnf", "--limit", "size=3"], "no limit is called \"size\""),
            (["check", "list.gbnf", "--limit", "states=0"], "the value must be a whole number"),
            (["check", "list.gbnf", "--limit", "seconds=-1"], "seconds must lie above 0"),
            (["check", "list.gbnf", "--limit", "states"], "write name=value"),
            (["check", "list.gbnf", "--whitespace", "loose"], "loose"),
            (["check", "list.gbnf", "--whitespace", "compact"], "--whitespace is for JSON Schemas"),
            (["test", "list.gbnf"], "give texts with --accept or --reject"),
        ]

        @Test(arguments: misuses)
        func misusesEndWithTwo(_ misuse: (arguments: [String], message: String)) throws {
            let outcome = try grammar(misuse.arguments, Self.list)
            #expect(outcome.status == 2)
            #expect(outcome.out == "")
            #expect(outcome.err.contains(misuse.message), "\(outcome.err)")
        }

        @Test func testPassesWhenAllIsAsExpected() throws {
            let outcome = try grammar(
                [
                    "test", "list.gbnf", "--accept-file", "good.txt", "--reject", "- a", "--reject", "a", "--reject",
                    "- abcd\n",
                ],
                Self.list.merging(["good.txt": "- a\n- bc\n\n"]) { $1 })
            #expect(outcome.status == 0, "\(outcome.err)")
            #expect(outcome.out.contains("all 4 as expected\n"), "\(outcome.out)")
            // Not a beginning of anything from its first byte on; and cut off at its end.
            #expect(outcome.out.contains("rejected at byte 0\n"), "\(outcome.out)")
            #expect(outcome.out.contains("rejected at byte 3\n"), "\(outcome.out)")
        }

        @Test func testFailsWhereOneIsNot() throws {
            let outcome = try grammar(["test", "list.gbnf", "--accept", "- é", "--format", "json"], Self.list)
            #expect(outcome.status == 1)
            let verdicts = try JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [[String: Any]]
            #expect(verdicts?.count == 1)
            #expect(verdicts?.first?["isRight"] as? Bool == false)
            #expect(verdicts?.first?["stopsAtByte"] as? Int == 2)
        }

        private static let cases = [
            "cases.json": #"""
            [{"kind": "gbnf", "name": "c", "source": "root ::= \"a\"+", "accept": ["a", "b"], "reject": ["c"]}]
            """#
        ]

        @Test func conformanceReachesTheBaselineThatItRecorded() throws {
            try inFolder { folder in
                let path = "\(folder)/cases.json"
                try Data(Self.cases["cases.json"]!.utf8).write(to: URL(filePath: path))
                let first = try Tool.run(
                    ["grammar", "conformance", path, "--record", "\(folder)/base.json"], in: folder)
                #expect(first.status == 0)
                #expect(first.out.contains("\ngbnf       1       1         1        0      3         1         1\n"))
                #expect(first.out.contains("\ngbnf: 1 too strict\n  cases.json: c: \"b\"\n"))
                let second = try Tool.run(
                    ["grammar", "conformance", path, "--baseline", "\(folder)/base.json"], in: folder)
                #expect(second.status == 0)
                #expect(second.err == "")
                // The same with a text that used to be accepted gone wrong.
                let worse = Self.cases["cases.json"]!.replacing(#"\"a\"+"#, with: #"\"b\"+"#)
                try Data(worse.utf8).write(to: URL(filePath: path))
                let third = try Tool.run(
                    ["grammar", "conformance", path, "--baseline", "\(folder)/base.json"], in: folder)
                #expect(third.status == 1)
                #expect(third.err == "qp-gpu: error: gbnf: newly too strict: cases.json: c: \"a\"\n")
            }
        }

        @Test func conformanceFailsWhereATextIsTooLoose() throws {
            let outcome = try grammar(
                ["conformance", "cases.json", "--format", "json"],
                Self.cases.mapValues { $0.replacing(#"["c"]"#, with: #"["aa"]"#) })
            #expect(outcome.status == 1)
            let report = try #require(try TinyProfile.object(outcome.out))
            let suite = (report["suites"] as? [[String: Any]])?.first
            #expect((suite?["tooLoose"] as? [[String: Any]])?.first?["text"] as? String == "\"aa\"")
        }
    }
}
