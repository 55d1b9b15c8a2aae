internal import CVulkan

/// Timestamps at the borders of the stages of one command buffer.
final class StageTimestamps: @unchecked Sendable {
    // @unchecked: changed while recording alone; afterwards immutable, its contents ordered by submissions.

    /// Stages of one command buffer that are told apart; the last one lasts for those beyond.
    static let capacity = 62
    /// The stage of commands that name none, such as the uploads of a device without shared memory.
    static let unnamed = "commands"

    /// Each stage began at the timestamp of its number; the last timestamp is the end.
    private(set) var names: [String] = []
    /// When recording began and ended, by the host's clock.
    private(set) var recording = 0..<0
    private let device: Device
    private let pool: TimestampPool
    private let began = HostClock.nanoseconds()

    init(_ device: Device) throws(DeviceError) {
        self.device = device
        pool = try TimestampPool(device, count: Self.capacity + 1)
    }

    func begin(_ recorder: inout CommandRecorder) { recorder.reset(pool) }

    func mark(_ name: String, _ recorder: inout CommandRecorder) {
        guard names.count < Self.capacity else { return }
        recorder.timestamp(pool, names.count)
        names.append(name)
    }

    func end(_ recorder: inout CommandRecorder) {
        if names.isEmpty { mark(Self.unnamed, &recorder) }
        recorder.timestamp(pool, names.count)
        recording = began..<HostClock.nanoseconds()
    }

    /// The borders of the last finished submission, in ticks: one more than there are names.
    func ticks() throws(DeviceError) -> [UInt64] {
        var ticks = [UInt64](repeating: 0, count: names.count + 1)
        let result = device.functions.getQueryPoolResults(
            device.raw, pool.raw, 0, UInt32(ticks.count), ticks.count * 8, &ticks, 8,
            UInt32(VK_QUERY_RESULT_64_BIT.rawValue) | UInt32(VK_QUERY_RESULT_WAIT_BIT.rawValue))
        try check("vkGetQueryPoolResults", result)
        return ticks
    }
}

extension CommandRecorder {
    /// Says that the commands from here on are `name`. Where the device is traced, a timestamp and the barrier that it
    /// needs are recorded; elsewhere nothing is.
    public mutating func stage(_ name: String) { stages?.mark(name, &self) }
}
