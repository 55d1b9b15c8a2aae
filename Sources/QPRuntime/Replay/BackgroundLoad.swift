internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Threads of this process that stream memory while they are switched on.
///
/// It takes cores and memory bandwidth from a software device, and from a real one what it shares with the host: with
/// its own memory a graphics card feels little of it.
public final class BackgroundLoad: Sendable {
    /// Words of each thread's own array: 64 MiB, more than caches hold.
    private static let wordCount = 8 << 20
    /// How often a thread that is off looks whether it still is: rarely, so that it disturbs nothing.
    private static let pauseMicroseconds: UInt32 = 2000

    private struct Flags {
        var isOn = false
        var isEnding = false
        /// Times that some thread read its array.
        var passes = 0
    }

    /// Apart from the load, so that a thread that still runs keeps it alive.
    private final class Shared: Sendable {
        let flags = Mutex(Flags())

        func work() {
            var words = [UInt64](repeating: 1, count: BackgroundLoad.wordCount)
            while true {
                let (isOn, isEnding) = flags.withLock { ($0.isOn, $0.isEnding) }
                if isEnding { return }
                guard isOn else {
                    usleep(BackgroundLoad.pauseMicroseconds)
                    continue
                }
                let sum = words.reduce(0, &+)
                // Depends on the sum, so that the reads cannot be left out.
                words[Int(sum % UInt64(words.count))] = 1
                flags.withLock { $0.passes += 1 }
            }
        }
    }

    private let shared = Shared()
    private let threads = Mutex<[pthread_t]>([])
    /// Threads that could be started.
    public let threadCount: Int

    /// Starts up to `threadCount` threads, switched off.
    public init(threadCount: Int) {
        var started: [pthread_t] = []
        for _ in 0..<threadCount {
            let work = Unmanaged.passRetained(shared)
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { raw in
                    Unmanaged<Shared>.fromOpaque(raw!).takeRetainedValue().work()
                    return nil
                }, work.toOpaque())
            if status == 0 { started.append(thread) } else { work.release() }
        }
        self.threadCount = started.count
        threads.withLock { $0 = started }
    }

    /// Switches all threads on or off; returns at once.
    public func switchOn(_ on: Bool) { shared.flags.withLock { $0.isOn = on } }

    /// How often some thread has read its 64 MiB.
    var passes: Int { shared.flags.withLock { $0.passes } }

    /// Ends the threads, and waits until they have ended.
    public func end() {
        shared.flags.withLock { $0.isEnding = true }
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in ending { pthread_join(thread, nil) }
    }

    deinit { end() }
}
