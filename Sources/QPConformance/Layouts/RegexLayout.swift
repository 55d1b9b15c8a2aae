import QPConstraints
import TOMLKit

/// Tables `[[test]]` as the `regex` crate keeps them (testdata/README.md there).
///
/// The suite searches; a constraint matches the whole text. So a haystack is judged only where the search says what
/// a whole match is: a match that spans it must be accepted, and a haystack without any match must be rejected. Not
/// judged are partial spans, sets of patterns, bounds within the haystack, and kinds of match or search but the
/// customary ones. A pattern that must not compile should be refused. The file `regex-lite.toml` is passed over: it
/// says where the crate of that name reads classes otherwise than the `regex` crate does.
enum RegexLayout {
    /// The judged cases of a TOML document; nil when it has no tests.
    static func cases(_ bytes: [UInt8], file: String) throws(SuiteError) -> [ConformanceCase]? {
        guard file.split(separator: "/").last != "regex-lite.toml" else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SuiteError(file: file, reason: "not TOML: it is not UTF-8")
        }
        let table: TOMLTable
        do { table = try TOMLTable(string: text) } catch {
            throw SuiteError(file: file, reason: "not TOML: \(error)")
        }
        guard let tests = table["test"]?.array else { return nil }
        return tests.compactMap { $0.table.flatMap { item($0, file: file) } }
    }

    private static func item(_ test: TOMLTable, file: String) -> ConformanceCase? {
        guard let name = test["name"]?.string, let pattern = test["regex"]?.string,
            let haystack = test["haystack"]?.string, let matches = test["matches"]?.array,
            test["bounds"] == nil,
            ["leftmost-first", nil].contains(test["match-kind"]?.string),
            ["leftmost", nil].contains(test["search-kind"]?.string)
        else { return nil }
        var options = RegexOptions(dialect: .rust)
        options.isCaseInsensitive = test["case-insensitive"]?.bool ?? false
        options.isUnicode = test["unicode"]?.bool ?? true
        options.matchesInvalidUTF8 = !(test["utf8"]?.bool ?? true)
        let unescapes = test["unescape"]?.bool ?? false
        if let text = test["line-terminator"]?.string {
            guard let byte = unescapes ? unescaped(text).first : text.utf8.first else { return nil }
            options.lineTerminator = byte
        }
        let compile = { @Sendable [options] () throws(ConstraintError) in
            try Grammar(regex: pattern, options: options)
        }
        if test["compiles"]?.bool == false {
            return ConformanceCase(file: file, name: name, expectation: .isRefused, compile: compile)
        }
        let text = unescapes ? unescaped(haystack) : Array(haystack.utf8)
        var isValid = false
        if !matches.isEmpty {
            guard matches.contains(where: { span($0.array) == 0..<text.count }) else { return nil }
            isValid = true
        }
        return ConformanceCase(
            file: file, name: name, texts: [.init(name: "", spellings: [text], isValid: isValid)], compile: compile)
    }

    /// A match: its span, or the spans of its groups with the whole first.
    private static func span(_ match: TOMLArray?) -> Range<Int>? {
        guard let match, let first = match.first else { return nil }
        if let whole = first.array { return span(whole) }
        guard let start = first.int, match.count == 2, let end = match[1].int, start <= end else { return nil }
        return start..<end
    }

    /// `text` with the escapes `\xHH`, `\n`, `\r`, `\t` and `\\` read as bytes.
    static func unescaped(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                result.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                rest = rest.dropFirst(2)
                result.append(UInt8(digits, radix: 16) ?? UInt8(ascii: "?"))
            default: result.append(escape)
            }
        }
        return result
    }
}
