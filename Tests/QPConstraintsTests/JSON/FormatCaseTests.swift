import QPFormats
import Testing

@testable import QPConstraints

@Suite struct FormatCaseTests {
    @Test("formats agree with jsonschema's checker on random texts")
    func cases() throws {
        let lines = formatCases.split(separator: "\n")
        var checkers: [Substring: StringFormatTests.Checker] = [:]
        for line in lines {
            let fields = line.split(separator: " ", maxSplits: 2)
            if checkers[fields[0]] == nil {
                let format = try #require(StringFormat(rawValue: String(fields[0])))
                checkers[fields[0]] = try StringFormatTests.checker(format)
            }
            let text = try #require(JSONValue(parsing: String(fields[2])).stringValue)
            #expect(try checkers[fields[0]]!.contains(text) == (fields[1] == "1"), "\(line)")
        }
        #expect(checkers.count == 7 && lines.count == 420)
    }
}
