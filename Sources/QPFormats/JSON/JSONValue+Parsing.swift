extension JSONValue {
    /// How deeply arrays and objects may nest in a text. Parsing, comparing and freeing a value recurse as deeply.
    public static let maximumDepth = 512

    /// The value of a JSON text: RFC 8259 to the letter, in UTF-8 without a byte order mark, each key once per object.
    ///
    /// Cost: O(bytes), and one allocation for each array, each object and each string above 15 bytes.
    /// - Throws: ``JSONError`` at the first byte that does not fit, also for text that nests deeper than
    ///   ``maximumDepth`` or than a small stack of the calling thread allows, a surrogate escape without its other
    ///   half, and a number whose exponent exceeds ``JSONNumber/maximumExponent``.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { text throws(JSONError) in
            var parser = JSONParser(text)
            return try parser.parse()
        }
    }

    /// The value of a JSON text, as of its UTF-8 bytes.
    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }
}

/// Reads one JSON text by recursive descent.
struct JSONParser {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0
    /// A string's bytes while its escapes are resolved.
    var scratch: [UInt8] = []
    private var depth = 0
    private var stack = StackGuard()

    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    mutating func parse() throws(JSONError) -> JSONValue {
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure("the text begins with a byte order mark") }
        let value = try self.value()
        skipSpace()
        if position < text.count { throw failure("\(here) after the end of the value") }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        guard position < text.count else { throw failure("the text ends where a value is expected") }
        switch text[position] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw failure("\(here) where a value is expected")
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        try enter()
        var members = JSONObject()
        var isFirst = true
        while try hasNext("}", of: "object", isFirst) {
            isFirst = false
            skipSpace()
            guard position < text.count, text[position] == UInt8(ascii: "\"") else {
                throw failure("\(here) where the key of a member is expected")
            }
            let keyPosition = position
            let key = try string()
            skipSpace()
            guard take(":") else { throw failure("\(here) where ':' is expected after a key") }
            let value = try self.value()
            guard members.append(key, value) else {
                throw failure(
                    "the key \(JSONValue.string(key).serialized()) stands twice in one object", at: keyPosition)
            }
        }
        return .object(members)
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        while try hasNext("]", of: "array", elements.isEmpty) { elements.append(try value()) }
        return .array(elements)
    }

    /// Steps into an array or object.
    private mutating func enter() throws(JSONError) {
        guard depth < JSONValue.maximumDepth else {
            throw failure("arrays and objects nest more than \(JSONValue.maximumDepth) deep")
        }
        guard !stack.isLow() else {
            throw failure("arrays and objects nest more than \(depth) deep, which takes the whole stack of this thread")
        }
        depth += 1
        position += 1
    }

    /// Whether another element follows; steps over the comma before it, or over the end and out.
    private mutating func hasNext(
        _ end: Unicode.Scalar, of kind: String, _ isFirst: Bool
    ) throws(JSONError) -> Bool {
        skipSpace()
        if take(end) {
            depth -= 1
            return false
        }
        guard isFirst || take(",") else { throw failure("\(here) where ',' or '\(end)' is expected in an \(kind)") }
        return true
    }

    private mutating func literal(_ name: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<name.utf8CodeUnitCount {
            guard position < text.count, text[position] == name.utf8Start[index] else {
                throw failure("\(here) in what begins like '\(name)'")
            }
            position += 1
        }
        return value
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(truncatingIfNeeded: character.value) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    /// What stands at the position, for messages.
    var here: String {
        guard position < text.count else { return "the end of the text" }
        let byte = text[position]
        guard (0x21...0x7E).contains(byte) else {
            return "the byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
        }
        return "'\(Unicode.Scalar(byte))'"
    }

    func failure(_ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(message, offset: offset ?? position, in: text)
    }
}
