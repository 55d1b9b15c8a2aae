import Foundation
import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// The short ways to an answer, against a plain walk over a real vocabulary of 128,256 tokens.
@Suite("Allowed tokens of real schemas on a real vocabulary")
struct RealVocabularyTests {
    @Test("Every answer along a text is what a plain walk finds")
    func shortWays() throws {
        guard let folder = SharedData.path("jsonschemabench/schemas"),
            let file = SharedData.path("vocab/derived-vocab-llama-bpe.gguf")
        else { return }
        let gguf = try GGUFFile(path: file)
        let tokenizer = try Tokenizer(gguf)
        let trie = try TokenTrie(tokenizer.vocabulary)
        var compared = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let data = try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(name))
            guard case .object(let document) = try JSONValue(parsing: [UInt8](data)), let schema = document["schema"],
                case .array(let tests)? = document["tests"], let grammar = try? Grammar(jsonSchema: schema)
            else { continue }
            let matcher = try GrammarMatcher(grammar, trie)
            for test in tests {
                guard case .object(let test) = test, let instance = test["data"] else { continue }
                let text = instance.serialized()
                guard try grammar.accepts(text.utf8) else { continue }
                var state = matcher.start
                for (step, token) in try tokenizer.encode(text).prefix(60).enumerated() {
                    // Early steps and some of the later ones: a plain walk is slow.
                    if step % 5 == 0 || step < 8 {
                        let expected = Set(try matcher.successors(state).map(\.token))
                        let allowed = try matcher.allowedTokens(state)
                        #expect(
                            Set(allowed.tokens) == expected && allowed.count == expected.count, "\(name), step \(step)")
                        compared += 1
                    }
                    state = try matcher.advance(state, token)
                }
                break
            }
        }
        #expect(compared > 300)
    }
}
