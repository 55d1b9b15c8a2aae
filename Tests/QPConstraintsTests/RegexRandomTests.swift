import QPConstraints
import QPTestInputs
import Testing

@Suite("Random patterns have the texts that following every position gives")
struct RegexRandomTests {
    /// All texts of up to two characters, and longer random ones.
    private static func texts(using random: inout some RandomNumberGenerator) -> [String] {
        let letters = RegexModel.alphabet.map { String($0) }
        var texts = [""]
        var last = texts
        for _ in 0..<2 {
            last = last.flatMap { start in letters.map { start + $0 } }
            texts += last
        }
        for _ in 0..<40 {
            let count = Int.random(in: 3...8, using: &random)
            texts.append((0..<count).map { _ in letters.randomElement(using: &random)! }.joined())
        }
        return texts
    }

    @Test(
        "The grammar, the automaton and the automaton of the grammar's expression agree with it",
        arguments: [0.0, 0.3], [RegexOptions.Extent.whole, .search])
    func agreement(assertions: Double, extent: RegexOptions.Extent) throws {
        for seed in UInt64(0)..<100 {
            var random = SplitMix(seed: seed)
            let model = RegexModel.random(Int.random(in: 1...9, using: &random), assertions: assertions, using: &random)
            let options = RegexOptions(dialect: .rust, extent: extent)
            let builder = GrammarBuilder()
            let pattern = try RegexPattern(model.source, options: options, budget: builder.budget)
            let automaton = try pattern.automaton(budget: builder.budget)
            let expression = try pattern.lowered(into: builder)
            // Large classes in bytes make the other way slow, and are no different there.
            let isSame = try automaton.stateCount > 200 || ByteAutomaton(of: expression, in: builder) == automaton
            #expect(isSame, "seed \(seed): \(model.source) has another automaton by its expression")
            let grammar = automaton.isEmpty ? nil : try builder.grammar(root: expression)
            for text in Self.texts(using: &random) {
                let scalars = text.unicodeScalars.map(\.value)
                let expected = extent == .whole ? model.matchesWhole(scalars) : model.matchesSomewhere(scalars)
                let byAutomaton = automaton.accepts(text.utf8)
                let byGrammar = try grammar?.accepts(text.utf8) ?? false
                #expect(byAutomaton == expected, "seed \(seed): \(model.source) on \(text.debugDescription)")
                #expect(
                    byGrammar == expected, "seed \(seed): the grammar of \(model.source) on \(text.debugDescription)")
                if byAutomaton != expected || byGrammar != expected { return }
            }
        }
    }
}
