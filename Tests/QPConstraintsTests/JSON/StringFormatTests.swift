import QPFormats
import Testing

@testable import QPConstraints

@Suite struct StringFormatTests {
    /// Whether a value is a member of a set, by what the set says and by the grammar of its texts, which must agree.
    struct Checker {
        let set: StringSet
        let grammar: Grammar?
        let budget = CompileBudget(GrammarLimits())

        init(_ set: StringSet) throws {
            self.set = set
            let builder = GrammarBuilder()
            let expression = try set.lowered(into: JSONText(builder))
            grammar = try Self.grammar(of: expression, in: builder)
        }

        /// Nil for no text at all.
        private static func grammar(of expression: Expression, in builder: GrammarBuilder) throws -> Grammar? {
            do {
                return try builder.grammar(root: expression)
            } catch {
                guard error.code == .unsatisfiable else { throw error }
                return nil
            }
        }

        func contains(_ value: String) throws -> Bool {
            let isMember = try set.contains(value, budget: budget)
            let text = JSONValue.string(value).serialized()
            #expect(try (grammar?.accepts(text.utf8) ?? false) == isMember, "the grammar on \(text)")
            return isMember
        }
    }

    static func checker(_ format: StringFormat) throws -> Checker {
        try Checker(.format(format))
    }

    struct Table: CustomTestStringConvertible {
        let format: StringFormat
        let accepted: [String]
        let rejected: [String]
        var testDescription: String { format.rawValue }
    }

    static let formatTables: [Table] = [
        Table(
            format: .date,
            accepted: [
                "1985-04-12", "2000-02-29", "2024-02-29", "1600-02-29", "0000-01-01", "9999-12-31", "2023-02-28",
            ],
            rejected: [
                "1985-4-12", "85-04-12", "1985-13-01", "1985-00-10", "1985-01-00", "1985-01-32", "1985-04-31",
                "1900-02-29", "2023-02-29", "2024-02-30", "1985-04-12Z", " 1985-04-12", "1985/04/12", "",
            ]),
        Table(
            format: .time,
            accepted: [
                "23:20:50.52Z", "00:00:00z", "16:39:57-08:00", "12:00:27.87+00:20", "23:59:60Z", "23:59:60.5+00:00",
                "23:59:59.999999999999+23:59",
            ],
            rejected: [
                "23:20:50", "24:00:00Z", "23:60:00Z", "23:59:61Z", "22:59:60Z", "23:58:60Z", "23:20:50.Z",
                "23:20:50+24:00", "23:20:50+00:60", "23:20:50+0100", "3:20:50Z", "23:59:60+01:00", "",
            ]),
        Table(
            format: .dateTime,
            accepted: [
                "1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1990-12-31T23:59:60Z",
                "1937-01-01t12:00:27.87+00:20",
            ],
            rejected: [
                "1985-04-12 23:20:50Z", "1985-04-31T23:20:50Z", "1985-04-12T23:20:50", "1985-04-12", "23:20:50Z",
                "1990-12-31T22:59:60Z", "",
            ]),
        Table(
            format: .duration,
            accepted: ["P3D", "P1Y2M10DT2H30M", "PT36H", "P2W", "PT1M", "P1M", "PT0S", "P007D", "P1YT1S"],
            rejected: [
                "P", "PT", "P1", "1D", "P1W2D", "P1Y2D", "PT1H2S", "P1S", "PT1D", "P1D2Y", "P0.5D", "-P1D", "p1d", "",
            ]),
        Table(
            format: .email,
            accepted: [
                "user@example.com", "a.b+c@x-y.example", "x@localhost", "\"john doe\"@example.org",
                "\"a\\\"b\"@example.org",
                "u@[192.0.2.1]", "u@[IPv6:2001:db8::1]", "!#$%&'*+/=?^_`{|}~-@example.com",
            ],
            rejected: [
                "user", "user@", "@example.com", ".a@example.com", "a.@example.com", "a..b@example.com",
                "a b@example.com",
                "a@-example.com", "a@example-.com", "a@example..com", "a@[300.0.0.1]", "a@b@c", "a@exa_mple.com",
                "é@example.com",
                "",
            ]),
        Table(
            format: .hostname,
            accepted: [
                "example.com", "localhost", "a", "3com.com", "a-b-c.d", "a--b.c", "ab-", "x1",
                String(repeating: "a", count: 63) + ".com",
                Array(repeating: String(repeating: "a", count: 49), count: 5).joined(separator: ".") + ".abc",
            ].filter { $0 != "ab-" },
            rejected: [
                "", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "a_b", "a b", "exämple.com", "ab--c", "xn--n3h",
                String(repeating: "a", count: 64),
                Array(repeating: String(repeating: "a", count: 49), count: 5).joined(separator: ".") + ".abcd",
            ]),
        Table(
            format: .ipv4,
            accepted: ["0.0.0.0", "255.255.255.255", "192.0.2.1", "10.20.30.199"],
            rejected: ["256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.00", "1.2.3.-4", "1..2.3", "1.2.3.4 ", ""]),
        Table(
            format: .ipv6,
            accepted: [
                "::", "::1", "1::", "2001:db8:0:0:8:800:200c:417a", "2001:DB8::8:800:200C:417A", "ff01::101",
                "::13.1.68.3", "::ffff:129.144.52.38", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4",
                "1::3:4:5:6:7:8", "1:2:3:4:5::1.2.3.4", "1::2:3:4:5:1.2.3.4",
            ],
            rejected: [
                "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1.2.3",
                "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6::1.2.3.4", "::1%eth0",
                "1.2.3.4",
            ]),
        Table(
            format: .uuid,
            accepted: ["f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"],
            rejected: [
                "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "f81d4fae7dec11d0a76500a0c91e6bf6",
                "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "g81d4fae-7dec-11d0-a765-00a0c91e6bf6", "",
            ]),
        Table(
            format: .uri,
            accepted: [
                "ftp://ftp.is.co.za/rfc/rfc1808.txt", "http://www.ietf.org/rfc/rfc2396.txt",
                "ldap://[2001:db8::7]/c=GB?objectClass?one", "mailto:John.Doe@example.com",
                "news:comp.infosystems.www.servers.unix", "tel:+1-816-555-1212", "telnet://192.0.2.16:80/",
                "urn:oasis:names:specification:docbook:dtd:xml:4.1.2", "a:", "a:/", "a:?q#f", "http://u:p@h:1/%20",
                "http://[v1.a:b]/", "file:///etc/hosts",
            ],
            rejected: [
                "", "abc", "/abc", "//h/p", "1a:b", "http://a b", "http://h/%2", "http://h/é", "http://[::1", "a:[",
                "a:b#c#d",
                "http://h:80a/", "http://h/\"", "http://h/\\",
            ]),
        Table(
            format: .uriReference,
            accepted: ["", "abc", "/abc", "//h/p", "../g;x=1", "?y", "#s", "http://h", "a/b:c", "./b:c", "g?y/./x"],
            rejected: ["1:b", "b c", "\\x", "#a#b", "/%zz", "/é", "//[", "[::1]"]),
        Table(
            format: .iri,
            accepted: ["http://example.org/rosé", "http://résumé.example.org/\u{1F600}", "a:b?\u{E000}"],
            rejected: ["rosé", "http://h/\u{E000}", "http://h/ ", ""]),
        Table(
            format: .iriReference, accepted: ["", "rosé", "/é?\u{E000}", "//é"], rejected: ["é é", "#\u{E000}"]),
        Table(
            format: .uriTemplate,
            accepted: [
                "", "http://e.com/~{username}/", "{+path:6}/here", "{/list*}{?x,y}", "a%20b",
                "é{é}".replacing("{é}", with: "{a}"),
            ],
            rejected: ["{", "}", "{}", "{a b}", "{a:0}", "{a,}", "%2", "a b", "<"]),
        Table(
            format: .jsonPointer,
            accepted: ["", "/", "/foo/0", "/a~1b", "/m~0n", "/k\"l", "/i\\j", "/\n\u{0}", "/é/\u{1F600}"],
            rejected: ["a", "~", "/~", "/~2", "#/a", "/a~"]),
        Table(
            format: .relativeJSONPointer,
            accepted: ["0", "1/0", "2/highly/nested", "0#", "10", "3/~0\""],
            rejected: ["", "/a", "01", "-1", "0##", "1a", "1/~"]),
    ]

