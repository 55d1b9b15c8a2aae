@testable import QPConstraints

/// Decides by the definition of expressions, slowly, whether a text is one of an expression's: an oracle beside the
/// matcher.
struct ExpressionOracle {
    let builder: GrammarBuilder

    func accepts(_ expression: Expression, _ text: String) -> Bool {
        let text = Array(text.utf8)
        return ends(of: expression, in: text, from: [0]).contains(text.count)
    }

    /// Where texts of `expression` may end that begin at one of `starts`.
    private func ends(of expression: Expression, in text: [UInt8], from starts: Set<Int>) -> Set<Int> {
        if starts.isEmpty { return [] }
        switch builder.node(expression) {
        case .nothing: return []
        case .empty: return starts
        case .literal(let range):
            let bytes = builder.literals[Int(range.lowerBound)..<Int(range.upperBound)]
            return Set(starts.filter { text[$0...].starts(with: bytes) }.map { $0 + bytes.count })
        case .set(let index):
            let set = builder.byteSets[Int(index)]
            return Set(starts.filter { $0 < text.count && set.contains(text[$0]) }.map { $0 + 1 })
        case .sequence(let range):
            return operands(range).reduce(starts) { ends(of: $1, in: text, from: $0) }
        case .choice(let range):
            return operands(range).reduce(into: []) { $0.formUnion(ends(of: $1, in: text, from: starts)) }
        case .repeated(let repeated, let minimum, let maximum):
            return repetitions(minimum, maximum, from: starts) { ends(of: repeated, in: text, from: $0) }
        case .unit(let unit): return ends(of: unit, in: text, from: starts)
        case .call(let rule): return ends(of: builder.rules[Int(rule.index)].body!, in: text, from: starts)
        case .automaton(let index, let minimum, let maximum):
            let automaton = builder.automata[Int(index)]
            return starts.reduce(into: []) { $0.formUnion(ends(of: automaton, minimum, maximum, in: text, from: $1)) }
        }
    }

    private func operands(_ range: Range<Int32>) -> ArraySlice<Expression> {
        builder.operands[Int(range.lowerBound)..<Int(range.upperBound)]
    }

    private func repetitions(
        _ minimum: Int, _ maximum: Int?, from starts: Set<Int>, step: (Set<Int>) -> Set<Int>
    ) -> Set<Int> {
        var (current, found, count) = (starts, minimum == 0 ? starts : [], 0)
        var seen: Set<Set<Int>> = []
        while !current.isEmpty, count < maximum ?? .max {
            current = step(current)
            count += 1
            if count >= minimum {
                found.formUnion(current)
                if !seen.insert(current).inserted { break }
            }
        }
        return found
    }

    private func ends(
        of automaton: ByteAutomaton, _ minimum: Int, _ maximum: Int?, in text: [UInt8], from start: Int
    ) -> Set<Int> {
        var found: Set<Int> = []
        var (state, characters, position): (Int32, Int, Int) = (0, 0, start)
        while true {
            if automaton.isAccepting[Int(state)], characters >= minimum, characters <= maximum ?? .max {
                found.insert(position)
            }
            guard position < text.count else { return found }
            if automaton.isBoundary[Int(state)] { characters += 1 }
            state = automaton.next(state, text[position])
            guard state != ByteAutomaton.dead else { return found }
            position += 1
        }
    }
}
