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
