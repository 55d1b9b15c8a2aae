/// Aligned columns under a rule, for terminals and log files.
///
/// ```
/// kernel    per row   roof
/// ────────  ───────  ─────
/// scan      34.2 ns   33 %
/// ```
///
/// A table wider than its limit wraps cells of its widest leading-aligned columns. Trailing-aligned columns hold
/// numbers and are never cut: a table of too many of them stays too wide.
package struct TextTable {
    /// At which edge a column's cells line up.
    package enum Alignment: Sendable {
        /// Words.
        case leading
        /// Numbers.
        case trailing
    }

    private static let gap = "  "
    /// A wrapped column keeps at least this many characters, so that words stay readable.
    private static let narrowestWrap = 12

    private let headings: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// Columns from left to right.
    package init(_ columns: [(heading: String, alignment: Alignment)]) {
        headings = columns.map(\.heading.withoutControls)
        alignments = columns.map(\.alignment)
    }

    /// Adds a row; missing cells are empty.
    package mutating func append(_ cells: [String]) {
        precondition(cells.count <= headings.count, "\(cells.count) cells for \(headings.count) columns")
        let padding = [String](repeating: "", count: headings.count - cells.count)
        rows.append(cells.map(\.withoutControls) + padding)
    }

    /// The table, each line ended by a newline and free of trailing spaces.
    package func render(maximumWidth: Int = 100, indent: Int = 0) -> String {
        let widths = columnWidths(within: maximumWidth - indent)
        let margin = String(repeating: " ", count: indent)
        let rule = widths.map { String(repeating: "─", count: $0) }
        var text = lines(of: headings, widths: widths, margin: margin)
        text += (margin + rule.joined(separator: Self.gap)).withoutTrailingSpaces + "\n"
        for row in rows {
            text += lines(of: row, widths: widths, margin: margin)
        }
        return text
    }

    private func columnWidths(within limit: Int) -> [Int] {
        var widths = headings.indices.map { column in
            rows.reduce(headings[column].displayWidth) { max($0, $1[column].displayWidth) }
        }
        var excess = widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - limit
        while excess > 0 {
            let candidates = widths.indices.filter { alignments[$0] == .leading && widths[$0] > Self.narrowestWrap }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func lines(of row: [String], widths: [Int], margin: String) -> String {
        let cells = zip(row, widths).map { cell, width in
            cell.displayWidth > width ? cell.wrapped(to: width) : [cell]
        }
        var text = ""
        for line in 0..<(cells.map(\.count).max() ?? 0) {
            let parts = cells.indices.map { column in
                (line < cells[column].count ? cells[column][line] : "").padded(to: widths[column], alignments[column])
            }
            text += (margin + parts.joined(separator: Self.gap)).withoutTrailingSpaces + "\n"
        }
        return text
    }
}

extension String {
    var withoutTrailingSpaces: String {
        var trimmed = self[...]
        while trimmed.last == " " { trimmed.removeLast() }
        return String(trimmed)
    }
}
