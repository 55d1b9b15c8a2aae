/// How a copy of W that screens is stored; the raw value is bits an element.
///
/// With 8 bits each row has one scale. With 6 and 5 each 32 elements have one, a bfloat16: rows take 6.5 and 5.5 bits
/// an element, 0.41 and 0.34 of f16.
public enum ScreenFormat: Int, CaseIterable, Codable, Sendable {
    case bits8 = 8
    case bits6 = 6
    case bits5 = 5

    /// Bytes of one row, its scales included.
    public func bytesReadPerRow(hiddenSize: Int) -> Int {
        self == .bits8 ? (hiddenSize + 15) / 16 * 16 + 4 : unitsPerRow(hiddenSize: hiddenSize) * HeadShape.bytesPerUnit
    }

    /// Pairs of blocks of 32 elements in one row of 6 or 5 bits.
    public static func blockPairs(hiddenSize: Int) -> Int { (hiddenSize + 63) / 64 }

    /// 16-byte units of one row, without the row's scale that 8 bits have.
    public func unitsPerRow(hiddenSize: Int) -> Int {
        let pairs = Self.blockPairs(hiddenSize: hiddenSize)
        // Two units of four-bit parts a pair; of the further bits a unit or half of one; a word of scales.
        let scales = (pairs + 3) / 4
        return switch self {
        case .bits8: (hiddenSize + 15) / 16
        case .bits6: 3 * pairs + scales
        case .bits5: 2 * pairs + (pairs + 1) / 2 + scales
        }
    }
}

extension ScreenFormat: CustomStringConvertible {
    /// For example `6 bits`.
    public var description: String { "\(rawValue) bits" }
}
