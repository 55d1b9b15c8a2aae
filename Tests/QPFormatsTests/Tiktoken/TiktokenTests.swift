import Foundation
import QPTestInputs
import Testing

@testable import QPFormats

@Suite("Tiktoken rank files")
struct TiktokenTests {
    @Test("Tokens are given by rank, and ranks between them may be left out")
    func ranks() throws {
        let ranks = try TiktokenRanks(bytes: Array("IQ== 1\nIA== 0\n\n/+8= 4\nAAEC 2".utf8))
        #expect(ranks.tokens.map(\.rank) == [0, 1, 2, 4])
        #expect(ranks.tokens.map(\.bytes) == [[0x20], [0x21], [0, 1, 2], [0xFF, 0xEF]])
    }

    @Test("A file is read by its path")
    func path() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).tiktoken")
        defer { try? FileManager.default.removeItem(at: path) }
        try Data("IQ== 1\n".utf8).write(to: path)
        #expect(try TiktokenRanks(path: path.path).tokens.map(\.bytes) == [[0x21]])
        #expect(throws: FormatError.self) { try TiktokenRanks(path: "/nonexistent") }
    }

    @Test("A vocabulary has the ranks' tokens, the special ones, and unused ids between")
    func vocabulary() throws {
        let ranks = try TiktokenRanks(bytes: Array("IA== 0\nIQ== 2\n".utf8))
        let vocabulary = try Vocabulary(
            ranks, specials: [("<|endoftext|>", 4), ("<|fim_prefix|>", 3)], vocabularySize: 8)
        #expect(vocabulary.kinds == [.normal, .unused, .normal, .control, .control])
        #expect(vocabulary.textBytes == [0x20, 0x21])
        #expect(vocabulary.endOfTextTokens == [4])
        #expect(vocabulary.specialName(of: 3) == "<|fim_prefix|>")
        #expect(vocabulary.specialName(of: 1) == nil)
        #expect(vocabulary.vocabularySize == 8)
        #expect(try Vocabulary(ranks).vocabularySize == 3)
        for id in [2, -1, .max] {
            let error = #expect(throws: FormatError.self) { try Vocabulary(ranks, specials: [("<x>", id)]) }
            #expect(error?.message == "the special token '<x>' has the id \(id), which is another's or none")
        }
        #expect(throws: FormatError.self) { try Vocabulary(ranks, specials: [("<x>", 4), ("<y>", 4)]) }
    }

    static let refusals: [(text: String, error: String)] = [
        ("", "the file of ranks is empty"), ("\n\n", "the file of ranks is empty"),
        (
            "IA== 0\nIQ==\n",
            "line 2 of the ranks is not a token in base64, a space, and a rank of at most 1048576 (at byte 7)"
        ),
        (
            "IA== 0 \n",
            "line 1 of the ranks is not a token in base64, a space, and a rank of at most 1048576 (at byte 0)"
        ),
        ("IA= 0\n", "line 1 of the ranks is not a token in base64, a space, and a rank of at most 1048576 (at byte 0)"),
        (
            "I*== 0\n",
            "line 1 of the ranks is not a token in base64, a space, and a rank of at most 1048576 (at byte 0)"
        ),
        (
            "IA== -1\n",
            "line 1 of the ranks is not a token in base64, a space, and a rank of at most 1048576 (at byte 0)"
        ),
        (
            "IA== 1048577",
            "line 1 of the ranks is not a token in base64, a space, and a rank of at most 1048576 (at byte 0)"
        ),
        (
            "IA== 99999999999999999999",
            "line 1 of the ranks is not a token in base64, a space, and a rank of at most 1048576 (at byte 0)"
        ),
        ("IA== 0\nIA== 1\n", "line 2 of the ranks has the token of line 1 (at byte 7)"),
        ("IA== 0\nIQ== 0\n", "line 2 of the ranks has the rank of line 1 (at byte 7)"),
    ]

    @Test("A line that is no token and rank is refused with its number", arguments: refusals)
    func refused(text: String, error: String) {
        let thrown = #expect(throws: FormatError.self) { try TiktokenRanks(bytes: Array(text.utf8)) }
        #expect(thrown?.description == error)
    }

    @Test("Base64 gives back what the platform's encoder made, and takes nothing else")
    func base64() {
        for seed in 1...2000 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(Base64.decode(Array(Data(bytes).base64EncodedString().utf8)) == bytes, "seed \(seed)")
        }
        // Bits that stand for nothing, padding in the wrong place, too much of it, other alphabets.
        for text in ["IB==", "IAB=", "I===", "====", "=AAA", "IA==IA==", "A-_A", "AAA", "A", "AA A"] {
            #expect(Base64.decode(Array(text.utf8)) == nil, "\(text)")
        }
    }
}
