extension JSONNumber {
    /// The number of a JSON text that holds nothing else.
    /// - Throws: ``JSONError`` where it is not one, or its exponent exceeds ``maximumExponent``.
    public init(parsing text: String) throws(JSONError) {
        self = try Array(text.utf8).withUnsafeBufferPointer { text throws(JSONError) in
            var parser = JSONParser(text)
            let number = try parser.number()
            if parser.position < text.count { throw parser.failure("\(parser.here) after the end of a number") }
            return number
        }
    }
}

extension JSONParser {
    /// The number that begins at the position.
    mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        let isNegative = take("-")
        var word: UInt64 = 0
        var digitCount = 0

        let whole = position
        try digits(&word, &digitCount)
        if position - whole > 1, text[whole] == UInt8(ascii: "0") {
            throw failure("a number with a leading zero", at: whole)
        }
        let wholeEnd = position
        var fraction = position..<position
        if take(".") {
            let fractionStart = position
            try digits(&word, &digitCount)
            fraction = fractionStart..<position
        }
        var exponent = 0
        if take("e") || take("E") { exponent = try self.exponent() }

        let written = String(decoding: UnsafeBufferPointer(rebasing: text[start..<position]), as: UTF8.self)
        exponent -= fraction.count
        if digitCount <= 19 {
            return JSONNumber(normalising: word, exponent: exponent, isNegative: isNegative, text: written)
        }
        let all = (Array(text[whole..<wholeEnd]) + text[fraction]).map { $0 - UInt8(ascii: "0") }
        return JSONNumber(normalising: all, exponent: exponent, isNegative: isNegative, text: written)
    }

    /// Steps over at least one digit; `word` holds the digits so far while they are at most 19.
    private mutating func digits(_ word: inout UInt64, _ count: inout Int) throws(JSONError) {
        let start = position
        while position < text.count, case let digit = text[position] &- UInt8(ascii: "0"), digit < 10 {
            word = word &* 10 &+ UInt64(digit)
            count += 1
            position += 1
        }
        guard position > start else { throw failure("\(here) where a digit is expected") }
    }

    private mutating func exponent() throws(JSONError) -> Int {
        let start = position
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        var exponent: UInt64 = 0
        var digitCount = 0
        let digitStart = position
        try digits(&exponent, &digitCount)
        // Leading zeros are allowed here, and say nothing.
        let zeros = text[digitStart..<position].prefix { $0 == UInt8(ascii: "0") }.count
        guard digitCount - zeros <= 19, exponent <= JSONNumber.maximumExponent else {
            throw failure("a number with an exponent beyond ±\(JSONNumber.maximumExponent)", at: start)
        }
        return isNegative ? -Int(exponent) : Int(exponent)
    }
}
