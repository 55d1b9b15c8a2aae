public import QPPlanner
internal import Synchronization

/// Writes observations as JSON lines, one whole line each, and says so when it cannot.
///
/// ```swift
/// let log = try ObservationLog(path: "steps.jsonl")
/// try log.record(result.observation)
/// try log.flush()
/// ```
///
/// Lines are buffered; what the process has not flushed when it is killed is lost, and the file still ends with a whole
/// line. What a full disk refuses is kept, up to ``maximumWaitingBytes``, and tried again with every record. Beyond
/// that observations are counted instead, and `{"lostObservations":n}` stands in the file where they are missing. For
/// any number of threads; one log a file.
public final class ObservationLog: Sendable {
    /// Observations that wait for a disk with room: about 10,000 of one row each.
    public static let maximumWaitingBytes = 4 << 20

    private struct State: ~Copyable {
        var sink: LineSink
        /// Not in the file, not waiting.
        var lost = 0
    }

    private let name: String
    private let bufferByteCount: Int
    private let state: Mutex<State>

    /// Appends to a file, made if there is none.
    /// - Parameter bufferByteCount: bytes that may wait before they are written; 0 writes each line at once.
    /// - Throws: ``ObservationLogError/unopenable(path:reason:)``.
    public init(path: String, bufferByteCount: Int = 64 << 10) throws(ObservationLogError) {
        name = path
        self.bufferByteCount = bufferByteCount
        do throws(LineSink.Failure) {
            state = Mutex(State(sink: try LineSink(path: path, appends: true)))
        } catch {
            throw .unopenable(path: path, reason: error.reason)
        }
    }

    /// Writes to an open file or pipe, which stays the caller's: it must outlive the log, and is not closed.
    public init(descriptor: Int32, name: String, bufferByteCount: Int = 64 << 10) {
        self.name = name
        self.bufferByteCount = bufferByteCount
        state = Mutex(State(sink: LineSink(descriptor: descriptor)))
    }

    /// Adds a line; writes when the buffer is full. Some microseconds, mostly for the JSON.
    /// - Throws: ``ObservationLogError``; the observation waits or is counted as lost, as the error says.
    public func record(_ observation: Observation) throws(ObservationLogError) {
        let line = observation.jsonLine
        let failure = state.withLock { state -> ObservationLogError? in
            if state.sink.pending.count + line.utf8.count > Self.maximumWaitingBytes { _ = flush(&state) }
            guard state.sink.pending.count + line.utf8.count <= Self.maximumWaitingBytes else {
                state.lost += 1
                return .lost(name: name, count: state.lost)
            }
            markGap(&state)
            state.sink.append(line)
            return state.sink.pending.count > bufferByteCount ? flush(&state) : nil
        }
        if let failure { throw failure }
    }

    /// Writes what waits.
    /// - Throws: ``ObservationLogError/unwritable(name:reason:waiting:)``; it goes on waiting.
    public func flush() throws(ObservationLogError) {
        let failure = state.withLock { state -> ObservationLogError? in
            if let failure = flush(&state) { return failure }
            markGap(&state)
            return flush(&state)
        }
        if let failure { throw failure }
    }

    private func markGap(_ state: inout State) {
        guard state.lost > 0 else { return }
        state.sink.append("{\"lostObservations\":\(state.lost)}")
        state.lost = 0
    }

    private func flush(_ state: inout State) -> ObservationLogError? {
        do throws(LineSink.Failure) {
            try state.sink.flush()
            return nil
        } catch {
            return .unwritable(name: name, reason: error.reason, waiting: state.sink.pendingLineCount)
        }
    }

    // Whoever wants to know whether the last lines were written calls flush() before.
    deinit { try? flush() }
}

/// Observations that cannot be written.
public enum ObservationLogError: Error, Equatable, CustomStringConvertible {
    /// The file cannot be opened.
    case unopenable(path: String, reason: String)
    /// The file or pipe takes no more; that many lines wait.
    case unwritable(name: String, reason: String, waiting: Int)
    /// Too many wait already; so many were left out since the last one kept.
    case lost(name: String, count: Int)

    /// What failed, with which values, and what to try.
    public var description: String {
        switch self {
        case .unopenable(let path, let reason):
            "cannot write observations to \(path): \(reason); choose another place"
        case .unwritable(let name, let reason, let waiting):
            "cannot write observations to \(name): \(reason); \(waiting) wait and are tried again with the next: free "
                + "some space"
        case .lost(let name, let count):
            "\(count) observations for \(name) are lost, since \(ObservationLog.maximumWaitingBytes) bytes wait "
                + "already; the file will say where they are missing: free some space"
        }
    }
}
