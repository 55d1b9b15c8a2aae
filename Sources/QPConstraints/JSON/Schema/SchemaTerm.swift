/// A handle to a set of JSON values, described and not worked out: a schema at some place, or a combination of such.
///
/// Equal descriptions have equal handles within one ``SchemaTerms``, so what was worked out is found again, and
/// recursion ends: combinations of finitely many places are finitely many.
struct SchemaTerm: Hashable {
    let index: Int32

    /// Every value.
    static let any = SchemaTerm(index: 0)
    /// No value.
    static let none = SchemaTerm(index: 1)
}

/// The arena of ``SchemaTerm``s.
struct SchemaTerms {
    enum Kind: Hashable {
        case any
        case none
        /// The schema at a node, reached through the resources of a scope; see ``SchemaCompiler/scopes``.
        case schema(node: Int32, scope: Int32)
        /// What the keywords that look at a value's own type and children say: `type`, `minimum`, `properties` …
        case own(node: Int32, scope: Int32)
        /// A schema with `unevaluatedProperties` or `unevaluatedItems`.
        case evaluated(node: Int32, scope: Int32)
        /// The values that an `enum` at a node lists.
        case list(node: Int32)
        /// The one value at a node.
        case value(node: Int32)
        /// The objects with the property of this key.
        case has(key: Int32)
        /// Exactly one of these.
        case exactlyOne([SchemaTerm])
        /// `then` for what is in `condition`, `otherwise` for the rest.
        case conditional(SchemaTerm, then: SchemaTerm, otherwise: SchemaTerm)
        case not(SchemaTerm)
        case all([SchemaTerm])
        case some([SchemaTerm])
    }

    private(set) var kinds: [Kind] = [.any, .none]
    private var known: [Kind: SchemaTerm] = [:]
    /// Parts that were looked at and not yet accounted for; see ``takeWork()``.
    private var work = 0

    func kind(_ term: SchemaTerm) -> Kind { kinds[Int(term.index)] }

    mutating func make(_ kind: Kind) -> SchemaTerm {
        if let term = known[kind] { return term }
        kinds.append(kind)
        let term = SchemaTerm(index: Int32(kinds.count - 1))
        known[kind] = term
        return term
    }

    /// The steps since the last call, for whoever has the budget: combining terms is no failing operation itself.
    mutating func takeWork() -> Int {
        defer { work = 0 }
        return work
    }

    /// Terms in order, each once: searched one by one while they are few.
    private struct UniqueTerms {
        private static let maximumSearched = 16
        private(set) var list: [SchemaTerm] = []
        private var known: Set<SchemaTerm> = []

        func contains(_ term: SchemaTerm) -> Bool {
            list.count <= Self.maximumSearched ? list.contains(term) : known.contains(term)
        }

        mutating func append(_ term: SchemaTerm) {
            guard !contains(term) else { return }
            list.append(term)
            if list.count == Self.maximumSearched + 1 {
                known = Set(list)
            } else if list.count > Self.maximumSearched {
                known.insert(term)
            }
        }
    }

    /// The values of every one of `parts`, in whose order properties are declared.
    mutating func all(_ parts: [SchemaTerm]) -> SchemaTerm {
        var kept = UniqueTerms()
        for part in parts where part != .any {
            if part == .none { return .none }
            if case .all(let inner) = kind(part) {
                for part in inner { kept.append(part) }
                work += inner.count
            } else {
                kept.append(part)
            }
        }
        work += parts.count
        for part in kept.list {
            if case .not(let inner) = kind(part), kept.contains(inner) { return .none }
        }
        return kept.list.count > 1 ? make(.all(kept.list)) : kept.list.first ?? .any
    }

    mutating func all(_ left: SchemaTerm, _ right: SchemaTerm) -> SchemaTerm {
        if left == .any || left == right { return right }
        return right == .any ? left : all([left, right])
    }

    /// The values of any of `parts`.
    /// - Parameter keepsAll: whether parts stay that add no values, but may have evaluated some.
    mutating func some(_ parts: [SchemaTerm], keepsAll: Bool = false) -> SchemaTerm {
        var kept = UniqueTerms()
        for part in parts where part != .none {
            if part == .any, !keepsAll { return .any }
            if case .some(let inner) = kind(part) {
                for part in inner { kept.append(part) }
                work += inner.count
            } else {
                kept.append(part)
            }
        }
        work += parts.count
        return kept.list.count > 1 ? make(.some(kept.list)) : kept.list.first ?? .none
    }

    mutating func not(_ term: SchemaTerm) -> SchemaTerm {
        switch kind(term) {
        case .any: .none
        case .none: .any
        case .not(let inner): inner
        default: make(.not(term))
        }
    }
}
