import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

@Suite("Profiles of repeated characters")
struct RunProfileTests {
    /// A grammar of strings whose characters are a unit, and the node and endless form of that unit's loop.
    private static func strings() throws -> (program: GrammarProgram, unit: Int32, endless: Int32) {
        let builder = GrammarBuilder()
        let character = try builder.character(ScalarSet("\"").complement)
        let root = try builder.sequence([
            builder.literal("\""), builder.repeated(builder.unit(character), 2, 40), builder.literal("\""),
        ])
        let program = try builder.grammar(root: root).program
        let loop = try #require(program.loops.first { $0.isRun })
        return (program, loop.body, loop.endless)
    }

    @Test("A profile made in parts is the one made at once", arguments: 1...6)
    func parts(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let alphabet = ["a", "b", "é", "\"", ","].map { Array($0.utf8) }
        let trie = try TokenTrie(GrammarMatcherTests.vocabulary(alphabet, count: 500, &random))
        let (program, _, endless) = try Self.strings()
        func builder() throws -> RunProfileBuilder {
            try RunProfileBuilder(
                endless: endless, of: Recognizer(program, limits: GrammarLimits()), exits: ByteSet("\"".utf8), in: trie)
        }
        let whole = try #require(try builder().profile(afterNodes: .max))
        let slow = try builder()
        var part: RunProfile?
        var parts = 0
        while part == nil {
            part = try slow.profile(afterNodes: 1 + Int(random.next() % 30))
            parts += 1
        }
        let made = try #require(part)
        #expect(parts > 5, "seed \(seed)")
        #expect(made.inside == whole.inside && made.insideEnd == whole.insideEnd, "seed \(seed)")
        #expect(made.masks == whole.masks && made.isCode == whole.isCode, "seed \(seed)")
        #expect(made.leavers.map(\.token) == whole.leavers.map(\.token), "seed \(seed)")
        #expect(!made.leavers.isEmpty && made.largestCount >= 5, "seed \(seed)")
    }

    @Test("The cache gives up the profile that was not used for the longest time, and counts its bytes")
    func cache() throws {
        let trie = try TokenTrie(Vocabulary.bytes256)
        let (program, _, endless) = try Self.strings()
        let made = try RunProfileBuilder(
            endless: endless, of: Recognizer(program, limits: GrammarLimits()), exits: ByteSet(), in: trie
        ).profile(afterNodes: .max)
        let profile = try #require(made)
        let cache = RunProfileCache()
        for code in 0..<RunProfileCache.capacity { cache.keep(profile, for: [UInt64(code)]) }
        #expect(cache.bytes == RunProfileCache.capacity * profile.bytes && profile.bytes > 256)
        #expect(cache.profile([0]) != nil)
        cache.keep(profile, for: [1000])
        #expect(cache.profile([0]) != nil && cache.profile([1]) == nil && cache.profile([1000]) != nil)
        #expect(cache.bytes == RunProfileCache.capacity * profile.bytes)
    }

    @Test("A vocabulary's bytes include what constraints had it remember")
    func trieBytes() throws {
        let trie = try TokenTrie(Vocabulary.bytes256)
        let before = trie.bytes
        let matcher = try GrammarMatcher(Grammar(regex: "[a-f]{3,900}"), trie)
        matcher.demandsBeforeProfile = 0
        _ = try matcher.allowedTokens(matcher.start)
        #expect(trie.bytes > before)
    }
}
