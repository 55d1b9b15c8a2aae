#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The host's monotonic clock, the one that Vulkan's calibrated timestamps speak of.
public enum HostClock {
    /// Nanoseconds since some fixed moment, mostly the machine's start.
    public static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
