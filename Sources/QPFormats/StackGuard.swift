#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Tells functions that call themselves when to stop: when the thread's stack, which may be as small as 512 KiB, comes
/// to its end.
///
/// The thread is asked for its stack only by those who go deep, so that all others pay for two additions. A guard
/// belongs to one thread.
package struct StackGuard {
    /// Left for what is called between two questions, and for other threads' habits of reporting their guard page.
    private static let reserve: UInt = 96 << 10
    /// What is used without a question.
    private static let free: UInt = 32 << 10
    private let start = Self.here
    private var lowest: UInt?

    package init() {}

    /// Whether the stack comes to its end.
    package mutating func isLow() -> Bool {
        let here = Self.here
        // Stacks grow downwards.
        guard here < start, start - here > Self.free else { return false }
        if lowest == nil { lowest = Self.lowestAddress }
        return here < lowest! + Self.reserve
    }

    @inline(never)
    private static var here: UInt {
        var place: UInt8 = 0
        return withUnsafeMutablePointer(to: &place) { UInt(bitPattern: $0) }
    }

    /// Where the thread's stack ends; 0 where that cannot be said.
    private static var lowestAddress: UInt {
        #if canImport(Darwin)
        let thread = pthread_self()
        return UInt(bitPattern: pthread_get_stackaddr_np(thread)) - UInt(pthread_get_stacksize_np(thread))
        #else
        // Asked for by name, since the C library declares it to those alone who define _GNU_SOURCE.
        typealias Ask = @convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> Int32
        var attributes = pthread_attr_t()
        guard let symbol = dlsym(nil, "pthread_getattr_np"),
            unsafeBitCast(symbol, to: Ask.self)(pthread_self(), &attributes) == 0
        else { return 0 }
        defer { pthread_attr_destroy(&attributes) }
        var address: UnsafeMutableRawPointer?
        var size = 0
        guard pthread_attr_getstack(&attributes, &address, &size) == 0 else { return 0 }
        return UInt(bitPattern: address)
        #endif
    }
}
