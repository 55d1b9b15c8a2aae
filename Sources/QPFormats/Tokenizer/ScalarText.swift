/// A text as its Unicode scalars, with what pre-tokenizers tell apart.
struct ScalarText {
    enum Class: UInt8 {
        /// \p{L}
        case letter
        /// \p{N}
        case number
        /// \s, the property White_Space
        case space
        case other
    }

    private(set) var scalars: [Unicode.Scalar] = []
    private(set) var classes: [Class] = []
    /// The byte that each scalar begins at, and the end of the text.
    private(set) var offsets: [Int] = [0]

    var count: Int { scalars.count }

    /// - Precondition: `bytes` is UTF-8.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        scalars.reserveCapacity(bytes.count)
        var offset = 0
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            scalars.append(scalar)
            classes.append(Self.class(of: scalar))
            offset += UTF8.width(scalar)
            offsets.append(offset)
        }
    }

    /// Whether the scalar at `index` is in \p{P}.
    func isPunctuation(_ index: Int) -> Bool {
        switch scalars[index].properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            true
        default: false
        }
    }

    private static func `class`(of scalar: Unicode.Scalar) -> Class {
        if scalar.isASCII {
            switch scalar {
            case "a"..."z", "A"..."Z": return .letter
            case "0"..."9": return .number
            case "\t"..."\r", " ": return .space
            default: return .other
            }
        }
        if scalar.properties.isWhitespace { return .space }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return .other
        }
    }
}
