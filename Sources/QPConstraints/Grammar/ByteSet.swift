/// A set of byte values.
public struct ByteSet: Hashable, Sendable, BitwiseCopyable {
    /// Bit b of word w stands for the byte 64·w + b.
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    public init() {}

    public init(_ bytes: some Sequence<UInt8>) {
        self.init()
        for byte in bytes { insert(byte) }
    }

    /// The bytes of a range.
    public init(_ range: ClosedRange<UInt8>) {
        self.init()
        for byte in range { insert(byte) }
    }

    public static let all = ByteSet(0...255)

    public mutating func insert(_ byte: UInt8) {
        let bit = UInt64(1) << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    public func contains(_ byte: UInt8) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return word >> UInt64(byte & 63) & 1 == 1
    }

    public var isEmpty: Bool { words.0 | words.1 | words.2 | words.3 == 0 }

    public var count: Int {
        words.0.nonzeroBitCount + words.1.nonzeroBitCount + words.2.nonzeroBitCount + words.3.nonzeroBitCount
    }

    public func union(_ other: ByteSet) -> ByteSet {
        var result = self
        result.words.0 |= other.words.0
        result.words.1 |= other.words.1
        result.words.2 |= other.words.2
        result.words.3 |= other.words.3
        return result
    }

    public func intersection(_ other: ByteSet) -> ByteSet {
        var result = self
        result.words.0 &= other.words.0
        result.words.1 &= other.words.1
        result.words.2 &= other.words.2
        result.words.3 &= other.words.3
        return result
    }

    public var complement: ByteSet {
        var result = self
        result.words = (~words.0, ~words.1, ~words.2, ~words.3)
        return result
    }

    public func isDisjoint(with other: ByteSet) -> Bool { intersection(other).isEmpty }

    public static func == (left: ByteSet, right: ByteSet) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension ByteSet: Sequence {
    /// The bytes, ascending.
    public struct Iterator: IteratorProtocol {
        private var words: (UInt64, UInt64, UInt64, UInt64)

        init(_ set: ByteSet) { words = set.words }

        public mutating func next() -> UInt8? {
            if words.0 != 0 { return Self.take(&words.0, 0) }
            if words.1 != 0 { return Self.take(&words.1, 64) }
            if words.2 != 0 { return Self.take(&words.2, 128) }
            if words.3 != 0 { return Self.take(&words.3, 192) }
            return nil
        }

        private static func take(_ word: inout UInt64, _ base: Int) -> UInt8 {
            defer { word &= word - 1 }
            return UInt8(base + word.trailingZeroBitCount)
        }
    }

    public func makeIterator() -> Iterator { Iterator(self) }
}
