#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Appends whole lines to a file or pipe, and keeps what could not be written.
///
/// A regular file never ends in half a line that came from here: what a full disk cut off is taken back and tried
/// again. A pipe cannot take back; there the rest of a line follows once it accepts bytes again. One writer a file.
struct LineSink: ~Copyable {
    private let descriptor: Int32
    private let closesDescriptor: Bool
    /// Lines that wait. The first may lack a beginning that a pipe has taken already.
    private(set) var pending: [UInt8] = []

    /// Why a system call failed, in the system's words.
    struct Failure: Error { let reason: String }

    init(descriptor: Int32) {
        self.descriptor = descriptor
        closesDescriptor = false
    }

    /// Opens a file, made if there is none.
    /// - Parameter appends: what the file holds is kept; else it is replaced.
    init(path: String, appends: Bool) throws(Failure) {
        // Not to read as well: a pipe's writer that could read would keep it open for itself, and wait for ever.
        let opened = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | (appends ? 0 : O_TRUNC), 0o644)
        guard opened >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
        descriptor = opened
        closesDescriptor = true
        // An earlier process may have died within a line: ours begin on a line of their own.
        let size = lseek(opened, 0, SEEK_END)
        guard size > 0 else { return }
        let reading = open(path, O_RDONLY | O_CLOEXEC)
        guard reading >= 0 else { return }
        defer { _ = close(reading) }
        var last: UInt8 = 0
        if pread(reading, &last, 1, size - 1) == 1, last != UInt8(ascii: "\n") { pending = [UInt8(ascii: "\n")] }
    }

    var pendingLineCount: Int { pending.count { $0 == UInt8(ascii: "\n") } }

    mutating func append(_ line: String) {
        pending += line.utf8
        pending.append(UInt8(ascii: "\n"))
    }

    /// Writes all that waits. After a failure the rest still waits.
    mutating func flush() throws(Failure) {
        var written = 0
        defer { pending.removeFirst(written) }
        while written < pending.count {
            let count = pending.withUnsafeBytes {
                writeWithoutSignal(descriptor, $0.baseAddress! + written, $0.count - written)
            }
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                let reason = count == 0 ? "nothing was accepted" : String(cString: strerror(errno))
                written -= takenBack(of: pending[..<written])
                throw Failure(reason: reason)
            }
        }
    }

    /// Cuts the beginning of an unfinished line off a regular file; gives its length, 0 where that cannot be done.
    private func takenBack(of written: ArraySlice<UInt8>) -> Int {
        let whole = (written.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        let size = lseek(descriptor, 0, SEEK_END)
        let excess = written.count - whole
        guard excess > 0, size >= off_t(excess), ftruncate(descriptor, size - off_t(excess)) == 0 else { return 0 }
        return excess
    }

    deinit { if closesDescriptor { _ = close(descriptor) } }
}

/// Writes; a pipe that nobody reads any more is an error of this call, and no signal that ends the process.
private func writeWithoutSignal(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    var pipe = sigset_t()
    var before = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let written = write(descriptor, bytes, count)
    let error = errno
    if written < 0, error == EPIPE, sigismember(&before, SIGPIPE) == 0 {
        var none = timespec()
        while sigtimedwait(&pipe, nil, &none) < 0, errno == EINTR {}
    }
    errno = error
    return written
}
