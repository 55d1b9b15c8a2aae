#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension Profile {
    /// The profile in the file at `path`.
    /// - Throws: ``ProfileError``: the file cannot be read, is no complete JSON, is of another schema, or has a field
    ///   that is missing or invalid.
    public static func load(from path: String) throws(ProfileError) -> Profile {
        try Profile(json: readFile(path), source: path)
    }

    /// Writes the profile to `path`, all of it or nothing.
    ///
    /// The text goes to a new file in the same folder, is forced to the disk and then takes the place of the old
    /// one, so that neither Ctrl-C nor a full disk leaves half a profile.
    /// - Throws: ``ProfileError/unwritable(path:reason:)``; a file that stood there before is unchanged. Also
    ///   ``ProfileError/invalid(source:field:reason:)`` from ``encoded()``.
    public func save(to path: String) throws(ProfileError) {
        try writeFileAtomically([UInt8](try encoded().utf8), to: path)
    }
}

private func systemMessage() -> String { String(cString: strerror(errno)) }

private func readFile(_ path: String) throws(ProfileError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .unreadable(path: path, reason: systemMessage()) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(file, &chunk, chunk.count)
        if count < 0 {
            if errno == EINTR { continue }
            throw .unreadable(path: path, reason: systemMessage())
        }
        if count == 0 { return bytes }
        bytes += chunk[..<count]
    }
}

private func writeFileAtomically(_ bytes: [UInt8], to path: String) throws(ProfileError) {
    let (file, temporary) = try createTemporary(beside: path)
    do throws(ProfileError) {
        try write(bytes, to: file, path: path)
        // A failing close means that data was not stored, for example over a network.
        guard close(file) == 0, rename(temporary, path) == 0 else {
            throw ProfileError.unwritable(path: path, reason: systemMessage())
        }
    } catch {
        unlink(temporary)
        throw error
    }
    // So that the new name survives a power cut. Not every file system can do that; the content is safe either way.
    let folder = open(parentFolder(of: path), O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
        _ = fsync(folder)
        close(folder)
    }
}

/// An empty file that nobody else has, in the folder of `path`: a rename is atomic within one file system only.
private func createTemporary(beside path: String) throws(ProfileError) -> (file: Int32, path: String) {
    for attempt in 0..<100 {
        let temporary = "\(path).partial-\(getpid())-\(attempt)"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if file >= 0 { return (file, temporary) }
        if errno != EEXIST { break }
    }
    throw .unwritable(path: path, reason: systemMessage())
}

/// Writes and syncs; closes `file` only on failure.
private func write(_ bytes: [UInt8], to file: Int32, path: String) throws(ProfileError) {
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
            #if canImport(Darwin)
            Darwin.write(file, buffer.baseAddress! + written, buffer.count - written)
            #elseif canImport(Musl)
            Musl.write(file, buffer.baseAddress! + written, buffer.count - written)
            #else
            Glibc.write(file, buffer.baseAddress! + written, buffer.count - written)
            #endif
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
            let reason = systemMessage()
            close(file)
            throw .unwritable(path: path, reason: reason)
        }
        written += count
    }
    guard fsync(file) == 0 else {
        let reason = systemMessage()
        close(file)
        throw .unwritable(path: path, reason: reason)
    }
}

private func parentFolder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
