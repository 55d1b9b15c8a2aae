import ArgumentParser
import Foundation
import QPDevice
import QPHead
import QPKernels

@main
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qp-gpu-benchmark",
        abstract: "Compare qp-gpu's kernels with OpenBLAS, plain reads and one another, in one run.",
        discussion: """
            Results go to stdout, progress and messages to stderr. Exit status 0: measured, whatever the figures;
            1: failed, or a kernel gave wrong results; 2: usage.

            EXAMPLES
              Benchmarks/run
              Benchmarks/run --quick --only scan,gather
              Benchmarks/run --format json > benchmark.json
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
    }

    @Flag(help: "The first shape alone, one second a comparison, brief tuning.")
    var quick = false
    @Option(
        help: ArgumentHelp(
            "Parts to run: \(Section.allCases.map(\.rawValue).joined(separator: ", ")); apart by commas.",
            valueName: "parts"))
    var only: String?
    @Option(help: "Seconds of each comparison (default: 10; 1 with --quick).")
    var seconds: Double?
    @Option(
        help: ArgumentHelp("Other shapes than the standard ones, as 128256x4096; may be repeated.", valueName: "VxD"))
    var shape: [String] = []
    @Option(help: "Threads of OpenBLAS and of plain reads (default: all cores).")
    var threads: Int?
    @Option(help: "What to print: table or json.")
    var format = Format.table
    @Option(help: "Index, UUID or part of a name of the device (default: QPGPU_DEVICE, else a GPU).")
    var device: String?
    @Option(help: .hidden)
    var memory: MemorySection.Build?

    private var sections: [Section] {
        guard let only else { return Section.allCases }
        let names = only.split(separator: ",").map { $0.filter { $0 != " " } }
        return Section.allCases.filter { names.contains($0.rawValue) }
    }

    private static func shape(_ text: String) -> (V: Int, d: Int)? {
        let parts = text.split(whereSeparator: { $0 == "x" || $0 == "×" }).map { Int($0) }
        guard parts.count == 2, let V = parts[0], let d = parts[1], V > 0, d > 0 else { return nil }
        return (V, d)
    }

    /// Runs the command line, with exit status 2 for one that cannot be understood.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let code = exitCode(for: error)
            if code == .success { Self.exit(withError: error) }
            let isUsage = code == .validationFailure
            let text = isUsage ? fullMessage(for: error) : "qp-gpu-benchmark: error: \(error)"
            FileHandle.standardError.write(Data((text + "\n").utf8))
            Self.exit(withError: ExitCode(isUsage ? 2 : 1))
        }
    }

    func validate() throws {
        for name in (only ?? "").split(separator: ",") where Section(rawValue: name.filter { $0 != " " }) == nil {
            let known = Section.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no part \"\(name)\"; there are \(known)")
        }
        for text in shape {
            guard let parsed = Self.shape(text) else {
                throw ValidationError("\"\(text)\" is no shape; give V and d as 32768x1024")
            }
            guard parsed.d % 16 == 0 else {
                throw ValidationError("d is \(parsed.d) in \"\(text)\"; the comparison needs a multiple of 16")
            }
        }
        if let seconds, !(seconds > 0) { throw ValidationError("--seconds is \(seconds); it must be above 0") }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads is \(threads); it must lie in 1…256")
        }
    }

    func run() throws {
        let choice = DeviceChoice(option: device, environment: ProcessInfo.processInfo.environment["QPGPU_DEVICE"])
        let physical = try choice.choose(from: try Instance().physicalDevices())
        let library = try KernelLibrary(try Device(physical))
        if let memory { return try MemorySection.measure(memory, library) }

        let given = shape.compactMap(Self.shape)
        let shapes = given.isEmpty ? (quick ? [Bench.standardShapes[0]] : Bench.standardShapes) : given
        let status = StatusLine()
        let bench = Bench(
            library, seconds: seconds ?? (quick ? 1 : 10), isQuick: quick,
            threadCount: threads ?? Clock.onlineCoreCount, shapes: shapes, say: status.show)
        var report = Report(context: try context(bench, physical))
        if format == .table { write(TextReport.context(report.context) + "\n") }
        for section in sections {
            for shape in section.isPerShape ? shapes : [shapes[0]] {
                let block = try measure(section, shape, bench, status)
                status.clear()
                report.blocks.append(block)
                // At once: an interrupted run keeps what it has.
                if format == .table { write(TextReport.block(block) + "\n") }
            }
        }
        switch format {
        case .table: write(TextReport.summary(report))
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            write(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
        }
    }

    /// Unbuffered.
    private func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    private func measure(
        _ section: Section, _ shape: (V: Int, d: Int), _ bench: Bench, _ status: StatusLine
    ) throws -> Block {
        switch section {
        case .scan: try ScanSection.run(bench, shape)
        case .types: try TypesSection.run(bench, shape)
        case .gather: try GatherSection.run(bench, shape)
        case .steps: try StepsSection.run(bench, shape)
        case .screen: try ScreenSection.run(bench, shape)
        case .overheads: try OverheadsSection.run(bench, shape)
        case .error: try ErrorSection.run(bench, shape)
        case .memory: try MemorySection.run(device: device, say: status.show)
        case .planner: try PlannerSection.run(bench)
        }
    }

    private func context(_ bench: Bench, _ physical: PhysicalDevice) throws -> Report.Context {
        let processor = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("model name") }?.split(separator: ":").last.map { $0.drop { $0 == " " } }
        return Report.Context(
            date: Clock.date(), device: physical.name, driver: physical.driver, isSoftware: physical.isSoftware,
            hostProcessor: processor.map(String.init) ?? "unknown", hostThreadCount: bench.threadCount,
            openBLAS: OpenBLAS.description, timingMethod: try Stopwatch(bench.library.device).method.rawValue,
            secondsPerComparison: bench.seconds, isQuick: quick)
    }
}

/// What is going on, on one line of stderr; silent where that is no terminal.
final class StatusLine {
    private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    private var shown = ""

    func show(_ text: String) {
        guard isTerminal, text != shown else { return }
        shown = text
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
    }

    func clear() { if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) } }
}
