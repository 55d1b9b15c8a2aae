import Foundation

/// Public test data that is no part of the repository: real vocabularies with their tokenizers' vectors, and suites.
package enum SharedData {
    /// The folder that QPGPU_SHARED_DATA names, else `shared/data` beside the repository or above it; nil for none.
    package static let folder: String? = {
        if let named = ProcessInfo.processInfo.environment["QPGPU_SHARED_DATA"] { return named }
        var place = URL(filePath: #filePath).deletingLastPathComponent()
        while place.path != "/" {
            let data = place.appending(path: "shared/data").path
            if FileManager.default.fileExists(atPath: data) { return data }
            place = place.deletingLastPathComponent()
        }
        return nil
    }()

    /// The path of a file or folder in it; nil, and a line on the tests' output, where it is absent.
    package static func path(_ name: String) -> String? {
        if let path = folder.map({ "\($0)/\(name)" }), FileManager.default.fileExists(atPath: path) { return path }
        print("skipped: no \(name) in ../shared/data nor in QPGPU_SHARED_DATA")
        return nil
    }
}
