extension JSONText {
    /// Any number.
    func number() throws(ConstraintError) -> Expression {
        try shared(.number) { () throws(ConstraintError) in
            try builder.sequence([optionalSign(), wholeDigits(), anyFraction(), anyExponent()])
        }
    }

    /// Any whole number, without an exponent.
    func integer() throws(ConstraintError) -> Expression {
        try shared(.integer) { () throws(ConstraintError) in
            try builder.sequence([optionalSign(), wholeDigits(), zeroFraction()])
        }
    }

    func optionalSign() throws(ConstraintError) -> Expression { try builder.optional(builder.literal("-")) }

    /// A digit of `range`.
    func digit(_ range: ClosedRange<UInt8> = 0...9) throws(ConstraintError) -> Expression {
        try builder.bytes(ByteSet(UInt8(ascii: "0") + range.lowerBound...UInt8(ascii: "0") + range.upperBound))
    }

    /// `minimum` to `maximum` digits; nil is without end.
    func digits(_ minimum: Int = 0, _ maximum: Int? = nil) throws(ConstraintError) -> Expression {
        try builder.repeated(digit(), minimum, maximum)
    }

    /// Digits without a leading zero, or 0.
    func wholeDigits() throws(ConstraintError) -> Expression {
        try builder.choice([builder.literal("0"), builder.sequence([digit(1...9), digits()])])
    }

    /// A fraction of any digits, or none.
    func anyFraction() throws(ConstraintError) -> Expression {
        try builder.optional(builder.sequence([builder.literal("."), digits(1)]))
    }

    /// A fraction of zeros, or none.
    func zeroFraction() throws(ConstraintError) -> Expression {
        guard integersMayHaveFractions else { return builder.empty }
        return try builder.optional(
            builder.sequence([builder.literal("."), builder.repeated(builder.literal("0"), 1, nil)]))
    }

    /// An exponent of either sign, or none.
    func anyExponent() throws(ConstraintError) -> Expression {
        try exponent(sign: builder.optional(builder.bytes(ByteSet("+-".utf8))))
    }

    /// An exponent that makes no magnitude smaller, or none.
    func positiveExponent() throws(ConstraintError) -> Expression {
        try exponent(sign: builder.optional(builder.literal("+")))
    }

    /// An exponent that makes no magnitude larger, or none.
    func negativeExponent() throws(ConstraintError) -> Expression { try exponent(sign: builder.literal("-")) }

    private func exponent(sign: Expression) throws(ConstraintError) -> Expression {
        try builder.optional(builder.sequence([builder.bytes(ByteSet("eE".utf8)), sign, digits(1)]))
    }
}
