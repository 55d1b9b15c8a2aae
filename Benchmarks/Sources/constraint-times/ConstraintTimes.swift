import ArgumentParser
import Foundation
import QPConstraints
import QPFormats

/// Times constraints along given walks, for comparisons with other engines (Benchmarks/constraints.py).
///
/// Reads one JSON object a line and answers each with one:
/// `{"describe": true}` gives V, the end-of-text ids and each token's bytes in base64 (null for those without text);
/// `{"encode": text}` the tokens of a text; `{"kind": "schema" | "regex" | "gbnf", "source": text, "walks": [[id]]}`
/// the times of compiling it (`compileMicroseconds`, one for each of three compilations, each with a matcher of its
/// own) and, along each walk with a fresh matcher, of each step's mask (worked out and written into a buffer of packed
/// words) and of taking each token; with `"graph": true` also of look-ups in the precomputed graph.
@main
struct ConstraintTimes: ParsableCommand {
    @Argument(help: ArgumentHelp("A GGUF file with the tokenizer.", valueName: "file"))
    var vocabulary: String

    struct Request: Decodable {
        var describe: Bool?
        var encode: String?
        var kind: String?
        var source: String?
        var walks: [[Int]]?
        var graph: Bool?
    }

    struct Walk: Encodable {
        var maskMicroseconds: [Double] = []
        var advanceMicroseconds: [Double] = []
        /// K of each step.
        var allowed: [Int] = []
    }

    struct Graph: Encodable {
        var states = 0
        var tokenClasses = 0
        var bytes = 0
        var buildMilliseconds = 0.0
        /// Allowed set and successor of one step, the mean over all steps of the walks, for each of several rounds.
        var lookUpNanoseconds: [Double] = []
    }

    struct Answer: Encodable {
        var vocabularySize: Int?
        var endOfText: [Int]?
        var tokens: [String?]?
        var ids: [Int]?
        var compileMicroseconds: [Double]?
        var walks: [Walk]?
        var graph: Graph?
        var matcherBytes: Int?
        var prepareMilliseconds: Double?
        var error: String?
    }

    func run() throws {
        let tokenizer = try Tokenizer(try GGUFFile(path: vocabulary))
        let clock = ContinuousClock()
        var made: TokenTrie?
        let prepared = try clock.measure { made = try TokenTrie(tokenizer.vocabulary) }
        guard let trie = made else { return }
        let encoder = JSONEncoder()
        while let line = readLine() {
            var answer = Answer()
            do {
                let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
                if request.describe == true {
                    answer = Self.describe(tokenizer.vocabulary)
                    answer.prepareMilliseconds = prepared.microseconds / 1e3
                }
                if let text = request.encode { answer.ids = try tokenizer.encode(text) }
                if let kind = request.kind, let source = request.source {
                    answer = try Self.time(kind, source, request, trie)
                }
            } catch {
                answer = Answer(error: "\(error)")
            }
            FileHandle.standardOutput.write(try encoder.encode(answer) + [UInt8(ascii: "\n")])
        }
    }

    private static func describe(_ vocabulary: Vocabulary) -> Answer {
        Answer(
            vocabularySize: vocabulary.vocabularySize, endOfText: vocabulary.endOfTextTokens,
            tokens: (0..<vocabulary.tokenCount).map { token in
                let text = vocabulary.text(of: token)
                return text.isEmpty ? nil : Data(text).base64EncodedString()
            })
    }

    private static func compile(_ kind: String, _ source: String) throws -> Grammar {
        switch kind {
        case "schema": try Grammar(jsonSchema: source)
        case "regex": try Grammar(regex: source)
        case "gbnf": try Grammar(gbnf: source)
        default: throw ValidationError("no kind is called \(kind)")
        }
    }

    private static func time(
        _ kind: String, _ source: String, _ request: Request, _ trie: TokenTrie
    ) throws -> Answer {
        let clock = ContinuousClock()
        var answer = Answer(compileMicroseconds: [], walks: [])
        var compiled: Grammar?
        for _ in 0..<3 {
            let duration = try clock.measure {
                let grammar = try compile(kind, source)
                compiled = grammar
                _ = try GrammarMatcher(grammar, trie)
            }
            answer.compileMicroseconds?.append(duration.microseconds)
        }
        guard let grammar = compiled else { return answer }
        let words = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: (trie.vocabularySize + 31) / 32)
        defer { words.deallocate() }
        words.initialize(repeating: 0)
        for tokens in request.walks ?? [] {
            let matcher = try GrammarMatcher(grammar, trie)
            var state = matcher.start
            var walk = Walk()
            for token in tokens {
                var count = 0
                let mask = try clock.measure {
                    let allowed = try matcher.allowedTokens(state)
                    allowed.fill(words)
                    count = allowed.count
                }
                let advance = try clock.measure { state = try matcher.advance(state, token) }
                walk.maskMicroseconds.append(mask.microseconds)
                walk.advanceMicroseconds.append(advance.microseconds)
                walk.allowed.append(count)
            }
            answer.walks?.append(walk)
            answer.matcherBytes = max(answer.matcherBytes ?? 0, matcher.bytes)
        }
        if request.graph == true { answer.graph = try timeGraph(grammar, trie, request.walks ?? []) }
        return answer
    }

    private static func timeGraph(_ grammar: Grammar, _ trie: TokenTrie, _ walks: [[Int]]) throws -> Graph? {
        let clock = ContinuousClock()
        var built: ConstraintGraph?
        let duration = try clock.measure {
            do throws(ConstraintError) {
                built = try ConstraintGraph(grammar, trie)
            } catch  where error.code == .limit {
                built = nil
            }
        }
        guard let graph = built else { return nil }
        var times = Graph(
            states: graph.stateCount, tokenClasses: graph.tokenClassCount, bytes: graph.bytes,
            buildMilliseconds: duration.microseconds / 1e3)
        let steps = walks.reduce(0) { $0 + $1.count }
        guard steps > 0 else { return times }
        for _ in 0..<9 {
            let repetitions = 20_000 / steps + 1
            var total = 0
            let duration = try clock.measure {
                for _ in 0..<repetitions {
                    for walk in walks {
                        var state = graph.start
                        for token in walk {
                            total += try graph.allowedTokens(state).count
                            state = try graph.advance(state, token)
                        }
                    }
                }
            }
            // The sum keeps the look-ups from being left out.
            guard total > 0 else { break }
            times.lookUpNanoseconds.append(duration.microseconds * 1e3 / Double(repetitions * steps))
        }
        return times
    }
}

extension Duration {
    fileprivate var microseconds: Double {
        Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
    }
}
