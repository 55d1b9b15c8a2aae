import Foundation
import QPCore
import Testing

@testable import QPPlanner

@Suite struct ProfileFileTests {
    private func profile() throws -> Profile {
        var samples = SyntheticSamples(seed: 71)
        samples.blockCount = 4
        let series =
            samples.series(.step(.sparse), at: [1, 64, 4096]) { 20 + Double($0) / 100 }
            + samples.series(.step(.dense), at: [4096]) { _ in 300 }
            + samples.series(.kernel(.scan), at: [1, 64, 4096]) { 9 + Double($0) / 4 }
        let head = try ProfileAnalysis(seed: 1, replicateCount: 10)
            .analysed(.test(.test(4096), samples: series), ceilings: .test)
        return .test(heads: [head])
    }

    /// A folder of its own, removed afterwards.
    private func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }

    @Test func whatIsSavedIsLoaded() throws {
        let profile = try profile()
        try inFolder { folder in
            let path = folder + "/profile.json"
            try profile.save(to: path)
            #expect(try Profile.load(from: path) == profile)
            var next = profile
            next.date = "2025-02-02T00:00:00Z"
            try next.save(to: path)
            #expect(try Profile.load(from: path) == next)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["profile.json"])
        }
    }

    @Test func theTextIsStableAndReadable() throws {
        let text = try profile().encoded()
        #expect(try profile().encoded() == text)
        #expect(text.hasSuffix("}\n"))
        // Null is written, not left out.
        #expect(text.contains("\"allowedTokenCount\" : null,"))
        #expect(text.contains("\"heldOutMedianRelativeError\" : null,"))
        #expect(text.contains("\"reason\" : \"sparse is cheaper at every K up to V = 4096, by at least"))
        // Numbers stand on one line, objects do not.
        #expect(text.contains("\"blocks\" : [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]"))
        #expect(text.contains("\"points\" : [\n"))
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect(object?["schemaVersion"] as? Int == 1)
        #expect(
            object?.keys.sorted() == [
                "ceilings", "date", "device", "heads", "noise", "program", "schemaVersion", "settings",
            ])
    }

    @Test func awkwardStringsSurvive() throws {
        var profile = try profile()
        profile.device.name = #"A "[1, 2]" \ name, with [  ] and \" "#
        #expect(try Profile(json: profile.encoded().utf8, source: "x") == profile)
        #expect(try profile.encoded().contains("with [  ] and"))
    }

    @Test func aFailedWriteLeavesTheOldFile() throws {
        let profile = try profile()
        try inFolder { folder in
            let path = folder + "/sub"
            // A folder cannot be replaced by a file: the last step, the rename, fails.
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            try "old".write(toFile: path + "/inner", atomically: false, encoding: .utf8)
            #expect(throws: ProfileError.unwritable(path: path, reason: "Is a directory")) {
                try profile.save(to: path)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["sub"])
            #expect(try String(contentsOfFile: path + "/inner", encoding: .utf8) == "old")

            let missing = folder + "/none/profile.json"
            #expect(throws: ProfileError.unwritable(path: missing, reason: "No such file or directory")) {
                try profile.save(to: missing)
            }
        }
    }

    @Test func aProfileThatCouldNotBeReadIsNotWritten() throws {
        var profile = try profile()
        try inFolder { folder in
            let path = folder + "/profile.json"
            try profile.save(to: path)
            let before = try Profile.load(from: path)
            profile.heads[0].samples[0].durationsMicroseconds[0] = .nan
            #expect(
                throws: ProfileError.invalid(
                    source: "to be written", field: "heads[0].samples[0].durationsMicroseconds[0]",
                    reason: "is nan; it must be finite and not negative")
            ) { try profile.save(to: path) }
            profile.heads[0].samples[0].durationsMicroseconds[0] = 1
            profile.settings.timeBudgetSeconds = .infinity
            #expect(
                throws: ProfileError.invalid(
                    source: "to be written", field: "settings.timeBudgetSeconds",
                    reason: "is inf, which JSON cannot hold")
            ) { try profile.save(to: path) }
            #expect(try Profile.load(from: path) == before)
        }
    }

    @Test func unreadableFilesAreNamed() throws {
        try inFolder { folder in
            let path = folder + "/none.json"
            #expect(throws: ProfileError.unreadable(path: path, reason: "No such file or directory")) {
                try Profile.load(from: path)
            }
            #expect(throws: ProfileError.unreadable(path: folder, reason: "Is a directory")) {
                try Profile.load(from: folder)
            }
        }
    }

    @Test func everyTruncationIsRecognised() throws {
        let text = Array(try profile().encoded().utf8)
        for end in stride(from: 0, to: text.count - 2, by: 97) {
            #expect(throws: ProfileError.truncated(source: "x", byteCount: end)) {
                try Profile(json: text[..<end], source: "x")
            }
        }
    }

    @Test(arguments: [
        ("{\"schemaVersion\": 1,\n  heads: []}", 2, 3, "expected a field name"),
        ("hello", 1, 1, "expected a value"), ("{\"a\" 1}", 1, 6, "expected ':'"),
        ("[1 2]", 1, 4, "expected ',' or ']'"),
        ("{\"a\":1 \"b\"}", 1, 8, "expected ',' or '}'"), ("{}\n{}", 2, 1, "text after the document"),
        ("[tru]", 1, 5, "expected true"), ("[-]", 1, 3, "expected a digit"), ("[\"\\x\"]", 1, 4, "an unknown escape"),
        ("[1.e]", 1, 4, "expected a digit"),
    ])
    func whatIsNotJSONIsLocated(text: String, line: Int, column: Int, reason: String) {
        #expect(throws: ProfileError.notJSON(source: "x", line: line, column: column, reason: reason)) {
            try Profile(json: text.utf8, source: "x")
        }
    }

    @Test(arguments: ["0", "-12.5e+3", "[]", "{}", "[true, false, null]", "{\"\\u00e9\\n\": [1, {\"b\": \"\"}]} \n"])
    func validJSONHasNoFault(text: String) {
        #expect(JSONSyntax.fault(in: Array(text.utf8)) == nil)
    }

    @Test func deepNestingIsRefused() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: ProfileError.notJSON(source: "x", line: 1, column: 258, reason: "nested deeper than 256")) {
            try Profile(json: text.utf8, source: "x")
        }
    }

    @Test(arguments: [0, 2, -1])
    func otherSchemasAreRefused(version: Int) {
        #expect(throws: ProfileError.schemaVersion(source: "x", found: version, supported: 1)) {
            try Profile(json: "{\"schemaVersion\": \(version)}".utf8, source: "x")
        }
    }

    /// One edit to a good document, and the field and reason that the error names.
    @Test(arguments: [
        ("\"schemaVersion\" : 1", "\"schema\" : 1", "schemaVersion", "is missing"),
        ("\"schemaVersion\" : 1", "\"schemaVersion\" : \"1\"", "schemaVersion", "is not of type Int"),
        ("\"date\" : \"2025-01-01T00:00:00Z\",", "", "date", "is missing"),
        ("\"uuid\" : \"0000-01\"", "\"uuid\" : null", "device.uuid", "is null"),
        ("\"hiddenSize\" : 1024", "\"hiddenSize\" : \"d\"", "heads[0].hiddenSize", "is not of type Int"),
        (
            "\"hiddenSize\" : 1024", "\"hiddenSize\" : 0", "heads[0] has a shape that cannot be:",
            "hidden size d is 0; it must lie in 1…65536"
        ),
        (
            "\"subject\" : \"step.sparse\"", "\"subject\" : \"step.spare\"", "heads[0].samples[0].subject",
            "cannot be read: \"step.spare\" names no kernel or step"
        ),
        (
            "\"blocks\" : [0, 0,", "\"blocks\" : [0,", "heads[0].samples[0].blocks",
            "has 11 entries for 12 durations"
        ),
        (
            "\"durationsMicroseconds\" : [", "\"durationsMicroseconds\" : [-1.5, ",
            "heads[0].samples[0].blocks", "has 12 entries for 13 durations"
        ),
        (
            "\"low\" : 9.9,", "\"low\" : -9.9,", "ceilings[0].low",
            "is -9.9; it must be finite and not negative"
        ),
    ])
    func damagedFieldsAreNamed(old: String, new: String, field: String, reason: String) throws {
        let text = try profile().encoded()
        let range = try #require(text.range(of: old))
        let damaged = text.replacingCharacters(in: range, with: new)
        #expect(throws: ProfileError.invalid(source: "x", field: field, reason: reason)) {
            try Profile(json: damaged.utf8, source: "x")
        }
    }

    @Test func valuesThatCannotBeAreNamed() throws {
        func expect(_ field: String, _ reason: String, _ damage: (inout HeadProfile) -> Void) throws {
            var profile = try profile()
            damage(&profile.heads[0])
            #expect(throws: ProfileError.invalid(source: "x", field: "heads[0].\(field)", reason: reason)) {
                try profile.validate(source: "x")
            }
        }
        let negative = "is -1.5; it must be finite and not negative"
        try expect("samples[1].durationsMicroseconds[2]", negative) { $0.samples[1].durationsMicroseconds[2] = -1.5 }
        try expect("samples[0].batch", "is 0; it must be at least 1") { $0.samples[0].batch = 0 }
        try expect("samples[0].allowedTokenCount", "is 4097; it must lie in 1…V = 4096") {
            $0.samples[0].allowedTokenCount = 4097
        }
        try expect("curves[0].points", "is empty") { $0.curves[0].points = [] }
        let order = "does not follow the one before: K must ascend and times must not fall"
        let sparse = try #require(try profile().heads[0].curves.firstIndex { $0.step == .sparse })
        try expect("curves[\(sparse)].points[1]", order) { $0.curves[sparse].points.swapAt(0, 1) }
        try expect("fits[0].slowdown", negative) { $0.fits[0].slowdown = -1.5 }
        try expect("crossovers[0].between", "names 1 steps; it must name two") { $0.crossovers[0].between.removeLast() }
        try expect("crossovers[0]", "must have either allowedTokenCount or reason") { $0.crossovers[0].reason = nil }
    }

    @Test func aForeignProfileNamesBothDevices() throws {
        let profile = try profile()
        try profile.requireMatches(device: "0000-01", driver: "driver 1.0")
        for (uuid, driver) in [("0000-02", "driver 1.0"), ("0000-01", "driver 1.1")] {
            #expect(
                throws: ProfileError.foreign(
                    profileDevice: "0000-01", profileDriver: "driver 1.0", device: uuid, driver: driver)
            ) { try profile.requireMatches(device: uuid, driver: driver) }
        }
    }

    @Test(arguments: [
        (
            ProfileError.unreadable(path: "a.json", reason: "Permission denied"),
            "cannot read profile a.json: Permission denied; check the path, or measure one with "
                + "`qp-gpu profile --output a.json`"
        ),
        (
            .unwritable(path: "a.json", reason: "No space left on device"),
            "cannot write profile a.json: No space left on device; nothing was changed, choose another place with "
                + "--output"
        ),
        (
            .truncated(source: "a.json", byteCount: 120),
            "profile a.json breaks off after 120 bytes; the copy is incomplete, fetch or measure it again"
        ),
        (
            .notJSON(source: "a.json", line: 3, column: 7, reason: "expected ':'"),
            "profile a.json is not JSON: line 3, column 7: expected ':'; give a file that `qp-gpu profile --output` "
                + "wrote"
        ),
        (
            .schemaVersion(source: "a.json", found: 0, supported: 1),
            "profile a.json has schema version 0, which is older than version 1, the one this program reads; "
                + "measure again with `qp-gpu profile`"
        ),
        (
            .schemaVersion(source: "a.json", found: 2, supported: 1),
            "profile a.json has schema version 2, which is newer than version 1, the one this program reads; "
                + "update qp-gpu"
        ),
        (
            .invalid(source: "a.json", field: "date", reason: "is missing"),
            "profile a.json: date is missing; the file was damaged or edited, measure again with `qp-gpu profile`"
        ),
        (
            .foreign(profileDevice: "A", profileDriver: "1", device: "B", driver: "2"),
            "the profile was measured on device A with driver 1, but this is device B with driver 2; "
                + "measure this one with `qp-gpu profile`"
        ),
        (
            .missingCeiling("readBandwidth"),
            "the ceiling readBandwidth was not measured, so no kernel can be held against its roof; "
                + "measure the profile again"
        ),
    ])
    func messages(error: ProfileError, text: String) {
        #expect("\(error)" == text)
    }
}
