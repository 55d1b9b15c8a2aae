public import QPDevice

/// Slices of time on the host and the device, as ui.perfetto.dev and chrome://tracing show them.
///
/// ```swift
/// let tracer = device.startTracing()
/// var timeline = Timeline()
/// // … steps …
/// timeline.add(tracer.takeSubmissions(), named: "sparse", arguments: ["K": .integer(300)])
/// try timeline.write(to: "steps.json")
/// ```
///
/// The file is the trace event format: `traceEvents` of complete events, times in microseconds since the first slice,
/// and `otherData.clocks`, which says how device times came to the host's clock. Holds all slices in memory, some 200
/// bytes each.
public struct Timeline: Sendable {
    /// What a slice says of itself.
    public enum Argument: Equatable, Sendable {
        case text(String)
        case integer(Int)
        /// What is not finite becomes null.
        case number(Double)
    }

    /// Where slices lie above one another: those of one track nest.
    enum Track: Hashable {
        case host
        /// A queue may run submissions at once; those that overlap lie on lanes of their own.
        case device(lane: Int)

        var id: Int {
            switch self {
            case .host: 1
            case .device(let lane): 2 + lane
            }
        }
    }

    struct Slice {
        var name: String
        var track: Track
        /// Nanoseconds of the host's clock.
        var start: Int
        var end: Int
        var arguments: [String: Argument]
    }

    private(set) var slices: [Slice] = []
    /// Where each device lane ends.
    private var laneEnds: [Int] = []
    private var lastWait = 0..<0
    private(set) var alignments: Set<String> = []

    public init() {}

    /// Adds a slice of the host; slices of the host lie within one another or apart.
    /// - Parameter time: nanoseconds of ``HostClock``.
    public mutating func add(_ name: String, _ time: Range<Int>, arguments: [String: Argument] = [:]) {
        slices.append(
            Slice(name: name, track: .host, start: time.lowerBound, end: time.upperBound, arguments: arguments))
    }

    /// Adds what a device did: for each submission one slice with its stages inside, and the host's recording, handing
    /// over and waiting. Commands without stages, such as uploads, are a slice of their own.
    /// - Parameter name: of the submissions, for example the plans.
    public mutating func add(
        _ submissions: [DeviceTracer.Submission], named name: String, arguments: [String: Argument] = [:]
    ) {
        for submission in submissions {
            if let recording = submission.recording { add("record", recording) }
            add("submit", submission.submitting)
            // One wait may end several submissions.
            if submission.waiting != lastWait { add("wait", submission.waiting) }
            lastWait = submission.waiting
            alignments.insert(Self.words(submission.alignment))
            guard let first = submission.stages.first, let last = submission.stages.last else { continue }
            let lane = laneEnds.firstIndex { $0 <= first.start } ?? laneEnds.count
            if lane == laneEnds.count { laneEnds.append(0) }
            laneEnds[lane] = last.end
            let track = Track.device(lane: lane)
            if submission.isStep {
                slices.append(
                    Slice(name: name, track: track, start: first.start, end: last.end, arguments: arguments))
            }
            for stage in submission.stages {
                slices.append(
                    Slice(name: stage.name, track: track, start: stage.start, end: stage.end, arguments: [:]))
            }
        }
    }

    private static func words(_ alignment: DeviceTracer.Alignment) -> String {
        switch alignment {
        case .calibrated: "calibrated timestamps: device and host times compare"
        case .submission:
            "aligned at submission: the device is shown to begin when it was handed the work, since the driver cannot "
                + "read both clocks; durations are right, idle times before a submission are not"
        case .none: "no device timestamps"
        }
    }
}
