import ArgumentParser
import Foundation
import QPCore
import QPDevice
import QPHead
import QPKernels

/// Peak memory of a process that builds a head and does nothing else.
enum MemorySection {
    /// How the head is built.
    enum Build: String, CaseIterable, ExpressibleByArgument {
        /// Weights filled on the device.
        case filled
        /// The same with the second, interleaved copy.
        case interleaved
        /// Weights handed over by the host, row by row.
        case uploaded

        var copies: Int { self == .interleaved ? 2 : 1 }
    }

    private static let shape = (V: 131072, d: 1024)
    private static let permittedMiB = 300.0

    /// What the child prints: bytes at most resident before and after the head was built.
    struct Outcome: Codable {
        let before: Int
        let peak: Int
        let weights: Int
    }

    static func run(device: String?, say: (String) -> Void) throws -> Block {
        var findings: [Finding] = []
        for build in Build.allCases {
            say("memory: \(build.rawValue)")
            let outcome = try child(build, device: device)
            func mebibytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }
            let copies = build.copies == 1 ? "one copy" : "two copies"
            findings += [
                Finding(
                    what: "\(build.rawValue), \(copies): peak", unit: "MiB", exact: mebibytes(outcome.peak), goal: nil),
                Finding(
                    what: "\(build.rawValue), \(copies): peak less weights", unit: "MiB",
                    exact: mebibytes(outcome.peak - outcome.weights), goal: .atMost(permittedMiB)),
                Finding(
                    what: "\(build.rawValue), \(copies): of which before the head", unit: "MiB",
                    exact: mebibytes(outcome.before), goal: nil),
            ]
        }
        return Block(
            section: .memory, title: "Host memory of a head \(shape.V)×\(shape.d) f32, in a process of its own",
            findings: findings)
    }

    private static func child(_ build: Build, device: String?) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--memory", build.rawValue] + (device.map { ["--device", $0] } ?? [])
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw WrongResult(
                description: "the process that builds a head (\(build.rawValue)) ended with status "
                    + "\(process.terminationStatus); its message is above")
        }
        return try JSONDecoder().decode(Outcome.self, from: data)
    }

    /// The child's part.
    static func measure(_ build: Build, _ library: KernelLibrary) throws {
        let before = try peakBytes()
        let shape = try HeadShape(vocabularySize: shape.V, hiddenSize: shape.d, elementType: .f32)
        let rows = SyntheticRows(shape: shape, seed: 1)
        let weights =
            switch build {
            case .filled: try HeadWeights(library, synthetic: rows)
            case .interleaved: try HeadWeights(library, synthetic: rows, interleaved: true)
            case .uploaded: try HeadWeights(library, shape: shape) { rows.row($0) }
            }
        let head = try Head(library, weights)
        let workspace = try Workspace(head, batch: 1)
        // One step, so that everything a step needs is resident.
        var generator = PhiloxGenerator(seed: 1)
        try workspace.hidden.write((0..<shape.hiddenSize).map { _ in .random(in: -1...1, using: &generator) }, row: 0)
        try workspace.load([.all(vocabularySize: shape.vocabularySize)])
        let program = try workspace.program(.dense)
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                program.record(into: &recorder, longestList: shape.vocabularySize)
                recorder.barrierToHost()
            })
        guard try workspace.readRecords()[0].token != nil else {
            throw WrongResult(description: "the step over the head gave no token")
        }
        let outcome = Outcome(before: before, peak: try peakBytes(), weights: weights.byteCount)
        FileHandle.standardOutput.write(try JSONEncoder().encode(outcome))
    }

    /// Most bytes that were ever resident, as the kernel keeps it.
    private static func peakBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
        else { throw WrongResult(description: "/proc/self/status names no VmHWM") }
        return kibibytes * 1024
    }
}
