#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a path on the command line holds: a file, a pipe, or standard input where it is `-`.
enum InputFile {
    /// Of a text to hold against a constraint. A matcher keeps a state for each byte, so nothing longer is of use.
    private static let textBytes = 256 << 20

    /// Whether there is something at `path` that is no folder.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return path == "-" || stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }

    /// Its bytes, without the byte order mark that some editors put first.
    /// - Throws: ``GrammarSourceError`` for what is missing, a folder, or longer than `maximumCount`; `advice` says
    ///   what to try then.
    static func bytes(_ path: String, maximumCount: Int, advice: String) throws(GrammarSourceError) -> [UInt8] {
        func failure() -> GrammarSourceError {
            let reason =
                switch errno {
                case ENOENT, ENOTDIR: "there is no such file. Check the path"
                case EISDIR: "this is a folder. Name a file in it"
                default: "it cannot be read: \(String(cString: strerror(errno)))"
                }
            return GrammarSourceError(path: path, reason: reason)
        }
        let isStandardInput = path == "-"
        let descriptor = isStandardInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { if !isStandardInput { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure() }
            guard count > 0 else { break }
            bytes += chunk[..<count]
            // A device may go on for ever.
            guard bytes.count <= maximumCount else {
                throw GrammarSourceError(path: path, reason: "it holds more than \(maximumCount) bytes. \(advice)")
            }
        }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// A text to hold against a constraint, as editors keep it: line ends `\r\n` are `\n`, and the one at the file's
    /// end is left out.
    /// - Throws: ``GrammarSourceError`` as ``bytes(_:maximumCount:advice:)``.
    static func text(_ path: String) throws(GrammarSourceError) -> [UInt8] {
        let bytes = try bytes(path, maximumCount: textBytes, advice: "Give a shorter text")
        let (carriageReturn, lineFeed) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            if byte == carriageReturn, index + 1 < bytes.count, bytes[index + 1] == lineFeed { continue }
            text.append(byte)
        }
        if text.last == lineFeed { text.removeLast() }
        return text
    }
}
