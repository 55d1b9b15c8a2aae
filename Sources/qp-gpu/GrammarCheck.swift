import ArgumentParser
import QPConstraints
import QPReport

struct GrammarCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compile a constraint; show its warnings, its size, and what it allows.",
        discussion: """
            With a vocabulary, random walks show K, the number of allowed tokens, and how often it is 1: each step \
            takes any allowed token, so the figures are of the constraint, not of what a model would write. A finite \
            constraint is also worked out ahead as a graph of states over classes of tokens, whose rows are lists of \
            allowed ids, of the others (complement), or a bit a token, whichever is smallest.

            EXAMPLES
              qp-gpu grammar check schema.json
              qp-gpu grammar check schema.json --vocabulary model.gguf --walks 100
              qp-gpu grammar check schema.json --whitespace flexible=2 --format json
              qp-gpu grammar check big.re --vocabulary model.gguf --graph-limit seconds=60
              qp-gpu grammar check answer.txt --kind regex
              qp-gpu grammar check old.json --draft draft-04 --formats annotations
              qp-gpu grammar check --json-object --vocabulary model.gguf
              qp-gpu grammar check big.gbnf --limit seconds=60 --limit expressions=5000000
            """)

    @OptionGroup var source: GrammarSource
    @Option(help: ArgumentHelp("A GGUF file whose tokens are to be allowed.", valueName: "file"))
    var vocabulary: String?
    @Option(help: "Random walks, with --vocabulary (default: 20).")
    var walks: Int?
    @Option(help: "Tokens of a walk at most, with --vocabulary (default: 200).")
    var steps: Int?
    @Option(
        help: ArgumentHelp(
            "Raise or lower a limit of the graph: states, bytes, transitions or seconds, with --vocabulary; repeatable.",
            valueName: "name=value"))
    var graphLimit: [String] = []
    @Option(help: "Seed of the walks.")
    var seed: UInt64 = 1
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table

    func validate() throws {
        _ = try graphLimits()
        if !graphLimit.isEmpty, vocabulary == nil { throw ValidationError.needs("--graph-limit", "--vocabulary") }
        for (name, value, largest) in [("--walks", walks, 100_000), ("--steps", steps, 1_000_000)] {
            guard let value else { continue }
            guard vocabulary != nil else { throw ValidationError.needs(name, "--vocabulary") }
            guard (1...largest).contains(value) else {
                throw ValidationError("\(name) is \(value); it must lie in 1…\(largest)")
            }
        }
    }

    private func graphLimits() throws -> GraphLimits {
        var limits = GraphLimits()
        for text in graphLimit {
            try GrammarSource.set(
                text, option: "--graph-limit",
                of: [("states", \.states), ("bytes", \.bytes), ("transitions", \.transitions)], seconds: \.seconds,
                in: &limits)
        }
        return limits
    }

    /// What there is to say.
    private struct Summary: Encodable {
        var file: String
        var rules: Int
        var nodes: Int
        /// Reading the file included.
        var compileMicroseconds: Double
        var warnings: [String]
        var vocabularySize: Int?
        var graph: GrammarGraph?
        var walks: GrammarWalks?
    }

    func run() throws {
        let start = ContinuousClock.now
        let grammar = try source.grammar()
        let elapsed = (ContinuousClock.now - start) / .microseconds(1)
        var summary = Summary(
            file: source.name, rules: grammar.ruleCount, nodes: grammar.nodeCount, compileMicroseconds: elapsed,
            warnings: grammar.warnings.map(\.text))
        if let vocabulary {
            let model = try GrammarVocabulary(path: vocabulary)
            summary.vocabularySize = model.trie.vocabularySize
            let limits = try graphLimits()
            do throws(ConstraintError) {
                summary.graph = try GrammarGraph(grammar, model.trie, limits: limits)
                summary.walks = try GrammarWalks(
                    grammar, model.trie, walks: walks ?? 20, stepsEach: steps ?? 200, seed: seed)
            } catch { throw GrammarSourceError(path: source.name, error) }
        }
        switch format {
        case .json: try Console.output(try JSONText.encode(summary))
        case .table: try Console.output(Self.table(summary))
        }
        for warning in summary.warnings { Console.error("qp-gpu: warning: \(source.name): \(warning)") }
    }

    private static func table(_ summary: Summary) -> String {
        var table = TextTable([(summary.file, .leading), ("", .trailing)])
        table.append(["rules", Format.count(summary.rules)])
        table.append(["nodes", Format.count(summary.nodes)])
        table.append(["read and compiled in", Format.duration(microseconds: summary.compileMicroseconds)])
        guard let walks = summary.walks, let graph = summary.graph, let size = summary.vocabularySize else {
            return table.render()
        }
        table.append(["tokens of the vocabulary (V)", Format.count(size)])
        table.append(["random walks, and those that ended", "\(walks.walks), \(walks.finished)"])
        table.append(["states met", Format.count(walks.states)])
        table.append(["memory of the matcher", Format.bytes(Double(walks.matcherBytes))])
        table.append(["memory shared by the vocabulary's constraints", Format.bytes(Double(walks.vocabularyBytes))])
        var histogram = TextTable([("allowed tokens (K)", .leading), ("steps", .trailing), ("share", .trailing)])
        for bin in walks.histogram where bin.steps > 0 {
            histogram.append([
                bin.range, Format.count(bin.steps), Format.percent(Double(bin.steps) / Double(walks.steps)),
            ])
        }
        return table.render() + "\n" + graph.text + "\n" + histogram.render()
            + "forced, K = 1: \(Format.percent(Double(walks.forced) / Double(max(1, walks.steps))))"
            + " of \(Format.count(walks.steps)) steps\n"
    }
}

extension ConstraintWarning {
    /// The message with its place, as an error shows them.
    var text: String { ConstraintError(.unsupported, message, at: place).description }
}
