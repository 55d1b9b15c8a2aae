import QPHead

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Messages and progress on stderr, so that stdout holds results alone.
enum Console {
    static let isTerminal = isatty(STDERR_FILENO) == 1

    /// Writes a line to stderr.
    static func error(_ text: String) { emit(text + "\n") }

    /// Writes a result to stdout, with a line end unless it has one.
    /// - Throws: ``OutputError``: a result that nobody got is no success.
    static func output(_ text: String) throws(OutputError) {
        guard send(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO) else {
            throw OutputError(reason: String(cString: strerror(errno)))
        }
    }

    /// Progress and messages; where even stderr is gone there is nobody left to tell.
    private static func emit(_ text: String) { _ = send(text, to: STDERR_FILENO) }

    private static func send(_ text: String, to file: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }

    /// One line that shows how far a run is, rewritten in place; silent where stderr is no terminal.
    static func progress(_ progress: ProfileProgress) {
        guard isTerminal else { return }
        let width = 24
        let filled = Int((progress.fraction * Double(width)).rounded(.down))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let percent = Int((progress.fraction * 100).rounded(.down))
        let left = progress.remainingSeconds.map { "  about \(duration($0)) left" } ?? ""
        emit("\r\u{1B}[K\(bar) \(percent) %\(left)  \(progress.phase)")
    }

    /// Progress of something that counts its share itself.
    struct Phase {
        private let name: String
        private let start = ContinuousClock.now

        init(_ name: String) { self.name = name }

        func show(_ fraction: Double) {
            let elapsed = ContinuousClock.now - start
            Console.progress(ProfileProgress(phase: name, fraction: fraction, elapsedSeconds: elapsed / .seconds(1)))
        }
    }

    /// Clears the progress line.
    static func endProgress() { if isTerminal { emit("\r\u{1B}[K") } }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
    }
}

/// A result that could not be written to stdout.
struct OutputError: Error, CustomStringConvertible {
    let reason: String
    var description: String {
        "cannot write the result to standard output: \(reason); free some space, or choose another place"
    }
}
