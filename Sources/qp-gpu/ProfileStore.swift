import ArgumentParser
import QPDevice
import QPPlanner
import QPReport
import QPShaders
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Files of the tool: profiles in the cache folder, reports, shader overrides.
enum ProfileStore {
    /// Where a profile is kept when no place is given; nil without a cache folder.
    static func defaultPath(device uuid: String) -> String? {
        guard let folder = CacheFolder.standard.path.map({ $0 + "/profiles" }) else { return nil }
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return "\(folder)/\(uuid).json"
    }

    /// Moves what is at `path` aside, so that a new run does not replace minutes of measuring.
    /// - Returns: where it is now; nil when there was nothing or it could not be moved.
    static func keepPrevious(_ path: String) -> String? {
        let kept = String(path.dropLast(".json".count)) + ".previous.json"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        try? FileManager.default.removeItem(atPath: kept)
        return (try? FileManager.default.moveItem(atPath: path, toPath: kept)) == nil ? nil : kept
    }

    /// Throws when `path` cannot be written, leaving no trace.
    static func requireWritable(_ path: String) throws {
        let folder = FilePath(text: path).deletingLastComponent
        guard FileManager.default.fileExists(atPath: folder) else {
            throw FileError(path: path, reason: "the folder \(folder) does not exist")
        }
        var isFolder = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder {
            throw FileError(path: path, reason: "it is a folder")
        }
        // Files are written beside and renamed, so the folder counts, not the file.
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw FileError(path: path, reason: "no permission")
        }
    }

    /// Writes atomically.
    static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw FileError(path: path, reason: systemReason(error))
        }
    }
}

/// A file that cannot be written or read.
struct FileError: Error, CustomStringConvertible {
    let path: String
    let reason: String
    var advice = "choose another place"
    var description: String { "cannot use \(path): \(reason); \(advice)" }
}

/// Just enough of a path.
struct FilePath {
    let text: String
    var deletingLastComponent: String {
        guard let slash = text.lastIndex(of: "/") else { return "." }
        return slash == text.startIndex ? "/" : String(text[..<slash])
    }
}

/// The built-in shaders, single files replaced by those of a folder: a kernel author edits and runs without building.
enum ShaderFolder {
    static func sources(overriddenBy folder: String?) throws -> [String: String] {
        var sources = ShaderSources.files
        guard let folder else { return sources }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw ValidationError("--shaders: the folder \(folder) cannot be read")
        }
        let known = names.filter { sources[$0] != nil }
        guard !known.isEmpty else {
            throw ValidationError(
                "--shaders: \(folder) holds none of \(sources.keys.sorted().joined(separator: ", "))")
        }
        for name in known {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
                throw FileError(
                    path: folder + "/" + name, reason: "it cannot be read", advice: "check its permissions")
            }
            sources[name] = String(decoding: data, as: UTF8.self)
        }
        return sources
    }
}

/// The value of an environment variable.
func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

extension Console {
    private static let warned = Mutex<Set<String>>([])

    /// Writes a warning to stderr, once for each text.
    static func warnOnce(_ text: String) {
        if warned.withLock({ $0.insert(text).inserted }) { error("qp-gpu: warning: \(text)") }
    }
}

/// Prints a profile to stdout.
enum ProfilePrinter {
    static func print(_ profile: Profile, format: OutputFormat) throws {
        switch format {
        case .table: try Console.output(ProfileTable.render(profile))
        case .json: try Console.output(try profile.encoded())
        }
    }
}

/// Results other than profiles as JSON.
enum JSONText {
    /// Keys sorted, indented, a newline at the end.
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // An infinite ratio, beside a plan that is free, is no number of JSON's.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
