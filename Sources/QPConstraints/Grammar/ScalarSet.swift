/// A set of Unicode scalar values, as sorted ranges that neither touch nor overlap.
///
/// Surrogates (U+D800 … U+DFFF) are never members: no UTF-8 text holds them.
public struct ScalarSet: Hashable, Sendable {
    /// Ascending, disjoint, not adjacent.
    public private(set) var ranges: [ClosedRange<UInt32>] = []

    public init() {}

    /// The union of `ranges`, given in any order; surrogates and values above U+10FFFF are left out.
    public init(_ given: some Sequence<ClosedRange<UInt32>>) {
        var clipped: [ClosedRange<UInt32>] = []
        for range in given {
            if range.lowerBound < 0xD800 {
                clipped.append(range.lowerBound...min(range.upperBound, 0xD7FF))
            }
            if range.upperBound > 0xDFFF, range.lowerBound <= 0x10FFFF {
                clipped.append(max(range.lowerBound, 0xE000)...min(range.upperBound, 0x10FFFF))
            }
        }
        clipped.sort { $0.lowerBound < $1.lowerBound }
        for range in clipped {
            if let last = ranges.last, Self.touches(last, range) {
                ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
    }

    public init(_ scalars: Unicode.Scalar...) { self.init(scalars.map { $0.value...$0.value }) }

    /// Every scalar value.
    public static let all = ScalarSet([0...0x10FFFF])

    public var isEmpty: Bool { ranges.isEmpty }

    /// How many scalar values there are.
    public var count: Int { ranges.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) + 1 } }

    public func contains(_ value: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(value)
    }

    public func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    public var complement: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return ScalarSet(gaps)
    }

    public func intersection(_ other: ScalarSet) -> ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var left = 0
        var right = 0
        while left < ranges.count, right < other.ranges.count {
            let low = max(ranges[left].lowerBound, other.ranges[right].lowerBound)
            let high = min(ranges[left].upperBound, other.ranges[right].upperBound)
            if low <= high { result.append(low...high) }
            if ranges[left].upperBound < other.ranges[right].upperBound { left += 1 } else { right += 1 }
        }
        return ScalarSet(result)
    }

    public func subtracting(_ other: ScalarSet) -> ScalarSet { intersection(other.complement) }

    /// Adjacent ranges and those on both sides of the surrogates' gap stay apart only if something lies between.
    private static func touches(_ lower: ClosedRange<UInt32>, _ upper: ClosedRange<UInt32>) -> Bool {
        upper.lowerBound <= lower.upperBound || upper.lowerBound == lower.upperBound + 1
    }
}

extension ScalarSet {
    /// The UTF-8 encodings of the set as sequences of byte ranges, one to four ranges each, ascending and disjoint.
    ///
    /// Each scalar range is cut where the encoding's length changes and where a trailing byte does not run over its
    /// whole range, so that a range of code points becomes at most a few rectangles of bytes.
    public var utf8Sequences: [[ClosedRange<UInt8>]] {
        var sequences: [[ClosedRange<UInt8>]] = []
        for range in ranges {
            var low = range.lowerBound
            for top: UInt32 in [0x7F, 0x7FF, 0xFFFF, 0x10FFFF] where low <= min(top, range.upperBound) {
                Self.append(low, min(top, range.upperBound), to: &sequences)
                low = top + 1
            }
        }
        return sequences
    }

    /// Appends the rectangles of `low...high`, both of which are encoded in the same number of bytes.
    private static func append(_ low: UInt32, _ high: UInt32, to sequences: inout [[ClosedRange<UInt8>]]) {
        var low = low
        let length = low <= 0x7F ? 1 : low <= 0x7FF ? 2 : low <= 0xFFFF ? 3 : 4
        for trailing in stride(from: length - 1, through: 1, by: -1) {
            // Values that differ only in the last `trailing` bytes share a prefix.
            let block = UInt32(1) << UInt32(6 * trailing)
            guard low / block != high / block else { continue }
            if low % block != 0 {
                append(low, low - low % block + block - 1, to: &sequences)
                low = low - low % block + block
            }
            if high % block != block - 1 {
                let start = high - high % block
                if low < start { append(low, start - 1, to: &sequences) }
                append(start, high, to: &sequences)
                return
            }
        }
        let first = encode(low, length)
        let last = encode(high, length)
        sequences.append((0..<length).map { first[$0]...last[$0] })
    }

    private static func encode(_ value: UInt32, _ length: Int) -> [UInt8] {
        let lead: UInt8 = [0, 0, 0xC0, 0xE0, 0xF0][length]
        var bytes = (0..<length).map { index in
            UInt8(0x80 | (value >> UInt32(6 * (length - 1 - index))) & 0x3F)
        }
        bytes[0] = length == 1 ? UInt8(value) : lead | UInt8(value >> UInt32(6 * (length - 1)))
        return bytes
    }
}
