/// A table of a report: words to the left, numbers to the right.
struct HTMLTable {
    let caption: String
    let columns: [(heading: String, alignment: TextTable.Alignment)]
    var rows: [[Cell]] = []

    struct Cell: ExpressibleByStringInterpolation {
        var text: String
        /// Marks the best of a column.
        var isEmphasised = false

        init(stringLiteral text: String) { self.text = text }

        init(_ text: String, isEmphasised: Bool = false) {
            self.text = text
            self.isEmphasised = isEmphasised
        }
    }

    init(_ caption: String, _ columns: [(heading: String, alignment: TextTable.Alignment)]) {
        self.caption = caption
        self.columns = columns
    }

    var markup: Markup {
        let headings = columns.map { column in
            Markup.tag("th", ["scope": "col", "class": column.alignment.style], column.heading)
        }
        let body = rows.map { row in
            Markup.tag(
                "tr", [:],
                zip(row, columns).map { cell, column in
                    let text: Markup = .text(cell.text)
                    return .tag(
                        "td", ["class": column.alignment.style],
                        [cell.isEmphasised ? .tag("strong", [:], [text]) : text])
                })
        }
        let table: Markup = .tag(
            "table", [:],
            [
                .tag("caption", [:], caption), .tag("thead", [:], [.tag("tr", [:], headings)]),
                .tag("tbody", [:], body),
            ])
        return .tag("div", ["class": "scroll"], [table])
    }
}

extension TextTable.Alignment {
    fileprivate var style: String {
        switch self {
        case .leading: "words"
        case .trailing: "number"
        }
    }
}
