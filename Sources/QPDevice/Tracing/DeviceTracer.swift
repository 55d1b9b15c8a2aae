internal import Synchronization

/// What a device did, and when: every submission with its stages, and what the host waited for.
///
/// ```swift
/// let tracer = device.startTracing()
/// // … steps, recorded from here on …
/// for submission in tracer.takeSubmissions() { print(submission.stages) }
/// ```
///
/// All times are the host's monotonic clock. Device timestamps are brought to it by calibrated timestamps where the
/// driver has them; elsewhere a submission is placed as if the device had begun when it was handed over, which shows
/// durations and order rightly and idle times before a submission not at all: ``Submission/alignment`` says which.
/// Tracing puts a barrier at each border of a stage, so traced steps are a little slower.
public final class DeviceTracer: Sendable {
    /// One stage of a submission.
    public struct Stage: Equatable, Sendable {
        public var name: String
        /// Nanoseconds of the host's clock.
        public var start: Int
        public var end: Int
    }

    /// How a submission's device times were brought to the host's clock.
    public enum Alignment: Equatable, Sendable {
        /// By calibrated timestamps, right within that many nanoseconds.
        case calibrated(deviationNanoseconds: Int)
        /// By the moment of submission.
        case submission
        /// There are none: the device has no timestamps, or the commands were recorded before tracing began.
        case none
    }

    /// One submission that finished.
    public struct Submission: Equatable, Sendable {
        /// When its commands were recorded, if that was for this submission; nanoseconds of the host's clock.
        public var recording: Range<Int>?
        /// When it was handed over.
        public var submitting: Range<Int>
        /// When somebody waited for it, or for a later one.
        public var waiting: Range<Int>
        /// In their order on the device, without gaps.
        public var stages: [Stage]
        public var alignment: Alignment

        /// Whether its commands name stages, as steps do; uploads and preparations do not.
        public var isStep: Bool { stages.contains { $0.name != StageTimestamps.unnamed } }
    }

    struct Running: Sendable {
        var value: UInt64
        var commands: [CommandBuffer]
        var submitting: Range<Int>
    }

    struct State {
        var running: [Running] = []
        var finished: [Submission] = []
        /// Where the last placed submission ended.
        var deviceEnd = Int.min
        /// Until when recordings were told: commands that are submitted again were recorded for an earlier submission.
        var toldUntil = Int.min
    }

    private let state = Mutex(State())

    init() {}

    /// The submissions that finished since the last call, in the order they were submitted.
    public func takeSubmissions() -> [Submission] {
        state.withLock { state in
            defer { state.finished = [] }
            return state.finished
        }
    }

    func didSubmit(_ commands: [CommandBuffer], value: UInt64, from start: Int) {
        let running = Running(value: value, commands: commands, submitting: start..<HostClock.nanoseconds())
        state.withLock { $0.running.append(running) }
    }

    /// Reads the timestamps of everything up to `value`, which has finished.
    func didWait(_ device: Device, upTo value: UInt64, from start: Int) throws(DeviceError) {
        let waiting = start..<HostClock.nanoseconds()
        let done = state.withLock { state in
            let done = state.running.filter { $0.value <= value }.sorted { $0.value < $1.value }
            state.running.removeAll { $0.value <= value }
            return done
        }
        guard !done.isEmpty else { return }
        let calibration = try device.calibration()
        for running in done {
            var borders: [(names: [String], ticks: [UInt64])] = []
            for stages in running.commands.compactMap(\.stages) { borders.append((stages.names, try stages.ticks())) }
            state.withLock { Self.place(running, waiting, borders, device.timestampClock, calibration, &$0) }
        }
    }

    /// Adds a submission, its borders brought to the host's clock.
    /// - Parameter borders: of each of its command buffers.
    static func place(
        _ running: Running, _ waiting: Range<Int>, _ borders: [(names: [String], ticks: [UInt64])],
        _ clock: TimestampClock, _ calibration: ClockCalibration?, _ state: inout State
    ) {
        let recorded = running.commands.compactMap(\.stages?.recording).filter { $0.lowerBound >= state.toldUntil }
        if let last = recorded.last { state.toldUntil = last.upperBound }
        var submission = Submission(
            recording: recorded.isEmpty ? nil : recorded[0].lowerBound..<recorded.last!.upperBound,
            submitting: running.submitting, waiting: waiting, stages: [], alignment: .none)
        if let first = borders.first?.ticks.first {
            let start: Int
            if let calibration {
                // The calibration was taken after the wait, so the ticks lie before it.
                start = calibration.hostNanoseconds - Int(clock.nanoseconds(from: first, to: calibration.ticks))
                submission.alignment = .calibrated(deviationNanoseconds: calibration.deviationNanoseconds)
            } else {
                start = max(running.submitting.lowerBound, state.deviceEnd)
                submission.alignment = .submission
            }
            for (names, ticks) in borders {
                let times = ticks.map { start + Int(clock.nanoseconds(from: first, to: $0)) }
                for (index, name) in names.enumerated() {
                    submission.stages.append(Stage(name: name, start: times[index], end: times[index + 1]))
                }
                state.deviceEnd = max(state.deviceEnd, times[times.count - 1])
            }
        }
        state.finished.append(submission)
    }
}

extension Device {
    /// Traces everything that is recorded and submitted from now on; replaces a tracer that is there.
    public func startTracing() -> DeviceTracer {
        let tracer = DeviceTracer()
        tracing.withLock { $0 = tracer }
        return tracer
    }

    /// Ends tracing. Commands recorded meanwhile keep their timestamps.
    public func stopTracing() { tracing.withLock { $0 = nil } }

    var tracer: DeviceTracer? { tracing.withLock { $0 } }

    var timestampClock: TimestampClock {
        TimestampClock(period: limits.timestampPeriod, validBits: limits.timestampValidBits)
    }
}
