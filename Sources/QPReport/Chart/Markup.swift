/// A piece of an HTML or SVG document, kept as a tree so that every tag is closed and every string escaped.
///
/// The output is well-formed XML as well, so any XML reader can check it.
package enum Markup {
    indirect case element(name: String, attributes: [(name: String, value: String)], children: [Markup])
    case text(String)
    /// CSS, which XML readers take as text: it must be free of `<` and `&`. Never made of a profile's strings.
    case styleSheet(StaticString)

    /// An element, its attributes in the order given.
    static func tag(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
    ) -> Markup {
        .element(name: name, attributes: attributes.map { (name: $0.key, value: $0.value) }, children: children)
    }

    /// An element around one string.
    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String) -> Markup {
        tag(name, attributes, [.text(text)])
    }

    /// Text whose numbers stay with their units and signs at the end of a line.
    static func prose(_ text: String) -> Markup {
        var text = text
        for phrase in [" %", " µs", " ms", " ns", " GB", "K = ", "K* = ", " … "] {
            text.replace(phrase, with: phrase.map { $0 == " " ? "\u{A0}" : String($0) }.joined())
        }
        return .text(text)
    }

    /// The document text of this piece.
    package func render() -> String {
        var text = ""
        write(to: &text)
        return text
    }

    /// Elements that may be written without an end tag: void ones of HTML, and leaves of SVG.
    private static let selfClosing: Set<String> = ["meta", "br", "path", "line", "rect", "circle", "polygon"]
    /// Elements that begin a line, which keeps the file readable and its diffs small.
    private static let breaking: Set<String> = [
        "head", "body", "main", "section", "article", "figure", "table", "thead", "tbody", "tr", "div", "p", "h1", "h2",
        "h3", "h4", "svg", "g", "path", "details", "header", "footer", "dl", "meta", "style", "title", "rect",
    ]

    private func write(to text: inout String) {
        switch self {
        case .text(let content): text += content.escapedForMarkup
        case .styleSheet(let content): text += "\(content)"
        case .element(let name, let attributes, let children):
            if Self.breaking.contains(name), !text.isEmpty { text += "\n" }
            text += "<\(name)"
            for attribute in attributes {
                text += " \(attribute.name)=\"\(attribute.value.escapedForMarkup)\""
            }
            if children.isEmpty, Self.selfClosing.contains(name) {
                text += "/>"
            } else {
                text += ">"
                for child in children { child.write(to: &text) }
                text += "</\(name)>"
            }
        }
    }
}

extension String {
    /// Safe between tags and inside double-quoted attributes.
    var escapedForMarkup: String {
        var result = ""
        result.reserveCapacity(utf8.count)
        for character in withoutControls {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }
}
