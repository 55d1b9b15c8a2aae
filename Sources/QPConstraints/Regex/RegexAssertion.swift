/// A condition on the characters before and after a place, that consumes nothing.
enum RegexAssertion: Hashable, Sendable {
    /// Which side of a word's edge; the half ones look to one side only.
    enum Word: Hashable, Sendable {
        case boundary
        case notBoundary
        case start
        case end
        case startHalf
        case endHalf
    }

    case textStart
    case textEnd
    case lineStart
    case lineEnd
    /// Lines end with a carriage return, a line feed, or both in that order.
    case lineStartCRLF
    case lineEndCRLF
    case word(Word, isUnicode: Bool)

    /// Whether it holds between `before` and `after`.
    func holds(_ before: CharacterKind, _ after: CharacterKind) -> Bool {
        switch self {
        case .textStart: return before == .edge
        case .textEnd: return after == .edge
        case .lineStart: return before == .edge || before.contains(.terminator)
        case .lineEnd: return after == .edge || after.contains(.terminator)
        case .lineStartCRLF:
            return before == .edge || before.contains(.lineFeed)
                || before.contains(.carriageReturn) && !after.contains(.lineFeed)
        case .lineEndCRLF:
            return after == .edge || after.contains(.carriageReturn)
                || after.contains(.lineFeed) && !before.contains(.carriageReturn)
        case .word(let word, let isUnicode):
            let kind: CharacterKind = isUnicode ? .unicodeWord : .asciiWord
            let (left, right) = (before.contains(kind), after.contains(kind))
            switch word {
            case .boundary: return left != right
            case .notBoundary: return left == right
            case .start: return !left && right
            case .end: return left && !right
            case .startHalf: return !left
            case .endHalf: return !right
            }
        }
    }

    /// What of a character it asks for.
    var kinds: CharacterKind {
        switch self {
        case .textStart, .textEnd: []
        case .lineStart, .lineEnd: .terminator
        case .lineStartCRLF, .lineEndCRLF: [.carriageReturn, .lineFeed]
        case .word(_, let isUnicode): isUnicode ? .unicodeWord : .asciiWord
        }
    }
}

/// What assertions can tell of a character, or that there is none because the text ends.
struct CharacterKind: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let terminator = CharacterKind(rawValue: 1)
    static let carriageReturn = CharacterKind(rawValue: 2)
    static let lineFeed = CharacterKind(rawValue: 4)
    static let asciiWord = CharacterKind(rawValue: 8)
    static let unicodeWord = CharacterKind(rawValue: 16)
    /// Before the first and after the last character; never together with another.
    static let edge = CharacterKind(rawValue: 32)

    /// The scalars of each kind that `self` contains, where `terminators` end a line.
    func sets(terminators: ScalarSet) -> [(kind: CharacterKind, set: ScalarSet)] {
        var sets: [(CharacterKind, ScalarSet)] = []
        if contains(.terminator) { sets.append((.terminator, terminators)) }
        if contains(.carriageReturn) { sets.append((.carriageReturn, ScalarSet("\r"))) }
        if contains(.lineFeed) { sets.append((.lineFeed, ScalarSet("\n"))) }
        if contains(.asciiWord) { sets.append((.asciiWord, RegexClasses.asciiWord)) }
        if contains(.unicodeWord) { sets.append((.unicodeWord, RegexClasses.unicodeWord)) }
        return sets
    }
}

/// A set of kinds of characters: bit k for the kind with raw value k.
struct CharacterKinds: Hashable {
    var bits: UInt64

    static let edge = CharacterKinds(.edge)
    /// Every kind but ``edge``.
    static let anyCharacter: CharacterKinds = {
        var kinds = CharacterKinds()
        kinds.bits = 0xFFFF_FFFF
        return kinds
    }()

    init(_ kind: CharacterKind) { bits = 1 << UInt64(kind.rawValue) }

    init() { bits = 0 }

    mutating func formUnion(_ other: CharacterKinds) { bits |= other.bits }

    func union(_ other: CharacterKinds) -> CharacterKinds {
        var result = self
        result.formUnion(other)
        return result
    }

    var members: [CharacterKind] {
        (0..<64).filter { bits >> UInt64($0) & 1 == 1 }.map { CharacterKind(rawValue: UInt8($0)) }
    }
}
