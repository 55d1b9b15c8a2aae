extension JSONParser {
    /// The string that begins at the position, which holds its quotation mark.
    mutating func string() throws(JSONError) -> String {
        let opening = position
        position += 1
        var start = position
        var isEscaped = false
        scratch.removeAll(keepingCapacity: true)
        while position < text.count {
            let byte = text[position]
            switch byte {
            case UInt8(ascii: "\""):
                let run = UnsafeBufferPointer(rebasing: text[start..<position])
                position += 1
                guard isEscaped else { return String(decoding: run, as: UTF8.self) }
                scratch.append(contentsOf: run)
                return String(decoding: scratch, as: UTF8.self)
            case UInt8(ascii: "\\"):
                isEscaped = true
                scratch.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<position]))
                try escape()
                start = position
            case 0x20..<0x80: position += 1
            case 0..<0x20: throw failure("\(here) inside a string, where control characters are written as escapes")
            default: try character()
            }
        }
        throw failure("the string that begins here has no end", at: opening)
    }

    /// Steps over one UTF-8 character of two to four bytes (Unicode 16, table 3-7).
    private mutating func character() throws(JSONError) {
        let first = text[position]
        var second: ClosedRange<UInt8> = 0x80...0xBF
        let length: Int
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if first == 0xE0 { second = 0xA0...0xBF } else if first == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if first == 0xF0 { second = 0x90...0xBF } else if first == 0xF4 { second = 0x80...0x8F }
        default: throw failure("\(here), which begins no UTF-8 character")
        }
        guard position + length <= text.count, second.contains(text[position + 1]),
            text[(position + 2)..<(position + length)].allSatisfy({ $0 & 0xC0 == 0x80 })
        else { throw failure("\(here) begins a UTF-8 character that is not completed") }
        position += length
    }

    /// Appends the character of the escape at the position.
    private mutating func escape() throws(JSONError) {
        let start = position
        position += 1
        guard position < text.count else { throw failure("the text ends inside an escape", at: start) }
        let letter = text[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(letter)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"): try scalar(escapedAt: start)
        default:
            position -= 1
            throw failure("\(here) after a backslash, which takes one of \" \\ / b f n r t u")
        }
    }

    /// Appends the character of a \u escape, of two where it is a surrogate pair; the position is after the u.
    private mutating func scalar(escapedAt start: Int) throws(JSONError) {
        var code = UInt32(try codeUnit())
        if code & 0xFC00 == 0xD800, take("\\"), take("u") {
            let low = UInt32(try codeUnit())
            guard low & 0xFC00 == 0xDC00 else { throw failure(Self.loneSurrogate, at: start) }
            code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure(Self.loneSurrogate, at: start) }
        scratch.append(contentsOf: UTF8.encode(scalar)!)
    }

    private static let loneSurrogate = "an escaped surrogate without its other half, which is no character"

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard position < text.count, let digit = hexadecimal(text[position]) else {
                throw failure("\(here) in a \\u escape, which takes four hexadecimal digits")
            }
            code = code << 4 | digit
            position += 1
        }
        return code
    }

    private func hexadecimal(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