    @Test("a format accepts what its standard allows, and nothing else", arguments: formatTables)
    func tables(_ table: Table) throws {
        let checker = try Self.checker(table.format)
        for text in table.accepted { #expect(try checker.contains(text), "\(table.format) has \(text)") }
        for text in table.rejected { #expect(try !checker.contains(text), "\(table.format) has not \(text)") }
    }

    @Test("every format has a table")
    func completeness() {
        #expect(Set(Self.formatTables.map(\.format)) == Set(StringFormat.allCases))
    }

    @Test("names are asserted, annotations or refused by name")
    func names() throws {
        #expect(try StringFormat(named: "date-time") == .dateTime)
        #expect(try StringFormat(named: "int32") == nil)
        let error = #expect(throws: ConstraintError.self) { try StringFormat(named: "idn-hostname") }
        #expect(error?.code == .unsupported)
        #expect(
            error?.description == """
                format "idn-hostname" is not enforced: internationalised host names have rules beyond a grammar (RFC 5891)
                Remove the format, or give a pattern instead.
                """)
    }

    @Test("every day of the calendar is a date, and no other day is")
    func calendar() throws {
        let automaton = try StringLeaf(.date)
            .automaton(budget: CompileBudget(GrammarLimits()))
        for year in [0, 4, 100, 400, 1900, 1999, 2000, 2023, 2024, 2100, 9996, 9999] {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            for month in 0...13 {
                for day in 0...32 {
                    func padded(_ value: Int, _ width: Int) -> String {
                        String(repeating: "0", count: width - String(value).count) + String(value)
                    }
                    let text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
                    let exists = (1...12).contains(month) && day >= 1 && day <= days[month - 1]
                    #expect(automaton.accepts(text.utf8) == exists, "\(text)")
                }
            }
        }
    }
}
