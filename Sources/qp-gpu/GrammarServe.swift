import ArgumentParser
import QPConstraints
import QPCore
import QPFormats

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Answers requests for masks, one JSON object a line, for comparisons with other engines (scripts/compare-masks.py).
///
/// `{"vocabulary": true}` gives V, the end-of-text ids and each token's bytes in base64, null for those without text;
/// `{"encode": text}` gives a text's tokens; `{"open": {"kind", "source"}}` compiles a constraint and `{"advance": id}`
/// takes a token: both give the packed mask of what may come next in base64, or `{"error": …}`, as does
/// `{"rollback": n}`, which takes tokens back.
struct GrammarServe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answer requests for masks on standard input.", shouldDisplay: false)

    @Option(help: ArgumentHelp("A GGUF file with the tokenizer.", valueName: "file"))
    var vocabulary: String

    private struct Request: Decodable {
        struct Source: Decodable {
            var kind: String
            var source: String
        }
        var vocabulary: Bool?
        var encode: String?
        var open: Source?
        var advance: Int?
        var rollback: Int?
    }

    private struct Answer: Encodable {
        var vocabularySize: Int?
        var endOfText: [Int]?
        var tokens: [String?]?
        var ids: [Int]?
        var mask: String?
        var isAccepting: Bool?
        var error: String?
    }

    func run() throws {
        let model = try GrammarVocabulary(path: vocabulary)
        var cursor: ConstraintCursor?
        while let line = readLine() {
            var answer = Answer()
            do {
                let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
                if request.vocabulary == true { answer = Self.describe(model.vocabulary) }
                if let text = request.encode { answer.ids = try model.encode(text) }
                if let source = request.open { cursor = try open(source, model) }
                if let token = request.advance { try cursor?.accept(token) }
                if let count = request.rollback {
                    guard let taken = cursor?.tokens.count, 0...taken ~= count else {
                        throw ValidationError("\(count) tokens cannot be taken back")
                    }
                    cursor?.rollback(count)
                }
                if let cursor, request.open != nil || request.advance != nil || request.rollback != nil {
                    answer.mask = Data(
                        try cursor.allowedTokens().mask.words.flatMap { word in
                            (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
                        }
                    ).base64EncodedString()
                    answer.isAccepting = cursor.isAccepting
                }
            } catch {
                answer = Answer(error: "\(error)")
            }
            try Console.output(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
        }
    }

    private func open(_ source: Request.Source, _ model: GrammarVocabulary) throws -> ConstraintCursor {
        let grammar =
            switch GrammarKind(rawValue: source.kind) {
            case .gbnf: try Grammar(gbnf: source.source)
            case .schema: try Grammar(jsonSchema: source.source)
            case .regex: try Grammar(regex: source.source)
            case nil: throw ValidationError("no kind is called \(source.kind)")
            }
        return ConstraintCursor(try GrammarMatcher(grammar, model.trie))
    }

    private static func describe(_ vocabulary: Vocabulary) -> Answer {
        Answer(
            vocabularySize: vocabulary.vocabularySize, endOfText: vocabulary.endOfTextTokens,
            tokens: (0..<vocabulary.tokenCount).map { token in
                let text = vocabulary.text(of: token)
                return text.isEmpty ? nil : Data(text).base64EncodedString()
            })
    }
}
