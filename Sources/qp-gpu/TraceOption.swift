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
    /// Where each sequence comes from; empty for a trace of lines.
    private let sequences: [(name: String, engine: String)]

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
            let traces = file.traces.filter { engines.isEmpty || engines.contains($0.engine) }
            sequences = traces.flatMap { trace in trace.runs.map { _ in (trace.name, trace.engine) } }
            let runs = traces.flatMap(\.runs)
            all = runs.enumerated().flatMap { sequence, run in
                run.enumerated().map { TraceStep(sequence: sequence, step: $0, allowedTokenCount: $1) }
            }
            return
        }
        guard engines.isEmpty else { throw ValidationError("\(path) is of one engine; name none") }
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
        sequences = []
    }

    /// Whether steps carry what reuse is measured with.
    var hasStates: Bool { all.contains { $0.hidden != nil && $0.allowed != nil } }

    /// The steps with K above 0, at which a head runs. For another V, K becomes the same share of it and ids are left
    /// out; for another d, so are hidden states.
    func steps(for shape: HeadShape) throws -> [TraceStep] {
        let steps = all.filter { $0.allowedTokenCount > 0 }.map { scaled($0, to: shape) }
        guard !steps.isEmpty else { throw ValidationError("\(path) holds no step with K above 0") }
        return steps
    }

    /// The step at `index`, counted from 0 along the sequences called `name`, or along the first name if nil; of a
    /// trace of lines, along the file.
    /// - Throws: ``PlanningError`` `deadEnd` for one with K = 0.
    func step(_ index: Int, of name: String?, for shape: HeadShape) throws -> TraceStep {
        if let name, sequences.isEmpty {
            throw ValidationError("\(path) is a trace of lines without names; leave --trace-name \(name) out")
        }
        let name = name ?? sequences.first?.name
        let steps = sequences.isEmpty ? all : all.filter { sequences[$0.sequence].name == name }
        let title = name.map { "\($0) in \(path)" } ?? path
        guard !steps.isEmpty || name == nil else {
            var names: [String] = []
            for sequence in sequences where !names.contains(sequence.name) { names.append(sequence.name) }
            throw ValidationError("\(path) has no sequences \"\(name!)\"; there are \(names.joined(separator: ", "))")
        }
        guard steps.indices.contains(index) else {
            throw ValidationError(
                "--trace-step is \(index), but \(title) has \(steps.count) steps, counted from 0")
        }
        let step = steps[index]
        guard step.allowedTokenCount > 0 else {
            let engine = sequences.isEmpty ? "" : " by \(sequences[step.sequence].engine)"
            throw PlanningError.deadEnd(
                batchRow: 0, depth: step.step, stateID: step.stateID,
                recordedAs: "step \(index) of \(title)\(engine)")
        }
        return scaled(step, to: shape)
    }

    private func scaled(_ step: TraceStep, to shape: HeadShape) -> TraceStep {
        var step = step
        if shape.vocabularySize != vocabularySize {
            step.allowedTokenCount = shape.scaled(step.allowedTokenCount, from: vocabularySize)
            step.allowed = nil
        }
        if let hidden = step.hidden, hidden.count != shape.hiddenSize { step.hidden = nil }
        return step
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
