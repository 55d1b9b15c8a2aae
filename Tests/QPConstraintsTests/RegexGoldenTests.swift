import QPConstraints
import Testing

@Suite("Patterns match as in PyPI's regex module")
struct RegexGoldenTests {
    private static func texts(_ field: Substring) -> [String] {
        field.split(separator: " ").map { word in
            word == "ε"
                ? ""
                : String(
                    String.UnicodeScalarView(
                        word.unicodeScalars.map { $0 == "␣" ? " " : $0 == "␊" ? "\n" : $0 }))
        }
    }

    @Test("Golden cases")
    func golden() throws {
        var count = 0
        for line in regexGoldenCases.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            try #require(fields.count == 4, "\(line)")
            let options = RegexOptions(dialect: .rust, extent: fields[0] == "whole" ? .whole : .search)
            let budget = CompileBudget(GrammarLimits())
            let pattern = String(fields[1])
            let automaton = try RegexPattern(pattern, options: options, budget: budget).automaton(budget: budget)
            let grammar = automaton.isEmpty ? nil : try Grammar(regex: pattern, options: options)
            for (field, expected) in [(fields[2], true), (fields[3], false)] {
                for text in Self.texts(field) {
                    let byAutomaton = automaton.accepts(text.utf8)
                    let byGrammar = try grammar?.accepts(text.utf8) ?? false
                    #expect(
                        byAutomaton == expected && byGrammar == expected,
                        "\(fields[0]) \(pattern) on \(text.debugDescription)")
                    count += 1
                }
            }
        }
        #expect(count > 800)
    }
}
