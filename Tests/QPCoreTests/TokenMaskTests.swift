import QPCore
import Testing

@Suite struct TokenMaskTests {
    /// Around the ends of words, where packing goes wrong.
    static let sizes = [1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 1000, 50_257]

    @Test func bitsLieLeastSignificantFirst() throws {
        let mask = try TokenMask(allowing: [3, 40], vocabularySize: 64)
        #expect(mask.words == [8, 256])
        #expect(mask.count == 2)
        #expect(mask.tokens == [3, 40])
        #expect(try TokenMask(allowing: [0, 31, 32, 33], vocabularySize: 34).words == [0x8000_0001, 3])
    }

    @Test(arguments: sizes)
    func everyTokenAloneRoundTrips(vocabularySize: Int) throws {
        let last = vocabularySize - 1
        for token in Set([0, 1, 30, 31, 32, 33, last - 1, last]) where (0..<vocabularySize).contains(token) {
            let mask = try TokenMask(allowing: [token], vocabularySize: vocabularySize)
            #expect(mask.count == 1)
            #expect(mask.tokens == [UInt32(token)])
            #expect(mask.contains(token))
            #expect(!mask.contains(token - 1) && !mask.contains(token + 1))
        }
    }

    @Test(arguments: sizes, [UInt64](1...6))
    func agreesWithASetOfIntegers(vocabularySize: Int, seed: UInt64) throws {
        var generator = PhiloxGenerator(seed: seed &* 1_000_003 &+ UInt64(vocabularySize))
        let density = generator.uniform()
        let model = Set((0..<vocabularySize).filter { _ in generator.uniform() < density })
        let what: Comment = "V \(vocabularySize), seed \(seed)"
        // In any order, and with duplicates.
        let given = model.shuffled(using: &generator) + model.prefix(3)
        let mask = try TokenMask(allowing: given, vocabularySize: vocabularySize)
        #expect(mask.count == model.count, what)
        #expect(mask.tokens == model.sorted().map(UInt32.init), what)
        #expect(mask.words.count == (vocabularySize + 31) / 32, what)
        for token in -2...(vocabularySize + 40) where mask.contains(token) != model.contains(token) {
            Issue.record("token \(token), V \(vocabularySize), seed \(seed)")
        }
        #expect(try TokenMask(words: mask.words, vocabularySize: vocabularySize) == mask, what)
        #expect(try TokenMask(allowing: mask.tokens.map(Int.init), vocabularySize: vocabularySize) == mask, what)
    }

    @Test(arguments: sizes)
    func bitsAtOrAboveTheVocabularyAreIgnored(vocabularySize: Int) throws {
        let needed = (vocabularySize + 31) / 32
        let mask = try TokenMask(
            words: repeatElement(UInt32.max, count: needed + 3), vocabularySize: vocabularySize)
        #expect(mask.count == vocabularySize)
        #expect(mask.words.count == needed)
        #expect(mask.tokens == (0..<UInt32(vocabularySize)).map { $0 })
        #expect(mask == TokenMask.all(vocabularySize: vocabularySize))
        #expect(mask == (try TokenMask(allowing: 0..<vocabularySize, vocabularySize: vocabularySize)))
    }

    @Test func everythingAboveTheVocabularyIsTheEmptySet() throws {
        let mask = try TokenMask(words: [0xFFFF_FFF0], vocabularySize: 4)
        #expect(mask.count == 0)
        #expect(mask.tokens.isEmpty)
        #expect(mask == (try TokenMask(allowing: [], vocabularySize: 4)))
    }

    @Test(arguments: [
        (33, 1, "the packed mask has 1 words but a vocabulary of 33 needs 2"),
        (1, 0, "the packed mask has 0 words but a vocabulary of 1 needs 1"),
        (128_256, 4007, "the packed mask has 4007 words but a vocabulary of 128256 needs 4008"),
    ])
    func narrowMaskIsRefused(vocabularySize: Int, words: Int, text: String) {
        let error = #expect(throws: TokenSetError.self) {
            try TokenMask(words: repeatElement(1, count: words), vocabularySize: vocabularySize)
        }
        #expect(
            error?.description == text + "; a narrower mask would leave the rest unconstrained, so it is refused")
    }

    @Test(arguments: [(-1, 10), (10, 10), (11, 10), (32, 10), (Int.max, 10), (Int.min, 10)])
    func tokensOutsideTheVocabularyAreRefused(token: Int, vocabularySize: Int) {
        #expect(throws: TokenSetError.outOfRange(token: token, vocabularySize: vocabularySize)) {
            try TokenMask(allowing: [0, token, 1], vocabularySize: vocabularySize)
        }
    }
}

@Suite struct TokenSetErrorTests {
    @Test(arguments: [
        (
            TokenSetError.outOfRange(token: 50_257, vocabularySize: 50_257),
            "allowed token 50257 is outside the vocabulary 0..<50257; "
                + "check that mask and head belong to the same model"
        ),
        (
            .tooFewWords(given: 2, needed: 3, vocabularySize: 65),
            "the packed mask has 2 words but a vocabulary of 65 needs 3; "
                + "a narrower mask would leave the rest unconstrained, so it is refused"
        ),
        (
            .tooMany(count: 12, vocabularySize: 10),
            "12 allowed tokens are given for a vocabulary of 10; give each id once"
        ),
        (
            .empty(batchRow: 3),
            "no token is allowed in batch row 3; the constraint has reached a dead end before the head runs"
        ),
    ])
    func texts(error: TokenSetError, text: String) { #expect(error.description == text) }
}
