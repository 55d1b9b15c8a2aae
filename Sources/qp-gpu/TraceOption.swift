import ArgumentParser
import QPCore
import QPPlanner
import QPRuntime

/// A trace file in either format.
struct TraceOption: ParsableArguments {
    @Option(
        name: .customLong("trace"),
        help: ArgumentHelp("A trace: lines, or K sequences {V, schemas: …}.", valueName: "file"))
    var path: String
    @Option(name: .customLong("engine"), help: "Which engine's K, of K sequences; may be repeated (default: all).")
    var engines: [String] = []

    func open() throws -> OpenTrace { try OpenTrace(path: path, engines: engines) }
}

/// The steps of a trace file, whichever its format.
struct OpenTrace {
    let path: String
    /// The head that the steps were recorded with; nil for K sequences.
    let head: HeadShape?
    /// The seed of that head's W.
    let weightsSeed: UInt64?
    /// V that K was counted over.
    private let vocabularySize: Int
    private let all: [TraceStep]

    init(path: String, engines: [String]) throws {
        self.path = path
        guard try TraceReader.isTrace(path: path) else {
            let file = try TraceFile(path: path)
            let known = Set(file.traces.map(\.engine))
            for name in engines where !known.contains(name) {
                throw ValidationError(
                    "\(path) has no engine \"\(name)\"; there are \(known.sorted().joined(separator: ", "))")
            }
            head = nil
            weightsSeed = nil
            vocabularySize = file.vocabularySize
            let runs = file.traces.filter { engines.isEmpty || engines.contains($0.engine) }.flatMap(\.runs)
            all = runs.enumerated().flatMap { sequence, run in
                run.enumerated().map { TraceStep(sequence: sequence, step: $0, allowedTokenCount: $1) }
            }
            return
        }
        guard engines.isEmpty else { throw ValidationError("\(path) is of one engine; leave --engine out") }
        var reader = try TraceReader(path: path)
        head = reader.header.head
        weightsSeed =
            switch reader.header.weights {
            case .synthetic(let seed, _): seed
            }
        vocabularySize = reader.header.head.vocabularySize
        var steps: [TraceStep] = []
        while let step = try reader.next() { steps.append(step) }
        all = steps
    }

    /// The steps with K above 0, at which a head runs. For another V, K becomes the same share of it and ids are left
    /// out; for another d, so are hidden states.
    func steps(for shape: HeadShape) throws -> [TraceStep] {
        let steps = all.filter { $0.allowedTokenCount > 0 }.map { step in
            var step = step
            if shape.vocabularySize != vocabularySize {
                step.allowedTokenCount = shape.scaled(step.allowedTokenCount, from: vocabularySize)
                step.allowed = nil
            }
            if let hidden = step.hidden, hidden.count != shape.hiddenSize { step.hidden = nil }
            return step
        }
        guard !steps.isEmpty else { throw ValidationError("\(path) holds no step with K above 0") }
        return steps
    }

    /// K of the same steps, by sequence.
    func runs(for shape: HeadShape) throws -> [[Int]] {
        var runs: [[Int]] = []
        var last: Int?
        for step in try steps(for: shape) {
            if step.sequence != last { runs.append([]) }
            last = step.sequence
            runs[runs.count - 1].append(step.allowedTokenCount)
        }
        return runs
    }
}
