/// Checks of bytes that should be UTF-8.
enum UTF8Check {
    /// The offset of the first byte that is not part of well-formed UTF-8 (Unicode, table 3-7); nil if all are.
    static func firstInvalidByte(of text: [UInt8]) -> Int? {
        var index = 0
        while index < text.count {
            let lead = text[index]
            let second: ClosedRange<UInt8>
            let length: Int
            switch lead {
            case 0...0x7F:
                index += 1
                continue
            case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
            case 0xE0: (second, length) = (0xA0...0xBF, 3)
            case 0xED: (second, length) = (0x80...0x9F, 3)
            case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
            case 0xF0: (second, length) = (0x90...0xBF, 4)
            case 0xF4: (second, length) = (0x80...0x8F, 4)
            case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
            default: return index
            }
            guard index + length <= text.count, second.contains(text[index + 1]) else { return index }
            for trailing in index + 2..<max(index + 2, index + length) where text[trailing] & 0xC0 != 0x80 {
                return index
            }
            index += length
        }
        return nil
    }
}
