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
    static func error(_ text: String) { write(text + "\n") }

    private static func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// One line that shows how far a run is, rewritten in place; silent where stderr is no terminal.
    static func progress(_ progress: ProfileProgress) {
        guard isTerminal else { return }
        let width = 24
        let filled = Int((progress.fraction * Double(width)).rounded(.down))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let percent = Int((progress.fraction * 100).rounded(.down))
        let left = progress.remainingSeconds.map { "  about \(duration($0)) left" } ?? ""
        write("\r\u{1B}[K\(bar) \(percent) %\(left)  \(progress.phase)")
    }

    /// Clears the progress line.
    static func endProgress() { if isTerminal { write("\r\u{1B}[K") } }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
    }
}
