import Foundation
import QPPlanner
import QPRuntime
import Testing

@Suite struct ObservationLogTests {
    private func observation(_ id: UInt64) -> Observation { StepMetricsTests.observation(id: id) }

    private func longObservation(_ id: UInt64) -> Observation {
        StepMetricsTests.observation(id: id, plans: [PlanID](repeating: .sparse, count: 500))
    }

    private func ids(_ text: String) throws -> [UInt64] {
        try text.split(separator: "\n").map {
            try JSONDecoder().decode(Observation.self, from: Data($0.utf8)).decisionID
        }
    }

    @Test func linesAreBufferedAndReadBack() throws {
        try inTemporaryFolder { folder in
            let path = folder + "/steps.jsonl"
            let log = try ObservationLog(path: path)
            for id in 0..<3 as Range<UInt64> { try log.record(observation(id)) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "")
            try log.flush()
            #expect(try ids(String(contentsOfFile: path, encoding: .utf8)) == [0, 1, 2])
            // Without a buffer each line is there at once; another log goes on where the first ended.
            let direct = try ObservationLog(path: path, bufferByteCount: 0)
            try direct.record(observation(3))
            #expect(try ids(String(contentsOfFile: path, encoding: .utf8)) == [0, 1, 2, 3])
        }
    }

    @Test func theLastLinesAreWrittenWhenTheLogGoes() throws {
        try inTemporaryFolder { folder in
            let path = folder + "/steps.jsonl"
            do { try ObservationLog(path: path).record(observation(7)) }
            #expect(try ids(String(contentsOfFile: path, encoding: .utf8)) == [7])
        }
    }

    /// A process that died within a line must not spoil the first line after it.
    @Test func aHalfLineOfAnEarlierProcessEndsWhereItIs() throws {
        try inTemporaryFolder { folder in
            let path = folder + "/steps.jsonl"
            try "{\"decisionID\":1".write(toFile: path, atomically: true, encoding: .utf8)
            let log = try ObservationLog(path: path)
            try log.record(observation(2))
            try log.flush()
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 2 && lines[0] == "{\"decisionID\":1")
            #expect(try ids(String(lines[1])) == [2])
        }
    }

    @Test func aFullDiskIsAnErrorThatNamesIt() throws {
        let log = try ObservationLog(path: "/dev/full", bufferByteCount: 0)
        for waiting in 1...2 {
            let error = #expect(throws: ObservationLogError.self) { try log.record(observation(0)) }
            #expect(
                error?.description
                    == "cannot write observations to /dev/full: No space left on device; \(waiting) wait and are tried "
                    + "again with the next: free some space")
        }
        let missing = #expect(throws: ObservationLogError.self) { try ObservationLog(path: "/no/such/folder/x") }
        #expect(
            missing?.description
                == "cannot write observations to /no/such/folder/x: No such file or directory; choose another place")
    }

    /// A pipe that is full takes part of a line; once it is read, the rest follows and no line is broken or missing.
    @Test func whatAPipeRefusesFollowsLater() throws {
        let (reader, writer) = try nonblockingPipe()
        defer { for end in [reader, writer] { close(end) } }
        let log = ObservationLog(descriptor: writer, name: "the pipe", bufferByteCount: 0)
        // Lines longer than a pipe takes whole or not at all.
        func observation(_ id: UInt64) -> Observation { longObservation(id) }
        var refused = 0
        var written: UInt64 = 0
        while refused < 3 {
            do { try log.record(observation(written)) } catch { refused += 1 }
            written += 1
        }
        var text = drain(reader)
        #expect(!text.hasSuffix("\n"), "the pipe took whole lines only; the test shows nothing")
        try log.flush()
        text += drain(reader)
        #expect(try ids(text) == Array(0..<written))
    }

    /// Beyond the limit observations are counted, and the file says where they are missing.
    @Test func lossesAreMarkedWhereTheyHappened() throws {
        let (reader, writer) = try nonblockingPipe()
        defer { for end in [reader, writer] { close(end) } }
        let log = ObservationLog(descriptor: writer, name: "the pipe")
        func observation(_ id: UInt64) -> Observation { longObservation(id) }
        var written: UInt64 = 0
        var lost = 0
        while lost < 5 {
            do { try log.record(observation(written)) } catch .lost(_, let count) {
                lost += 1
                #expect(count == lost)
            } catch {}
            written += 1
        }
        var text = ""
        for _ in 0..<200 {
            text += drain(reader)
            if (try? log.flush()) != nil { break }
        }
        text += drain(reader)
        try log.record(observation(written))
        try log.flush()
        text += drain(reader)
        let lines = text.split(separator: "\n")
        #expect(lines[lines.count - 2] == "{\"lostObservations\":5}")
        #expect(lines.count == Int(written) - 5 + 2)
        #expect(try ids(String(lines[lines.count - 1])) == [written])
    }

    private func nonblockingPipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        return (ends[0], ends[1])
    }

    private func drain(_ reader: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(reader, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Calls `body` with a folder of its own, removed afterwards.
func inTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("qp-runtime-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
}
