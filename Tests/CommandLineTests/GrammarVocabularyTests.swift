import Foundation
import QPTestInputs
import Testing

extension CommandLineTests {
    /// `qp-gpu grammar` with a vocabulary. None of it needs a device.
    @Suite struct GrammarVocabularyTests {
        private static let schema = #"""
            {"type": "object", "properties": {"a": {"enum": ["x", "yy"]}}, "required": ["a"],
             "additionalProperties": false}
            """#

        /// Runs `body` in a folder with schema.json and model.gguf.
        private func withModel<Result>(_ body: (String) throws -> Result) throws -> Result {
            try inFolder { folder in
                try Data(Self.schema.utf8).write(to: URL(filePath: "\(folder)/schema.json"))
                try TinyModel.file.write(to: URL(filePath: "\(folder)/model.gguf"))
                return try body(folder)
            }
        }

        private func grammar(_ command: String, _ arguments: [String], in folder: String) throws -> Tool.Outcome {
            try Tool.run(
                ["grammar", command, "\(folder)/schema.json", "--vocabulary", "\(folder)/model.gguf"] + arguments,
                in: folder)
        }

        @Test func traceFollowsATextAndIsReadByThePlanner() throws {
            try withModel { folder in
                let outcome = try grammar(
                    "trace",
                    ["--text", #"{"a":"yy"}"#, "--output", "\(folder)/trace.jsonl", "--ids", "--format", "json"],
                    in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                #expect(outcome.err == "")
                let steps = try #require(
                    try JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [[String: Any]])
                try #require(steps.count == 10)
                // One token a byte, but "yy"; at its place "x" and "y" are possible, too.
                #expect(
                    steps.map { $0["text"] as? String } == ["{", "\"", "a", "\"", ":", "\"", "yy", "\"", "}", "end"])
                #expect(steps.map { $0["K"] as? Int } == [1, 1, 1, 1, 1, 1, 3, 1, 1, 1])
                #expect(steps.map { $0["byte"] as? Int } == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10])
                #expect(steps[6]["allowed"] as? [Int] == [120, 121, 257])
                #expect(steps[9]["allowed"] as? [Int] == [256])
                #expect(steps.map { $0["forced"] as? Int } == [6, 5, 4, 3, 2, 1, 0, 3, 2, 1])
                #expect(
                    steps.map { $0["forcedText"] as? String }[...7] == [
                        #"{"a":""#, #""a":""#, #"a":""#, #"":""#, #":""#, "\"", "", "\"}",
                    ])
                let lines = try String(contentsOfFile: "\(folder)/trace.jsonl", encoding: .utf8).split(separator: "\n")
                try #require(lines.count == 11)
                let header = try #require(try TinyProfile.object(String(lines[0])))
                #expect(header["vocabularySize"] as? Int == 258)
                #expect(header["hiddenSize"] as? Int == 8)
                let seventh = try #require(try TinyProfile.object(String(lines[7])))
                #expect(seventh["allowed"] as? [Int] == [120, 121, 257])
                // What reads traces reads it.
                try TinyProfile.outcome().out.write(
                    toFile: folder + "/profile.json", atomically: true, encoding: .utf8)
                let explained = try Tool.run(
                    [
                        "explain", "--profile", "\(folder)/profile.json", "--trace", "\(folder)/trace.jsonl",
                        "--trace-step", "6",
                    ], in: folder)
                #expect(explained.status == 0, "\(explained.err)")
            }
        }

        private static let sentencePieceModel = SharedData.path("vocab/ggml-vocab-llama-spm.gguf")

        /// A SentencePiece tokenizer puts a space before a text, which the constraint does not allow.
        @Test(.enabled(if: sentencePieceModel != nil, "the public test data is absent (shared/data)"))
        func traceLeavesOutTheSpaceBeforeAText() throws {
            try withModel { folder in
                let outcome = try Tool.run(
                    [
                        "grammar", "trace", "\(folder)/schema.json", "--vocabulary", Self.sentencePieceModel ?? "",
                        "--text", #"{"a":"yy"}"#, "--format", "json",
                    ], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                let steps = try #require(
                    try JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [[String: Any]])
                #expect(steps.compactMap { $0["text"] as? String }.joined() == #"{"a":"yy"}end"#)
            }
        }

        @Test func traceOfABeginningSaysSo() throws {
            try withModel { folder in
                let outcome = try grammar("trace", ["--text", #"{"a""#], in: folder)
                #expect(outcome.status == 0)
                #expect(outcome.err == "note: the text is a beginning; the constraint wants it to go on\n")
                #expect(outcome.out.contains("forced, K = 1: 4 of 4 steps\n"), "\(outcome.out)")
                let empty = try grammar("trace", ["--text", ""], in: folder)
                #expect(empty.status == 0)
                #expect(empty.err == outcome.err)
            }
        }

        @Test func traceNamesTheByteThatIsNotAllowed() throws {
            try withModel { folder in
                let outcome = try grammar("trace", ["--text", #"{"a":"yz"}"#], in: folder)
                #expect(outcome.status == 1)
                #expect(outcome.out == "")
                #expect(outcome.err.hasSuffix("schema.json: the text is not allowed (at byte 7)\n"), "\(outcome.err)")
            }
        }

        @Test func checkWalksOverAVocabulary() throws {
            try withModel { folder in
                let outcome = try grammar("check", ["--walks", "5", "--format", "json"], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                let summary = try #require(try TinyProfile.object(outcome.out))
                #expect(summary["vocabularySize"] as? Int == 258)
                let walks = try #require(summary["walks"] as? [String: Any])
                #expect(walks["walks"] as? Int == 5)
                #expect(walks["finished"] as? Int == 5)
                // A choice is met once a walk; everything else is forced.
                let bins = try #require(walks["stepsByK"] as? [[String: Int]])
                #expect(bins.map { $0["K"] } == [1, 3])
                #expect(bins.map { $0["steps"] } == [walks["forced"] as? Int, 5])
                let again = try grammar("check", ["--walks", "5"], in: folder)
                #expect(again.out.contains("\n2 … 9 "), "\(again.out)")
                #expect(again.out.contains("random walks, and those that ended"), "\(again.out)")
            }
        }

        @Test func checkShowsTheGraphOrWhyThereIsNone() throws {
            try withModel { folder in
                func graph(_ arguments: [String]) throws -> [String: Any] {
                    let outcome = try Tool.run(
                        ["grammar", "check", "--vocabulary", "\(folder)/model.gguf", "--format", "json"] + arguments,
                        in: folder)
                    #expect(outcome.status == 0, "\(outcome.err)")
                    return try #require(try TinyProfile.object(outcome.out)?["graph"] as? [String: Any])
                }
                // Seven up to the choice, one after each of "x", "y" and "yy", two to the end.
                let closed = try graph(["\(folder)/schema.json"])
                #expect(closed["states"] as? Int == 12)
                #expect(closed["rows"] as? [String: Int] == ["ids": 12, "complement": 0, "bitmask": 0])
                #expect(closed["forcedStates"] as? Int == 11)
                #expect((closed["bytes"] as? Int ?? 0) > 0 && (closed["tokenClasses"] as? Int ?? 0) > 1)
                // A bit for each of the 258 tokens is less than a list of many bytes.
                try Data("[^a]\\w".utf8).write(to: URL(filePath: "\(folder)/a.regex"))
                let rows = try #require(try graph(["\(folder)/a.regex"])["rows"] as? [String: Int])
                #expect((rows["bitmask"] ?? 0) > 0 && (rows["ids"] ?? 0) > 0, "\(rows)")
                let table = try Tool.run(
                    ["grammar", "check", "--vocabulary", "\(folder)/model.gguf", "\(folder)/a.regex"], in: folder)
                #expect(table.out.contains("\nclasses of tokens "), "\(table.out)")
                let limited = try graph(["\(folder)/schema.json", "--graph-limit", "states=3"])
                #expect(limited["states"] == nil)
                #expect(
                    limited["missing"] as? String == "the graph of the constraint has more than 3 states. Use a "
                        + "GrammarMatcher, which works out states as they are met, or raise GraphLimits.states "
                        + "(--graph-limit states=N).")
                let nested = try graph(["--json-object"])
                #expect((nested["missing"] as? String)?.contains("pushdown") == true)
            }
        }

        @Test func misusesEndWithTwo() throws {
            try withModel { folder in
                let model = try grammar("trace", ["--text", "a", "--text-file", "b"], in: folder)
                #expect(model.status == 2)
                #expect(model.err.contains("give the text with --text, or a file of it with --text-file"))
                let walks = try Tool.run(["grammar", "check", "\(folder)/schema.json", "--walks", "3"], in: folder)
                #expect(walks.status == 2)
                #expect(walks.err.contains("--walks"), "\(walks.err)")
            }
        }

        @Test func aModelThatIsNoneIsNamed() throws {
            try withModel { folder in
                let path = "\(folder)/schema.json"
                let outcome = try Tool.run(["grammar", "check", path, "--vocabulary", path], in: folder)
                #expect(outcome.status == 1)
                #expect(outcome.err.hasPrefix("qp-gpu: error: \(path): this is no GGUF file"), "\(outcome.err)")
                #expect(outcome.err.count { $0 == "\n" } == 1)
                let missing = try Tool.run(
                    ["grammar", "check", path, "--vocabulary", "/nonexistent"], in: folder)
                #expect(missing.err == "qp-gpu: error: cannot read '/nonexistent': No such file or directory\n")
            }
        }

        @Test func masksAreServed() throws {
            try withModel { folder in
                let requests = #"""
                    {"vocabulary": true}
                    {"open": {"kind": "regex", "source": "ab?"}}
                    {"advance": 97}
                    {"advance": 97}
                    {"rollback": 1}
                    {"rollback": 1}
                    nonsense
                    """#
                try Data((requests + "\n").utf8).write(to: URL(filePath: "\(folder)/requests"))
                let outcome = try Tool.run(
                    "/bin/sh",
                    [
                        "-c", "\"$0\" grammar serve --vocabulary \"$1/model.gguf\" < \"$1/requests\"", Tool.path,
                        folder,
                    ], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                let answers = try outcome.out.split(separator: "\n").map { try TinyProfile.object(String($0)) ?? [:] }
                try #require(answers.count == 7)
                #expect(answers[0]["vocabularySize"] as? Int == 258)
                #expect((answers[0]["tokens"] as? [Any])?.count == 258)
                func ids(_ answer: [String: Any]) throws -> [Int] {
                    let words = try #require(Data(base64Encoded: answer["mask"] as? String ?? ""))
                    return (0..<words.count * 8).filter { words[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
                }
                #expect(try ids(answers[1]) == [97])
                #expect(try ids(answers[2]) == [98, 256])
                #expect(answers[2]["isAccepting"] as? Bool == true)
                #expect((answers[3]["error"] as? String)?.contains("not allowed") == true)
                #expect(try ids(answers[4]) == [97])
                #expect(answers[5]["error"] as? String == "1 tokens cannot be taken back")
                #expect(answers[6]["error"] != nil)
            }
        }
    }
}

/// A GGUF file with a byte-level tokenizer: a token for each byte, 256 ending a text, and 257 for "yy".
private enum TinyModel {
    static var file: Data {
        var data = Data("GGUF".utf8)
        func put<Value: FixedWidthInteger>(_ value: Value) {
            withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
        }
        func put(_ text: String) {
            put(UInt64(text.utf8.count))
            data.append(contentsOf: text.utf8)
        }
        /// A key of type string (8), uint32 (4), or array (9) of strings or int32 (5).
        func put(_ key: String, _ value: String) {
            put(key)
            put(UInt32(8))
            put(value)
        }
        func put(_ key: String, _ value: UInt32) {
            put(key)
            put(UInt32(4))
            put(value)
        }
        func put(_ key: String, _ values: [String]) {
            put(key)
            put(UInt32(9))
            put(UInt32(8))
            put(UInt64(values.count))
            values.forEach { put($0) }
        }
        func put(_ key: String, _ values: [Int32]) {
            put(key)
            put(UInt32(9))
            put(UInt32(5))
            put(UInt64(values.count))
            values.forEach { put($0) }
        }
        put(UInt32(3))
        put(UInt64(0))
        put(UInt64(8))
        put("general.architecture", "llama")
        put("llama.embedding_length", 8)
        put("tokenizer.ggml.model", "gpt2")
        put("tokenizer.ggml.pre", "gpt-2")
        put("tokenizer.ggml.tokens", alphabet + ["<|endoftext|>", "yy"])
        put("tokenizer.ggml.token_type", [Int32](repeating: 1, count: 256) + [3, 1])
        put("tokenizer.ggml.merges", ["y y"])
        put("tokenizer.ggml.eos_token_id", 256)
        return data
    }

    /// The characters by which byte-level tokenizers spell bytes: printable ones stand for themselves, others follow
    /// from U+0100 on.
    private static var alphabet: [String] {
        var next: UInt32 = 0x100
        return (0..<256).map { (byte: UInt32) in
            if 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte {
                return String(Unicode.Scalar(byte)!)
            }
            next += 1
            return String(Unicode.Scalar(next - 1)!)
        }
    }
}
