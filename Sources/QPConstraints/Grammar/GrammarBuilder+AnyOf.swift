extension GrammarBuilder {
    /// Any of the byte strings `texts`; common beginnings are shared, so thousands are cheap.
    ///
    /// O(n log n) comparisons of texts. Nothing here calls itself: where each text begins the next one, the tree of
    /// their beginnings is as deep as there are texts.
    public func anyOf(_ texts: [[UInt8]]) throws(ConstraintError) -> Expression {
        let sorted = texts.sorted { $0.lexicographicallyPrecedes($1) }
        guard var last = sorted.first else { return nothing }
        // The beginnings at which texts part, or end, on the way to the last text: each begins the one after it.
        var open = [Beginning(length: last.count, rests: [empty])]
        for text in sorted.dropFirst() {
            try budget.tick()
            let shared = zip(last, text).prefix { $0 == $1 }.count
            if shared == text.count, shared == last.count { continue }
            try close(&open, to: shared, of: last)
            open.append(Beginning(length: text.count, rests: [empty]))
            last = text
        }
        try close(&open, to: 0, of: last)
        return try choice(open[0].rests)
    }

    /// The first `length` bytes of a text, and what may follow them.
    private struct Beginning {
        let length: Int
        var rests: [Expression]
    }

    /// Hangs beginnings of `text` that are longer than `length` under the ones before them, of which the last is then
    /// of that length.
    private func close(_ open: inout [Beginning], to length: Int, of text: [UInt8]) throws(ConstraintError) {
        while let longest = open.last, longest.length > length {
            open.removeLast()
            if (open.last?.length ?? -1) < length { open.append(Beginning(length: length, rests: [])) }
            let parent = open.count - 1
            open[parent].rests.append(
                try sequence([literal(text[open[parent].length..<longest.length]), choice(longest.rests)]))
        }
    }
}
