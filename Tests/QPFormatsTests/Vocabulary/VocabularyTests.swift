import QPFormats
import Testing

@Suite("Vocabularies")
struct VocabularyTests {
    @Test("Tokens give their bytes by kind: those of special ones and of padded rows are none")
    func texts() throws {
        let kinds: [Vocabulary.TokenKind] = [.normal, .unknown, .control, .userDefined, .unused, .byte, .normal]
        let vocabulary = try Vocabulary(
            tokens: ["a", "<unk>", "<s>", "<tool>", "<free>", "\n", ""].map { Array($0.utf8) }, kinds: kinds,
            endOfText: [], beginOfText: 2, vocabularySize: 9)
        #expect(vocabulary.vocabularySize == 9)
        #expect(vocabulary.tokenCount == 7)
        #expect(vocabulary.kinds == kinds)
        let texts = (0..<9).map { String(decoding: vocabulary.text(of: $0), as: UTF8.self) }
        #expect(texts == ["a", "", "", "<tool>", "", "\n", "", "", ""])
        #expect((0..<9).map(vocabulary.specialName) == [nil, "<unk>", "<s>", nil, "<free>", nil, nil, nil, nil])
        #expect(vocabulary.endOfTextTokens == [])
        #expect(vocabulary.beginOfTextToken == 2)
        #expect(vocabulary.text(of: [0, 2, 5, 3, 8]) == Array("a\n<tool>".utf8))
    }

    @Test("A token that ends a text writes nothing, whatever it was; its number stands once")
    func ends() throws {
        let vocabulary = try Vocabulary(tokens: [[0x61], [0x62], [0x63]], endOfText: [2, 0, 2])
        #expect(vocabulary.endOfTextTokens == [0, 2])
        #expect(vocabulary.kinds == [.control, .normal, .control])
        #expect(vocabulary.textBytes == [0x62])
        #expect(vocabulary.specialName(of: 2) == "c")
        #expect((0..<3).map(vocabulary.isEndOfText) == [true, false, true])
    }

    @Test("Tokens may be equal, and are kept apart")
    func duplicates() throws {
        let vocabulary = try Vocabulary(tokens: [[0x61], [0x61], []])
        #expect(vocabulary.textOffsets == [0, 1, 2, 2])
        #expect(vocabulary.text(of: 0) == vocabulary.text(of: 1))
    }

    @Test("The vocabulary of bytes has each byte once, and an end")
    func bytes() {
        let vocabulary = Vocabulary.bytes256
        #expect(vocabulary.vocabularySize == 257)
        #expect((0...255).allSatisfy { Array(vocabulary.text(of: $0)) == [UInt8($0)] })
        #expect(vocabulary.endOfTextTokens == [256])
    }

    @Test("What does not fit together is refused with its numbers")
    func refused() {
        func message(_ make: () throws -> Vocabulary) -> String? {
            #expect(throws: FormatError.self) { _ = try make() }?.description
        }
        let a: [UInt8] = [0x61]
        #expect(message { try Vocabulary(tokens: []) } == "a vocabulary without tokens")
        #expect(message { try Vocabulary(tokens: [a], kinds: []) } == "0 kinds for 1 tokens")
        #expect(
            message { try Vocabulary(tokens: [a], endOfText: [1, 2]) }
                == "the end-of-text token 1 is none of the 1 tokens")
        #expect(
            message { try Vocabulary(tokens: [a], beginOfText: -1) }
                == "the begin-of-text token -1 is none of the 1 tokens")
        #expect(
            message { try Vocabulary(tokens: [a, a], vocabularySize: 1) }
                == "a head of 1 rows for 2 tokens\nGive the rows of the model's head: at least one for each token.")
        #expect(throws: FormatError.self) { try Vocabulary(tokens: [a], vocabularySize: .max) }
    }
}
