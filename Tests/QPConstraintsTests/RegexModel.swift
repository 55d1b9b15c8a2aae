/// A regular expression that knows its own texts, by following every position at once: what the tests compare with.
indirect enum RegexModel {
    /// One scalar of `members`, written as `source`.
    case character(source: String, members: Set<UInt32>)
    case sequence([RegexModel])
    case choice([RegexModel])
    case repeated(RegexModel, Int, Int?)
    /// Holds between the scalars before and after; nil beyond the text.
    case assertion(source: String, @Sendable (UInt32?, UInt32?) -> Bool)

    /// What random texts and classes are made of.
    static let alphabet: [Unicode.Scalar] = ["a", "b", "é", "-", "\n"]

    private static func isWord(_ scalar: UInt32?) -> Bool { scalar == 0x61 || scalar == 0x62 || scalar == 0xE9 }

    private static let classes: [(source: String, members: Set<UInt32>)] = [
        ("a", [0x61]), ("b", [0x62]), ("é", [0xE9]), ("-", [0x2D]), ("\\n", [0x0A]), ("[ab]", [0x61, 0x62]),
        ("[^a]", [0x62, 0xE9, 0x2D, 0x0A]), (".", [0x61, 0x62, 0xE9, 0x2D]), ("\\w", [0x61, 0x62, 0xE9]),
        ("\\W", [0x2D, 0x0A]), ("[é-ê-]", [0xE9, 0x2D]), ("\\s", [0x0A]),
    ]

    private static let assertions: [(source: String, holds: @Sendable (UInt32?, UInt32?) -> Bool)] = [
        ("^", { before, _ in before == nil }), ("$", { _, after in after == nil }),
        ("(?m:^)", { before, _ in before == nil || before == 0x0A }),
        ("(?m:$)", { _, after in after == nil || after == 0x0A }),
        ("\\b", { before, after in isWord(before) != isWord(after) }),
        ("\\B", { before, after in isWord(before) == isWord(after) }),
        ("\\b{start}", { before, after in !isWord(before) && isWord(after) }),
        ("\\b{end-half}", { _, after in !isWord(after) }),
    ]

    /// A random one with about `size` parts, a share `assertions` of them assertions.
    static func random(
        _ size: Int, assertions share: Double, using random: inout some RandomNumberGenerator
    ) -> RegexModel {
        guard size > 1 else {
            if Double.random(in: 0..<1, using: &random) < share {
                let (source, holds) = assertions.randomElement(using: &random)!
                return .assertion(source: source, holds)
            }
            let (source, members) = classes.randomElement(using: &random)!
            return .character(source: source, members: members)
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5, 5..<7:
            let isSequence = Bool.random(using: &random)
            let count = Int.random(in: 2...3, using: &random)
            let parts = (0..<count).map { _ in
                Self.random(max(1, size / count), assertions: share, using: &random)
            }
            return isSequence ? .sequence(parts) : .choice(parts)
        default:
            let minimum = Int.random(in: 0...2, using: &random)
            let maximum = Bool.random(using: &random) ? nil : minimum + Int.random(in: 0...2, using: &random)
            return .repeated(Self.random(size - 1, assertions: share, using: &random), minimum, maximum)
        }
    }

    /// The pattern's text in the Rust dialect.
    var source: String {
        switch self {
        case .character(let source, _), .assertion(let source, _): source
        case .sequence(let parts): parts.map(\.source).joined()
        case .choice(let parts): "(?:" + parts.map(\.source).joined(separator: "|") + ")"
        case .repeated(let inner, let minimum, nil): "(?:\(inner.source)){\(minimum),}"
        case .repeated(let inner, let minimum, let maximum?): "(?:\(inner.source)){\(minimum),\(maximum)}"
        }
    }

    /// Where a match in `text` that begins at `start` can end.
    func ends(in text: [UInt32], from start: Int) -> Set<Int> {
        switch self {
        case .character(_, let members):
            return start < text.count && members.contains(text[start]) ? [start + 1] : []
        case .assertion(_, let holds):
            let after = start < text.count ? text[start] : nil
            return holds(start > 0 ? text[start - 1] : nil, after) ? [start] : []
        case .sequence(let parts):
            return parts.reduce([start]) { starts, part in
                starts.reduce(into: []) { $0.formUnion(part.ends(in: text, from: $1)) }
            }
        case .choice(let parts):
            return parts.reduce(into: []) { $0.formUnion($1.ends(in: text, from: start)) }
        case .repeated(let inner, let minimum, let maximum):
            var current: Set<Int> = [start]
            var found: Set<Int> = minimum == 0 ? current : []
            // After as many iterations as there are places, more of them reach nothing new.
            for count in 1...max(1, maximum ?? minimum + text.count + 1) {
                if maximum == 0 { break }
                current = current.reduce(into: []) { $0.formUnion(inner.ends(in: text, from: $1)) }
                if count >= minimum { found.formUnion(current) }
            }
            return found
        }
    }

    func matchesWhole(_ text: [UInt32]) -> Bool { ends(in: text, from: 0).contains(text.count) }

    func matchesSomewhere(_ text: [UInt32]) -> Bool {
        (0...text.count).contains { !ends(in: text, from: $0).isEmpty }
    }
}
