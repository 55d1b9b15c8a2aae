/// What is true of each expression whatever stands around it: whether it has any text, and whether it has the empty
/// one.
struct GrammarAnalysis {
    /// Per expression: some text can be completed.
    private(set) var isProductive: [Bool]
    /// Per expression: the empty text is one of its texts.
    private(set) var isNullable: [Bool]
    private let builder: GrammarBuilder

    /// Both are least fixed points. Operands precede what they make up, so one pass settles all but the calls.
    init(_ builder: GrammarBuilder, terminals: [Int32: Terminal]) throws(ConstraintError) {
        self.builder = builder
        let nodes = builder.nodes
        isProductive = [Bool](repeating: false, count: nodes.count)
        isNullable = isProductive
        var changed = true
        while changed {
            changed = false
            for index in nodes.indices where !(isProductive[index] && isNullable[index]) {
                let productive = productive(nodes[index], terminals[Int32(index)])
                let nullable = nullable(nodes[index])
                if productive != isProductive[index] || nullable != isNullable[index] {
                    isProductive[index] = productive
                    isNullable[index] = nullable
                    changed = true
                }
            }
            try builder.budget.tick(nodes.count)
        }
    }

    private func body(of rule: RuleID) -> Expression {
        guard let body = builder.rules[Int(rule.index)].body else {
            preconditionFailure("rule \(builder.rules[Int(rule.index)].name) is used but never defined")
        }
        return body
    }

    private func productive(_ node: GrammarBuilder.Node, _ terminal: Terminal?) -> Bool {
        switch node {
        case .nothing: false
        case .empty, .literal, .set: true
        case .sequence(let range): builder.operands(range).allSatisfy { isProductive[Int($0.index)] }
        case .choice(let range): builder.operands(range).contains { isProductive[Int($0.index)] }
        case .repeated(let body, let minimum, _): minimum == 0 || isProductive[Int(body.index)]
        case .unit(let body): isProductive[Int(body.index)]
        case .call(let rule): isProductive[Int(body(of: rule).index)]
        case .automaton: terminal?.isAlive(ByteAutomaton.start, count: 0) ?? true
        }
    }

    private func nullable(_ node: GrammarBuilder.Node) -> Bool {
        switch node {
        case .nothing, .literal, .set: false
        case .empty: true
        case .sequence(let range): builder.operands(range).allSatisfy { isNullable[Int($0.index)] }
        case .choice(let range): builder.operands(range).contains { isNullable[Int($0.index)] }
        case .repeated(let body, let minimum, _): minimum == 0 || isNullable[Int(body.index)]
        case .unit(let body): isNullable[Int(body.index)]
        case .call(let rule): isNullable[Int(body(of: rule).index)]
        case .automaton(let index, let minimum, _):
            minimum == 0 && builder.automata[Int(index)].isAccepting[ByteAutomaton.start]
        }
    }

    /// Refuses rules that come back to themselves before they read a byte: a matcher that follows rules from the left
    /// would never end.
    /// - Throws: ``ConstraintError`` with code `unsupported`, which names the rules of one such circle.
    func checkLeftRecursion() throws(ConstraintError) {
        var state = [UInt8](repeating: 0, count: builder.rules.count)
        // Rules being followed, with what is left of the rules that each one may begin with.
        var path: [(rule: RuleID, rest: [RuleID])] = []
        func enter(_ rule: RuleID) {
            state[Int(rule.index)] = 1
            path.append((rule, beginnings(of: rule)))
        }
        var unvisited = builder.rules.indices.makeIterator()
        while true {
            try builder.budget.tick()
            guard let last = path.indices.last else {
                guard let index = unvisited.next() else { return }
                if state[index] == 0, builder.rules[index].body != nil { enter(RuleID(index: Int32(index))) }
                continue
            }
            guard let next = path[last].rest.popLast() else {
                state[Int(path[last].rule.index)] = 2
                path.removeLast()
                continue
            }
            switch state[Int(next.index)] {
            case 0: enter(next)
            case 1:
                let start = path.firstIndex { $0.rule == next }!
                let names = (path[start...].map(\.rule) + [next]).map { builder.rules[Int($0.index)].name }
                throw ConstraintError(
                    .unsupported, "left recursion: \(names.joined(separator: " → "))",
                    advice: "Write the repetition with * or +, or put the recursion after what it follows.")
            default: break
            }
        }
    }

    /// The rules that `rule` may begin with.
    private func beginnings(of rule: RuleID) -> [RuleID] {
        var found: [RuleID] = []
        var open = [body(of: rule)]
        while let expression = open.popLast() {
            guard isProductive[Int(expression.index)] else { continue }
            switch builder.node(expression) {
            case .nothing, .empty, .literal, .set, .automaton: break
            case .sequence(let range):
                for part in builder.operands(range) {
                    open.append(part)
                    if !isNullable[Int(part.index)] { break }
                }
            case .choice(let range): open += builder.operands(range)
            case .repeated(let body, _, _), .unit(let body): open.append(body)
            case .call(let rule): found.append(rule)
            }
        }
        return found
    }
}
