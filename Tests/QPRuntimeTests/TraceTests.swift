import Foundation
import QPCore
import QPRuntime
import Testing

@Suite struct TraceTests {
    private static let header = #"""
        {"format":"qp-gpu-trace","version":1,"vocabularySize":70,"hiddenSize":2,"elementType":"f16","source":"s","weights":{"kind":"synthetic","seed":4,"preset":null}}
        """#

    private func read(_ text: String) throws -> [TraceStep] {
        var steps: [TraceStep] = []
        try inTemporaryFolder { folder in
            let path = folder + "/trace.jsonl"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            var reader = try TraceReader(path: path)
            while let step = try reader.next() { steps.append(step) }
        }
        return steps
    }

    @Test func whatIsWrittenIsReadBack() throws {
        try inTemporaryFolder { folder in
            let path = folder + "/trace.jsonl"
            let header = TraceHeader(
                head: try HeadShape(vocabularySize: 1000, hiddenSize: 3, elementType: .int8),
                weights: .synthetic(seed: 9, preset: "GPT-2"), source: "synthetic")
            var generator = PhiloxGenerator(seed: 3)
            var steps: [TraceStep] = []
            for index in 0..<50 {
                let tokens = Set(
                    (0..<Int.random(in: 1...400, using: &generator)).map { _ in
                        Int.random(in: 0..<1000, using: &generator)
                    })
                let mask = try TokenMask(allowing: tokens, vocabularySize: 1000)
                steps.append(
                    TraceStep(
                        sequence: index / 20, step: index % 20, allowedTokenCount: mask.count,
                        allowed: index % 3 == 0 ? nil : mask,
                        hidden: index % 2 == 0 ? nil : [Float.random(in: -1...1, using: &generator), -0.0, 0x1p-140],
                        stateID: index % 5 == 0 ? UInt64.max : nil))
            }
            var writer = try TraceWriter(path: path, header: header)
            for step in steps { try writer.write(step) }
            try writer.finish()
            var reader = try TraceReader(path: path)
            #expect(reader.header == header)
            for step in steps {
                let back = try reader.next()
                #expect(back == step && back?.hidden?.map(\.bitPattern) == step.hidden?.map(\.bitPattern))
            }
            #expect(try reader.next() == nil)
            let isTrace = try TraceReader.isTrace(path: path)
            #expect(isTrace)
        }
    }

    /// What a person or another program writes: plain numbers, and no more than K.
    @Test func fieldsMayBeLeftOut() throws {
        let steps = try read(
            Self.header + "\n"
                + """
                {"K":5}
                {"K":2,"allowed":[3,69],"hidden":[0.5,-2]}
                {"K":2,"allowed":"CAAAAAAAAAAgAAAA","hidden":"AAAAPwAAAMA="}
                {"K":0,"sequence":1}

