internal import CVulkan

/// One moment by both clocks.
struct ClockCalibration {
    let ticks: UInt64
    let hostNanoseconds: Int
    /// How far apart the two readings may be.
    let deviationNanoseconds: Int
}

extension PhysicalDevice {
    /// Whether the driver can read its own clock and the host's monotonic one together.
    static func canCalibrate(
        _ functions: InstanceFunctions, _ device: VkPhysicalDevice, extensions: Set<String>
    ) -> Bool {
        guard extensions.contains(VK_EXT_CALIBRATED_TIMESTAMPS_EXTENSION_NAME),
            let getDomains = functions.getCalibrateableTimeDomains
        else { return false }
        let domains = enumerated { _ = getDomains(device, $0, $1) } as [VkTimeDomainEXT]
        return domains.contains(VK_TIME_DOMAIN_DEVICE_EXT) && domains.contains(VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT)
    }
}

extension Device {
    /// Both clocks now; nil where the driver cannot tell. Some microseconds.
    func calibration() throws(DeviceError) -> ClockCalibration? {
        guard limits.timestampValidBits > 0, let getTimestamps = functions.getCalibratedTimestamps else { return nil }
        let infos = [VK_TIME_DOMAIN_DEVICE_EXT, VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT].map { domain in
            var info = VkCalibratedTimestampInfoEXT()
            info.sType = VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_EXT
            info.timeDomain = domain
            return info
        }
        var readings: [UInt64] = [0, 0]
        var deviation: UInt64 = 0
        try check("vkGetCalibratedTimestampsEXT", getTimestamps(raw, 2, infos, &readings, &deviation))
        return ClockCalibration(
            ticks: readings[0], hostNanoseconds: Int(readings[1]), deviationNanoseconds: Int(clamping: deviation))
    }
}
