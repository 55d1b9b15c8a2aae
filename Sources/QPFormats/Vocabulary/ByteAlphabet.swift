/// The characters that byte-level tokenizers write bytes as, so that a token is always printable text.
///
/// The 188 bytes that are printable in Latin-1 are themselves; the others, in order, are the characters from U+0100 on.
/// Source: `bytes_to_unicode` of GPT-2's encoder.py (Radford and others, 2019).
enum ByteAlphabet {
    /// The character of each byte.
    static let scalars: [UInt16] = {
        var next: UInt16 = 0x100
        return (0...255).map { (byte: UInt16) -> UInt16 in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
            default:
                defer { next += 1 }
                return next
            }
        }
    }()

    /// The byte of each character below U+0144; −1 for one that stands for none.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
        return bytes
    }()

    /// Appends the bytes that `token`'s characters stand for; false, and `result` not to be used, where a character
    /// stands for none or the token is not UTF-8. All the characters take one or two bytes of UTF-8.
    static func decode(_ token: UnsafeRawBufferPointer, into result: inout [UInt8]) -> Bool {
        let bytes = Self.bytes
        var position = 0
        while position < token.count {
            let first = token[position]
            position += 1
            if first < 0x80 {
                guard bytes[Int(first)] >= 0 else { return false }
                result.append(first)
                continue
            }
            guard (0xC2...0xDF).contains(first), position < token.count, token[position] & 0xC0 == 0x80 else {
                return false
            }
            let scalar = Int(first & 0x1F) << 6 | Int(token[position] & 0x3F)
            position += 1
            guard scalar < bytes.count, bytes[scalar] >= 0 else { return false }
            result.append(UInt8(bytes[scalar]))
        }
        return true
    }
}
