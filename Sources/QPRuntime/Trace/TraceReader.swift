internal import QPCore
internal import QPPlanner

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The steps of a trace file, one after another, each checked; a file of any length takes the memory of one line.
///
/// ```swift
/// var reader = try TraceReader(path: "run.trace.jsonl")
/// while let step = try reader.next() { print(step.allowedTokenCount) }
/// ```
public struct TraceReader: ~Copyable {
    public let header: TraceHeader
    private let path: String
    private var lines: LineReader
    private var last: (sequence: Int, step: Int)?
    private var finished: Set<Int> = []

    /// Opens a trace and reads its header.
    /// - Throws: ``TraceError``.
    public init(path: String) throws(TraceError) {
        self.path = path
        var lines = try LineReader(path: path)
        guard let first = try lines.next() else { throw .noHeader(path: path) }
        header = try Self.header(first, path)
        self.lines = lines
    }

    /// Whether a file begins as a trace does, whatever follows: tells it from `{V, schemas: …}`.
    /// - Throws: ``TraceError`` where it cannot be read.
    public static func isTrace(path: String) throws(TraceError) -> Bool {
        var lines = try LineReader(path: path)
        let first: [UInt8]?
        do throws(TraceError) { first = try lines.next() } catch {
            switch error {
            case .unreadable: throw error
            // A header that lacks its end: reading it says so.
            case .truncated: first = lines.rest
            default: return false
            }
        }
        struct Probe: Decodable { var format: String }
        return first.flatMap { try? JSONDecoder().decode(Probe.self, from: Data($0)) }?.format == TraceHeader.format
    }

    private static func header(_ bytes: [UInt8], _ path: String) throws(TraceError) -> TraceHeader {
        struct Probe: Decodable {
            var format: String
            var version: Int
        }
        guard let probe = try? JSONDecoder().decode(Probe.self, from: Data(bytes)), probe.format == TraceHeader.format
        else { throw .noHeader(path: path) }
        guard probe.version == TraceHeader.version else {
            throw .version(path: path, found: probe.version, supported: TraceHeader.version)
        }
        let line = try decode(HeaderLine.self, bytes, path, 1)
        let head: HeadShape
        do throws(ShapeError) {
            head = try HeadShape(
                vocabularySize: line.vocabularySize, hiddenSize: line.hiddenSize, elementType: line.elementType)
        } catch {
            throw .invalid(path: path, line: 1, field: "the head", reason: "cannot be: \(error)")
        }
        guard line.weights.kind == "synthetic" else {
            throw .invalid(
                path: path, line: 1, field: "weights.kind",
                reason: "is \"\(line.weights.kind)\"; only synthetic is read")
        }
        return TraceHeader(
            head: head, weights: .synthetic(seed: line.weights.seed, preset: line.weights.preset), source: line.source)
    }

    /// The next step; nil after the last. O(K + d).
    /// - Throws: ``TraceError`` naming line and field.
    public mutating func next() throws(TraceError) -> TraceStep? {
        guard let bytes = try lines.next() else { return nil }
        let number = lines.lineNumber
        let line = try Self.decode(StepLine.self, bytes, path, number)
        func invalid(_ field: String, _ reason: String) -> TraceError {
            .invalid(path: path, line: number, field: field, reason: reason)
        }
        let V = header.head.vocabularySize
        guard (0...V).contains(line.K) else { throw invalid("K", "is \(line.K); it must lie in 0…V = \(V)") }
        let sequence = line.sequence ?? last?.sequence ?? 0
        let expected = last.map { $0.sequence == sequence ? $0.step + 1 : 0 } ?? 0
        let step = line.step ?? expected
        if let last, last.sequence != sequence {
            finished.insert(last.sequence)
            if finished.contains(sequence) {
                throw invalid("sequence", "is \(sequence) again; the steps of a sequence must follow one another")
            }
        }
        guard step >= expected else {
            throw invalid("step", "is \(step), but \(expected) is next in sequence \(sequence)")
        }
        guard step < Int.max else { throw invalid("step", "is \(step), after which no step can come") }
        last = (sequence, step)
        return TraceStep(
            sequence: sequence, step: step, allowedTokenCount: line.K, allowed: try allowed(line, number),
            hidden: try hidden(line, number), stateID: line.stateID)
    }

    private func allowed(_ line: StepLine, _ number: Int) throws(TraceError) -> TokenMask? {
        func invalid(_ reason: String) -> TraceError {
            .invalid(path: path, line: number, field: "allowed", reason: reason)
        }
        guard let packed = line.allowed else { return nil }
        let V = header.head.vocabularySize
        let mask: TokenMask
        switch packed {
        case .values(let ids):
            do throws(TokenSetError) { mask = try TokenMask(ascending: ids, vocabularySize: V) } catch {
                throw invalid("is at fault: \(error)")
            }
        case .base64(let text):
            let wordCount = header.head.maskWordCount
            guard let words = PackedWords.decode(text), words.count == wordCount,
                let packed = try? TokenMask(words: words, vocabularySize: V)
            else { throw invalid("is no base64 of \(wordCount * 4) bytes, one bit for each of V = \(V)") }
            guard packed.words == words else { throw invalid("allows tokens at or above V = \(V)") }
            mask = packed
        }
        guard mask.count == line.K else { throw invalid("has \(mask.count) tokens, but K is \(line.K)") }
        return mask
    }

    private func hidden(_ line: StepLine, _ number: Int) throws(TraceError) -> [Float]? {
        func invalid(_ reason: String) -> TraceError {
            .invalid(path: path, line: number, field: "hidden", reason: reason)
        }
        let values: [Float]
        switch line.hidden {
        case nil: return nil
        case .values(let numbers): values = numbers.map { Float($0) }
        case .base64(let text):
            guard let words = PackedWords.decode(text) else { throw invalid("is no base64 of 4-byte numbers") }
            values = words.map { Float(bitPattern: $0) }
        }
        let d = header.head.hiddenSize
        guard values.count == d else { throw invalid("has \(values.count) values, but d is \(d)") }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw invalid("holds \(values[index]) at \(index), which no binary32 state does")
        }
        return values
    }

    /// Decodes a line; says line and field where that fails.
    private static func decode<Line: Decodable>(
        _ type: Line.Type, _ bytes: [UInt8], _ path: String, _ number: Int
    ) throws(TraceError) -> Line {
        switch JSONSyntax.fault(in: bytes) {
        case nil: break
        case .truncated:
            throw .notJSON(path: path, line: number, column: bytes.count + 1, reason: "the object is not finished")
        case .unexpected(_, let column, let reason):
            throw .notJSON(path: path, line: number, column: column, reason: reason)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch DecodingError.keyNotFound(let key, let context) {
            throw .invalid(path: path, line: number, field: field(context.codingPath + [key]), reason: "is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context)
        {
            throw .invalid(
                path: path, line: number, field: field(context.codingPath),
                reason: "holds what it cannot hold; see Profiles/README.md")
        } catch {
            throw .invalid(path: path, line: number, field: "the line", reason: "\(error)")
        }
    }

    private static func field(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "the line" : path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
}
