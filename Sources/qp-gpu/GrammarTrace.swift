import ArgumentParser
import QPConstraints
import QPCore
import QPFormats
import QPReport
import QPRuntime

struct GrammarTrace: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Follow a constraint along a text: K, allowed ids and forced runs.",
        discussion: """
            The text is encoded with the model's tokenizer, and each of its tokens is one step; where the text may \
            end, a last step allows the end-of-text tokens. Forced are tokens that follow of themselves, K = 1 each; \
            forced text does whatever tokens write it. --output writes the steps as a trace of lines \
            (Profiles/README.md), which `bench planner`, `run` and `explain` read; hidden states and weights are drawn \
            there.

            EXAMPLES
              qp-gpu grammar trace schema.json --vocabulary model.gguf --text '{"a":1}'
              qp-gpu grammar trace schema.json --vocabulary model.gguf --text-file answer.json --output trace.jsonl
              qp-gpu grammar trace --json-object --whitespace spaced --vocabulary model.gguf --text '{"a": 1}'
              qp-gpu bench planner --traces trace.jsonl
            """)

    @OptionGroup var source: GrammarSource
    @Option(help: ArgumentHelp("A GGUF file with the tokenizer.", valueName: "file"))
    var vocabulary: String
    @Option(parsing: .unconditional, help: "The text to follow.")
    var text: String?
    @Option(
        help: ArgumentHelp("A file with it: line ends read as \\n, the one at its end left out.", valueName: "file"))
    var textFile: String?
    @Option(help: ArgumentHelp("Write the steps as a trace.", valueName: "file"))
    var output: String?
    @Flag(help: "Keep the allowed ids: in the trace, and in JSON.")
    var ids = false
    @Option(help: "d of the head in the trace (default: the model's, or 256).")
    var hidden: Int?
    @Option(help: "What to print: table or json.")
    var format = OutputFormat.table

    func validate() throws {
        guard (text == nil) != (textFile == nil) else {
            throw ValidationError("give the text with --text, or a file of it with --text-file")
        }
        try source.refuseSharedInput(textFile.map { [$0] } ?? [])
        if hidden != nil, output == nil { throw ValidationError.needs("--hidden", "--output") }
        if let hidden, !(1...1 << 20).contains(hidden) {
            throw ValidationError("--hidden is \(hidden); it must lie in 1…\(1 << 20)")
        }
    }

    /// One token of the text, and what the constraint allowed in its place.
    struct Step: Encodable {
        /// Nil at the end.
        var token: Int?
        var text: String
        /// Byte of the text at which it begins.
        var byte: Int
        var K: Int
        /// Tokens that follow of themselves from here, as long as each is the only one allowed.
        var forced: Int
        /// Text that follows of itself, whatever tokens write it.
        var forcedText: String
        var stateID: UInt64
        var allowed: [UInt32]?
    }

    func run() throws {
        let grammar = try source.grammar()
        let model = try GrammarVocabulary(path: vocabulary)
        let given = try text ?? Self.content(textFile ?? "")
        let tokens = try model.encode(given)
        let (steps, masks) = try follow(tokens, grammar, model)
        if let output { try write(steps, masks, to: output, model) }
        switch format {
        case .json: try Console.output(try JSONText.encode(steps))
        case .table: try Console.output(Self.table(steps))
        }
        if steps.isEmpty || steps.last?.token != nil {
            Console.error("note: the text is a beginning; the constraint wants it to go on")
        }
    }

    private static func content(_ path: String) throws -> String {
        guard let text = String(validating: try InputFile.text(path), as: UTF8.self) else {
            throw GrammarSourceError(path: path, reason: "the text is not UTF-8")
        }
        return text
    }

    private func follow(
        _ tokens: [Int], _ grammar: Grammar, _ model: GrammarVocabulary
    ) throws -> ([Step], [TokenMask?]) {
        var steps: [Step] = []
        var masks: [TokenMask?] = []
        var known: [ConstraintState: UInt64] = [:]
        var byte = 0
        do throws(ConstraintError) {
            let matcher = try GrammarMatcher(grammar, model.trie)
            var state = matcher.start
            func note(_ token: Int?) throws(ConstraintError) {
                let allowed = try matcher.allowedTokens(state)
                let number = known[state] ?? UInt64(known.count)
                known[state] = number
                steps.append(
                    Step(
                        token: token, text: token.map { String(shown: model.vocabulary.text(of: $0)) } ?? "end",
                        byte: byte, K: allowed.count, forced: try matcher.forcedRun(state, maximumCount: 1000).count,
                        forcedText: String(shown: try matcher.forcedText(state, maximumCount: 1000)[...]),
                        stateID: number,
                        allowed: ids ? allowed.tokens : nil))
                masks.append(ids ? allowed.mask : nil)
            }
            for token in tokens {
                guard try matcher.allowedTokens(state).contains(token) else {
                    let rest = Array(tokens[steps.count...].flatMap { model.vocabulary.text(of: $0) })
                    let fits = try grammar.longestPrefix(
                        of: tokens[..<steps.count].flatMap { model.vocabulary.text(of: $0) } + rest)
                    throw ConstraintError(.notAllowed, "the text is not allowed", at: .offset(fits))
                }
                try note(token)
                state = try matcher.advance(state, token)
                byte += model.vocabulary.text(of: token).count
            }
            if matcher.isAccepting(state) { try note(nil) }
        } catch {
            throw GrammarSourceError(path: source.name, error)
        }
        return (steps, masks)
    }

    private func write(
        _ steps: [Step], _ masks: [TokenMask?], to path: String, _ model: GrammarVocabulary
    ) throws {
        let shape: HeadShape
        do throws(ShapeError) {
            shape = try HeadShape(
                vocabularySize: model.trie.vocabularySize, hiddenSize: hidden ?? model.hiddenSize ?? 256,
                elementType: .f16)
        } catch { throw GrammarSourceError(path: vocabulary, reason: error.description) }
        var writer = try TraceWriter(
            path: path,
            header: TraceHeader(
                head: shape, weights: .synthetic(seed: 1, preset: nil),
                source: "no states: allowed sets of a constraint"))
        for (index, step) in steps.enumerated() {
            try writer.write(
                TraceStep(
                    sequence: 0, step: index, allowedTokenCount: step.K, allowed: masks[index], stateID: step.stateID))
        }
        try writer.finish()
    }

    private static func table(_ steps: [Step]) -> String {
        var table = TextTable([
            ("byte", .trailing), ("token", .trailing), ("text", .leading), ("K", .trailing), ("state", .trailing),
            ("forced", .trailing), ("forced text", .leading),
        ])
        for step in steps {
            table.append([
                Format.count(step.byte), step.token.map { "\($0)" } ?? "", step.text, Format.count(step.K),
                "\(step.stateID)", step.forced == 0 ? "" : Format.count(step.forced),
                step.forcedText.count > 32 ? "\(step.forcedText.prefix(31))…" : step.forcedText,
            ])
        }
        let forced = steps.count { $0.K == 1 }
        return table.render() + "forced, K = 1: \(forced) of \(steps.count) steps\n"
    }
}
