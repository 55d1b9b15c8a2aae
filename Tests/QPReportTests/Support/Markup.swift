import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// The first reason why `text` is not well-formed, found by counting tags; null when every tag is closed in order.
func tagImbalance(_ text: String) -> String? {
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
        guard let end = rest[start...].firstIndex(of: ">") else { return "a tag without an end" }
        let tag = rest[rest.index(after: start)..<end]
        rest = rest[rest.index(after: end)...]
        if tag.hasPrefix("!") || tag.hasSuffix("/") { continue }
        if tag.hasPrefix("/") {
            guard open.popLast() == tag.dropFirst() else { return "</\(tag.dropFirst())> closes another element" }
        } else {
            open.append(tag.prefix { $0 != " " })
        }
    }
    return open.last.map { "<\($0)> is never closed" }
}

/// The message of an XML reader that refuses `text`; null when it reads it all.
func xmlError(_ text: String) -> String? {
    let parser = XMLParser(data: Data(text.utf8))
    return parser.parse() ? nil : "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "unknown error")"
}

/// Values of the attributes that hold coordinates.
func coordinates(in text: String) -> [String] {
    let names: Set<String> = ["x", "y", "d", "cx", "cy", "r", "width", "height", "viewBox", "transform"]
    return text.split(separator: "<").flatMap { tag in
        tag.prefix { $0 != ">" }.split(separator: "\" ").compactMap { attribute -> String? in
            let parts = attribute.split(separator: "=\"", maxSplits: 1)
            guard parts.count == 2, let name = parts[0].split(separator: " ").last, names.contains(String(name))
            else { return nil }
            return String(parts[1])
        }
    }
}
