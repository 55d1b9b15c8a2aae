/// URIs (RFC 3986, appendix A), IRIs (RFC 3987, section 2.2) and URI templates (RFC 6570, section 2), as regular
/// expressions.
struct ResourceIdentifier {
    /// With a scheme.
    let absolute: String
    /// With or without one.
    let reference: String

    static let uri = ResourceIdentifier(letters: "", privateUse: "")
    static let iri = ResourceIdentifier(letters: universal, privateUse: privateUse)

    /// `letters` and `privateUse` are classes' contents, which an IRI allows beside the characters of a URI: in all its
    /// parts, and in the query.
    private init(letters: String, privateUse: String) {
        let unreserved = "A-Za-z0-9._~\(letters)-"
        func any(of more: String) -> String { "(?:[\(more)!$&'()*+,;=\(unreserved)]|\(Self.escape))" }

        let segment = "\(any(of: ":@"))*"
        let nonEmptySegment = "\(any(of: ":@"))+"
        let future = "[Vv][0-9A-Fa-f]+\\.[A-Za-z0-9._~!$&'()*+,;=:-]+"
        // An IPv4 address is a registered name too.
        let host = "(?:\\[(?:\(Address.ipv6)|\(future))\\]|\(any(of: ""))*)"
        let authority = "(?:\(any(of: ":"))*@)?\(host)(?::[0-9]*)?"
        let rooted = "//\(authority)(?:/\(segment))*|/(?:\(nonEmptySegment)(?:/\(segment))*)?"
        let tail = "(?:\\?\(any(of: ":@/?\(privateUse)"))*)?(?:#\(any(of: ":@/?"))*)?"
        let scheme = "[A-Za-z][A-Za-z0-9+.-]*"
        absolute = "\(scheme):(?:\(rooted)|\(nonEmptySegment)(?:/\(segment))*)?\(tail)"
        let relative = "(?:\(rooted)|\(any(of: "@"))+(?:/\(segment))*)?\(tail)"
        reference = "(?:\(absolute)|\(relative))"
    }

    private static let escape = "%[0-9A-Fa-f]{2}"

    /// ucschar of RFC 3987.
    private static let universal: String = {
        let planes = (1...14).map { plane in
            let start = plane == 14 ? 0xE1000 : plane << 16
            return "\\u{\(String(start, radix: 16))}-\\u{\(String(plane << 16 | 0xFFFD, radix: 16))}"
        }
        return "\\u00A0-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFEF" + planes.joined()
    }()
    /// iprivate of RFC 3987.
    private static let privateUse = "\\uE000-\\uF8FF\\u{f0000}-\\u{ffffd}\\u{100000}-\\u{10fffd}"

    /// RFC 6570, section 2, with the errata that let a literal hold an apostrophe.
    static let template: String = {
        let literal = "[!#$&'()*+,./0-9:;=?@A-Z\\[\\]_a-z~\(universal)\(privateUse)-]"
        let character = "(?:[A-Za-z0-9_]|\(escape))"
        let variable = "\(character)+(?:\\.\(character)+)*(?:\\*|:[1-9][0-9]{0,3})?"
        return "(?:\(literal)|\(escape)|\\{[+#./;?&=,!@|]?\(variable)(?:,\(variable))*\\})*"
    }()
}
