#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The lines of a file, one after another, without holding more than one.
struct LineReader: ~Copyable {
    /// A step over V = 10⁶ with all of its ids takes 8 MB.
    static let maximumLineBytes = 64 << 20

    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    /// Of the line given last; from 1.
    private(set) var lineNumber = 0

    /// - Throws: ``TraceError/unreadable(path:reason:)``.
    init(path: String) throws(TraceError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    }

    /// What was read and is in no line yet.
    var rest: [UInt8] { Array(buffer[position...]) }

    /// The next line without its end; nil after the last. O(bytes).
    /// - Throws: ``TraceError/truncated(path:line:)`` for a last line without an end, which may be half of one.
    mutating func next() throws(TraceError) -> [UInt8]? {
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                lineNumber += 1
                defer { position = end + 1 }
                return Array(buffer[position..<end])
            }
            searched = buffer.count - position
            buffer.removeFirst(position)
            position = 0
            guard !isAtEnd else {
                guard buffer.isEmpty else { throw .truncated(path: path, line: lineNumber + 1) }
                return nil
            }
            guard buffer.count <= Self.maximumLineBytes else {
                throw .lineTooLong(path: path, line: lineNumber + 1, maximumBytes: Self.maximumLineBytes)
            }
            try fill()
        }
    }

    private mutating func fill() throws(TraceError) {
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
            isAtEnd = count == 0
            buffer += chunk[..<count]
            return
        }
    }

    deinit { _ = close(descriptor) }
}
