import QPConstraints
import Testing

@testable import QPConformance

@Suite("What is judged wrongly is found")
struct RunTests {
    @Test("Texts that are accepted or rejected wrongly are listed with their names")
    func wrong() throws {
        let report = try judge(
            #"""
            [{"kind": "gbnf", "name": "c", "source": "root ::= \"a\"+", "accept": ["a", "b"], "reject": ["aa", "b"]}]
            """#, file: "x.json")
        #expect(report.tooStrict.map(\.label) == [#"x.json: c: "b""#])
        #expect(report.tooLoose.map(\.label) == [#"x.json: c: "aa""#])
        #expect(report.counts.judged == 1 && report.counts.compiled == 1 && report.counts.refused == 0)
        #expect(report.counts.texts == 4 && report.counts.accepted == 1 && report.counts.rejected == 1)
        #expect(report.counts.passed == 2)
        #expect(report.parts == ["x.json": report.counts])
    }

    @Test("A wrong source that compiles is too loose, and one that is refused is rejected")
    func wrongSources() throws {
        let report = try judge(
            #"{"must_parse": ["root ::= a"], "must_fail_to_parse": ["root ::= \"a\"", "root ::= a_b"]}"#, file: "x.json"
        )
        #expect(report.tooLoose.map(\.label) == ["x.json: must_fail_to_parse 0"])
        #expect(report.counts.texts == 2 && report.counts.rejected == 1)
        #expect(report.counts.judged == 1 && report.counts.refused == 1)
        #expect(report.refusals.map(\.reason) == ["the rule \"a\" is used, but not defined"])
        #expect(report.refusals.map(\.cases) == [["x.json: must_parse 0"]])
    }

    @Test("What no text satisfies counts as compiled, and accepts nothing")
    func unsatisfiable() throws {
        let report = try judge(
            #"""
            [{"kind": "gbnf", "name": "c", "source": "root ::= \"a\" root", "accept": ["a"], "reject": ["b"]}]
            """#, file: "x.json")
        #expect(report.counts.compiled == 1 && report.counts.refused == 0 && report.counts.rejected == 1)
        #expect(report.tooStrict.count == 1)
    }

    @Test("Refusals are grouped by reason and by keyword, the largest group first")
    func refusals() {
        var run = ConformanceRun()
        for (index, place) in ["/properties/a/oneOf", "/$defs/b/oneOf/1", "/not"].enumerated() {
            run.judge(
                ConformanceCase(file: "f", name: "\(index)") {
                    () throws(ConstraintError) in
                    throw ConstraintError(.unsupported, index == 2 ? "not so" : "overlap", at: .pointer(place))
                }, of: .schemaBench)
        }
        let suite = run.report().suites[0]
        #expect(suite.refusals.map(\.keyword) == ["oneOf", "not"])
        #expect(suite.refusals.map(\.cases) == [["f: 0", "f: 1"], ["f: 2"]])
        #expect(suite.refusedByKeyword == ["oneOf": 2, "not": 1])
        #expect(suite.counts.files == 1 && suite.counts.refused == 3)
    }

    @Test("A matcher that gives up is listed with its reason")
    func failing() throws {
        var limits = GrammarLimits()
        limits.configurations = 1
        var run = ConformanceRun()
        run.judge(
            ConformanceCase(
                file: "f", name: "n", texts: [.init(name: "t", spellings: [Array("aaaa".utf8)], isValid: true)]
            ) { [limits] () throws(ConstraintError) in
                try Grammar(gbnf: "root ::= (\"a\" | \"a\" \"a\")* | \"a\"* [b]", limits: limits)
            }, of: .gbnf)
        let finding = try #require(run.report().suites[0].tooStrict.first)
        #expect(finding.remark?.contains("GrammarLimits.configurations") == true)
    }
}

@Suite("A baseline may only improve")
struct BaselineTests {
    static func report(_ accepted: [String], _ rejected: [String]) throws -> ConformanceReport {
        func list(_ texts: [String]) -> String { texts.map { "\"\($0)\"" }.joined(separator: ",") }
        let text =
            #"[{"kind": "gbnf", "name": "c", "source": "root ::= \"a\"+", "accept": ["#
            + list(accepted) + #"], "reject": ["# + list(rejected) + "]}]"
        let suite = try #require(try SuiteFile(Array(text.utf8), file: "x.json"))
        var run = ConformanceRun()
        for item in suite.cases { run.judge(item, of: suite.kind) }
        return run.report()
    }

    @Test("The report that it was made from reaches it, also once it was written and read")
    func same() throws {
        let report = try Self.report(["a", "b"], ["c"])
        let baseline = ConformanceBaseline(report)
        let read = try ConformanceBaseline(json: Array(baseline.encoded().utf8), file: "b.json")
        #expect(read == baseline)
        #expect(read.regressions(in: report).isEmpty)
        #expect(!read.isSurpassed(by: report))
    }

    @Test("Lower counts and new names are regressions")
    func worse() throws {
        let baseline = ConformanceBaseline(try Self.report(["a", "aa"], ["c"]))
        #expect(
            baseline.regressions(in: try Self.report(["a", "b"], ["aa"])) == [
                "gbnf: accepted fell from 2 to 1", "gbnf: rejected fell from 1 to 0",
                #"gbnf: newly too loose: x.json: c: "aa""#, #"gbnf: newly too strict: x.json: c: "b""#,
            ])
        #expect(baseline.regressions(in: ConformanceReport()) == ["gbnf: no file of this layout was found"])
    }

    @Test("A layout that the baseline does not know brings no loose texts in")
    func newLayout() throws {
        let baseline = ConformanceBaseline(ConformanceReport())
        #expect(
            baseline.regressions(in: try Self.report(["b"], ["a"])) == [#"gbnf: newly too loose: x.json: c: "a""#])
        #expect(baseline.regressions(in: try Self.report(["a"], ["b"])).isEmpty)
    }

    @Test("More is better, and says that the baseline can be raised")
    func better() throws {
        let baseline = ConformanceBaseline(try Self.report(["a", "b"], ["c"]))
        #expect(baseline.isSurpassed(by: try Self.report(["a", "aa"], ["c"])))
    }

    @Test("A file that is no baseline is an error with its name")
    func broken() {
        let error = #expect(throws: SuiteError.self) { try ConformanceBaseline(json: Array("{}".utf8), file: "b.json") }
        #expect(error?.description.hasPrefix("b.json: not a baseline of conformance: ") == true)
    }
}
