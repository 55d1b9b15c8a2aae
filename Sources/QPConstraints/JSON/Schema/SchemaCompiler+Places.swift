extension SchemaCompiler {
    /// Where `keyword` stands in the schemas that `term` combines, or else where `term` does.
    func place(of keyword: SchemaKeyword, in term: SchemaTerm) -> ConstraintError.Place? {
        find(keyword, in: term, depth: 0).map { place($0, keyword) } ?? place(of: term)
    }

    private func find(_ keyword: SchemaKeyword, in term: SchemaTerm, depth: Int) -> Int32? {
        guard depth < 16 else { return nil }
        switch terms.kind(term) {
        case .own(let node, _), .evaluated(let node, _):
            return keywords(node)?.has(keyword) ?? false ? node : nil
        case .schema: return expansions[term].flatMap { find(keyword, in: $0, depth: depth + 1) }
        case .not(let inner): return find(keyword, in: inner, depth: depth + 1)
        case .all(let parts), .some(let parts), .exactlyOne(let parts):
            for part in parts {
                if let node = find(keyword, in: part, depth: depth + 1) { return node }
            }
            return nil
        default: return nil
        }
    }

    func place(_ node: Int32, _ keyword: SchemaKeyword? = nil) -> ConstraintError.Place {
        .pointer(document.pointer(to: node) + (keyword.map { "/" + $0.name } ?? ""))
    }

    func malformed(
        _ node: Int32, _ keyword: SchemaKeyword, _ expected: String, advice: String = ""
    ) -> ConstraintError {
        ConstraintError(.syntax, "\(keyword.name) has to be \(expected)", at: place(node, keyword), advice: advice)
    }

    /// The place that `term` comes from, as far as it comes from one.
    func place(of term: SchemaTerm) -> ConstraintError.Place? {
        switch terms.kind(term) {
        case .schema(let node, _), .own(let node, _), .evaluated(let node, _), .list(let node), .value(let node):
            place(node)
        case .not(let inner): place(of: inner)
        case .all(let parts), .some(let parts), .exactlyOne(let parts): parts.first.flatMap { place(of: $0) }
        default: nil
        }
    }
}
