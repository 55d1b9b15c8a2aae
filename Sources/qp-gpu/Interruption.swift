import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Ctrl-C and termination as a flag that long work asks: it ends at the next block and keeps what it has. A second
/// Ctrl-C ends at once.
enum Interruption {
    private static let count = Atomic<Int>(0)

    static func install() {
        // Threads of many runtimes block all signals, and a child inherits that: Ctrl-C would be silent.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
        sigprocmask(SIG_UNBLOCK, &signals, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                if Interruption.count.add(1, ordering: .relaxed).newValue > 1 {
                    signal(number, SIG_DFL)
                    raise(number)
                }
            }
        }
    }

    static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }
}
