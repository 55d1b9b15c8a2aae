public import QPDevice

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Times command buffers: by the device's own timestamps where it has them, else by the host's clock.
public struct Stopwatch: Sendable {
    /// One timed submission.
    public struct Reading: Sendable {
        public let duration: MeasuredDuration
        /// Submission until the wait returned, by the host's clock, nanoseconds.
        public let hostNanoseconds: Double
        /// CPU time of this process over wall time: on a software device, how many cores it really had.
        public let coresUsed: Double
    }

    private let device: Device
    private let timestamps: TimestampPool?

    /// By which clock this device is timed.
    public var method: TimingMethod { timestamps == nil ? .hostClock : .deviceTimestamp }

    public init(_ device: Device) throws(DeviceError) {
        self.device = device
        timestamps = device.limits.timestampValidBits > 0 ? try TimestampPool(device, count: 2) : nil
    }

    /// Records `body` between two timestamps.
    public func record(
        _ body: (inout CommandRecorder) throws(DeviceError) -> Void
    ) throws(DeviceError) -> CommandBuffer {
        try device.record { recorder throws(DeviceError) in
            if let timestamps {
                recorder.reset(timestamps)
                recorder.timestamp(timestamps, 0)
            }
            try body(&recorder)
            if let timestamps { recorder.timestamp(timestamps, 1) }
        }
    }

    /// Submits what ``record(_:)`` made, waits, and reads the clock.
    public func time(_ commands: CommandBuffer) throws(DeviceError) -> Reading {
        let cpuBefore = Self.nanoseconds(CLOCK_PROCESS_CPUTIME_ID)
        let before = Self.nanoseconds(CLOCK_MONOTONIC)
        try device.run(commands)
        let host = Double(Self.nanoseconds(CLOCK_MONOTONIC) - before)
        let cpu = Double(Self.nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpuBefore)
        let duration =
            try timestamps.map { timestamps throws(DeviceError) in try timestamps.duration(from: 0, to: 1) }
            ?? MeasuredDuration(nanoseconds: host, method: .hostClock)
        return Reading(duration: duration, hostNanoseconds: host, coresUsed: host > 0 ? cpu / host : 0)
    }

    /// Nanoseconds by the device's clock from the start of this one's last finished submission to the end of `last`'s;
    /// nil without timestamps.
    func nanoseconds(until last: Stopwatch) throws(DeviceError) -> Double? {
        guard let timestamps else { return nil }
        return try timestamps.duration(from: 0, to: 1, of: last.timestamps).nanoseconds
    }

    static func nanoseconds(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Seconds of the host's monotonic clock.
    static func seconds() -> Double { Double(nanoseconds(CLOCK_MONOTONIC)) * 1e-9 }
}
