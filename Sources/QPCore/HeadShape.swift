/// The output head of a language model: a matrix W of V rows (vocabulary) and d columns (hidden size).
///
/// Rows are padded with zeros to whole 16-byte units, so a kernel never reads part of one. The padding
/// contributes `0 · 0` to a score, which is exact.
public struct HeadShape: Hashable, Codable, Sendable {
    /// Bytes of one unit, the granule of every load of W: four 32-bit words.
    public static let bytesPerUnit = 16
    /// Largest V: ids are 32-bit on the device and the all-ones id marks "no token".
    public static let maximumVocabularySize = 1 << 30
    /// Largest d: on one Mesa release loops end silently at 65,535 iterations of one unit.
    public static let maximumHiddenSize = 1 << 16

    /// V, the number of rows of W.
    public let vocabularySize: Int
    /// d, the number of columns of W.
    public let hiddenSize: Int
    /// How a weight is stored.
    public let elementType: ElementType

    /// - Throws: ``ShapeError`` when V or d is outside `1…maximum`.
    public init(vocabularySize: Int, hiddenSize: Int, elementType: ElementType) throws(ShapeError) {
        guard (1...Self.maximumVocabularySize).contains(vocabularySize) else {
            throw ShapeError(axis: "vocabulary size V", value: vocabularySize, maximum: Self.maximumVocabularySize)
        }
        guard (1...Self.maximumHiddenSize).contains(hiddenSize) else {
            throw ShapeError(axis: "hidden size d", value: hiddenSize, maximum: Self.maximumHiddenSize)
        }
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.elementType = elementType
    }

    /// 16-byte units of one padded row.
    public var unitsPerRow: Int { (hiddenSize + elementType.elementsPerUnit - 1) / elementType.elementsPerUnit }
    /// d rounded up to whole units: the length of h on the device.
    public var paddedHiddenSize: Int { unitsPerRow * elementType.elementsPerUnit }
    /// Bytes of one padded row, without its scale.
    public var bytesPerRow: Int { unitsPerRow * Self.bytesPerUnit }
    /// Bytes that scoring one row reads from W: the padded row and its scale.
    public var bytesReadPerRow: Int { bytesPerRow + (elementType.hasRowScale ? 4 : 0) }
    /// Bytes of W on the device, scales included.
    public var weightBytes: Int { vocabularySize * bytesReadPerRow }
    /// Words of a packed token mask over V.
    public var maskWordCount: Int { (vocabularySize + 31) / 32 }
}

extension HeadShape: CustomStringConvertible {
    /// For example `128256×4096 f16`.
    public var description: String { "\(vocabularySize)×\(hiddenSize) \(elementType.rawValue)" }
}

/// A head whose V or d cannot be served.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
    let axis: String
    let value: Int
    let maximum: Int

    /// What failed, with the value, and the range that works.
    public var description: String { "\(axis) is \(value); it must lie in 1…\(maximum)" }
}
