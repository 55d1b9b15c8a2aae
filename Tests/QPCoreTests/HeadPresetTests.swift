import QPCore
import Testing

@Suite struct HeadPresetTests {
    /// V and d as in each model's published `config.json`.
    @Test(arguments: [
        ("Llama-3.1-8B", 128_256, 4096), ("Llama-3.2-1B", 128_256, 2048), ("Qwen2.5-0.5B", 151_936, 896),
        ("Gemma-2-2B", 256_000, 2304), ("Gemma-3-270M", 262_144, 640), ("SmolLM2-135M", 49_152, 576),
        ("GPT-2", 50_257, 768),
    ])
    func shapesAreThoseOfTheModels(name: String, vocabularySize: Int, hiddenSize: Int) throws {
        let preset = try #require(HeadPreset.named(name))
        #expect(preset.vocabularySize == vocabularySize)
        #expect(preset.hiddenSize == hiddenSize)
    }

    @Test func thereAreSevenWithNamesOfTheirOwn() {
        #expect(HeadPreset.all.count == 7)
        #expect(Set(HeadPreset.all.map { $0.name.lowercased() }).count == 7)
    }

    @Test func largestBodyComesFirst() {
        let bodies = HeadPreset.all.map(\.bodyParameterCount)
        #expect(bodies == bodies.sorted(by: >))
    }

    /// A preset's body is its published parameter count less the tables that a decode step does not stream:
    /// the tied embedding once, and GPT-2's 1024 position rows.
    @Test(arguments: [
        ("Llama-3.1-8B", 8_030_261_248 - 2 * 128_256 * 4096), ("Llama-3.2-1B", 1_235_814_400 - 128_256 * 2048),
        ("Qwen2.5-0.5B", 494_032_768 - 151_936 * 896), ("Gemma-2-2B", 2_614_341_888 - 256_000 * 2304),
        ("Gemma-3-270M", 268_098_176 - 262_144 * 640), ("SmolLM2-135M", 134_515_008 - 49_152 * 576),
        ("GPT-2", 124_439_808 - 50_257 * 768 - 1024 * 768),
    ])
    func bodyIsThePublishedCountWithoutTables(name: String, body: Int) throws {
        let preset = try #require(HeadPreset.named(name))
        // Norms and biases may be counted or not: below one part in a thousand.
        #expect(abs(Double(preset.bodyParameterCount) / Double(body) - 1) < 1e-3, "\(preset.bodyParameterCount)")
    }

    @Test(arguments: [
        ("Gemma-3-270M", 0.626), ("Llama-3.1-8B", 0.070), ("Llama-3.2-1B", 0.213), ("Qwen2.5-0.5B", 0.276),
        ("SmolLM2-135M", 0.210), ("Gemma-2-2B", 0.226), ("GPT-2", 0.312),
    ])
    func headShareOfWeights(name: String, share: Double) throws {
        let preset = try #require(HeadPreset.named(name))
        #expect(abs(preset.headShareOfWeights - share) < 0.001, "\(preset.headShareOfWeights)")
    }

    @Test(arguments: ["gemma-3-270m", "GEMMA-3-270M", "Gemma-3-270M"])
    func caseDoesNotMatter(name: String) { #expect(HeadPreset.named(name)?.name == "Gemma-3-270M") }

    @Test(arguments: ["", "Gemma", "Gemma-3-270M ", "Llama-3.1-8"])
    func partOfANameIsNone(name: String) { #expect(HeadPreset.named(name) == nil) }
}
