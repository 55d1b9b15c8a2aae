internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Threads of this process that stream memory while they are switched on, and sleep otherwise.
///
/// It takes cores and memory bandwidth from a software device, and from a real one what it shares with the host: with
/// its own memory a graphics card feels little of it.
public final class BackgroundLoad: Sendable {
    /// Words of each thread's own array: 64 MiB, more than caches hold.
    private static let wordCount = 8 << 20

    private let isOn = Mutex(false)
    private let isEnding = Atomic<Bool>(false)
    private let running = Atomic<Int>(0)

    /// Starts `threadCount` threads, switched off.
    public init(threadCount: Int) {
        for _ in 0..<threadCount {
            running.add(1, ordering: .relaxed)
            let work = Unmanaged.passRetained(Work(self))
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { raw in
                    Unmanaged<Work>.fromOpaque(raw!).takeRetainedValue().run()
                    return nil
                }, work.toOpaque())
            if status == 0 {
                pthread_detach(thread)
            } else {
                work.release()
                running.subtract(1, ordering: .relaxed)
            }
        }
    }

    private final class Work: Sendable {
        private let load: BackgroundLoad
        init(_ load: BackgroundLoad) { self.load = load }
        func run() { load.work() }
    }

    /// Threads that were started and have not ended.
    public var threadCount: Int { running.load(ordering: .relaxed) }

    public func switchOn(_ on: Bool) { isOn.withLock { $0 = on } }

    /// Ends the threads, soon.
    public func end() { isEnding.store(true, ordering: .relaxed) }

    private func work() {
        var words = [UInt64](repeating: 1, count: Self.wordCount)
        var sum: UInt64 = 0
        while !isEnding.load(ordering: .relaxed) {
            guard isOn.withLock({ $0 }) else {
                usleep(500)
                continue
            }
            for index in words.indices { sum &+= words[index] }
            words[Int(sum % UInt64(words.count))] = sum
        }
        running.subtract(1, ordering: .relaxed)
    }
}