                """)
        #expect(steps.map(\.allowedTokenCount) == [5, 2, 2, 0])
        #expect(steps.map(\.step) == [0, 1, 2, 0] && steps.map(\.sequence) == [0, 0, 0, 1])
        #expect(steps[1].allowed?.tokens == [3, 69] && steps[2].allowed == steps[1].allowed)
        #expect(steps[1].hidden == [0.5, -2] && steps[2].hidden == steps[1].hidden)
    }

    private static let faults: [(String, String)] = [
        (#"{"K":71}"#, "line 2: K is 71; it must lie in 0…V = 70"),
        (#"{"allowed":[1]}"#, "line 2: K is missing"),
        (#"{"K":"five"}"#, "line 2: K holds what it cannot hold; see Profiles/README.md"),
        (#"{"K":2,"allowed":[3]}"#, "line 2: allowed has 1 tokens, but K is 2"),
        (
            #"{"K":2,"allowed":[9,3]}"#,
            "line 2: allowed is at fault: allowed token 3 follows 9; sort the ids ascending, or give a mask"
        ),
        (
            #"{"K":1,"allowed":"CAAAAA=="}"#,
            "line 2: allowed is no base64 of 12 bytes, one bit for each of V = 70"
        ),
        (#"{"K":1,"allowed":"AAAAAAAAAABAAAAA"}"#, "line 2: allowed allows tokens at or above V = 70"),
        (#"{"K":1,"hidden":[1]}"#, "line 2: hidden has 1 values, but d is 2"),
        (#"{"K":1,"hidden":[1,1e60]}"#, "line 2: hidden holds inf at 1, which no binary32 state does"),
        (#"{"K":1,"hidden":[1,"x"]}"#, "line 2: hidden.[1] holds what it cannot hold; see Profiles/README.md"),
        (#"{"K":1,}"#, "line 2, column 8: expected a field name; each line is one JSON object"),
        ("", "line 2, column 1: the object is not finished; each line is one JSON object"),
        (
            #"{"K":1,"step":9223372036854775807}"#,
            "line 2: step is 9223372036854775807, after which no step can come"
        ),
        ("{\"K\":1,\"step\":3}\n{\"K\":1,\"step\":3}", "line 3: step is 3, but 4 is next in sequence 0"),
        (
            "{\"K\":1,\"sequence\":1}\n{\"K\":1,\"sequence\":2}\n{\"K\":1,\"sequence\":1}",
            "line 4: sequence is 1 again; the steps of a sequence must follow one another"
        ),
    ]

    @Test(arguments: faults)
    func faultsNameLineAndField(lines: String, message: String) throws {
        let error = #expect(throws: TraceError.self) { try read(Self.header + "\n" + lines + "\n") }
        let text = "\(error.map(\.description) ?? "")"
        #expect(text.hasSuffix(message), "\(text)")
    }

    private static let headerFaults: [(String, String)] = [
        ("", "line 1: is no header {\"format\":\"qp-gpu-trace\",…}; see Profiles/README.md"),
        ("{\"V\":5}\n", "line 1: is no header {\"format\":\"qp-gpu-trace\",…}; see Profiles/README.md"),
        (
            header.replacing("\"version\":1", with: "\"version\":2") + "\n",
            "line 1: version 2, but this program reads version 1; update qp-gpu"
        ),
        (
            header.replacing("\"hiddenSize\":2", with: "\"hiddenSize\":0") + "\n",
            "line 1: the head cannot be: hidden size d is 0; it must lie in 1…65536"
        ),
        (
            header.replacing("\"kind\":\"synthetic\"", with: "\"kind\":\"gguf\"") + "\n",
            "line 1: weights.kind is \"gguf\"; only synthetic is read"
        ),
        (header.replacing("\"elementType\":\"f16\",", with: "") + "\n", "line 1: elementType is missing"),
        (
            header + "\n{\"K\":3}\n{\"K\":4",
            "line 3: breaks off; the copy is incomplete, fetch it again, or delete that line"
        ),
        // A number that was cut reads as another number.
        (
            header + "\n{\"K\":3}",
            "line 2: breaks off; the copy is incomplete, fetch it again, or delete that line"
        ),
    ]

    @Test(arguments: headerFaults)
    func brokenFilesAreRefused(text: String, message: String) throws {
        let error = #expect(throws: TraceError.self) { try read(text) }
        let text = "\(error.map(\.description) ?? "")"
        #expect(text.hasSuffix(message), "\(text)")
    }

    @Test func otherFilesAreNoTraces() throws {
        try inTemporaryFolder { folder in
            let path = folder + "/other.json"
            for text in ["", "{\"V\":5,\n\"schemas\":{}}", "{\"V\":5}", "\u{0}\u{1}"] {
                try text.write(toFile: path, atomically: true, encoding: .utf8)
                let isTrace = try TraceReader.isTrace(path: path)
                #expect(!isTrace, "\(text)")
            }
            // A header whose end was cut off is a trace's all the same, and reading it names the line.
            try Self.header.write(toFile: path, atomically: true, encoding: .utf8)
            let isTrace = try TraceReader.isTrace(path: path)
            #expect(isTrace)
            #expect(throws: TraceError.truncated(path: path, line: 1)) { _ = try TraceReader(path: path) }
        }
        #expect(throws: TraceError.unreadable(path: "/no/such", reason: "No such file or directory")) {
            _ = try TraceReader.isTrace(path: "/no/such")
        }
    }

    @Test func aFullDiskIsAnError() throws {
        let header = TraceHeader(
            head: try HeadShape(vocabularySize: 10, hiddenSize: 1, elementType: .f32),
            weights: .synthetic(seed: 1, preset: nil), source: "synthetic")
        #expect(throws: TraceError.unwritable(path: "/dev/full", reason: "No space left on device")) {
            var writer = try TraceWriter(path: "/dev/full", header: header)
            try writer.finish()
        }
    }
}
