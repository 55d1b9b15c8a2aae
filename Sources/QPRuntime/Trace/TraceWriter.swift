internal import QPCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Writes a trace: header first, then one line a step, whole lines only.
///
/// Hidden states go out as base64 of binary32, which loses nothing; allowed sets as ids or packed, whichever is
/// shorter.
public struct TraceWriter: ~Copyable {
    private let path: String
    private let header: TraceHeader
    private var sink: LineSink

    /// Replaces the file.
    /// - Throws: ``TraceError/unwritable(path:reason:)``.
    public init(path: String, header: TraceHeader) throws(TraceError) {
        var sink = try Self.sink(path)
        let (seed, preset) =
            switch header.weights {
            case .synthetic(let seed, let preset): (seed, preset)
            }
        sink.append(
            Self.json(
                HeaderLine(
                    format: TraceHeader.format, version: TraceHeader.version,
                    vocabularySize: header.head.vocabularySize, hiddenSize: header.head.hiddenSize,
                    elementType: header.head.elementType, source: header.source,
                    weights: .init(kind: "synthetic", seed: seed, preset: preset))))
        self.path = path
        self.header = header
        self.sink = sink
    }

    private static func sink(_ path: String) throws(TraceError) -> LineSink {
        do throws(LineSink.Failure) { return try LineSink(path: path, appends: false) } catch {
            throw .unwritable(path: path, reason: error.reason)
        }
    }

    /// Adds a step; its mask is over V and its state has d values.
    /// - Throws: ``TraceError/unwritable(path:reason:)``.
    public mutating func write(_ step: TraceStep) throws(TraceError) {
        precondition(step.allowed.map { $0.vocabularySize == header.head.vocabularySize } ?? true, "a mask over V")
        precondition(step.hidden.map { $0.count == header.head.hiddenSize } ?? true, "a state of d values")
        // A packed mask takes V/6 characters, an id about six.
        let packs = step.allowedTokenCount > header.head.vocabularySize / 36
        sink.append(
            Self.json(
                StepLine(
                    K: step.allowedTokenCount,
                    allowed: step.allowed.map {
                        packs ? .base64(PackedWords.encode($0.words)) : .values($0.tokens.map { Int($0) })
                    },
                    hidden: step.hidden.map { .base64(PackedWords.encode($0.map(\.bitPattern))) },
                    sequence: step.sequence, step: step.step, stateID: step.stateID)))
        if sink.pending.count > 64 << 10 { try finish() }
    }

    /// Writes what is buffered; a trace is complete only after it.
    /// - Throws: ``TraceError/unwritable(path:reason:)``.
    public mutating func finish() throws(TraceError) {
        do throws(LineSink.Failure) { try sink.flush() } catch {
            throw .unwritable(path: path, reason: error.reason)
        }
    }

    private static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Cannot fail: numbers, and states travel as bytes.
        return String(decoding: (try? encoder.encode(value)) ?? Data(), as: UTF8.self)
    }
}
