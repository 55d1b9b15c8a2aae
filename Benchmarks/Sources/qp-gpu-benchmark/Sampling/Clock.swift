#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The two clocks of every sample: wall time, and the CPU time of all threads of this process.
enum Clock {
    static func wallNanoseconds() -> Int { nanoseconds(CLOCK_MONOTONIC) }
    static func cpuNanoseconds() -> Int { nanoseconds(CLOCK_PROCESS_CPUTIME_ID) }
    static func seconds() -> Double { Double(wallNanoseconds()) * 1e-9 }

    private static func nanoseconds(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Times host work.
    static func time(_ work: () throws -> Void) rethrows -> Reading {
        let cpuBefore = cpuNanoseconds()
        let before = wallNanoseconds()
        try work()
        let wall = Double(wallNanoseconds() - before)
        let cpu = Double(cpuNanoseconds() - cpuBefore)
        return Reading(microseconds: wall / 1000, hostMicroseconds: wall / 1000, coresUsed: wall > 0 ? cpu / wall : 0)
    }

    /// Sleeps until no thread of this process is busy, 0.3 s at most.
    ///
    /// OpenBLAS's workers spin for some 25 ms after a call. The next candidate would share its cores with them, and
    /// its CPU time would be wrong.
    static func waitUntilIdle() {
        for _ in 0..<100 {
            let before = cpuNanoseconds()
            usleep(3000)
            if cpuNanoseconds() - before < 300_000 { return }
        }
    }

    static var onlineCoreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Local time as ISO 8601 to the minute, with the offset to UTC.
    static func date() -> String {
        var instant = timespec()
        clock_gettime(CLOCK_REALTIME, &instant)
        var parts = tm()
        localtime_r(&instant.tv_sec, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let length = strftime(&text, text.count, "%Y-%m-%d %H:%M %z", &parts)
        return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
