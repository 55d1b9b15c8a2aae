extension JSONValue {
    /// The value's text without white space: strings escape only what they must, numbers are as they were written.
    ///
    /// Quotation mark, backslash and \b \f \n \r \t have their short escapes, other control characters are \u00xx in
    /// lower case, and all else stands for itself. Cost: O(bytes).
    /// - Parameters:
    ///   - sortedKeys: Members in the order of their keys' code points, rather than their own.
    ///   - plainNumbers: Numbers as ``JSONNumber/plainDecimal``.
    public func serialized(sortedKeys: Bool = false, plainNumbers: Bool = false) -> String {
        String(decoding: serializedBytes(sortedKeys: sortedKeys, plainNumbers: plainNumbers), as: UTF8.self)
    }

    /// The UTF-8 bytes of ``serialized(sortedKeys:plainNumbers:)``.
    public func serializedBytes(sortedKeys: Bool = false, plainNumbers: Bool = false) -> [UInt8] {
        var writer = JSONWriter(sortedKeys: sortedKeys, plainNumbers: plainNumbers)
        writer.write(self)
        return writer.text
    }
}

extension JSONValue: CustomStringConvertible {
    public var description: String { serialized() }
}

private struct JSONWriter {
    let sortedKeys: Bool
    let plainNumbers: Bool
    var text: [UInt8] = []

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .number(let number): append(plainNumbers ? number.plainDecimal : number.text)
        case .string(let string): write(string)
        case .array(let elements):
            text.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                write(element)
            }
            text.append(UInt8(ascii: "]"))
        case .object(let object): write(object)
        }
    }

    private mutating func write(_ object: JSONObject) {
        var members = Array(object)
        // The order of UTF-8 bytes is that of code points.
        if sortedKeys { members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
        text.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            write(member.key)
            text.append(UInt8(ascii: ":"))
            write(member.value)
        }
        text.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ string: String) {
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0x08: append("\\b")
            case 0x09: append("\\t")
            case 0x0A: append("\\n")
            case 0x0C: append("\\f")
            case 0x0D: append("\\r")
            case 0..<0x10: append("\\u000\(String(byte, radix: 16))")
            case 0x10..<0x20: append("\\u00\(String(byte, radix: 16))")
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ characters: String) { text.append(contentsOf: characters.utf8) }
}
