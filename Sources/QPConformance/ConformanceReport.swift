/// What one suite, or a part of it, came to.
public struct Counts: Codable, Hashable, Sendable {
    public var files = 0
    /// Sources that should compile.
    public var judged = 0
    /// Of those, the ones that did. A source that no text satisfies, and that is refused as such, counts among them.
    public var compiled = 0
    /// Of those, the ones that did not.
    public var refused = 0
    /// Texts of all judged sources, and sources that should be refused.
    public var texts = 0
    /// Valid texts that were accepted.
    public var accepted = 0
    /// Invalid texts that were rejected, and wrong sources that were refused.
    public var rejected = 0

    public init() {}

    /// Texts judged rightly.
    public var passed: Int { accepted + rejected }

    static func += (left: inout Counts, right: Counts) {
        left.files += right.files
        left.judged += right.judged
        left.compiled += right.compiled
        left.refused += right.refused
        left.texts += right.texts
        left.accepted += right.accepted
        left.rejected += right.rejected
    }
}

/// A text that was judged wrongly.
public struct Finding: Codable, Hashable, Sendable {
    public let file: String
    public let name: String
    /// The text's name within its case; empty where the source itself was judged.
    public let text: String
    /// What stopped the matcher, where something did.
    public var remark: String?

    /// File, case and text in one line, as a baseline lists it.
    public var label: String { text.isEmpty ? "\(file): \(name)" : "\(file): \(name): \(text)" }
}

/// Sources that were refused for one reason.
public struct Refusals: Codable, Hashable, Sendable {
    /// The error's kind, as ``ConstraintError/Code`` spells it.
    public let code: String
    /// The keyword at fault, of a schema.
    public let keyword: String?
    public let reason: String
    /// File and name of each.
    public var cases: [String]
}

/// What the sources of one layout came to.
public struct SuiteReport: Codable, Sendable {
    public let kind: SuiteKind
    public internal(set) var counts = Counts()
    /// The same by part: a file or, in the JSON Schema Test Suite, the keyword that names it.
    public internal(set) var parts: [String: Counts] = [:]
    /// Texts that were accepted and should not have been, and wrong sources that compiled. What must stay empty.
    public internal(set) var tooLoose: [Finding] = []
    /// Texts that should have been accepted.
    public internal(set) var tooStrict: [Finding] = []
    /// The largest group first.
    public internal(set) var refusals: [Refusals] = []

    /// How many sources were refused at each keyword; of schemas only.
    public var refusedByKeyword: [String: Int] {
        refusals.reduce(into: [:]) { counts, group in
            if let keyword = group.keyword { counts[keyword, default: 0] += group.cases.count }
        }
    }
}

/// A file that looks like a suite's, and that could not be judged.
public struct BrokenFile: Codable, Hashable, Sendable {
    public let file: String
    public let reason: String
}

/// What a run over folders came to.
public struct ConformanceReport: Codable, Sendable {
    /// One for each layout that was found.
    public internal(set) var suites: [SuiteReport] = []
    /// Files that could not be read, or are not what their names promise; in the order in which they were met.
    public internal(set) var broken: [BrokenFile] = []
    /// Files that are of no layout, or hold nothing to judge.
    public internal(set) var skippedFiles = 0

    public init() {}
}
