import QPConstraints
import Testing

@Suite("Bounds on the length of a pattern's texts go into its repetitions where they can")
struct RegexLengthTests {
    static let counted = [
        "^[a-z]+$", "^[a-z]{2,5}$", "^[a-zé][a-z0-9-]*$", "^(?:ab){1,4}$", "^a(?:bé-){2,}c$", "^abc$", "^[a-z]*$", "",
        "^x{3}[ab]{0,7}y$", "^a|bc$|^$", "^(?:a|bb)(?:c|dd)?$", "^[^/]+/$",
    ]

    @Test("The pattern cut to its bounds is the pattern's texts within them", arguments: counted)
    func cut(_ source: String) throws {
        let budget = CompileBudget(GrammarLimits())
        let pattern = try RegexPattern(source, options: .jsonSchema, budget: budget)
        let whole = try pattern.automaton(budget: budget)
        var count = 0
        for (minimum, maximum) in [(0, 3), (2, 4), (3, nil), (5, 5), (0, 0), (7, 30), (0, nil), (100, 200)]
            as [(Int, Int?)]
        {
            guard
                let bounded = try pattern.bounded(
                    minimumCharacters: minimum, maximumCharacters: maximum, budget: budget)
            else { continue }
            count += 1
            let length = "(?s:.){\(minimum),\(maximum.map(String.init) ?? "")}"
            let lengths = try RegexPattern(length, budget: budget).automaton(budget: budget)
            let automaton = try bounded.automaton(budget: budget)
            let isSame = try automaton == whole.intersection(lengths, budget: budget)
            #expect(isSame, "\(source) within \(minimum) and \(maximum ?? -1)")
        }
        #expect(count > 0)
    }

    @Test("Common patterns need no automaton for a length")
    func common() throws {
        let budget = CompileBudget(GrammarLimits())
        for source in ["^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", "^[^\\s]+$", "^/[a-z]+$", "^.*$", "^[0-9a-f]{8}$"] {
            let pattern = try RegexPattern(source, options: .jsonSchema, budget: budget)
            let bounded = try pattern.bounded(minimumCharacters: 1, maximumCharacters: 63, budget: budget)
            #expect(bounded != nil, "\(source)")
        }
        for source in ["^a*b*$", "a", "^(?:a|bb)*$", #"^\w+\b.*$"#] {
            let pattern = try RegexPattern(source, options: .jsonSchema, budget: budget)
            let bounded = try pattern.bounded(minimumCharacters: 1, maximumCharacters: 63, budget: budget)
            #expect(bounded == nil, "\(source)")
        }
    }
}
