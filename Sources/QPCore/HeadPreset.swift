/// The head shape of a published model, so that a profile speaks of real sizes.
///
/// V, d and the body's size are facts from each model's published configuration and parameter count.
public struct HeadPreset: Hashable, Sendable {
    /// The name by which `qp-gpu profile --head` takes it.
    public let name: String
    /// V.
    public let vocabularySize: Int
    /// d.
    public let hiddenSize: Int
    /// Weights other than the head that a decode step streams: all layers, without embedding tables.
    public let bodyParameterCount: Int

    /// Share of the weights streamed in one batch-1 decode step that the head makes up, 0…1.
    public var headShareOfWeights: Double {
        let head = Double(vocabularySize) * Double(hiddenSize)
        return head / (head + Double(bodyParameterCount))
    }

    /// All presets, largest body first.
    public static let all: [HeadPreset] = [
        HeadPreset(
            name: "Llama-3.1-8B", vocabularySize: 128_256, hiddenSize: 4096, bodyParameterCount: 6_979_588_096),
        HeadPreset(name: "Gemma-2-2B", vocabularySize: 256_000, hiddenSize: 2304, bodyParameterCount: 2_024_517_888),
        HeadPreset(name: "Llama-3.2-1B", vocabularySize: 128_256, hiddenSize: 2048, bodyParameterCount: 973_146_112),
        HeadPreset(name: "Qwen2.5-0.5B", vocabularySize: 151_936, hiddenSize: 896, bodyParameterCount: 357_898_112),
        HeadPreset(name: "SmolLM2-135M", vocabularySize: 49_152, hiddenSize: 576, bodyParameterCount: 106_203_456),
        HeadPreset(name: "Gemma-3-270M", vocabularySize: 262_144, hiddenSize: 640, bodyParameterCount: 100_326_016),
        HeadPreset(name: "GPT-2", vocabularySize: 50_257, hiddenSize: 768, bodyParameterCount: 85_056_000),
    ]

    /// The preset of that name, whatever its case.
    public static func named(_ name: String) -> HeadPreset? {
        all.first { $0.name.lowercased() == name.lowercased() }
    }
}
