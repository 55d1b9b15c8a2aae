import Foundation
import Testing

/// The built executable, run as a user runs it.
enum Tool {
    struct Outcome {
        var status: Int32
        var out: String
        var err: String
    }

    /// Beside the program that runs the tests.
    static let path: String = {
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "qp-gpu").path
    }()

    /// Profiles a tiny head in a few seconds.
    static let tinyRun = ["profile", "--vocabulary", "512", "--hidden", "64", "--budget", "3", "--quick"]

    /// The caller's environment with a cache of its own, so that the user's is neither read nor written.
    static func environment(_ changes: [String: String], cache: String) -> [String: String] {
        ProcessInfo.processInfo.environment.merging(["QPGPU_CACHE": cache]) { $1 }.merging(changes) { $1 }
    }

    /// Runs the tool with `arguments` and waits for its end.
    static func run(
        _ arguments: [String], in folder: String, environment: [String: String] = [:], standardOutput: String? = nil
    ) throws -> Outcome {
        try run(path, arguments, in: folder, environment: environment, standardOutput: standardOutput)
    }

    /// Runs any program; output goes through files, which never fill up as pipes do.
    static func run(
        _ program: String, _ arguments: [String], in folder: String, environment changes: [String: String] = [:],
        standardOutput: String? = nil
    ) throws -> Outcome {
        let name = "\(folder)/\(UUID().uuidString)"
        let out = try standardOutput.map { try FileHandle(forWritingTo: URL(filePath: $0)) } ?? newFile(name + ".out")
        let err = try newFile(name + ".err")
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = environment(changes, cache: folder + "/cache")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = out
        process.standardError = err
        try process.run()
        process.waitUntilExit()
        func text(_ file: FileHandle) throws -> String {
            try file.seek(toOffset: 0)
            return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        }
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            out: standardOutput == nil ? try text(out) : "", err: try text(err))
    }

    private static func newFile(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(filePath: path))
        return try FileHandle(forUpdating: URL(filePath: path))
    }

    /// Both ends of a new pseudo-terminal (`posix_openpt` and its like are not imported).
    private static func openTerminal() throws -> (master: Int32, slave: Int32) {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // TIOCSPTLCK and TIOCGPTN, macros that Swift cannot import; the same on every architecture of Swift's.
        let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        var unlocked: Int32 = 0
        var number: UInt32 = 0
        try #require(
            master >= 0 && ioctl(master, setLock, &unlocked) == 0
                && ioctl(master, getNumber, &number) == 0, "no pseudo-terminal")
        let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(slave >= 0, "no /dev/pts/\(number)")
        return (master, slave)
    }

    /// Runs the tool with a terminal as its stderr, and interrupts it when `phase` shows in its progress.
    static func interrupt(_ arguments: [String], in folder: String, at phase: String) throws -> Outcome {
        let (master, slave) = try openTerminal()
        defer { close(master) }
        let outPath = "\(folder)/\(UUID().uuidString).out"
        let out = try newFile(outPath)
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = environment([:], cache: folder + "/cache")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = out
        process.standardError = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        try process.run()
        close(slave)
        var err: [UInt8] = []
        var isInterrupted = false
        var chunk = [UInt8](repeating: 0, count: 4096)
        // Ends when the tool has closed its side.
        while true {
            let count = read(master, &chunk, chunk.count)
            guard count > 0 else { break }
            err += chunk[..<count]
            if !isInterrupted, String(decoding: err, as: UTF8.self).contains(phase) {
                isInterrupted = true
                process.interrupt()
            }
        }
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            out: String(decoding: try Data(contentsOf: URL(filePath: outPath)), as: UTF8.self),
            // A terminal ends lines with a carriage return too.
            err: String(decoding: err, as: UTF8.self).replacing("\r\n", with: "\n"))
    }
}

/// Calls `body` with a folder of its own, removed afterwards.
func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("qp-gpu-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

/// One profile of a tiny head, measured once for all tests that only read it.
enum TinyProfile {
    private static let measured = Result {
        try inFolder { try Tool.run(Tool.tinyRun + ["--format", "json"], in: $0) }
    }

    static func outcome() throws -> Tool.Outcome { try measured.get() }

    static func json() throws -> [String: Any] { try #require(try object(try outcome().out)) }

    static func object(_ text: String) throws -> [String: Any]? {
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    }
}

/// Every test of this module: one at a time, since each starts a program that wants the whole machine.
@Suite(.serialized, .timeLimit(.minutes(5))) enum CommandLineTests {}
