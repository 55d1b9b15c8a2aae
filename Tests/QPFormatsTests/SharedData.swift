import Foundation

/// Public test data that is not part of the repository: real vocabularies and the vectors of their tokenizers.
enum SharedData {
    /// `../shared/data` beside the repository, or the folder that QPGPU_SHARED_DATA names; nil where there is none.
    static let folder: String? = {
        if let named = ProcessInfo.processInfo.environment["QPGPU_SHARED_DATA"] { return named }
        var place = URL(filePath: #filePath).deletingLastPathComponent()
        while place.path != "/" {
            let data = place.appending(path: "shared/data").path
            if FileManager.default.fileExists(atPath: data) { return data }
            place = place.deletingLastPathComponent()
        }
        return nil
    }()

    /// The path of a file; nil, and a line on the tests' output, where it is absent.
    static func path(_ name: String) -> String? {
        if let path = folder.map({ "\($0)/\(name)" }), FileManager.default.fileExists(atPath: path) { return path }
        print("skipped: no \(name) in ../shared/data nor in QPGPU_SHARED_DATA")
        return nil
    }
}
