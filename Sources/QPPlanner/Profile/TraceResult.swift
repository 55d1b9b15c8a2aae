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
        let runs: [[Value]]?
        init(from decoder: any Decoder) throws {
            let lists = try? [[Value]](from: decoder)
            runs = lists.flatMap { $0.contains { $0.contains { $0.isCount } } ? $0 : nil }
        }
    }

    /// A whole number among the values makes them K, and what is none an error.
    private enum Value: Decodable {
        case count(Int)
        case fraction(Double)
        case other

        init(from decoder: any Decoder) throws {
            if let count = try? Int(from: decoder) {
                self = .count(count)
            } else {
                self = (try? Double(from: decoder)).map { .fraction($0) } ?? .other
            }
        }

        var isCount: Bool {
            if case .count = self { true } else { false }
        }

        var shown: String {
            switch self {
            case .count(let value): "\(value)"
            case .fraction(let value): "\(value)"
            case .other: "no number"
            }
        }
    }

    /// Reads a trace file.
    /// - Throws: ``TraceFileError`` when it is unreadable, is no such document, or holds a K that is no count in 0…V.
    public init(path: String) throws(TraceFileError) {
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path: path) }
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: data)
        } catch {
            throw .notATrace(path: path)
        }
        guard (1...HeadShape.maximumVocabularySize).contains(document.V) else {
            throw .vocabularySize(path: path, value: document.V)
        }
        vocabularySize = document.V
        traces = []
        for (name, engines) in document.schemas.sorted(by: { $0.key < $1.key }) {
            for (engine, entry) in engines.sorted(by: { $0.key < $1.key }) {
                guard let runs = entry.runs else { continue }
                var counts: [[Int]] = []
                for (number, run) in runs.enumerated() {
                    counts.append([])
                    for (step, value) in run.enumerated() {
                        guard case .count(let K) = value, (0...document.V).contains(K) else {
                            throw .tokenCount(
                                path: path, place: "\(name), \(engine), run \(number), step \(step)",
                                value: value.shown, vocabularySize: document.V)
                        }
                        counts[number].append(K)
                    }
                }
                traces.append(Trace(name: name, engine: engine, runs: counts))
            }
        }
    }
}

/// A file of K sequences that cannot be used.
public enum TraceFileError: Error, Equatable, CustomStringConvertible {
    /// There is no such file, or no permission.
    case unreadable(path: String)
    /// It is no JSON document of that form.
    case notATrace(path: String)
    /// V is no vocabulary's.
    case vocabularySize(path: String, value: Int)
    /// A K is no count in 0…V.
    case tokenCount(path: String, place: String, value: String, vocabularySize: Int)

    /// What failed, with which values, and what to try.
    public var description: String {
        switch self {
        case .unreadable(let path):
            "cannot read trace \(path): there is no such file, or no permission; check the path"
        case .notATrace(let path):
            "\(path) is no trace: neither K sequences, {V, schemas: {name: {engine: [[K]]}}}, nor lines as "
                + "`qp-gpu bench trace` writes them; give one of these"
        case .vocabularySize(let path, let value):
            "trace \(path): V is \(value); it must lie in 1…\(HeadShape.maximumVocabularySize)"
        case .tokenCount(let path, let place, let value, let vocabularySize):
            "trace \(path): K of \(place) is \(value); it must be a whole number in 0…V = \(vocabularySize)"
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
