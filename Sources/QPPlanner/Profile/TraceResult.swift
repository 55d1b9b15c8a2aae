public import QPCore

/// Times of the steps along a real output's K sequence, with synthetic ids: what the choice of a plan is worth there.
///
/// Every step was timed as `dense` and as `sparse` in the same run; the totals differ only in which of the two counts.
public struct TraceResult: Codable, Equatable, Sendable {
    /// Which outputs, for example a schema's name.
    public var name: String
    /// Which engine counted K.
    public var engine: String
    /// The trace's own V; K is scaled to the head's.
    public var traceVocabularySize: Int
    /// Decode steps.
    public var stepCount: Int
    /// Median K, scaled.
    public var medianAllowedTokenCount: Int
    /// Total with every step dense.
    public var denseMicroseconds: Double
    /// Total with every step sparse.
    public var sparseMicroseconds: Double
    /// Total with each step chosen by the measured curves.
    public var plannedMicroseconds: Double
    /// Total with the faster of the two at each step, known afterwards.
    public var oracleMicroseconds: Double
    /// Share of the steps that the curves send to `sparse`.
    public var sparseShare: Double

    /// Takes every field as it is.
    public init(
        name: String, engine: String, traceVocabularySize: Int, stepCount: Int, medianAllowedTokenCount: Int,
        denseMicroseconds: Double, sparseMicroseconds: Double, plannedMicroseconds: Double, oracleMicroseconds: Double,
        sparseShare: Double
    ) {
        self.name = name
        self.engine = engine
        self.traceVocabularySize = traceVocabularySize
        self.stepCount = stepCount
        self.medianAllowedTokenCount = medianAllowedTokenCount
        self.denseMicroseconds = denseMicroseconds
        self.sparseMicroseconds = sparseMicroseconds
        self.plannedMicroseconds = plannedMicroseconds
        self.oracleMicroseconds = oracleMicroseconds
        self.sparseShare = sparseShare
    }
}

/// K along constrained outputs: `{"V": …, "schemas": {name: {engine: [[K, …], …]}}}`.
public struct TraceFile: Sendable {
    /// One engine's runs over one schema.
    public struct Trace: Sendable {
        public var name: String
        public var engine: String
        public var runs: [[Int]]

        /// K of each step of each run.
        public init(name: String, engine: String, runs: [[Int]]) {
            self.name = name
            self.engine = engine
            self.runs = runs
        }
    }

    /// V of the vocabulary that was counted.
    public var vocabularySize: Int
    /// Ordered by name, then engine.
    public var traces: [Trace]

    private struct Document: Decodable {
        let V: Int
        let schemas: [String: [String: Runs]]
    }

    /// Runs of K; nil for entries that hold something else, such as the tokens themselves.
    private struct Runs: Decodable {
        let runs: [[Int]]?
        init(from decoder: any Decoder) throws { runs = try? [[Int]](from: decoder) }
    }

    /// Reads a trace file.
    /// - Throws: ``ProfileError`` when it is unreadable, is no such document, or holds a K outside 0…V.
    public init(path: String) throws(ProfileError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadable(path: path, reason: "there is no such file, or no permission")
        }
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: data)
        } catch {
            throw .invalid(source: path, field: "the trace", reason: "is no {V, schemas: {name: {engine: [[K]]}}}")
        }
        guard (1...HeadShape.maximumVocabularySize).contains(document.V) else {
            throw .invalid(source: path, field: "V", reason: "is \(document.V)")
        }
        vocabularySize = document.V
        traces = document.schemas.sorted { $0.key < $1.key }.flatMap { name, engines in
            engines.sorted { $0.key < $1.key }.compactMap { engine, runs in
                runs.runs.map { Trace(name: name, engine: engine, runs: $0) }
            }
        }
        for trace in traces where trace.runs.contains(where: { $0.contains { !(0...document.V).contains($0) } }) {
            throw .invalid(source: path, field: "\(trace.name), \(trace.engine)", reason: "holds a K outside 0…V")
        }
    }
}

extension HeadShape {
    /// K of a trace over a vocabulary of `traceV`, as the same share of this one: 1…V.
    public func scaled(_ K: Int, from traceV: Int) -> Int {
        max(1, min(vocabularySize, Int((Double(K) * Double(vocabularySize) / Double(traceV)).rounded())))
    }
}

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
