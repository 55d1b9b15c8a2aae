internal import CVulkan

/// By which clock a duration was taken.
public enum TimingMethod: String, Codable, Sendable {
    /// Two timestamps that the device wrote around the work.
    case deviceTimestamp
    /// The host's monotonic clock from submission until the wait returned.
    case hostClock
}

/// How long something took, and how that was measured.
public struct MeasuredDuration: Sendable {
    public let nanoseconds: Double
    public let method: TimingMethod

    public init(nanoseconds: Double, method: TimingMethod) {
        self.nanoseconds = nanoseconds
        self.method = method
    }
}

/// Turns raw timestamps into durations.
struct TimestampClock {
    /// Nanoseconds of a tick.
    let period: Double
    /// Bits of a timestamp that count; the rest are undefined.
    let validBits: Int

    /// Nanoseconds from `start` to `end`, right across one wrap of the counter.
    func nanoseconds(from start: UInt64, to end: UInt64) -> Double {
        let mask = validBits >= 64 ? UInt64.max : (UInt64(1) << UInt64(validBits)) - 1
        return Double((end &- start) & mask) * period
    }
}

/// Timestamps that recorded commands write.
public final class TimestampPool: @unchecked Sendable {
    // @unchecked: immutable; its contents are ordered by submissions.
    public let count: Int
    private let device: Device
    private let handle: OwnedHandle
    var raw: VkQueryPool { handle.raw }

    /// - Throws: ``DeviceError``. The device must have timestamps: see ``DeviceLimits/timestampValidBits``.
    public init(_ device: Device, count: Int) throws(DeviceError) {
        precondition(device.limits.timestampValidBits > 0, "this queue has no timestamps")
        self.count = count
        self.device = device
        var info = VkQueryPoolCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO
        info.queryType = VK_QUERY_TYPE_TIMESTAMP
        info.queryCount = UInt32(count)
        var pool: VkQueryPool?
        try check("vkCreateQueryPool", device.functions.createQueryPool(device.raw, &info, nil, &pool))
        handle = OwnedHandle(adopting: pool!) { device.functions.destroyQueryPool(device.raw, $0, nil) }
    }

    /// Time between timestamps `start` and `end` of the last finished submission.
    /// - Parameter later: the pool that `end` is of, where it is another one of the same device.
    public func duration(
        from start: Int, to end: Int, of later: TimestampPool? = nil
    ) throws(DeviceError) -> MeasuredDuration {
        let clock = TimestampClock(
            period: device.limits.timestampPeriod, validBits: device.limits.timestampValidBits)
        return MeasuredDuration(
            nanoseconds: clock.nanoseconds(from: try ticks(start), to: try (later ?? self).ticks(end)),
            method: .deviceTimestamp)
    }

    private func ticks(_ index: Int) throws(DeviceError) -> UInt64 {
        var ticks: UInt64 = 0
        let result = device.functions.getQueryPoolResults(
            device.raw, raw, UInt32(index), 1, 8, &ticks, 8,
            UInt32(VK_QUERY_RESULT_64_BIT.rawValue) | UInt32(VK_QUERY_RESULT_WAIT_BIT.rawValue))
        try check("vkGetQueryPoolResults", result)
        return ticks
    }
}
