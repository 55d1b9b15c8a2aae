#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The bytes of a file, mapped into memory, or of an array; both stay where they are until this is gone.
///
/// A file that another program shortens while it is mapped ends this one with SIGBUS, as with every mapping: replace
/// model files, do not overwrite them.
final class FileBytes: @unchecked Sendable {
    // Never written after init, so threads may share it.
    private let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Maps the file at `path`, read-only.
    /// - Throws: ``FormatError`` with code `unreadable` where it cannot be opened or is no regular file.
    init(path: String) throws(FormatError) {
        func failure() -> FormatError {
            FormatError(.unreadable, "cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
        // Opening a pipe would wait for its writer without O_NONBLOCK.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FormatError(.unreadable, "cannot read '\(path)': it is no regular file")
        }
        let count = Int(status.st_size)
        // An empty file cannot be mapped.
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            isMapped = false
            return
        }
        guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw failure()
        }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
        isMapped = true
    }

    /// A copy of `contents`.
    init(_ contents: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 16)
        copy.copyBytes(from: contents)
        bytes = UnsafeRawBufferPointer(copy)
        isMapped = false
    }

    var count: Int { bytes.count }

    /// Calls `body` with the bytes, which are not to be used after it: a pointer alone would not keep this alive.
    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }
}
