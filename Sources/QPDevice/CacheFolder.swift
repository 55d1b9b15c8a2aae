#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Where compiled shaders and pipelines are kept between runs.
///
/// An entry repeats its full key and carries a checksum, so a corrupt, truncated or foreign file reads as absent
/// and is rebuilt. Writes go to a temporary file that is renamed, so a reader never sees half an entry.
public struct CacheFolder: Sendable {
    /// The folder; nil keeps nothing.
    public let path: String?

    public init(path: String?) { self.path = path }

    /// `$QPGPU_CACHE`, else `$XDG_CACHE_HOME/qp-gpu`, else `~/.cache/qp-gpu`; an empty `QPGPU_CACHE` keeps nothing.
    public static var standard: CacheFolder { CacheFolder(environment: ProcessInfo.processInfo.environment) }

    init(environment: [String: String]) {
        if let path = environment["QPGPU_CACHE"] {
            self.path = path.isEmpty ? nil : path
        } else if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") {
            path = base + "/qp-gpu"
        } else {
            path = environment["HOME"].map { $0 + "/.cache/qp-gpu" }
        }
    }

    private static let magic: [UInt8] = Array("qp-gpu cache 1\n".utf8)

    /// FNV-1a, 64 bits: names files and detects damage. It need not resist an attacker, since whoever can write
    /// here can also replace the program.
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private func file(_ kind: String, _ key: String) -> String? {
        path.map { "\($0)/\(kind)/\(String(Self.hash(key.utf8), radix: 16))" }
    }

    /// The payload stored under `key`, or nil.
    func load(_ kind: String, key: String) -> [UInt8]? {
        guard let file = file(kind, key), let data = FileManager.default.contents(atPath: file) else { return nil }
        return Self.payload(of: [UInt8](data), key: key)
    }

    static func payload(of bytes: [UInt8], key: String) -> [UInt8]? {
        let header = magic + Array(key.utf8) + [0]
        guard bytes.count >= header.count + 8, bytes.starts(with: header) else { return nil }
        let payload = bytes[header.count..<(bytes.count - 8)]
        let stored = bytes.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return stored == hash(payload) ? Array(payload) : nil
    }

    static func entry(_ payload: [UInt8], key: String) -> [UInt8] {
        let checksum = hash(payload)
        return magic + Array(key.utf8) + [0] + payload + (0..<8).map { UInt8(truncatingIfNeeded: checksum >> ($0 * 8)) }
    }

    /// Stores `payload` under `key`.
    /// - Throws: ``DeviceError`` `cache` when the folder cannot be written or the disk is full; nothing is lost
    ///   but the time to build the entry again.
    func store(_ kind: String, key: String, _ payload: [UInt8]) throws(DeviceError) {
        guard let path, let file = file(kind, key) else { return }
        do {
            try FileManager.default.createDirectory(atPath: "\(path)/\(kind)", withIntermediateDirectories: true)
            // Foundation's atomic write fsyncs a temporary file and renames it.
            try Data(Self.entry(payload, key: key)).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw DeviceError(
                .cache, "the cache folder \(path) cannot be written: \(systemReason(error))",
                advice: "Shaders are compiled again in each run until QPGPU_CACHE names a folder that can be written.")
        }
    }
}
