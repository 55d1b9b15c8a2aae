/// As JSON an infinite prediction is null, since JSON has no infinity: `{"features": […], "predictedLoss": [1.2, null,
/// …]}`.
extension RouterContext: Codable {
    private enum CodingKeys: String, CodingKey {
        case features
        case predictedLoss
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(features, forKey: .features)
        let losses = predictedLoss.indices.map { predictedLoss[$0].isFinite ? predictedLoss[$0] : nil }
        try container.encode(losses, forKey: .predictedLoss)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let losses = try container.decode([Double?].self, forKey: .predictedLoss)
        guard losses.count == Self.maximumArmCount else {
            throw DecodingError.dataCorruptedError(
                forKey: .predictedLoss, in: container,
                debugDescription: "\(losses.count) predicted losses, not \(Self.maximumArmCount)")
        }
        self.init(
            features: try container.decode(SIMD8<Double>.self, forKey: .features),
            predictedLoss: SIMD8(losses.map { $0 ?? .infinity }))
    }
}
