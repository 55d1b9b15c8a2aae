import QPConstraints
import QPFormats

extension FuzzTarget {
    /// Small enough that no input takes more than a moment.
    private static let limits: GrammarLimits = {
        var limits = GrammarLimits()
        limits.expressions = 60_000
        limits.automatonStates = 2_000
        limits.configurations = 500
        limits.states = 20_000
        limits.repetition = 10_000
        limits.seconds = 2
        return limits
    }()

    static func followRegex(_ input: [UInt8]) {
        walk(input) { text throws(ConstraintError) in try Grammar(regex: text, limits: limits) }
    }

    static func followSearch(_ input: [UInt8]) {
        walk(input) { text throws(ConstraintError) in
            try Grammar(regex: text, options: .jsonSchema, limits: limits)
        }
    }

    static func followSchema(_ input: [UInt8]) {
        guard let schema = try? JSONValue(parsing: input) else { return }
        walk(input, isJSON: true) { _ throws(ConstraintError) in try Grammar(jsonSchema: schema, limits: limits) }
    }

    static func followGBNF(_ input: [UInt8]) {
        walk(input) { text throws(ConstraintError) in try Grammar(gbnf: text, limits: limits) }
    }

    /// The reader keeps exponents within bounds; a number of JSON may have any.
    private static func requireJSON(_ text: [UInt8]) {
        do {
            _ = try JSONValue(parsing: text)
        } catch {
            require(error.description.contains("exponent"), "a finished text is not JSON: \(error)")
        }
    }

    /// Compiles, and follows a way through the grammar that the input's own bytes choose.
    private static func walk(
        _ input: [UInt8], isJSON: Bool = false, _ compile: (String) throws(ConstraintError) -> Grammar
    ) {
        let text = String(decoding: input, as: UTF8.self)
        guard let grammar = try? compile(text), let matcher = try? GrammarMatcher(grammar, trie) else { return }
        var cursor = ConstraintCursor(matcher)
        var written: [UInt8] = []
        for choice in input.prefix(24) where !cursor.isFinished {
            // A limit may be met on the way; a dead end may not.
            let allowed: AllowedTokens
            do {
                allowed = try cursor.allowedTokens()
            } catch {
                require(error.code == .limit, "\(error)")
                return
            }
            require(allowed.count > 0 && allowed.tokens.count == allowed.count, "K is not the count of ids")
            if let plain = try? matcher.successors(cursor.state) {
                require(
                    Set(plain.map(\.token)) == Set(allowed.tokens), "the mask is not what each token by itself says")
            }
            let token = Int(allowed.tokens[Int(choice) % allowed.count])
            do {
                try cursor.accept(token)
            } catch {
                require(error.code == .limit, "an allowed token is refused: \(error)")
                return
            }
            written += trie.text(of: token)
        }
        let isComplete = cursor.isFinished || cursor.isAccepting
        require(
            ((try? grammar.accepts(written)) ?? isComplete) == isComplete, "where the text may end is not where it does"
        )
        if isComplete, isJSON { requireJSON(written) }
    }

    /// One token for each byte, so that every text can be written, and pieces of several characters as models have
    /// them: words, runs of one character, and punctuation across the borders of strings.
    private static let trie: TokenTrie = {
        let words = [
            "a", "ab", "abc", "the", "foo", "true", "null", "alpha", "x-a", "identifier", "internationalisation", "é",
            "日本", "0", "12", "2024", "0.5", "e10", "T10", ":30", "Z",
        ]
        let marks = [
            "", " ", "\"", "\",\"", "\":", "\":\"", "\"}", "\"]", ",", "-", ".", "/", "\\n", "\\u00", "{\"", "[", "},{",
        ]
        var texts = (0...255).map { [UInt8($0)] }
        for word in words { for mark in marks { texts += [Array((mark + word).utf8), Array((word + mark).utf8)] } }
        for length in [2, 3, 8, 24] { for byte in "a 0-".utf8 { texts.append(Array(repeating: byte, count: length)) } }
        texts.append(Array("</s>".utf8))
        // The arguments fit by their making.
        return try! TokenTrie(Vocabulary(tokens: texts, endOfText: [texts.count - 1]))
    }()
}
