/// Addresses and identifiers of fixed form, as regular expressions.
enum Address {
    /// RFC 2673, section 3.2, dotted-quad; without leading zeros, as in RFC 3986's dec-octet.
    static let ipv4 = "(?:\(octet)\\.){3}\(octet)"
    private static let octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"

    /// RFC 4291, section 2.2, as RFC 3986's IPv6address: `::` stands for at least one group.
    static let ipv6: String = {
        let last = "(?:\(group):\(group)|\(ipv4))"
        var alternatives = ["(?:\(group):){6}\(last)", "::(?:\(group):){5}\(last)"]
        for before in 1...5 {
            let head = "(?:(?:\(group):){0,\(before - 1)}\(group))?"
            alternatives.append("\(head)::(?:\(group):){\(5 - before)}\(last)")
        }
        alternatives.append("(?:(?:\(group):){0,5}\(group))?::\(group)")
        alternatives.append("(?:(?:\(group):){0,6}\(group))?::")
        return "(?:" + alternatives.joined(separator: "|") + ")"
    }()
    private static let group = "[0-9A-Fa-f]{1,4}"

    /// RFC 4122, section 3 (RFC 9562, section 4), of any version and variant.
    static let uuid = "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"

    /// RFC 5321, section 4.1.2, Mailbox, without the general address literal, whose tags are yet to be defined.
    static let mailbox =
        "(?:\(atom)(?:\\.\(atom))*|\"(?:[ !#-\\[\\]-~]|\\\\[ -~])*\")@(?:\(domain)|\\[(?:\(ipv4)|[Ii][Pp][Vv]6:\(ipv6))\\])"
    private static let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
    private static let domain = "\(label)(?:\\.\(label))*"
    private static let label = "[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*"
}
