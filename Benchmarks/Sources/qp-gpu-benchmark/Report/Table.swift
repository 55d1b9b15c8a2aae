/// Aligned columns under a rule; the first column is words, the others line up at their right edge.
struct Table {
    private let leadingColumns: Set<Int>
    private var rows: [[String]]

    init(_ headings: [String], leading: Set<Int> = [0]) {
        rows = [headings]
        leadingColumns = leading
    }

    mutating func append(_ cells: [String]) {
        precondition(cells.count == rows[0].count, "\(cells.count) cells for \(rows[0].count) columns")
        rows.append(cells)
    }

    func render(indent: Int = 2) -> String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
        let margin = String(repeating: " ", count: indent)
        func line(_ cells: [String]) -> String {
            var text = margin
            for (column, cell) in cells.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                text += (column == 0 ? "" : "  ") + (leadingColumns.contains(column) ? cell + padding : padding + cell)
            }
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }
        return line(rows[0]) + line(widths.map { String(repeating: "─", count: $0) })
            + rows.dropFirst().map(line).joined()
    }
}
