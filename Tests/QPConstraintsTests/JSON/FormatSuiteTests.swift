import Foundation
import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

/// The JSON Schema Test Suite's optional tests of formats, where `../shared/data` holds them.
@Suite struct FormatSuiteTests {
    /// Valid texts that are refused: leap seconds with an offset, and labels that encode international names.
    private static func isKnownToBeStrict(_ format: StringFormat, _ text: String) -> Bool {
        switch format {
        case .time, .dateTime: text.contains(":60") && !text.hasSuffix("Z") && !text.hasSuffix("+00:00")
        case .hostname: text.hasPrefix("xn--")
        default: false
        }
    }

    @Test("formats agree with the JSON Schema Test Suite", arguments: StringFormat.allCases)
    func suite(_ format: StringFormat) throws {
        let suite = "json-schema-test-suite/tests/draft2020-12/optional/format"
        guard let path = SharedData.path("\(suite)/\(format.rawValue).json"),
            let data = FileManager.default.contents(atPath: path)
        else { return }
        let checker = try StringFormatTests.checker(format)
        var judged = 0
        for group in try JSONValue(parsing: [UInt8](data)).arrayValue ?? [] {
            for test in group.objectValue?["tests"]?.arrayValue ?? [] {
                guard let test = test.objectValue, let text = test["data"]?.stringValue,
                    let isValid = test["valid"]?.boolValue
                else { continue }
                judged += 1
                let expected = isValid && !Self.isKnownToBeStrict(format, text)
                #expect(
                    try checker.contains(text) == expected,
                    "\(format.rawValue) \(text.debugDescription): \(test["description"]?.stringValue ?? "")")
            }
        }
        #expect(judged > 5)
    }
}
