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
            (["check", "no.txt"], [:], 1, "no.txt: there is no such file. Check the path"),
            (["check", "."], [:], 1, ".: this is a folder. Name a file in it"),
            (["check", "no.gbnf"], [:], 1, "no.gbnf: there is no such file. Check the path"),
            (["check", ".", "--kind", "gbnf"], [:], 1, ".: this is a folder. Name a file in it"),
            (
                ["check", "a.gbnf", "--limit", "sourceBytes=9"], ["a.gbnf": "root ::= \"é\""], 1,
                "a.gbnf: it holds more than 9 bytes. Raise the limit (--limit sourceBytes=N)"
            ),
            (
                ["check", "a.gbnf"], ["a.gbnf": "root ::= \"a\" |\n  item\n"], 1,
                "a.gbnf: the rule \"item\" is used, but not defined (line 2, column 3). Define it: item ::= …"
            ),
            (
                ["check", "a.gbnf", "--limit", "repetition=10"], ["a.gbnf": "root ::= \"a\"{11}"], 1,
                "a.gbnf: a repetition of 11 exceeds the limit of 10 (line 1, column 14). Raise GrammarLimits."
                    + "repetition (--limit repetition=N), or give a smaller bound."
            ),
            (["test", "list.gbnf", "--accept-file", "no"], list, 1, "no: there is no such file. Check the path"),
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

        static let readable = list.merging(["a.txt": "", "a.regex": "", "a.re": "", "a.json": "{}"]) { $1 }

        static let misuses: [(arguments: [String], message: String)] = [
            (["check", "list.gbnf", "--limit", "size=3"], "no limit is called \"size\""),
            (["check", "list.gbnf", "--limit", "states=0"], "the value must be a whole number"),
            (["check", "list.gbnf", "--limit", "seconds=-1"], "seconds must lie above 0"),
            (["check", "list.gbnf", "--limit", "states"], "write name=value"),
            (["check", "list.gbnf", "--whitespace", "loose"], "loose"),
            (
                ["check", "list.gbnf", "--whitespace", "compact"],
                "--whitespace is for JSON Schemas, and list.gbnf is read as gbnf"
            ),
            (["check", "a.txt"], "the name of a.txt does not say the language; add --kind gbnf, schema or regex"),
            (["check", "-"], "standard input does not say the language; add --kind gbnf, schema or regex"),
            (["check"], "give a constraint's file, or --json-object"),
            (["check", "list.gbnf", "--json-object"], "list.gbnf and --json-object are two constraints; give one"),
            (["check", "--json-object", "--kind", "schema"], "--kind says nothing with --json-object"),
            (
                ["check", "--json-object", "--draft", "draft-07"],
                "--draft is for JSON Schemas, and --json-object is given"
            ),
            (["check", "a.json", "--root", "a"], "--root is for GBNF, and a.json is read as schema"),
            (
                ["check", "a.regex", "--formats", "asserted"],
                "--formats is for JSON Schemas, and a.regex is read as regex"
            ),
            (["check", "a.json", "--search"], "--search is for regular expressions, and a.json is read as schema"),
            (["check", "a.json", "--ascii"], "--ascii is for regular expressions"),
            (
                ["check", "a.re", "--dialect", "ecma", "--invalid-utf8"],
                "--invalid-utf8 says nothing with --dialect ecma"
            ),
            (["check", "a.re", "--line-terminator", "256"], "256"),
            (["check", "a.json", "--draft", "draft-03"], "draft-03"),
            (["check", "list.gbnf", "--graph-limit", "states=9"], "--graph-limit says nothing without --vocabulary"),
            (["check", "list.gbnf", "--graph-limit", "size=9"], "there are states, bytes, transitions, seconds"),
            (["test", "list.gbnf"], "give texts with --accept or --reject"),
            (
                ["test", "-", "--kind", "regex", "--accept-file", "-"],
                "standard input, -, is given twice, and can be read once"
            ),
        ]

        @Test(arguments: misuses)
        func misusesEndWithTwo(_ misuse: (arguments: [String], message: String)) throws {
            let outcome = try grammar(misuse.arguments, Self.readable)
            #expect(outcome.status == 2)
            #expect(outcome.out == "")
            #expect(outcome.err.contains(misuse.message), "\(outcome.err)")
            // Of the command, not of the tool.
            #expect(outcome.err.contains("Usage: qp-gpu grammar \(misuse.arguments[0]) "), "\(outcome.err)")
        }

        /// Options of a language with a source, a text that is accepted with them, and one only without.
        static let readings: [(options: [String], file: String, source: String, accepted: String, rejected: String)] = [
            (["--root", "b"], "a.gbnf", "root ::= \"a\"\nb ::= \"b\"", "b", "a"),
            (["--whitespace", "spaced"], "a.json", #"{"const": [1, 2]}"#, "[1, 2]", "[1,2]"),
            (["--formats", "annotations"], "a.json", #"{"const": "x", "format": "date"}"#, #""x""#, ""),
            // In draft-04 a boolean stands beside the bound.
            (
                ["--draft", "draft-04"], "a.json",
                #"{"type": "integer", "minimum": 1, "maximum": 2, "exclusiveMaximum": true}"#, "1", "2"
            ),
            (["--dialect", "ecma"], "a.regex", #"\d+"#, "1", "٣"),
            (["--search"], "a.regex", "^a", "ab", "ba"),
            (["--case-insensitive"], "a.regex", "é", "É", "e"),
            (["--multi-line", "--search"], "a.regex", "^b", "a\nb", "ab"),
            (["--dot-matches-newline"], "a.regex", "a.", "a\n", "a"),
            (["--ascii"], "a.regex", #"\d"#, "1", "٣"),
            (["--line-terminator", "59"], "a.regex", ".", "\n", ";"),
        ]

        @Test(arguments: readings)
        func optionsOfALanguageAreRead(
            _ reading: (options: [String], file: String, source: String, accepted: String, rejected: String)
        ) throws {
            let outcome = try grammar(
                ["test", reading.file, "--accept", reading.accepted, "--reject", reading.rejected] + reading.options,
                [reading.file: reading.source])
            #expect(outcome.status == 0, "\(outcome.out)\(outcome.err)")
            // Each says something: without it, something is judged otherwise.
            let without = try grammar(
                ["test", reading.file, "--accept", reading.accepted, "--reject", reading.rejected],
                [reading.file: reading.source])
            #expect(without.status == 1, "\(without.out)")
        }

        @Test func bytesThatAreNoTextAreAllowedWhenAsked() throws {
            try inFolder { folder in
                try Data("a.".utf8).write(to: URL(filePath: "\(folder)/a.regex"))
                try Data([0x61, 0xFF]).write(to: URL(filePath: "\(folder)/text"))
                let arguments = ["grammar", "test", "\(folder)/a.regex", "--accept-file", "\(folder)/text", "--ascii"]
                #expect(try Tool.run(arguments + ["--invalid-utf8"], in: folder).status == 0)
                #expect(try Tool.run(arguments, in: folder).status == 1)
            }
        }

        @Test func aSchemaThatSaysItsDraftIsReadByIt() throws {
            let schema = #"{"$schema": "http://json-schema.org/draft-07/schema#", "const": 1}"#
            let outcome = try grammar(
                ["test", "a.json", "--draft", "draft-04", "--accept", "1", "--reject", "2"], ["a.json": schema])
            #expect(outcome.status == 0, "\(outcome.out)\(outcome.err)")
        }

        @Test func anyJSONObjectNeedsNoFile() throws {
            let outcome = try grammar([
                "test", "--json-object", "--accept", #"{"a":[1,{}]}"#, "--reject", "[]", "--reject", #"{"a": 1}"#,
            ])
            #expect(outcome.status == 0, "\(outcome.out)\(outcome.err)")
            let checked = try grammar(["check", "--json-object", "--whitespace", "flexible=1"])
            #expect(checked.status == 0)
            #expect(checked.out.hasPrefix("--json-object"), "\(checked.out)")
        }

        @Test func aConstraintIsReadFromAPipe() throws {
            try inFolder { folder in
                for script in [
                    "printf 'root ::= \"a\"' | \"$0\" grammar test - --kind gbnf --accept a",
                    "mkfifo pipe.gbnf; printf 'root ::= \"a\"' > pipe.gbnf & \"$0\" grammar test pipe.gbnf --accept a",
                    "printf 'a' | \"$0\" grammar test list.gbnf --accept-file -",
                ] {
                    try Data("root ::= \"a\"".utf8).write(to: URL(filePath: "\(folder)/list.gbnf"))
                    let outcome = try Tool.run(
                        "/bin/sh", ["-c", "cd \"$1\"; " + script, Tool.path, folder], in: folder)
                    #expect(outcome.status == 0, "\(script): \(outcome.out)\(outcome.err)")
                }
                // What has no end is left at the limit.
                let endless = try Tool.run(
                    ["grammar", "check", "/dev/zero", "--kind", "regex", "--limit", "sourceBytes=1000"], in: folder)
                #expect(endless.status == 1)
                #expect(endless.err.contains("it holds more than 1000 bytes"), "\(endless.err)")
            }
        }

        /// What a file holds, and the text that it stands for.
        static let files: [(content: String, text: String)] = [
            ("- a\n- b\n\n", "- a\n- b\n"), ("- a\r\n- b\r\n\r\n", "- a\n- b\n"), ("\u{FEFF}- a\n\r\n", "- a\n"),
            // A carriage return alone is no line end, and of two line ends one is left out.
            ("a\rb\r", "a\rb\r"), ("a\n\n", "a\n"), ("\r\n", ""), ("", ""),
        ]

        @Test(arguments: files)
        func lineEndsOfAFileAreLineFeeds(_ file: (content: String, text: String)) throws {
            let outcome = try grammar(
                ["test", "a.json", "--accept-file", "text", "--kind", "gbnf"],
                ["a.json": "root ::= \(Self.literal(file.text))", "text": file.content])
            #expect(outcome.status == 0, "\(outcome.out)\(outcome.err)")
        }

        /// A text as GBNF writes it.
        private static func literal(_ text: String) -> String {
            "\"" + text.unicodeScalars.map { $0 == "\n" ? "\\n" : $0 == "\r" ? "\\r" : String($0) }.joined() + "\""
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
            // A line end is told from other characters.
            #expect(outcome.out.contains("\n- abcd\\n  reject "), "\(outcome.out)")
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

        @Test func aBaselineIsNotOverwrittenByAWorseOne() throws {
            try inFolder { folder in
                let (path, base) = ("\(folder)/cases.json", "\(folder)/base.json")
                func record(_ cases: String) throws -> Tool.Outcome {
                    try Data(cases.utf8).write(to: URL(filePath: path))
                    return try Tool.run(["grammar", "conformance", path, "--record", base], in: folder)
                }
                func recorded() throws -> String { try String(contentsOfFile: base, encoding: .utf8) }
                let cases = Self.cases["cases.json"]!
                #expect(try record(cases).status == 0)
                let first = try recorded()
                // "a" is judged wrongly now, and "b" rightly.
                let worse = try record(cases.replacing(#"\"a\"+"#, with: #"\"b\"+"#))
                #expect(worse.status == 1)
                #expect(
                    worse.err == """
                        qp-gpu: error: \(base) would get worse: gbnf: newly too strict: cases.json: c: "a"
                        qp-gpu: error: \(base) was kept; to begin again, delete it by hand

                        """)
                #expect(try recorded() == first)
                let better = try record(cases.replacing(#"\"a\"+"#, with: "[ab]"))
                #expect(better.status == 0, "\(better.err)")
                #expect(try recorded() != first)
                // Nor anything that is none.
                try Data("notes".utf8).write(to: URL(filePath: base))
                let foreign = try record(cases)
                #expect(foreign.status == 1)
                #expect(foreign.err.contains("base.json: not a baseline of conformance"), "\(foreign.err)")
                #expect(try recorded() == "notes")
            }
        }

        @Test func aBrokenFileIsListedAndStopsNothing() throws {
            let files = Self.cases.merging(["a.json": "{"]) { $1 }
            let outcome = try grammar(["conformance", "."], files)
            #expect(outcome.status == 1)
            #expect(outcome.out.contains("\ngbnf       1       1 "), "\(outcome.out)")
            #expect(outcome.out.contains("\nbroken: 1\n  a.json: not JSON: "), "\(outcome.out)")
            #expect(outcome.err == "qp-gpu: error: broken files: a.json\n")
            let json = try grammar(["conformance", ".", "--format", "json", "--record", "base.json"], files)
            #expect(json.status == 1)
            let report = try #require(try TinyProfile.object(json.out))
            #expect((report["broken"] as? [[String: String]])?.first?["file"] == "a.json")
            #expect(json.err.hasSuffix("qp-gpu: error: base.json was not written, since there are broken files\n"))
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
