/// Where a text stops being JSON (RFC 8259).
///
/// Decoders tell that a document is broken, but where is in a text that changes with the version of Foundation.
/// This reads the text again, only after decoding failed, to give the user a line and column that stay.
package struct JSONSyntax {
    package enum Fault: Equatable {
        /// The text ends inside a value.
        case truncated
        /// Line and column count from 1, columns in bytes.
        case unexpected(line: Int, column: Int, reason: String)
    }

    /// Deeper nesting is refused; a profile has 6 levels.
    static let maximumDepth = 256

    private let bytes: [UInt8]
    private var position = 0

    /// The first fault of `text`; null when it is JSON. O(n).
    package static func fault(in text: [UInt8]) -> Fault? {
        var syntax = JSONSyntax(bytes: text)
        do throws(Stop) {
            try syntax.value(depth: 0)
            syntax.skipSpace()
            if syntax.position < text.count { throw Stop.unexpected("text after the document") }
            return nil
        } catch {
            guard case .unexpected(let reason) = error else { return .truncated }
            let before = text[..<syntax.position]
            let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            return .unexpected(
                line: before.count(where: { $0 == UInt8(ascii: "\n") }) + 1,
                column: syntax.position - lineStart + 1, reason: reason)
        }
    }

    private enum Stop: Error {
        case truncated
        case unexpected(String)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func peek() throws(Stop) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        return bytes[position]
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Stop) {
        guard try peek() == UInt8(ascii: character) else { throw .unexpected("expected '\(character)'") }
        position += 1
    }

    private mutating func value(depth: Int) throws(Stop) {
        skipSpace()
        guard depth <= Self.maximumDepth else { throw .unexpected("nested deeper than \(Self.maximumDepth)") }
        switch try peek() {
        case UInt8(ascii: "{"): try object(depth: depth)
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw .unexpected("expected a value")
        }
    }

    private mutating func object(depth: Int) throws(Stop) {
        try expect("{")
        skipSpace()
        if try peek() != UInt8(ascii: "}") {
            while true {
                skipSpace()
                guard try peek() == UInt8(ascii: "\"") else { throw .unexpected("expected a field name") }
                try string()
                skipSpace()
                try expect(":")
                try value(depth: depth + 1)
                skipSpace()
                guard try peek() == UInt8(ascii: ",") else { break }
                position += 1
            }
        }
        guard try peek() == UInt8(ascii: "}") else { throw .unexpected("expected ',' or '}'") }
        position += 1
    }

    private mutating func array(depth: Int) throws(Stop) {
        try expect("[")
        skipSpace()
        if try peek() != UInt8(ascii: "]") {
            while true {
                try value(depth: depth + 1)
                skipSpace()
                guard try peek() == UInt8(ascii: ",") else { break }
                position += 1
            }
        }
        guard try peek() == UInt8(ascii: "]") else { throw .unexpected("expected ',' or ']'") }
        position += 1
    }

    private mutating func string() throws(Stop) {
        try expect("\"")
        while true {
            let byte = try peek()
            if byte < 0x20 { throw .unexpected("a control character in a string") }
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\") { try escape() }
        }
    }

    private mutating func escape() throws(Stop) {
        let kind = try peek()
        guard #""\/bfnrtu"#.utf8.contains(kind) else { throw .unexpected("an unknown escape") }
        position += 1
        guard kind == UInt8(ascii: "u") else { return }
        for _ in 0..<4 {
            guard Character(Unicode.Scalar(try peek())).isHexDigit else { throw .unexpected("expected a hex digit") }
            position += 1
        }
    }

    private mutating func word(_ word: StaticString) throws(Stop) {
        for scalar in String(describing: word).unicodeScalars {
            guard try peek() == UInt8(ascii: scalar) else { throw .unexpected("expected \(word)") }
            position += 1
        }
    }

    private mutating func number() throws(Stop) {
        if try peek() == UInt8(ascii: "-") { position += 1 }
        if try peek() == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            let sign = try peek()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(Stop) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard digits.contains(try peek()) else { throw .unexpected("expected a digit") }
        while position < bytes.count, digits.contains(bytes[position]) { position += 1 }
    }
}
