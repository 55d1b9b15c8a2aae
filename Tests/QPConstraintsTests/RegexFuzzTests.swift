import QPConstraints
import QPTestInputs
import Testing

@Suite("Damaged patterns end with an answer or an error")
struct RegexFuzzTests {
    private static let seeds = [
        #"^(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z]+)*|"(?:[\x01-\x08]|\\[\x0e-\x7f])*")@[a-z.]+$"#,
        #"(?i)(?P<year>\d{4})-(?:0[1-9]|1[0-2])-\b{start}x?+\k<y>(?=a)(?<!b)"#,
        #"[[:alpha:]&&[^a-z\p{Greek}]--[\w~~\S]][^]a-]\pL\P{sc!=Latin}\u{1F432}\uD83D\uDC32\x{41}\U0001F432\cA\0"#,
        #"(?mxR-s:^ a # c"# + "\n" + #"$)(?Usu)\A\z\Z\b\B\<\>{,3}{2,}{3}*??"#, "🐲[é-ö]|\u{0}|(|)||()",
    ]
    private static let pieces = [
        "(", ")", "[", "]", "{", "}", "\\", "(?", "(?:", "[^", "[[:", ":]]", "&&", "--", "~~", "{0,", "{99999999999}",
        "\\p{", "\\x{", "\\u", "\\b{", "*", "+", "?", "|", "^", "$", "-", "é", "\u{10FFFF}", "(?i)", "(?-u)", "(?m)",
        "{2}",
    ]

    @Test("No damage makes the parser trap or run on", arguments: 0..<8)
    func damage(_ part: Int) throws {
        var limits = GrammarLimits()
        limits.automatonStates = 500
        limits.seconds = 2
        for index in 0..<1000 {
            let seed = UInt64(part * 1000 + index)
            var random = SplitMix(seed: seed)
            var text = Array(Self.seeds.randomElement(using: &random)!.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let start = Int.random(in: 0...text.count, using: &random)
                let end = min(text.count, start + Int.random(in: 0...8, using: &random))
                switch Int.random(in: 0..<5, using: &random) {
                case 0: text.removeSubrange(start..<end)
                case 1: text.insert(contentsOf: text[start..<end], at: Int.random(in: 0...text.count, using: &random))
                case 2: text.insert(contentsOf: Self.pieces.randomElement(using: &random)!.utf8, at: start)
                case 3: if start < text.count { text[start] = UInt8.random(in: 0...255, using: &random) }
                default: text.replaceSubrange(start..<end, with: Self.pieces.randomElement(using: &random)!.utf8)
                }
            }
            var options = RegexOptions(
                dialect: Bool.random(using: &random) ? .rust : .ecma,
                extent: Bool.random(using: &random) ? .whole : .search)
            options.isUnicode = Bool.random(using: &random)
            options.matchesInvalidUTF8 = Bool.random(using: &random)
            let budget = CompileBudget(limits)
            do throws(ConstraintError) {
                let pattern = try RegexPattern(text, options: options, budget: budget)
                let grammar = try Grammar(regex: text, options: options, limits: limits)
                let automaton = try pattern.automaton(budget: budget)
                if let shortest = automaton.shortestText {
                    let isAccepted = try grammar.accepts(shortest)
                    #expect(isAccepted, "seed \(seed): \(String(decoding: text, as: UTF8.self)) \(shortest)")
                }
            } catch {
                if case .offset(let offset) = error.place {
                    #expect(offset >= 0 && offset <= text.count, "seed \(seed): \(error)")
                }
                let isExpected = [.syntax, .unsupported, .limit, .unsatisfiable].contains(error.code)
                #expect(isExpected, "seed \(seed): \(error)")
            }
        }
    }
}
